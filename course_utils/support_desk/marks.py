"""Scoring a ticket without a judge: does it parse, does it fit, which fields are right, the tone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from course_utils.answering import abstained
from course_utils.company import Question
from course_utils.evaluation import Rate, prices, quotes, states
from course_utils.support_desk.ticket import (
    Ticket,
    body,
    gold,
    gold_passages,
    read_json,
    read_ticket,
    tone_faults,
)

FIELDS = ("answer", "category", "plan", "page", "escalate")


@dataclass(frozen=True)
class Marks:
    """What is true of one answer of the model. A ticket that does not fit has no right field and no tone."""

    parses: bool
    fits: bool
    answer: bool = False
    category: bool = False
    plan: bool = False
    page: bool = False
    escalate: bool = False
    tone: bool = False

    @property
    def right(self) -> bool:
        """Whether every field is right. Tone is marked on its own."""
        return all(getattr(self, field) for field in FIELDS)


def mark(text: str, question: Question, pages: Sequence[str]) -> Marks:
    """The marks of ``text`` as a ticket; ``pages`` are those of the passages in the prompt, in order."""
    try:
        read_json(text)
    except ValueError:
        return Marks(parses=False, fits=False)
    ticket = read_ticket(text)
    if ticket is None:
        return Marks(parses=True, fits=False)
    right = gold(question, pages)
    return Marks(
        parses=True,
        fits=True,
        answer=states_fact(ticket.answer, question),
        category=ticket.category == right.category,
        plan=ticket.plan == right.plan,
        page=_right_page(ticket, question, pages),
        escalate=ticket.escalate == right.escalate,
        tone=not tone_faults(ticket.answer),
    )


def states_fact(text: str, question: Question) -> bool:
    """Whether ``text`` (a ticket's answer, or plain prose) says what is right.

    An answerable question: it states the value, and no second price beside a price. Any other: it says that
    it does not know.
    """
    if not question.answerable:
        return abstained(body(text))
    return quotes(text, question.value) if prices(question.value) else states(text, question.value)


def _right_page(ticket: Ticket, question: Question, pages: Sequence[str]) -> bool:
    right = gold_passages(question, pages)
    return ticket.page in right if right else ticket.page is None


def rates(marks: Iterable[Marks], about: Sequence[Hashable] | None = None) -> dict[str, Rate]:
    """The rate of every mark, ``about`` as for ``Rate.of``. ValueError when there are no tickets."""
    marks = list(marks)
    names = ("parses", "fits", *FIELDS, "right", "tone")
    return {name: Rate.of((getattr(m, name) for m in marks), about) for name in names}


def majority(golds: Sequence[Ticket], field: str) -> tuple[object, Rate]:
    """The most common gold value of a field and its share: what always saying the same would score."""
    (value, count), *_ = Counter(getattr(ticket, field) for ticket in golds).most_common(1)
    return value, Rate(count, len(golds))
