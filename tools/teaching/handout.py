"""The handout: one page for every participant, from teaching/handout.md and the catalogue.

python -m tools.teaching.handout     writes build/teaching/handout.html and, with a Chromium, handout.pdf
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from course_utils.paths import shown
from tools.notebooks.catalogue import ROOT, load
from tools.teaching import pages

TEXT = ROOT / "teaching" / "handout.md"


def handout() -> Path:
    """Write the page, and return its place."""
    catalogue = load()
    text = TEXT.read_text(encoding="utf-8")
    lessons, address = catalogue.ready(), catalogue.repository_url()
    title = "Stale Prices, on one page"
    return pages.written(
        "handout.html.jinja", "handout.html", title=title, text=text, lessons=lessons, address=address
    )


def number_of_pages(pdf: Path) -> int:
    """How many pages a PDF of Chromium's has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


def main() -> int:
    page = handout()
    print(f"wrote {shown(page)}")
    try:
        pdf = pages.printed(page)
    except pages.BrowserMissing as problem:
        print(problem)
        return 0
    print(f"wrote {shown(pdf)}")
    if (found := number_of_pages(pdf)) != 1:
        print(f"It has {found} pages, and should have one: shorten {shown(TEXT)}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
