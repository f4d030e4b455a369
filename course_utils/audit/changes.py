"""Facts that changed between two versions: the values that differ in equal sentences and table rows.

No model. Within a page, sentences that both versions have are set aside; of the rest, two sentences below
the same heading are one whose value changed when they agree word for word but for one to four values. Table
rows are paired by their first cell, cells by their column. What is ambiguous is left out: a wrong finding
would become a question without a right answer. Left out on purpose, and counted:

- changelogs and release notes (what they say of an old release stays true);
- stamps that nobody asks for: copyright years, "last updated", digests;
- examples: another version after "for example", other arguments in a call, say nothing new;
- events of the past: what "was removed in 2.0" still was, when a later removal is written of instead;
- lists of values that gained or lost members, where no value took another's place.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from . import values
from .blocks import Page, Sentence, Table, read_page
from .values import Token

MOST_VALUES = 4  # that may differ in one sentence; more make it another sentence
LONGEST_NAME = 5  # words
_HISTORY = re.compile(
    r"change[ _-]?logs?|changes|release[ _-]?(?:notes?|history)|releases?|history|news|"
    r"what[’'_ ]?s[_ -]new.*|"
    r"(?:recent|latest|version) (?:changes|history|updates)|roadmap|contributors|authors|"
    r"acknowledge?ments|thanks",
    re.IGNORECASE,
)
_DATED = re.compile(r"\[?(?:version\s+)?v?\d+\.\d+(?:\.\d+)*\S*\]?(?:\s.*\d{4}.*)?", re.IGNORECASE)
_STAMP = re.compile(
    r"copyright|©|\(c\) \d{4}|all rights reserved|last[ -](?:updated|modified|changed|reviewed)"
    r"|\$(?:date|revision|id|author)\b|^:(?:date|revision|last \w+):"
    r"|generated (?:on|by|at|with)|updated on|page \d+ of",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"\bexamples?\b|\bfor instance\b|\be\.g\.|\bsuch as\b", re.IGNORECASE)
_EXAMPLE_ANYWHERE = re.compile(r"\bfor an example\b|\bor similar\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:was|were|been) (?:add|remov|introduc|dropp|releas|deprecat|renam|publish)ed\b", re.IGNORECASE
)
_SAMPLE = re.compile(r"`(?:['\"]|.*\([^)])")  # code: a string, or a call with arguments
_URL = re.compile(r"(?:https?://|www\.|git\+)\S+")
YES_NO = {"yes": "yes", "no": "no", "✓": "yes", "✔": "yes", "✅": "yes", "✗": "no", "✘": "no", "❌": "no",
           "true": "true", "false": "false", "included": "included", "not included": "not included",
           "supported": "supported", "not supported": "not supported", "unlimited": "unlimited"}  # fmt: skip


@dataclass(frozen=True)
class ChangedFact:
    """A value that changed. ``before`` and ``after`` are the sentences, or the table row as text."""

    pages: tuple[str, ...]  # every page on which just this changed, as the new version calls them
    title: str  # of the first page, in the new version
    heading: str
    before: str
    after: str
    old: str
    new: str
    kind: str  # price, date, version, number, name or flag
    start: int  # of ``new`` in ``after``
    others: tuple[tuple[int, int], ...] = ()  # places in ``after`` of the other values that changed
    row: str = ""  # of a table cell: the row's first cell,
    column: str = ""  # and the column's name

    @property
    def page(self) -> str:
        return self.pages[0]

    @property
    def id(self) -> str:
        """The same for the same change, in every run."""
        about = "\0".join((self.title, self.before, self.after, self.column, str(self.start)))
        return hashlib.sha256(about.encode(errors="replace")).hexdigest()[:10]

    def with_blank(self, blank: str = "____") -> str:
        """``after`` with a blank for the new value, and … for the others that changed."""
        text, places = self.after, {self.start: (self.start + len(self.new), blank)}
        places |= {start: (end, "…") for start, end in self.others}
        for start in sorted(places, reverse=True):
            end, becomes = places[start]
            text = text[:start] + becomes + text[end:]
        return text


@dataclass
class Changes:
    """What changed. ``left_out``: reason -> number of differences that are no finding."""

    facts: list[ChangedFact]
    pages: int  # that both versions have
    changed_pages: int
    left_out: Counter[str] = field(default_factory=Counter)


def find_changes(
    old: Mapping[str, str], new: Mapping[str, str], step: Callable[[int], None] = lambda n: None
) -> Changes:
    """The facts that changed between two versions (path -> text), in the order of the pages.

    A page is compared with the page of the same path. The same change on several pages is one fact.
    ``step`` is called with the number of pages done.
    """
    both = [path for path in new if path in old]
    left_out: Counter[str] = Counter()
    found: dict[tuple, ChangedFact] = {}
    changed = 0
    for path in both:
        if old[path] != new[path]:
            changed += 1
            if any(_HISTORY.fullmatch(part) for part in PurePosixPath(path).with_suffix("").parts):
                left_out["pages that are changelogs or release notes"] += 1
            else:
                for fact in _of_page(read_page(path, old[path]), read_page(path, new[path]), left_out):
                    key = (fact.before, fact.after, fact.start, fact.row and fact.heading, fact.column)
                    known = found.get(key)
                    if known is None:
                        found[key] = fact
                    elif path not in known.pages:
                        found[key] = replace(known, pages=(*known.pages, path))
        step(1)
    return Changes(list(found.values()), len(both), changed, left_out)


def _of_page(old: Page, new: Page, left_out: Counter[str]) -> Iterator[ChangedFact]:
    if _HISTORY.fullmatch(new.title):
        left_out["pages that are changelogs or release notes"] += 1
        return
    for before, after in _pairs(old.sentences, new.sentences):
        if _STAMP.search(after.text):
            left_out["stamps (copyright, last updated)"] += 1
            continue
        for fact in _differences(before.text, after.text, left_out):
            yield replace(fact, pages=(new.path,), title=new.title, heading=after.heading)
    for fact in _of_tables(old.tables, new.tables, left_out):
        yield replace(fact, pages=(new.path,), title=new.title)


def _is_history(heading: str) -> bool:
    return any(_HISTORY.fullmatch(part) or _DATED.fullmatch(part) for part in heading.split(" > "))


# --- sentences --------------------------------------------------------------------------------------------


def _pairs(old: Sequence[Sentence], new: Sequence[Sentence]) -> Iterator[tuple[Sentence, Sentence]]:
    """Sentences of one heading that say the same but for values, each at most once."""
    olds, news = _rest(old, new), _rest(new, old)
    for heading, candidates in news.items():
        waiting = olds.get(heading, [])
        if not waiting or _is_history(heading):
            continue
        # First those that differ in numbers only, by their text with the numbers masked; then by likeness.
        masked: dict[tuple, tuple[list[Sentence], list[Sentence]]] = defaultdict(lambda: ([], []))
        for side, some in enumerate((waiting, candidates)):
            for one in some:
                masked[_mask(one.text)][side].append(one)
        left: tuple[list[Sentence], list[Sentence]] = ([], [])
        for befores, afters in masked.values():
            if len(befores) == len(afters):
                yield from zip(befores, afters, strict=True)
            elif not befores or not afters:
                left[0].extend(befores)
                left[1].extend(afters)
        yield from _alike(*left)


def _rest(some: Sequence[Sentence], others: Sequence[Sentence]) -> dict[str, list[Sentence]]:
    """By heading, the sentences of ``some`` that are not in ``others`` below that heading."""
    known = set(others)
    rest: dict[str, list[Sentence]] = defaultdict(list)
    for one in some:
        if one not in known:
            rest[one.heading].append(one)
    return rest


def _mask(text: str) -> tuple[str, ...]:
    return tuple(
        "#" if token.is_value else token.text.casefold() for token in values.tokens(_URL.sub("", text))
    )


def _alike(old: list[Sentence], new: list[Sentence]) -> Iterator[tuple[Sentence, Sentence]]:
    """Pairs that share three words in four, where each is the other's nearest and no second is as near."""
    words = [Counter(_words(one.text)) for one in new]
    holds: dict[str, list[int]] = defaultdict(list)
    for at, counter in enumerate(words):
        for word in counter:
            holds[word].append(at)
    nearest: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for at, before in enumerate(old):
        mine = Counter(_words(before.text))
        near = []
        for other, _ in Counter(i for word in mine for i in holds.get(word, ())).most_common(20):
            share = (mine & words[other]).total() / max(mine.total(), words[other].total())
            if share >= 0.7:
                near.append((share, other))
        near.sort(reverse=True)
        if near and (len(near) == 1 or near[0][0] > near[1][0]):
            nearest[near[0][1]].append((near[0][0], at))
    for other, claims in nearest.items():
        claims.sort(reverse=True)
        if len(claims) == 1 or claims[0][0] > claims[1][0]:
            yield old[claims[0][1]], new[other]


def _words(text: str) -> list[str]:
    return [token.text.casefold() for token in values.tokens(text) if token.kind in ("word", "code")]


def _differences(before: str, after: str, left_out: Counter[str]) -> list[ChangedFact]:
    """The values that differ, none if anything else differs, too."""
    a, b = values.tokens(before), values.tokens(after)
    code = SequenceMatcher(None, [t.text for t in a], [t.text for t in b], autojunk=False).get_opcodes()
    spans = _merged([tuple(ends) for tag, *ends in code if tag != "equal"])
    kept = [s for s in spans if not values.same(_text(before, a, s[:2]), _text(after, b, s[2:]))]
    if not kept or len(kept) > MOST_VALUES:
        return []
    if not all(_is_change(a[s[0] : s[1]], b[s[2] : s[3]], s[2] == 0) for s in kept):
        return []
    if not _enough_left(b, kept):
        return []
    places = [(b[s[2]].start, b[s[3] - 1].end) for s in kept]
    olds = [_text(before, a, s[:2]) for s in kept]
    if _is_shifted_list(olds, [after[x:y] for x, y in places]):
        left_out["lists that gained or lost members"] += 1
        return []
    if any(x < url.end() and url.start() < y for url in _URL.finditer(after) for x, y in places):
        left_out["addresses"] += 1
        return []
    if _is_example(after, places):
        left_out["examples (for example, e.g.)"] += 1
        return []
    if _PAST.search(after):
        left_out["events of the past (was added in …)"] += 1
        return []
    facts = []
    for s, old, (x, y) in zip(kept, olds, places, strict=True):
        if values.is_hash(old) or values.is_hash(after[x:y]):
            left_out["digests and ids"] += 1
            continue
        others = tuple(place for place in places if place != (x, y))
        kind = values.kind_of(b[s[2] : s[3]])
        facts.append(ChangedFact((), "", "", before, after, old, after[x:y], kind, x, others))
    return facts


Span = tuple[int, int, int, int]  # tokens of the old sentence, tokens of the new one


def _merged(spans: list[Span]) -> list[Span]:
    """Neighbours with no equal token between them, as one."""
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1][1] == span[0] and merged[-1][3] == span[2]:
            merged[-1] = (merged[-1][0], span[1], merged[-1][2], span[3])
        else:
            merged.append(span)
    return merged


def _text(text: str, tokens: Sequence[Token], ends: Sequence[int]) -> str:
    i, j = ends
    return text[tokens[i].start : tokens[j - 1].end] if j > i else ""


def _is_change(old: Sequence[Token], new: Sequence[Token], first: bool) -> bool:
    """Whether a value took a value's place, or a name a name's."""
    if not old or not new or max(len(old), len(new)) > LONGEST_NAME:
        return False
    if any(t.is_value for t in old) and any(t.is_value for t in new):
        extra = [t for t in (*old, *new) if not t.is_value]
        return len(extra) <= 2 and all(t.kind == "word" or t.text in "-–~<>=≥≤+" for t in extra)
    names = [[t for t in some if t.is_name] for some in (old, new)]
    if not all(names):
        return False
    if first and not all(any(_has_inner_mark(t) for t in some) for some in names):
        return False  # the first word of a sentence has its capital from there
    if any(t.kind == "code" and len(t.text) <= 4 and t.text[1].isalpha() for t in (*old, *new)):
        return False  # `x` and `C` are placeholders
    glue = {"of", "and", "the", "for", "&", ">", "-", "/", "→", "›"}
    return all(t.is_name or t.is_value or t.text in glue for t in (*old, *new))


def _has_inner_mark(token: Token) -> bool:
    return token.kind == "code" or any(c.isupper() or c == "_" for c in token.text[1:])


def _enough_left(tokens: Sequence[Token], spans: Sequence[Span]) -> bool:
    """Whether the sentence says enough besides its values for a question."""
    inside = {i for s in spans for i in range(s[2], s[3])}
    rest = (token for i, token in enumerate(tokens) if i not in inside)
    words = [token for token in rest if token.kind in ("word", "code") and len(token.text) > 1]
    return len(words) >= (2 if all(tokens[s[2]].is_value for s in spans) else 5)


def _is_example(text: str, places: Sequence[tuple[int, int]]) -> bool:
    if _EXAMPLE_ANYWHERE.search(text) or any(_SAMPLE.match(text[x:y]) for x, y in places):
        return True
    first = _EXAMPLE.search(text)
    return first is not None and any(first.end() <= x for x, _ in places)


def _is_shifted_list(olds: Sequence[str], news: Sequence[str]) -> bool:
    """ "3.9, 3.10 and 3.11" became "3.10, 3.11 and 3.12": no value took another's place."""
    return len(olds) > 1 and not set(map(values.normal, olds)).isdisjoint(map(values.normal, news))


# --- tables -----------------------------------------------------------------------------------------------


def _of_tables(old: Sequence[Table], new: Sequence[Table], left_out: Counter[str]) -> Iterator[ChangedFact]:
    olds = _by_name(old)
    for name, table in _by_name(new).items():
        before = olds.get(name)
        if before is None or _is_history(table.heading):
            continue
        rows = _by_label(before)
        for label, row in _by_label(table).items():
            if label in rows and rows[label] != row and len(rows[label]) == len(row):
                yield from _of_row(table, rows[label], row, left_out)


def _by_name(tables: Sequence[Table]) -> dict[tuple, Table]:
    """Tables by heading and columns; those that are not the only one of their name are left out."""
    count = Counter((table.heading, table.header) for table in tables)
    return {(t.heading, t.header): t for t in tables if count[(t.heading, t.header)] == 1}


def _by_label(table: Table) -> dict[str, tuple[str, ...]]:
    count = Counter(row[0] for row in table.rows if row)
    return {row[0]: row for row in table.rows if row and row[0] and count[row[0]] == 1}


def _of_row(
    table: Table, before: tuple[str, ...], after: tuple[str, ...], left_out: Counter[str]
) -> Iterator[ChangedFact]:
    changed = [i for i in range(1, len(after)) if not values.same(before[i], after[i])]
    if not changed or len(changed) > MOST_VALUES:
        return
    columns = [table.header[i] if i < len(table.header) else "" for i in range(len(after))]
    texts = [_row_text(columns, row) for row in (before, after)]
    starts = _cell_starts(columns, after)
    found = []
    for i in changed:
        if not columns[i] and len(after) > 2:
            continue  # nothing says which of the cells is asked for
        if _STAMP.search(columns[i]) or _URL.search(after[i]):
            left_out["stamps (copyright, last updated)"] += 1
            continue
        found += [(i, *one) for one in _of_cell(before[i], after[i], left_out)]
    places = [(starts[i] + at, starts[i] + at + len(new)) for i, _, new, _, at in found]
    for (i, old, new, kind, _), place in zip(found, places, strict=True):
        others = tuple(other for other in places if other != place)
        yield ChangedFact(
            (), "", table.heading, *texts, old, new, kind, place[0], others, row=after[0], column=columns[i]
        )


def _of_cell(before: str, after: str, left_out: Counter[str]) -> list[tuple[str, str, str, int]]:
    """(old, new, kind, place in the cell) of what changed in a cell."""
    flags = [YES_NO.get(cell.casefold().strip(" .`")) for cell in (before, after)]
    if all(flags):
        return [(before, after, "flag", 0)] if flags[0] != flags[1] else []
    a, b = values.tokens(before), values.tokens(after)
    if len(a) <= LONGEST_NAME and len(b) <= LONGEST_NAME and a and b:
        whole = _is_change(a, b, first=False)
        if whole and not (values.is_hash(before) or values.is_hash(after)):
            return [(before, after, values.kind_of(b), 0)]
    return [(f.old, f.new, f.kind, f.start) for f in _differences(before, after, left_out)]


def _row_text(columns: Sequence[str], row: Sequence[str]) -> str:
    return " | ".join(f"{name}: {cell}" if name else cell for name, cell in zip(columns, row, strict=True))


def _cell_starts(columns: Sequence[str], row: Sequence[str]) -> list[int]:
    starts, at = [], 0
    for name, cell in zip(columns, row, strict=True):
        at += len(f"{name}: ") if name else 0
        starts.append(at)
        at += len(cell) + len(" | ")
    return starts
