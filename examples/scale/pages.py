"""As many pages as one likes: copies of the course's handbook about products of other names."""

from __future__ import annotations

import re
from pathlib import Path

from course_utils import company

RELEASE = "2026-01"


def write_pages(folder: Path, number: int) -> None:
    """Writes ``number`` pages below ``folder``: the handbook, then the same about Tallyport 2, 3, …"""
    handbook = list(company.pages(RELEASE).items())
    names = re.compile("|".join(map(re.escape, sorted(company.brands(), key=len, reverse=True))))
    for i in range(number):
        copy, place = divmod(i, len(handbook))
        path, text = handbook[place]
        file = folder / f"copy-{copy + 1}" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(names.sub(rf"\g<0> {copy + 1}", text) if copy else text, encoding="utf-8")
