"""Whether a built site holds together: links and anchors lead somewhere, nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

# What a browser fetches by itself, as against what a reader may click.
FETCHED = {"src", "srcset", "data", "poster"}
LINKED_IN_HEAD = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "preconnect", "dns-prefetch"}
IN_CSS = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import\s+['\"](?:https?:)?//")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        self.fetched += [found[name] for name in FETCHED if name in found]
        if "href" in found:
            by_itself = tag == "link" and LINKED_IN_HEAD & set(found.get("rel", "").split())
            (self.fetched if by_itself else self.links).append(found["href"])


def faults(site: Path) -> list[str]:
    """What is wrong with the HTML and CSS below ``site``, a line each; an empty list when all is well."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        pages[path.resolve()] = page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
    wrong = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        wrong += [f"{name} loads {url} from elsewhere" for url in page.fetched if _elsewhere(url)]
        for url in page.links + page.fetched:
            if not _elsewhere(url) and not urlsplit(url).scheme and not _leads(url, path, pages):
                wrong.append(f"{name}: {url} leads nowhere")
    for path in sorted(site.rglob("*.css")):
        if IN_CSS.search(path.read_text(encoding="utf-8")):
            wrong.append(f"{path.relative_to(site)} loads something from elsewhere")
    return wrong


def _elsewhere(url: str) -> bool:
    return bool(urlsplit(url).netloc)


def _leads(url: str, page: Path, pages: dict[Path, _Page]) -> bool:
    address, anchor = urldefrag(url)
    file = unquote(urlsplit(address).path)
    target = (page.parent / file).resolve() if file else page
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return False
    return not anchor or target not in pages or unquote(anchor) in pages[target].anchors
