"""The support desk of lesson 03: one JSON ticket per question, its schema, gold tickets, marks.

from course_utils.answering import constrained, generate
from course_utils.support_desk import Ticket, gold, mark, ticket_messages

desk = constrained(model, tokenizer, Ticket)             # the same model; only valid tokens can be chosen
chats = [ticket_messages(q.text, chunks) for q, chunks in asked]
texts = generate(desk, tokenizer, chats, max_new_tokens=MAX_NEW_TOKENS)
marks = [mark(text, q, pages) for text, q, pages in …]   # valid and right, apart

Validity is a property of the text alone; whether a ticket is right is judged against the question.
"""

from course_utils.support_desk.instructions import INSTRUCTIONS, Example, ticket_messages, worked_example
from course_utils.support_desk.marks import FIELDS, Marks, majority, mark, rates, states_fact
from course_utils.support_desk.ticket import (
    CATEGORIES,
    GREETING,
    MAX_NEW_TOKENS,
    TONE_PATTERN,
    Ticket,
    gold,
    in_json,
    read_ticket,
    tone_faults,
)
from course_utils.support_desk.wrapper import wrapped

__all__ = [
    "CATEGORIES",
    "FIELDS",
    "GREETING",
    "INSTRUCTIONS",
    "MAX_NEW_TOKENS",
    "TONE_PATTERN",
    "Example",
    "Marks",
    "Ticket",
    "gold",
    "in_json",
    "majority",
    "mark",
    "rates",
    "read_ticket",
    "states_fact",
    "ticket_messages",
    "tone_faults",
    "worked_example",
    "wrapped",
]
