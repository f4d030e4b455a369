"""From Markdown as it is written to what a reader of the page sees.

Documentation carries lines for machines: front matter, comments, badges, HTML for the layout, imports of JSX
components. As chunks they are noise that can be found. Tables, code, links, and what stands for
an image are what a reader gets, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from course_utils.retrieval.chunking import FRONT_MATTER, block_parser, title_in

_CODE = re.compile(r"(`+.+?`+)", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_LINK_OF_NOTHING = re.compile(r"\[\s*\](?:\([^)]*\)|\[[^\]]*\])")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][\w.-]*(?:\s[^<>]*)?/?>")
_TAG_WITH_ALT = re.compile(r"<img\b[^<>]*?\balt=(?:\"([^\"<>]*)\"|'([^'<>]*)')[^<>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_JSX_LINE = re.compile(r"(?:import\s.*\sfrom\s+|export\s+(?:const|default)\s).*")


def readable(text: str) -> str:
    """``text`` (Markdown) without what its readers never see; text that has none of it comes back as it is.

    A page whose only title stands in the front matter gets it as a heading. Code is left alone. Placeholders
    in angle brackets outside of code go, too: a browser takes them for tags.
    """
    text = text.replace("\r\n", "\n")
    title = ""
    if front := FRONT_MATTER.match(text):
        title = title_in(front)
        text = text[front.end() :]
    blocks = "\n".join(_blocks(text.split("\n"), text))
    if title and not re.search(r"^# ", blocks, re.MULTILINE):
        blocks = f"# {title}\n\n{blocks.lstrip()}"
    return blocks


def _blocks(lines: list[str], text: str) -> Iterator[str]:
    at = 0
    for token in block_parser().parse(text):
        if token.level or not token.map:
            continue
        start, end = token.map
        yield from lines[at:start]
        at = end
        block = "\n".join(lines[start:end])
        if token.type in ("fence", "code_block"):
            yield block
            continue
        seen = _seen(block)
        if token.type == "html_block":  # what was indented there would be code now
            seen = "\n".join(line.strip() for line in seen.split("\n"))
        if seen == block or seen.strip():
            yield seen
    yield from lines[at:]


def _seen(block: str) -> str:
    """A block without markup that a reader does not see; code in backticks as it is."""
    if not any(mark in block for mark in ("<", "![", "import", "export")):
        return block
    parts = _CODE.split(_COMMENT.sub("", _UNSEEN.sub("", block)))
    for i in range(0, len(parts), 2):
        part = _TAG_WITH_ALT.sub(lambda found: found.group(1) or found.group(2) or "", parts[i])
        part = _LINK_OF_NOTHING.sub("", _IMAGE.sub(r"\1", _TAG.sub("", part)))
        parts[i] = part
    lines = "".join(parts).split("\n")
    before = block.split("\n")
    return "\n".join(
        line for line in lines if (line.strip() or line in before) and not _JSX_LINE.fullmatch(line.strip())
    )
