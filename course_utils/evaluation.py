"""Scoring answers without a judge: prices as strings, rates with their 95 % interval, paired comparisons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from course_utils.answering import abstained

_PRICE = re.compile(r"[$€£]\s?\d+(?:,\d{3})*(?:\.\d{1,2})?")


@dataclass(frozen=True)
class Rate:
    """``hits`` of ``n`` trials. Shows as ``96.0 % [92.3, 97.9], n = 200``.

    Questions about one fact are not independent. Where the ``n`` questions are about ``facts`` facts, and
    tell as much as ``effective`` independent ones, the interval is that of so many.
    """

    hits: int
    n: int
    facts: int | None = None
    effective: float | None = None

    def __post_init__(self) -> None:
        if self.n < 1 or not 0 <= self.hits <= self.n:
            raise ValueError(f"A rate needs 0 ≤ hits ≤ n and n ≥ 1, not {self.hits} of {self.n}.")

    @classmethod
    def of(cls, outcomes: Iterable[bool], about: Iterable[Hashable] | None = None) -> Rate:
        """The rate of True among ``outcomes``; ValueError when there are none.

        ``about``: for each outcome the fact that its question was about.
        """
        outcomes = [bool(outcome) for outcome in outcomes]
        hits, n = sum(outcomes), len(outcomes)
        if about is None:
            return cls(hits, n)
        by_fact: dict[Hashable, list[bool]] = defaultdict(list)
        for fact, outcome in zip(about, outcomes, strict=True):
            by_fact[fact].append(outcome)
        return cls(hits, n, len(by_fact), _effective(list(by_fact.values())))

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % score interval (Wilson 1927), as shares; it stays sensible near 0 and 1."""
        p, n, z = self.value, self.effective or self.n, NormalDist().inv_cdf(0.975)
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        about = (
            f" about {self.facts} fact{'s' * (self.facts > 1)}" if self.facts and self.facts < self.n else ""
        )
        return f"{self.value:.1%} [{low:.1%}, {high:.1%}], n = {self.n}".replace("%", " %") + about

    @property
    def cell(self) -> str:
        """For a Markdown table: the rate in whole per cent, bold, and its 95 % interval."""
        low, high = self.interval
        return f"**{100 * self.value:.0f}** [{100 * low:.0f}, {100 * high:.0f}]"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown: its head, and a line a row."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _effective(by_fact: Sequence[Sequence[bool]]) -> float:
    """How many independent questions would tell as much: n over the design effect (Kish 1965).

    The variance of the rate is taken between facts, as in a sample of clusters. It is never more than n, and
    never less than the number of facts; where all outcomes are alike they say nothing of the variance, and
    only the facts are counted.
    """
    n, k = sum(map(len, by_fact)), len(by_fact)
    p = sum(map(sum, by_fact)) / n if n else 0.0
    if k < 2 or p in (0, 1):
        return float(k)
    between = k / (k - 1) * sum((sum(o) - p * len(o)) ** 2 for o in by_fact) / n**2
    return max(float(k), min(float(n), p * (1 - p) / between)) if between else float(n)


def prices(text: str) -> list[str]:
    """The prices a text quotes, in order, in one spelling: ``"$ 1,200.50"`` becomes ``"$1200.50"``."""
    found = (re.sub(r"[\s,]", "", match) for match in _PRICE.findall(text))
    return [re.sub(r"\.00$", "", price) for price in found]


def quotes(answer: str, price: str) -> bool:
    """Whether the answer quotes this price and no other."""
    return set(prices(answer)) == set(prices(price)) != set()


def states(answer: str, value: str) -> bool:
    """Whether the answer holds ``value`` whole: ``50 GB`` is not in ``150 GB``, nor ``$4`` in ``$4.50``.

    Upper and lower case are alike. Raises ValueError for an empty value, which every answer would hold.
    """
    if not value.strip():
        raise ValueError("An empty value is in every answer; score unanswerable questions with `abstained`.")
    pattern = rf"(?<![\w.,]){re.escape(value.strip())}(?![\w%]|[.,]\d)"
    return re.search(pattern, answer, re.IGNORECASE) is not None


VERDICTS = ("current", "stale", "other", "abstained")


def verdict(answer: str, current: str, old: str) -> str:
    """What a price answer did: quoted the ``current`` price, the ``old`` one ("stale"), other, or silent."""
    if current == old:
        raise ValueError(f"The price {current} did not change, so no answer can be stale.")
    if quotes(answer, current):
        return "current"
    if quotes(answer, old):
        return "stale"
    return "abstained" if abstained(answer) else "other"


def shares(verdicts: Sequence[str], about: Sequence[Hashable] | None = None) -> dict[str, Rate]:
    """The rate of each verdict, in the order of ``VERDICTS``; ``about``: the facts asked for."""
    return {name: Rate.of((v == name for v in verdicts), about) for name in VERDICTS}


def discordant(first: Sequence[bool], second: Sequence[bool]) -> tuple[int, int]:
    """(only the first right, only the second right) of two systems on the same questions."""
    pairs = list(zip(first, second, strict=True))
    return sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)


def sign_test(only_first: int, only_second: int) -> float:
    """The two-sided p-value that two systems are equally good (McNemar 1947, in its exact form)."""
    from scipy.stats import binomtest

    n = only_first + only_second
    return float(binomtest(only_first, n).pvalue) if n else 1.0
