"""Words and values of a sentence: what is a price, a number, a date, a name, and when two are one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_NUMBER_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_TOKEN = re.compile(
    rf"""
    (?P<price>(?:[$€£¥]\s?|\b(?:USD|EUR|GBP|CHF)\s){_DIGITS}(?:\s?(?:k|[MB]n?|million|billion)\b)?
        |{_DIGITS}\s?(?:€|£|USD\b|EUR\b|GBP\b|CHF\b))
    |(?P<date>\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}\.?\s{_MONTH}(?:,?\s\d{{4}})?\b
        |\b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?\b|\b{_MONTH}\s\d{{4}}\b)
    |(?P<code>`[^`]+`)
    |(?P<version>\bv?\d+(?:\.\d+){{2,}}(?:[\w.+-]*\w)?|\bv\d[\w.]*\w|\bv\d\b|\b\d+\.\d+(?:a|b|rc|dev|post)\d+\b
        |\b\d+(?:\.\d+)*\.[x*])
    |(?P<number>(?<![\w.])[-−]?{_DIGITS}(?:\s?[%°]|[A-Za-zµ]{{1,4}}\b|(?![\w]))
        |\b(?:{"|".join(_NUMBER_WORDS)})\b)
    |(?P<word>\w+(?:[.\-_/'’:]+\w+)*(?:\(\))?)
    |(?P<mark>\S)
    """,
    re.VERBOSE,
)
_VALUES = {"price", "date", "version", "number"}
_HASH = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{7,}|\d{13,}")


@dataclass(frozen=True)
class Token:
    text: str
    kind: str  # price, date, code, version, number, word, mark
    start: int
    end: int

    @property
    def is_value(self) -> bool:
        return self.kind in _VALUES

    @property
    def is_name(self) -> bool:
        """Written as a name is: code, a capital, a capital within, an underscore."""
        word = self.text
        return self.kind == "code" or (
            self.kind == "word" and (word[0].isupper() or any(c.isupper() or c == "_" for c in word[1:]))
        )


def tokens(text: str) -> list[Token]:
    return [Token(m.group(), m.lastgroup or "mark", *m.span()) for m in _TOKEN.finditer(text)]


def normal(value: str) -> str:
    """One spelling of a value: no backticks, no commas in thousands, digits for small number words, …"""
    value = value.casefold().replace("`", "").replace("−", "-").replace("’", "'")
    value = re.sub(r"(?<=\d),(?=\d{3}\b)", "", value)
    value = re.sub(r"(?<=\d)\.0+(?![\d.])", "", value)
    value = re.sub(r"([$€£¥])\s+(?=\d)", r"\1", value)
    value = re.sub(r"(?<=\d)\s+(?=[%°€£])", "", value)
    value = re.sub(rf"\b({'|'.join(_NUMBER_WORDS)})\b", lambda m: str(_NUMBER_WORDS.index(m.group())), value)
    value = re.sub(r"\b(jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b\.?", r"\1", value)
    value = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", value)
    return " ".join(value.split())


def same(a: str, b: str) -> bool:
    """Whether two values differ in their spelling only: ``1,000`` and ``1000``, ``Github`` and ``GitHub``."""
    short = [re.sub(r"[\W_]+$|^\W+", "", normal(one)) for one in (a, b)]
    if short[0] == short[1]:
        return True
    if any(a.endswith((f".{b}", f"/{b}", f"-{b}")) for a, b in (short, reversed(short)) if b):
        return True  # a name in full and without its module: ``shop.Basket`` and ``Basket``
    if a[:1] == b[:1] == "`" and len({one.removesuffix("()").rpartition(".")[2] for one in short}) == 1:
        return True  # the same name, documented at another place
    letters = [re.sub(r"[\W_]+", "", one) for one in short]
    words = [one.split() for one in short]
    if len(words[0]) == len(words[1]) > 1:
        if words[0][0] == words[1][0] and a[:1] == b[:1] == "`" and not any(map(str.isdigit, "".join(short))):
            return True  # another option of one command line
        return all(same(one, other) for one, other in zip(*words, strict=True))
    if any(char.isdigit() for one in letters for char in one):
        return False
    if all(re.fullmatch(r"[^\W\d_]+", one) for one in short) and _is_longer_spelling(*short):
        return True
    plural = {one.removesuffix("s") for one in letters}
    return len(plural) == 1


def _is_longer_spelling(a: str, b: str) -> bool:
    """One word written out or mended: ``reST`` and ``reStructuredText``, ``Structred`` and ``Structured``."""
    short, long = sorted((a, b), key=len)
    letters = iter(long)
    written_out = len(short) > 1 and short[:2] == long[:2] and all(letter in letters for letter in short)
    return written_out or SequenceMatcher(None, a, b, autojunk=False).ratio() >= 0.9


def is_hash(value: str) -> bool:
    """Digests and ids: they change, and nobody asks for them."""
    return _HASH.fullmatch(value.strip("`").casefold()) is not None


def kind_of(tokens_of_value: Sequence[Token]) -> str:
    """price, date, version, number or name: the first kind that a token of the value has."""
    kinds = {token.kind for token in tokens_of_value}
    return next((kind for kind in ("price", "date", "version", "number") if kind in kinds), "name")
