"""The ticket: its schema, the desk's rules for filling it in, and the tone of its answer.

The rules are about the question, so that the right ticket never depends on a judge's opinion:

- answer: the fact in one sentence, in the desk's tone; without an answer: that a colleague will write;
- category: by what is asked, see ``_CATEGORY``; "other" when the handbook has no answer;
- plan: the plan the question is about; null when it is about none, or the handbook has no answer;
- page: the number of a passage from a page that states the answer; null when there is none;
- escalate: true when the handbook has no answer, and for prices of an Enterprise plan (sales wants to know).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from course_utils.company import Question, facts

Category = Literal["pricing", "limits", "features", "how-to", "policy", "other"]
Plan = Literal["Starter", "Team", "Business", "Enterprise"]
CATEGORIES: tuple[str, ...] = get_args(Category)
MAX_ANSWER = 160  # characters; the longest right answer of any month has 136
MAX_PASSAGES = 9  # one digit
# Enough for every valid ticket: a byte is at most one token of the usual tokenizers, a character at most four
# bytes, and 160 is more than all the rest. A right ticket has about 60 tokens, and decoding stops at its end.
MAX_NEW_TOKENS = 4 * MAX_ANSWER + 160

GREETING = "Thanks for asking!"
NO_ANSWER = "I don't know, but a colleague will get back to you."
MAX_WORDS = 35
# The tone as far as a pattern can say it: the greeting, then one sentence that ends at its first full stop (a
# point between digits is a decimal point), no brackets, no further exclamation mark; MAX_ANSWER characters.
_WORD, _LETTER = r"[^.!\[\]]", r"[^.!\[\]0-9]"
_DECIMAL = rf"{_WORD}{{0,78}}[0-9]\.[0-9]{{1,2}}({_LETTER}{_WORD}{{0,54}})?"
TONE_PATTERN = rf"^{GREETING} ({_WORD}{{1,138}}|{_DECIMAL})\.$"

_CATEGORY: dict[str, Category] = {
    "price": "pricing",
    "region_price": "pricing",
    "addon": "pricing",
    "limit": "limits",
    "feature": "features",
    "howto": "how-to",
    "policy": "policy",
    "unanswerable": "other",
}


class Ticket(BaseModel):
    """What the desk's software stores about one question."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    answer: str = Field(min_length=1, max_length=MAX_ANSWER, description="What the customer reads.")
    category: Category = Field(description="What the question is about.")
    plan: Plan | None = Field(description="The plan the question is about.")
    page: Annotated[int, Field(ge=1, le=MAX_PASSAGES)] | None = Field(
        description="The number of the passage the answer comes from."
    )
    escalate: bool = Field(description="Whether a colleague has to take over.")


def in_json(ticket: Ticket) -> str:
    """The ticket as one line of JSON, spaced as ``json.dumps`` does and as ``constrained`` writes it."""
    return json.dumps(ticket.model_dump(), ensure_ascii=False)


def read_json(text: str) -> Any:
    """What a JSON document holds. Raises ValueError, also for NaN and Infinity, which Python would accept."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error


def read_ticket(text: str) -> Ticket | None:
    """The ticket, or None when the text is not JSON or does not fit the schema."""
    try:
        return Ticket.model_validate(read_json(text))
    except (ValidationError, ValueError):
        return None


def gold(question: Question, pages: Sequence[str]) -> Ticket:
    """The right ticket for a question whose passages come from ``pages`` (paths, in the order of the prompt).

    The answer is what the handbook says, retrieved or not; ``page`` is null when no passage comes from a page
    that states it. To train on gold tickets take questions with a page, or the model learns to guess.
    """
    fact = facts(question.release)[question.fact_key] if question.answerable else None
    plan = (fact.plan or None) if fact else None
    return Ticket(
        answer=f"{GREETING} {question.answer if fact else NO_ANSWER}",
        category=_CATEGORY[question.intent],
        plan=plan,
        page=next(iter(gold_passages(question, pages)), None),
        escalate=fact is None or (_CATEGORY[question.intent] == "pricing" and plan == "Enterprise"),
    )


def gold_passages(question: Question, pages: Sequence[str]) -> list[int]:
    """The numbers, from 1, of the passages whose page states the answer."""
    return [number for number, page in enumerate(pages, 1) if page in question.pages]


def body(answer: str) -> str:
    """An answer without its greeting."""
    return answer.strip().removeprefix(GREETING).strip()


def tone_faults(answer: str) -> list[str]:
    """What in ``answer`` breaks the desk's tone; empty when nothing does."""
    rules = {
        f"begins with {GREETING!r}": answer.startswith(f"{GREETING} ") and bool(body(answer)),
        "ends with a full stop": answer.endswith("."),
        "has no exclamation mark but the greeting's": "!" not in body(answer),
        "has no citation in brackets (the page has its own field)": not re.search(r"\[\d*\]", answer),
        f"has at most {MAX_WORDS} words": len(answer.split()) <= MAX_WORDS,
    }
    return [rule for rule, kept in rules.items() if not kept]
