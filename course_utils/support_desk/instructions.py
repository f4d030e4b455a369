"""Asking for a ticket in words: the instructions, and worked examples as earlier turns of the chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.answering.prompts import user_message
from course_utils.company import questions
from course_utils.support_desk.ticket import GREETING, NO_ANSWER, Ticket, gold, in_json

if TYPE_CHECKING:
    from course_utils.retrieval import Hit

INSTRUCTIONS = "\n".join(
    (
        "Answer from the passages with one JSON object and nothing else. Its fields, in this order:",
        f'"answer": "{GREETING}" and one sentence. If the passages do not tell: "{GREETING} {NO_ANSWER}"',
        '"category": "pricing", "limits" (what a plan allows or promises), "features", '
        '"how-to" (where to find something), "policy", or "other" if the passages do not tell.',
        '"plan": "Starter", "Team", "Business" or "Enterprise", or null if the question is about no plan '
        "or the passages do not tell.",
        '"page": the number of the passage that tells, or null.',
        '"escalate": true if the passages do not tell, or for the price of an Enterprise plan, else false.',
    )
)


@dataclass(frozen=True)
class Example:
    """A worked example: a question, the texts of its passages, and the right ticket."""

    question: str
    chunks: tuple[str, ...]
    ticket: Ticket


def worked_example(release: str, intent: str, search: Callable[[str, int], Sequence[Hit]]) -> Example:
    """A question of one intent in a trained wording, with the passage found for it, and its ticket.

    The first question whose nearest passage states the answer. Raises LookupError when none of 20 has one.
    """
    for q in questions(release, 20, seed=1, intents=[intent], split="train"):
        chunk = search(q.text, 1)[0].chunk
        if q.value in chunk.text and (chunk.page in q.pages or not q.answerable):
            return Example(q.text, (chunk.text,), gold(q, [chunk.page]))
    raise LookupError(
        f"No passage found states the answer to a question about {intent}: is {release} indexed?"
    )


def ticket_messages(
    question: str, chunks: Sequence[str], examples: Sequence[Example] = ()
) -> list[dict[str, str]]:
    """The chat that asks for a ticket: instructions, examples if any, then the passages and the question."""
    chat = [{"role": "system", "content": INSTRUCTIONS}]
    for example in examples:
        chat.append({"role": "user", "content": user_message(example.question, example.chunks)})
        chat.append({"role": "assistant", "content": in_json(example.ticket)})
    return [*chat, {"role": "user", "content": user_message(question, chunks)}]
