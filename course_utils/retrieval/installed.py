"""Real documentation that is at hand everywhere: the long descriptions of installed packages."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable

from course_utils.retrieval.cleaning import readable
from course_utils.retrieval.folder import Pages

LONGEST = 20_000  # characters; longer ones are change logs for the most part


def installed_docs(packages: Iterable[str] | None = None) -> Pages:
    """The description of each package as a page ``name.md``, as a reader sees it.

    ``packages`` are by default those the course itself needs. One that is not installed, or whose description
    is not Markdown, empty or longer than LONGEST characters, is left out and named in ``problems``.
    """
    pages: dict[str, str] = {}
    problems: list[str] = []
    for name in sorted(set(_needed() if packages is None else packages)):
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{name} is not installed: left out.")
            continue
        text = metadata.get_payload() or ""
        kind = metadata.get("Description-Content-Type") or ""
        if not kind.startswith("text/markdown"):
            problems.append(f"{name}'s description is not Markdown: left out.")
        elif not 0 < len(text) <= LONGEST:
            problems.append(f"{name}'s description has {len(text):,} characters: left out.")
        else:
            pages[f"{name}.md"] = readable(text)
    return Pages(pages, problems)


def _needed() -> list[str]:
    """The distributions that the course requires, without its extras."""
    required = importlib.metadata.requires("stale-prices") or []
    return [re.match(r"[\w.-]+", line).group() for line in required if "extra ==" not in line]
