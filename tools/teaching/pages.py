"""From templates to pages: one HTML file that holds everything it needs, and the same as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from course_utils import paths
from tools.notebooks.catalogue import ROOT

BUILD = ROOT / "build" / "teaching"  # ignored by git: teachers make it, learners never have it
A4 = {"width": 794, "height": 1123}  # in CSS pixels


class BrowserMissing(Exception):
    """No Chromium on this machine; the message says how to get one."""


def written(template: str, name: str, filters: dict[str, Callable] | None = None, /, **values: Any) -> Path:
    """Fill ``template`` and write it to the build folder under ``name``."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    environment.filters |= {
        "markdown": lambda text: Markup(markdown.render(text)),
        "inline": lambda text: Markup(markdown.renderInline(text)),
        **(filters or {}),
    }
    BUILD.mkdir(parents=True, exist_ok=True)
    target = BUILD / name
    paths.write_whole(target, environment.get_template(template).render(values))
    return target


def printed(page: Path) -> Path:
    """The PDF of ``page``, beside it, with numbered pages. Raises BrowserMissing."""
    from tests.browser.driver import find_browser, open_page  # needs playwright, which learners do not have

    browser = find_browser()
    if browser is None:
        raise BrowserMissing("No Chromium found, so there is no PDF; on Debian: apt-get install chromium")
    target = page.with_suffix(".pdf")
    number = '<div style="width:100%;text-align:center;font-size:7pt;color:#777"><span class="pageNumber">'
    with open_page(browser, **A4) as tab:
        tab.goto(page.as_uri())
        tab.pdf(
            path=target,
            prefer_css_page_size=True,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=f"{number}</span></div>",
        )
    return target
