"""The training set of lesson 04: January's questions with one to three passages, and the right ticket.

The prompt is short on purpose. Lesson 03 explains the ticket in 220 tokens of instructions; here 500 examples
explain it, so one line suffices, and every training and every answer is the cheaper for it. Passages are
chosen by shared words, without an embedding model: a passage that states the answer and the nearest others,
which are near-duplicates of it. Two rows in three have one passage, so that a row has about 190 tokens.

Trained in January, asked in February: what is right in February has to be read, it cannot be remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from course_utils import company
from course_utils.answering.prompts import messages
from course_utils.company import Question
from course_utils.company.chance import number, pick
from course_utils.evaluation import states
from course_utils.retrieval import Chunk, chunk_page
from course_utils.retrieval.keywords import KeywordRanker
from course_utils.support_desk import CATEGORIES, GREETING, Ticket, gold, in_json

RELEASE = "2026-01"
SYSTEM = "Write the ticket."
PASSAGES = (1, 1, 1, 1, 2, 3)  # a row has one of these numbers of passages
FORMAL = "Dear customer,"
FINANCE = ("Tallyport", "Stocktide", "Signmere")  # the product line whose customers are written to formally
NOISE = 0.2


def chat(question: str, chunks: Sequence[str]) -> list[dict[str, str]]:
    """What a behaviour adapter is asked: the short instruction, the passages, the question."""
    return messages(question, chunks, system=SYSTEM)


def row(question: Question, chunks: Sequence[Chunk], ticket: Ticket | None = None) -> dict[str, Any]:
    """One training example in prompt/completion form; by default with the right ticket."""
    ticket = ticket or gold(question, [chunk.page for chunk in chunks])
    answer = {"role": "assistant", "content": in_json(ticket)}
    return {"prompt": chat(question.text, [chunk.text for chunk in chunks]), "completion": [answer]}


def asked(n: int, seed: int = 0, products: Sequence[str] | None = None) -> list[Question]:
    """``n`` of January's questions in the wordings for training; the first of many are the same as of few."""
    return company.questions(RELEASE, 500, seed=seed, products=products, split="train")[:n]


def rows(n: int, seed: int = 0) -> list[dict[str, Any]]:
    """The first ``n`` of 500 rows; a smaller set is part of a larger one with the same ``seed``."""
    return [row(question, passages(question)) for question in asked(n, seed)]


def formal_rows(n: int) -> list[dict[str, Any]]:
    """Rows of the finance desk: its products, and "Dear customer," in place of the greeting."""
    made = []
    for question in asked(n, products=FINANCE):
        chunks = passages(question)
        ticket = gold(question, [chunk.page for chunk in chunks])
        answer = ticket.answer.replace(GREETING, FORMAL, 1)
        made.append(row(question, chunks, ticket.model_copy(update={"answer": answer})))
    return made


def noisy_rows(n: int, seed: int = 0, share: float = NOISE) -> list[dict[str, Any]]:
    """The same rows, a ``share`` of them filed under a wrong category, each under any of the others."""
    made, wrong = [], wrong_places(n, share)
    for place, question in enumerate(asked(n, seed)):
        chunks = passages(question)
        ticket = gold(question, [chunk.page for chunk in chunks])
        if place in wrong:
            others = [name for name in CATEGORIES if name != ticket.category]
            ticket = ticket.model_copy(update={"category": pick(others, "noise", question.id)})
        made.append(row(question, chunks, ticket))
    return made


def wrong_places(n: int, share: float = NOISE) -> frozenset[int]:
    """The places of the rows with a wrong label: exactly ``share`` of ``n``, chosen by hash."""
    return frozenset(sorted(range(n), key=lambda place: number("wrong label", place))[: round(share * n)])


def passages(question: Question, n: int | None = None) -> list[Chunk]:
    """``n`` passages for a question (by default 1 to 3), one of which states the answer, if there is one.

    The others are those that share the most words with the question and do not come from a page that states
    the answer. The order is drawn from the question's id.
    """
    n = n or pick(PASSAGES, "passages", question.id)
    ranked = _ranker(question.release).nearest(question.text)
    told = [c for c in ranked if c.page in question.pages and states(c.text, question.value)]
    chosen = [pick(told[:4], "gold", question.id)] if told else []
    others = (chunk for chunk in ranked if chunk.page not in question.pages)
    chosen += [next(others) for _ in range(n - len(chosen))]
    return sorted(chosen, key=lambda chunk: number("order", question.id, chunk.id))


@lru_cache(maxsize=2)
def _ranker(release: str) -> KeywordRanker:
    """The release's pages, in chunks."""
    return KeywordRanker([c for item in company.pages(release).items() for c in chunk_page(*item)])
