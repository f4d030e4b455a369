"""Scoring the grid without a judge: what is true of one answer, and of all answers of one arm."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from course_utils.answering import ABSTENTION, abstained, citations, without_citations
from course_utils.evaluation import Rate, markdown_table, quotes, verdict
from course_utils.grid.exam import FEBRUARY, Case
from course_utils.support_desk import mark, read_ticket, states_fact
from course_utils.support_desk.ticket import body, gold_passages, read_json


@dataclass(frozen=True)
class Outcome:
    """What is true of one answer. Format and facts apart: a sentence can be right and no ticket."""

    kind: str
    fact: bool  # states the right value and no other price; without an answer in the handbook: says so
    valid: bool  # a ticket that fits the schema
    silent: bool  # "I don't know.", or a ticket whose answer is null
    page: bool  # cites a passage from a page that states the answer, and no other passage
    usable: bool  # what the desk can send: a valid ticket in which all five fields are right
    about: str = ""  # the fact that the question asks for
    verdict: str = ""  # of an answer about a changed price: one of evaluation.VERDICTS

    @property
    def answerable(self) -> bool:
        return self.kind != "unanswerable"


def outcome(text: str, case: Case) -> Outcome:
    """The outcome of ``text``, a ticket or a sentence, as the answer to ``case``.

    What it says of the fact is read in the answer of a ticket, also of one that does not fit the schema (see
    ``_said``). Which page it cites is read in a ticket that fits, or from brackets in the text.
    """
    ticket = read_ticket(text)
    said = ticket.answer if ticket else _said(text)
    cited = citations(text) if ticket is None else [ticket.page] if ticket.page else []
    right = gold_passages(case.question, case.pages)
    marks = mark(text, case.question, case.pages)
    return Outcome(
        kind=case.kind,
        fact=states_fact(said, case.question),
        valid=marks.fits,
        silent=abstained(body(said)),
        page=bool(cited) and set(cited) <= set(right),
        usable=marks.right,
        about=case.question.fact_key,
        verdict=price_verdict(said, case),
    )


def _said(text: str) -> str:
    """What a text that is no valid ticket answers.

    A JSON object with an "answer" says that and no more: a price in another of its fields is not part of it.
    Where the answer is null, it says that there is none. Of any other text, all is read.
    """
    try:
        document = read_json(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "answer" not in document:
        return without_citations(text)
    answer = document["answer"]
    if answer is None:
        return ABSTENTION
    return without_citations(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))


def price_verdict(said: str, case: Case) -> str:
    """The verdict on an answer about a changed price; "" for other questions.

    In January no price is stale yet: one that will hold in February is just another wrong one.
    """
    if case.kind != "changed":
        return ""
    if case.question.release == FEBRUARY:
        return verdict(body(said), case.question.value, case.other_price)
    if quotes(said, case.question.value):
        return "current"
    return "abstained" if abstained(body(said)) else "other"


# The grid's columns: which answers count, and which of them are hits.
COLUMNS: dict[str, tuple[Callable[[Outcome], bool], Callable[[Outcome], bool]]] = {
    "fact right": (lambda o: o.answerable, lambda o: o.fact),
    "valid ticket": (lambda o: True, lambda o: o.valid),
    "page right": (lambda o: o.answerable, lambda o: o.page),
    "abstains": (lambda o: not o.answerable, lambda o: o.silent),
    "wrongly silent": (lambda o: o.answerable, lambda o: o.silent),
    "usable": (lambda o: True, lambda o: o.usable),
}

Repeats = Sequence[Sequence[Outcome]]  # the outcomes of each repeat
# The two halves of an exam, and both: whether an outcome's question has an answer.
PARTS: dict[str, tuple[bool, ...]] = {"all": (True, False), "answerable": (True,), "unanswerable": (False,)}


def rate(column: str, outcomes: Sequence[Outcome]) -> Rate:
    """One column's rate. Raises ValueError when none of the answers counts in it."""
    counts, hit = COLUMNS[column]
    counted = [o for o in outcomes if counts(o)]
    return Rate.of(map(hit, counted), about=[o.about for o in counted])


def pooled(column: str, repeats: Repeats) -> Rate:
    """One column's rate over the answers of all repeats together."""
    return rate(column, [o for outcomes in repeats for o in outcomes])


def hits(column: str, repeats: Repeats, part: str = "all") -> list[bool]:
    """Whether each answer that counts in a column is a hit there, in one half of the exam or in all of it."""
    counts, hit = COLUMNS[column]
    return [hit(o) for outcomes in repeats for o in outcomes if counts(o) and o.answerable in PARTS[part]]


def even_share(
    first: Repeats, second: Repeats, *, draws: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """The share of questions without an answer at which two arms get as many tickets right.

    Returns (share, low, high), the last two a 95 % interval. ``second`` is the arm that wins where there is
    an answer. With W won a question there and L lost a question where there is none, the arms are even at
    W / (W + L); where it wins nothing, at 0. The interval is a percentile bootstrap (Efron 1979) over facts,
    each drawn with all of its questions. Raises ValueError when one half of the exam is missing.
    """
    halves: dict[bool, dict[str, list[int]]] = {True: {}, False: {}}  # answerable? → fact → what was won
    for ours, theirs in zip(chain(*first), chain(*second), strict=True):
        halves[ours.answerable].setdefault(ours.about, []).append(theirs.usable - ours.usable)
    if not all(halves.values()):
        raise ValueError("Both questions with and without an answer are needed.")
    facts = [list(half.values()) for half in halves.values()]

    def share(drawn: list[list[list[int]]]) -> float:
        won, lost = (sum(map(sum, half)) / sum(map(len, half)) for half in drawn)
        won, lost = max(0.0, won), max(0.0, -lost)
        return won / (won + lost) if won else 0.0

    dice = random.Random(seed)
    drawn = sorted(share([dice.choices(half, k=len(half)) for half in facts]) for _ in range(draws))
    return share(facts), drawn[round(0.025 * draws)], drawn[round(0.975 * draws) - 1]


def spread(column: str, repeats: Repeats) -> tuple[float, float]:
    """The lowest and the highest rate of any repeat, as shares."""
    values = [rate(column, outcomes).value for outcomes in repeats]
    return min(values), max(values)


def table(grid: Mapping[str, Repeats]) -> str:
    """In Markdown, a row an arm, a column a score: the pooled rate in per cent and its 95 % interval."""
    rows = [(arm, *(pooled(name, repeats).cell for name in COLUMNS)) for arm, repeats in grid.items()]
    return markdown_table(("%", *COLUMNS), rows)


def spreads(grid: Mapping[str, Repeats], columns: Sequence[str]) -> str:
    """In Markdown, a row an arm: the rates of its repeats in per cent, side by side."""
    rows = [
        (arm, *(" / ".join(f"{100 * rate(name, o).value:.0f}" for o in repeats) for name in columns))
        for arm, repeats in grid.items()
    ]
    return markdown_table(("% in each repeat", *columns), rows)


def summary(grid: Mapping[str, Mapping[str, Repeats]]) -> dict[str, dict]:
    """What :func:`course_utils.results.record` keeps of a grid (month to arm to repeats).

    ``scores``: month, arm, column to rate; ``verdicts``: month, arm to the verdicts on changed prices;
    ``about``: month to the facts that those are about, which are the same for all arms.
    """
    scores = {
        month: {arm: {name: pooled(name, repeats) for name in COLUMNS} for arm, repeats in arms.items()}
        for month, arms in grid.items()
    }
    verdicts = {month: {arm: price_verdicts(r) for arm, r in arms.items()} for month, arms in grid.items()}
    about = {
        month: [o.about for outcomes in next(iter(arms.values())) for o in outcomes if o.kind == "changed"]
        for month, arms in grid.items()
    }
    return {"scores": scores, "verdicts": verdicts, "about": about}


def price_verdicts(repeats: Repeats) -> list[str]:
    """The verdicts on all answers about a changed price."""
    return [o.verdict for outcomes in repeats for o in outcomes if o.kind == "changed"]
