"""What a year's systems are asked: twice for each monthly price on sale, in the same words all year.

Customers ask for each price equally often (``company.questions`` goes round them), so these questions are a
fair sample of the day's, and a share of them is a share of the day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from course_utils import company
from course_utils.answering import abstained
from course_utils.company import Question
from course_utils.evaluation import prices
from course_utils.training_sets.monthly import price_keys

WORDINGS = 2  # questions about one price
SEED = 90


@lru_cache
def questions(release: str) -> tuple[Question, ...]:
    """The month's questions; a price that is on sale in two months is asked for in the same words in both."""
    keys = price_keys(release)
    return tuple(company.questions(release, WORDINGS * len(keys), seed=SEED, fact_keys=keys, split="test"))


@lru_cache
def past_values(release: str) -> dict[str, frozenset[str]]:
    """For each price on sale: what it was in earlier months of the year, without what it is now."""
    earlier = [company.facts(month) for month in company.RELEASES if month < release]
    now = company.facts(release)
    return {
        key: frozenset(facts[key].value for facts in earlier if key in facts) - {now[key].value}
        for key in price_keys(release)
    }


def changed_keys(release: str) -> set[str]:
    """The prices that took a new value with this release; prices of new products are none of them."""
    before = company.RELEASES.index(release) - 1
    if before < 0:
        return set()
    found = company.changes(company.RELEASES[before], release)
    return {c.key for c in found if c.kind == "changed" and c.new.attribute == "price_monthly"}


def verdict(answer: str, current: str, past: Collection[str]) -> str:
    """As ``evaluation.verdict``, but "stale" is any of the prices that were right earlier in the year."""
    quoted = set(prices(answer))
    if quoted == {current}:
        return "current"
    if len(quoted) == 1 and quoted <= set(past):
        return "stale"
    return "abstained" if abstained(answer) else "other"


@lru_cache
def per_day(release: str, questions_a_day: int = 3000) -> int:
    """How many of a day's questions ask for a monthly price that is on sale."""
    keys = set(price_keys(release))
    day = company.questions(release, questions_a_day, seed=9)
    return sum(question.fact_key in keys for question in day)


def judged(texts: Sequence[str], questions: Sequence[Question]) -> list[str]:
    """The verdicts on answers without citations, to questions of one release."""
    past = past_values(questions[0].release) if questions else {}
    pairs = zip(texts, questions, strict=True)
    return [verdict(text, question.value, past[question.fact_key]) for text, question in pairs]


def asking(system: Callable[[str, str], str]) -> Callable[[str, str], list[str]]:
    """The verdicts on a program that answers (a question, as in a month), as ``System`` takes them."""

    @lru_cache
    def verdicts(known: str, asked: str) -> list[str]:
        return judged([system(question.text, known) for question in questions(asked)], questions(asked))

    return verdicts
