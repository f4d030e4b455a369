"""The wrapper: the one that lesson 03 shows is the one that later lessons import."""

import ast

import jupytext
import pytest

from course_utils.answering import abstained, citations, without_citations
from course_utils.support_desk import GREETING, Ticket, wrapped
from tools.notebooks.catalogue import ROOT

SENTENCES = [
    ("How much is Tallyport Team?", "It costs $55 per user per month. [2]"),
    ("Hello team, what is Signmere Starter?", "Starter costs $9. [7] [1]"),
    ("Do you have a bitcoin option?", "I don't know."),
    ("What is the password length?", "At least 12 characters. " * 12),
]


def shown():
    """The function as lesson 03 defines it."""
    notebook = jupytext.read(ROOT / "solutions" / "03_behaviour_gap.py")
    cell = next(cell.source for cell in notebook.cells if "def wrapped(" in cell.source)
    [function] = [node for node in ast.parse(cell).body if isinstance(node, ast.FunctionDef)]
    names = dict(
        abstained=abstained, citations=citations, without_citations=without_citations,
        GREETING=GREETING, Ticket=Ticket,
    )  # fmt: skip
    exec(ast.unparse(function), names)
    return names["wrapped"]


@pytest.mark.parametrize("question, text", SENTENCES)
def test_the_imported_wrapper_is_the_one_that_the_lesson_shows(question, text):
    assert wrapped(question, text, 3) == shown()(question, text, 3)


def test_what_it_fills_in():
    ticket = wrapped("Hello team, what is Signmere Starter?", "Starter costs $9. [7] [1]", 3)
    assert (ticket.plan, ticket.page, ticket.escalate) == ("Starter", 1, False)
    silent = wrapped("Do you have a bitcoin option for Team?", "I don't know.", 3)
    assert (silent.category, silent.plan, silent.page, silent.escalate) == ("other", None, None, True)
