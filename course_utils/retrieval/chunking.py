"""From pages to chunks: one chunk a section, long sections split where a reader would pause.

Markdown is read by markdown-it, so that a ``#`` inside a code block is no heading and a table is a table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

MAX_HEADING = 120  # characters; a longer heading is shortened, and its full text moves into the body


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a page, with what is needed to understand it alone and to cite it."""

    id: str  # page#ordinal-hash: the same as long as the text and its place in the page are the same
    page: str  # path of the page, relative to its folder
    title: str
    heading: str  # "" for what stands before the first section; "Prices > Yearly" for a subsection
    body: str

    @property
    def text(self) -> str:
        """What is embedded, stored, and shown to the model."""
        return f"{breadcrumb(self.title, self.heading)}\n{self.body}"


def breadcrumb(title: str, heading: str) -> str:
    """The first line of a chunk: ``title > heading``, or the title alone."""
    return f"{title} > {heading}" if heading else title


def chunk_page(path: str, text: str, max_chars: int = 480) -> list[Chunk]:
    """Splits the page ``path`` into chunks whose bodies have at most ``max_chars`` characters.

    Names ending in ``.txt`` are read as plain paragraphs, everything else as Markdown. The title is the
    first top heading, else a ``title:`` in the front matter, else the file name. No line is lost: front
    matter, tables (a split one repeats its header), code blocks and link definitions all end in some chunk.
    A page without any text gives no chunks.
    """
    if max_chars < 1:
        raise ValueError(f"max_chars is the most characters a chunk may have: at least 1, not {max_chars}.")
    return list(_chunks(path, text, max_chars))


@lru_cache(maxsize=4096)  # when one page of a handbook changed, the others need not be read again
def _chunks(path: str, text: str, max_chars: int) -> tuple[Chunk, ...]:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode(errors="replace").decode()  # half a surrogate pair can be neither hashed nor stored
    page = _read_plain(text) if path.lower().endswith(".txt") else _read_markdown(text)
    title = _shortened(page.title) or PurePosixPath(path).stem.replace("-", " ").replace("_", " ").strip()
    chunks: list[Chunk] = []
    for heading, body in _passages(page, max_chars):
        digest = hashlib.sha256(f"{title}\0{heading}\0{body}".encode()).hexdigest()[:16]
        chunks.append(Chunk(f"{path}#{len(chunks)}-{digest}", path, title, heading, body))
    return tuple(chunks)


# --- reading: a page is a title and sections, a section is a heading and blocks -----------------------------


@dataclass
class _Block:
    """Lines that belong together: a paragraph, a list, a table, a code block."""

    lines: list[str]
    kind: str = "text"
    items: tuple[int, ...] = ()  # of a list: the lines at which its items begin

    def __str__(self) -> str:
        return "\n".join(self.lines).strip("\n")


@dataclass
class _Section:
    level: int  # 0 before the first heading, then as in Markdown: 1 for "#", 2 for "##", ...
    heading: str
    blocks: list[_Block]


@dataclass
class _Page:
    title: str
    sections: list[_Section]


def _read_plain(text: str) -> _Page:
    return _Page("", [_Section(0, "", _paragraphs(text.split("\n")))])


def _paragraphs(lines: list[str]) -> list[_Block]:
    paragraphs = re.split(r"\n(?:[^\S\n]*\n)+", "\n".join(lines))
    return [_Block(paragraph.split("\n")) for paragraph in paragraphs if paragraph.strip()]


@cache
def block_parser() -> Any:
    """The Markdown parser, for block structure only."""
    from markdown_it import MarkdownIt

    # Block structure only: what is bold or a link does not matter here, and costs most of the time.
    return MarkdownIt("commonmark").enable("table").disable("inline")


FRONT_MATTER = re.compile(r"---\n((?:(?:(?:[\w.-]+:|[ \t]|- ).*)?\n)+?)(?:---|\.\.\.)[ \t]*(?:\n|$)")


def title_in(front: re.Match[str]) -> str:
    """The ``title:`` of a match of FRONT_MATTER; "" where it has none."""
    named = re.search(r"^title:[ \t]*(.+)$", front.group(1), re.MULTILINE)
    return named.group(1).strip().strip("\"'") if named else ""


def _read_markdown(text: str) -> _Page:
    title = ""
    page = _Page("", [_Section(0, "", [])])
    lines = text.split("\n")
    begin = 0
    if front := FRONT_MATTER.match(text):
        begin = front.group().rstrip().count("\n") + 1
        page.sections[0].blocks.append(_Block(lines[:begin]))
        title = title_in(front)
    at = begin
    tokens = block_parser().parse("\n".join(lines[begin:]))
    for i, token in enumerate(tokens):
        if token.level or not token.map:
            continue
        start, end = token.map[0] + begin, token.map[1] + begin
        section = page.sections[-1]
        section.blocks += _paragraphs(lines[at:start])  # link definitions: no token stands for them
        at = end
        if token.type == "heading_open":
            heading = " ".join(tokens[i + 1].content.split())
            level = int(token.tag[1:])
            if level == 1 and not page.title:
                page.title, level = heading, 0  # what follows it is the page's introduction, not a section
                page.sections.append(_Section(level, "", _overlong(heading)))
            else:
                page.sections.append(_Section(level, heading, _overlong(heading)))
        else:
            block = _Block(lines[start:end], token.type)
            if token.type in ("bullet_list_open", "ordered_list_open"):
                block.items = tuple(_item_starts(tokens[i + 1 :], begin - start))
            section.blocks.append(block)
    page.sections[-1].blocks += _paragraphs(lines[at:])
    page.title = page.title or title
    return page


def _item_starts(tokens: Iterable[Any], offset: int) -> Iterator[int]:
    for token in tokens:
        if token.level == 0:
            return
        if token.level == 1 and token.type == "list_item_open":
            yield token.map[0] + offset


def _shortened(heading: str) -> str:
    return heading if len(heading) <= MAX_HEADING else heading[: MAX_HEADING - 1].rstrip() + "…"


def _overlong(heading: str) -> list[_Block]:
    return [_Block([heading])] if len(heading) > MAX_HEADING else []


# --- splitting ----------------------------------------------------------------------------------------------


def _passages(page: _Page, limit: int) -> Iterator[tuple[str, str]]:
    """(heading, body) of every chunk, in reading order."""
    trail: list[tuple[int, str]] = []  # the headings above the current section
    found = False
    for section, following in zip(page.sections, [*page.sections[1:], None], strict=True):
        trail = [above for above in trail if above[0] < section.level]
        if section.heading:
            trail.append((section.level, _shortened(section.heading)))
        heading = " > ".join(text for _, text in trail)
        bodies = _pack([piece for block in section.blocks for piece in _pieces(block, limit)], "\n\n", limit)
        if not bodies and section.heading and (following is None or following.level <= section.level):
            bodies = [""]  # a heading with nothing below it still says something
        for body in bodies:
            found = True
            yield heading, body
    if page.title and not found:
        yield "", ""


def _pieces(block: _Block, limit: int) -> list[str]:
    """The block, in parts of at most ``limit`` characters where it is longer than that."""
    if len(str(block)) <= limit:
        return [str(block)]
    if block.kind == "table_open":
        return _split_table(block.lines, limit)
    if block.items:
        borders = [*block.items, len(block.lines)]
        items = ["\n".join(block.lines[a:b]).strip("\n") for a, b in pairwise(borders)]
        return _pack([part for item in items for part in _split_text(item, limit)], "\n", limit)
    return _split_text(str(block), limit)


def _split_table(lines: list[str], limit: int) -> list[str]:
    header = "\n".join(lines[:2])  # column names and the rule below them: a row says nothing without
    rows = [row for row in lines[2:] if row.strip()]
    room = limit - len(header) - 1
    if any(len(row) > room for row in rows):
        return _split_text("\n".join(lines), limit)
    return [f"{header}\n{group}" for group in _pack(rows, "\n", room)]


# Where a reader pauses, from the longest pause to the shortest: how to cut there, how to join again.
_PAUSES: tuple[tuple[Callable[[str], list[str]], str], ...] = (
    (lambda text: text.split("\n\n"), "\n\n"),
    (lambda text: text.split("\n"), "\n"),
    (lambda text: re.split(r"(?<=[.!?]) +", text), " "),
    (lambda text: text.split(" "), " "),
)


def _split_text(text: str, limit: int, pauses: tuple = _PAUSES) -> list[str]:
    if len(text) <= limit:
        return [text]
    if not pauses:
        return [text[i : i + limit] for i in range(0, len(text), limit)]
    (cut, joint), *shorter = pauses
    parts = [part for whole in cut(text) for part in _split_text(whole, limit, tuple(shorter))]
    return _pack(parts, joint, limit)


def _pack(parts: list[str], joint: str, limit: int) -> list[str]:
    """Joins neighbours as long as they fit, and drops what is blank."""
    packed: list[str] = []
    open_parts: list[str] = []
    length = 0

    def close() -> None:
        if body := joint.join(open_parts).strip("\n").rstrip():
            packed.append(body)

    for part in parts:
        if open_parts and length + len(joint) + len(part) > limit:
            close()
            open_parts, length = [], 0
        length += len(part) + (len(joint) if open_parts else 0)
        open_parts.append(part)
    close()
    return packed
