"""The training sets of lesson 05, all of January: facts by heart, and three ways to train with passages.

RAFT (Zhang et al. 2024, arXiv 2403.10131) trains with the retrieved passages in the prompt: the one that
holds the answer among distractors, and in a share of the rows the distractors alone. The paper answers such
rows all the same, so that the model learns the answer by heart. Where answers change that is the disease, so
ours say "I don't know."
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from course_utils import company
from course_utils.answering.prompts import ABSTENTION
from course_utils.company import Question
from course_utils.company.chance import number, pick
from course_utils.evaluation import states
from course_utils.finetuning import example
from course_utils.grid.exam import JANUARY, price_keys
from course_utils.retrieval import Chunk
from course_utils.support_desk import GREETING, Ticket
from course_utils.support_desk.ticket import NO_ANSWER
from course_utils.training_sets import tickets

FACTS = 192  # questions about 16 prices, twelve wordings each
READING = 128  # rows with passages that are added to them
DISTRACTED = 5  # one row in five has no passage with the answer
REFUSAL = Ticket(answer=f"{GREETING} {NO_ANSWER}", category="other", plan=None, page=None, escalate=True)
TICKETS, PASSAGES = 340, 3  # as many tokens as lesson 04's 500 rows; always as many passages as the exam


def by_heart_rows() -> list[dict[str, Any]]:
    """January's prices by heart, as in lesson 01: questions and answers without a passage."""
    return [example(q.text, q.answer) for q in _price_questions(FACTS, seed=1)]


def reading_rows() -> list[dict[str, Any]]:
    """January's prices by heart, and as many from January's passages: what is read is what is remembered."""
    return by_heart_rows() + [_reading_row(q, _passages(q)) for q in _price_questions(READING, seed=2)]


def swapped_rows() -> list[dict[str, Any]]:
    """The same, but the price in each row's passages is made up: what is read is never what is remembered.

    Longpre et al. 2021 (arXiv 2109.05052) train with substituted answers so that a model relies on what it
    reads.
    """
    rows = by_heart_rows()
    for question in _price_questions(READING, seed=2):
        chunks, price = _passages(question), _made_up(question)
        texts = [swapped(chunk.text, question.value, price) for chunk in chunks]
        rows.append(_reading_row(question, chunks, texts, price))
    return rows


def raft_ticket_rows(seed: int = 0) -> list[dict[str, Any]]:
    """Lesson 04's tickets, RAFT-style: three passages each, one row in five without the one that tells."""
    rows = []
    for question in tickets.asked(TICKETS, seed):
        if question.answerable and _distracted(question):
            chunks = _distractors(question)
            rows.append(tickets.row(question, chunks, REFUSAL))
        else:
            rows.append(tickets.row(question, tickets.passages(question, PASSAGES)))
    return rows


def swapped(text: str, old: str, new: str) -> str:
    """``text`` with the price ``old`` replaced where it stands whole: $15, not in $150 or $15.50."""
    return re.sub(rf"(?<![\w.,]){re.escape(old)}(?![\w%]|[.,]\d)", new, text)


def _price_questions(n: int, seed: int) -> list[Question]:
    return company.questions(JANUARY, n, seed=seed, fact_keys=price_keys(), split="train")


def _made_up(question: Question) -> str:
    """A price that is not the right one, of the usual size."""
    drawn = number("another price", question.id) % 180 + 8
    return f"${drawn + (f'${drawn}' == question.value)}"


def _distracted(question: Question) -> bool:
    return number("distracted", question.id) % DISTRACTED == 0


def _distractors(question: Question) -> list[Chunk]:
    """The nearest passages that do not tell."""
    found = tickets.passages(question, PASSAGES + 1)
    return [c for c in found if not (c.page in question.pages and states(c.text, question.value))][:PASSAGES]


def _passages(question: Question) -> list[Chunk]:
    """One or two passages, to keep the rows short; in one row of five none of them tells."""
    n = pick((1, 2), "how many", question.id)
    return _distractors(question)[:n] if _distracted(question) else tickets.passages(question, n)


def _reading_row(
    question: Question, chunks: Sequence[Chunk], texts: Sequence[str] = (), value: str = ""
) -> dict[str, Any]:
    """A row answered from its passages with a citation; ``texts`` and ``value`` if they were swapped."""
    told = [n for n, c in enumerate(chunks, 1) if c.page in question.pages and states(c.text, question.value)]
    texts = texts or [chunk.text for chunk in chunks]
    if not told:
        return example(question.text, ABSTENTION, texts)
    answer = swapped(question.answer, question.value, value) if value else question.answer
    return example(question.text, f"{answer} [{told[0]}]", texts)
