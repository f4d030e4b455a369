"""From a page to what it states: sentences and table rows, each below its heading.

Code blocks, front matter and pictures are passed over: what changes in them is rarely a fact in a sentence.
Inline code keeps its backticks, in HTML and reStructuredText too: it is how a name is told from a word.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

from .documents import HTML, MARKDOWN

Row = tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    text: str
    heading: str  # "Prices > Yearly"; "" before the first section


@dataclass
class Table:
    """``header`` is empty where a table has none."""

    heading: str
    header: Row = ()
    rows: list[Row] = field(default_factory=list)


@dataclass
class Page:
    path: str
    title: str
    sentences: list[Sentence] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


# Blocks: ("heading", level, text), ("text", text), ("table", header, rows).
Block = tuple[Any, ...]


def read_page(path: str, text: str) -> Page:
    """What the page ``path`` states. Its suffix says how to read it. Never raises for odd content."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in HTML:
        blocks = _from_html(text)
    else:
        blocks = _from_markdown(text) if suffix in MARKDOWN else _from_text(text)
    page = Page(path, "")
    trail: list[tuple[int, str]] = []
    for kind, *what in blocks:
        heading = " > ".join(name for _, name in trail)
        if kind == "heading":
            level, name = what
            if not page.title and not page.sentences and not page.tables:
                page.title = name
                continue
            trail = [above for above in trail if above[0] < level] + [(level, name)]
        elif kind == "table":
            page.tables.append(Table(heading, *what))
        else:
            page.sentences += [Sentence(one, heading) for one in sentences(what[0])]
    page.title = page.title or PurePosixPath(path).stem.replace("-", " ").replace("_", " ").strip()
    return page


# --- sentences --------------------------------------------------------------------------------------------

# A dot after one of these ends no sentence.
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|excl|resp|no|nr|fig|sec|vol|mr|mrs|ms|dr|prof|st|inc|ltd|co|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|u\.s|u\.k|max|min)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.!?…][\"'”’)\]`]*\s+(?=[\"'“‘(\[`]*[^\W_])")


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph; a stop counts before anything but a small letter."""
    text = " ".join(paragraph.split())
    found, begin = [], 0
    for stop in _STOP.finditer(text):
        following = text[stop.end() :].lstrip("\"'“‘([`")
        before = text[begin : stop.start() + 1]
        if following[0].islower() or (before.endswith(".") and _ABBREVIATED.search(before)):
            continue
        found.append(text[begin : stop.end()].rstrip())
        begin = stop.end()
    found.append(text[begin:].strip())
    return [one for one in found if one]


# --- Markdown ---------------------------------------------------------------------------------------------

_FRONT_MATTER = re.compile(r"---\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_LINKS = (
    (re.compile(r"\[?!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])(?:\]\([^)]*\))?"), ""),  # pictures, maybe linked
    (re.compile(r"\[\^[^\]]+\]:?"), ""),  # footnotes' marks
    (re.compile(r"\[([^\[\]]+)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])"), r"\1"),
    (re.compile(r"<((?:https?|mailto):[^>]*)>"), r"\1"),
    (re.compile(r"``+ ?(.+?) ?``+"), r"`\1`"),
)
_MARKS = (
    (re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*])", re.DOTALL), r"\2"),
    (
        re.compile(r"^\*{1,3}(?=[\s.,;:)]|$)|(?:(?<=\s)|^)\*{1,3}$"),
        "",
    ),  # bold code: its marks stand beside it
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])"), r"\1"),
)
_CODE_SPAN = re.compile(r"(`[^`]+`)")


def _plain(text: str) -> str:
    """A line of Markdown without its marks; code keeps its backticks."""
    for pattern, becomes in _LINKS:
        text = pattern.sub(becomes, text)
    return " ".join(html.unescape(_outside_code(text, _MARKS)).split())


def _outside_code(text: str, marks: Iterable[tuple[re.Pattern[str], str]]) -> str:
    parts = _CODE_SPAN.split(text)
    for at in range(0, len(parts), 2):
        for pattern, becomes in marks:
            parts[at] = pattern.sub(becomes, parts[at])
    return "".join(parts)


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("inline")  # inline marks cost most of the time


def _from_markdown(text: str) -> Iterator[Block]:
    if front := _FRONT_MATTER.match(text):
        text = text[front.end() :]
    tokens = _parser().parse(text)
    table: list[list[str]] = []
    level = 0
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "table_open":
            table = []
        elif token.type == "tr_open":
            table.append([])
        elif token.type == "inline":
            content = _plain(token.content)
            if table:
                table[-1].append(content)
            elif content:
                yield ("heading", level, content) if level else ("text", content)
        elif token.type == "table_close":
            yield "table", tuple(table[0]), [tuple(row) for row in table[1:]]
            table = []
        elif token.type == "html_block":
            yield from _from_html(token.content)


# --- HTML -------------------------------------------------------------------------------------------------

_PASSED_OVER = {"script", "style", "pre", "nav", "footer", "head", "svg", "noscript", "template", "button"}
_INLINE_TAGS = {
    "a", "abbr", "b", "bdi", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_CODE = {"code", "tt", "kbd", "samp"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._words: list[str] = []
        self._hidden: list[str] = []
        self._level = 0
        self._rows: list[list[str]] | None = None
        self._header = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _PASSED_OVER:
            self._close()
            self._hidden.append(tag)
        elif self._hidden:
            return
        elif tag in _CODE:
            self._words.append("`")
        elif tag == "table":
            self._close()
            self._rows, self._header = [], False
        elif tag == "tr" and self._rows is not None:
            self._close()
            self._rows.append([])
        elif tag in ("td", "th") and self._rows is not None:
            self._close()
            self._rows = self._rows or [[]]
            self._rows[-1].append("")
            self._header |= tag == "th" and len(self._rows) == 1
        elif tag not in _INLINE_TAGS:
            self._close()
            if re.fullmatch("h[1-6]", tag):
                self._level = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:  # what was left open inside it is closed with it
                del self._hidden[self._hidden.index(tag) :]
        elif tag in _CODE:
            self._words.append("`")
        elif tag not in _INLINE_TAGS:
            self._close()
            self._level = 0 if re.fullmatch("h[1-6]", tag) else self._level
            if tag == "table" and self._rows is not None:
                rows = [tuple(row) for row in self._rows if row]
                header = rows.pop(0) if rows and self._header else ()
                self.blocks.append(("table", header, rows))
                self._rows = None

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._words.append(data)

    def close(self) -> None:
        super().close()
        self._close()

    def _close(self) -> None:
        text = " ".join("".join(self._words).split()).strip("¶ ")
        self._words = []
        if not text:
            return
        if self._rows is not None and self._rows and self._rows[-1]:
            self._rows[-1][-1] = f"{self._rows[-1][-1]} {text}".strip()
        else:
            self.blocks.append(("heading", self._level, text) if self._level else ("text", text))


def _from_html(text: str) -> list[Block]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.blocks


# --- text and reStructuredText ----------------------------------------------------------------------------

_RULE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}\s*")
_TABLE = re.compile(r"=+(?: +=+)+|\+(?:[-=]+\+)+")
_BULLET = re.compile(r"\s*(?:[-*+•]|\d{1,2}[.)]|\#\.)\s+")
_FIELD = re.compile(r":[\w -]+:\s|[A-Z][\w-]*: ")  # a line such as ":Version: 5" or "Version: 5"
_ROLE = re.compile(r"(?<!`):([\w:.+-]+):`([^`<]+?)(?:\s*<[^`>]*>)?`")
_TARGETS = {"doc", "ref", "numref"}
_PROSE_ROLES = {*_TARGETS, "term", "abbr", "issue", "ticket", "emphasis", "strong"}
_RST_MARKS = (
    (re.compile(r"(?<!\w)(\*{1,2})(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"\|[\w -]+\|_?|(?<=\w)_+(?=[\s,.;:)]|$)"), ""),  # substitutions, ends of references
)
_LINK = re.compile(r"(?<![\w`])`([^`<]+?)(?:\s*<[^`>]*>)?`__?(?!\w)")


def _from_text(text: str) -> Iterator[Block]:
    """Paragraphs between blank lines, list items, underlined headings; no indented code, no directives."""
    levels: list[str] = []
    code_indent: int | None = None
    for paragraph in re.split(r"\n[^\S\n]*\n", text.expandtabs(4)):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if not lines:
            continue
        indent = min(len(line) - len(line.lstrip()) for line in lines)
        if code_indent is not None and indent > code_indent:
            continue
        code_indent = None
        if lines[0].lstrip().startswith(".. "):
            code_indent = indent
            continue
        if lines[-1].rstrip().endswith("::"):
            code_indent = indent
        if any(_TABLE.fullmatch(line.strip()) for line in lines):
            continue  # a table drawn with characters
        lines = lines[1:] if _RULE.fullmatch(lines[0].strip()) else lines  # a heading's upper line
        if len(lines) > 1 and _RULE.fullmatch(lines[1].strip()) and len(lines[1].strip()) >= 3:
            mark = lines[1].strip()[0]
            levels = levels if mark in levels else [*levels, mark]
            yield "heading", levels.index(mark) + 1, _plain_rst(lines[0])
            lines = lines[2:]
        yield from (("text", _plain_rst(item)) for item in _items(lines))


def _items(lines: list[str]) -> Iterator[str]:
    item: list[str] = []
    for line in lines:
        if _RULE.fullmatch(line.strip()):
            continue
        bullet = _BULLET.match(line)
        if item and (bullet or _FIELD.match(line)):
            yield " ".join(item)
            item = []
        item.append(line[bullet.end() :] if bullet else line.strip())
    if item:
        yield " ".join(item)


def _plain_rst(text: str) -> str:
    text = _LINK.sub(r"\1", _ROLE.sub(_role, text))
    text = re.sub(r"``(.+?)``", r"`\1`", text)
    return " ".join(_outside_code(text, _RST_MARKS).replace("::", ":").split())


def _role(match: re.Match[str]) -> str:
    """``:ref:`Prices``` is prose, ``:class:`~shop.Basket``` is the code ``Basket``."""
    role, text = match[1].rpartition(":")[2], match[2]
    if role in _TARGETS and "<" not in match[0]:
        return "…"  # the name of a target, which readers never see
    if role in _PROSE_ROLES:
        return text
    if role in ("rfc", "pep"):
        return f"{role.upper()} {text}"
    text = text.rpartition(".")[2] if text[:1] == "~" else re.sub(r"^\.?(?:_\w+\.)*", "", text)
    return f"`{text}`"  # without the private modules in front
