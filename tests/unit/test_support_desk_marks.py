"""Marks of a ticket: validity and correctness apart, each field for itself."""

import dataclasses

import pytest

from course_utils import company
from course_utils.evaluation import Rate
from course_utils.support_desk import (
    FIELDS,
    GREETING,
    Marks,
    gold,
    in_json,
    majority,
    mark,
    rates,
    states_fact,
)
from course_utils.support_desk.ticket import NO_ANSWER

QUESTION = company.questions("2026-02", 1, fact_keys=["tallyport.team.price_monthly"])[0]
PAGES = ["guides/else.md", QUESTION.page, QUESTION.pages[1]]
RIGHT = gold(QUESTION, PAGES)
UNANSWERABLE = company.questions("2026-02", 1, answerable=False)[0]


def marked(**changed) -> Marks:
    return mark(in_json(RIGHT.model_copy(update=changed)), QUESTION, PAGES)


def test_a_right_ticket():
    assert marked() == Marks(**dict.fromkeys((f.name for f in dataclasses.fields(Marks)), True))
    assert marked().right


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("answer", f"{GREETING} Tallyport Team costs $1 per user per month."),
        ("category", "limits"),
        ("plan", "Business"),
        ("plan", None),
        ("page", 1),
        ("page", 9),
        ("page", None),
        ("escalate", True),
    ],
)
def test_each_field_is_marked_for_itself(field, value):
    marks = marked(**{field: value})
    assert marks == dataclasses.replace(marked(), **{field: False})
    assert marks.fits and not marks.right


def test_tone_is_marked_apart_from_right():
    marks = marked(answer=QUESTION.answer)
    assert marks.right and not marks.tone


def test_every_passage_that_states_the_answer_is_a_right_page():
    assert marked(page=2).page and marked(page=3).page


def test_no_page_is_right_where_no_passage_tells():
    ticket = gold(QUESTION, ["guides/else.md"])
    assert mark(in_json(ticket), QUESTION, ["guides/else.md"]).page
    assert not mark(in_json(ticket.model_copy(update={"page": 1})), QUESTION, ["guides/else.md"]).page


def test_prose_neither_parses_nor_fits():
    assert mark(f"{QUESTION.answer} [2]", QUESTION, PAGES) == Marks(parses=False, fits=False)
    assert mark(in_json(RIGHT)[:-1], QUESTION, PAGES) == Marks(parses=False, fits=False)


def test_json_of_another_shape_parses_and_does_not_fit():
    for text in ("{}", "[1]", '{"answer": "It costs $55."}', in_json(RIGHT).replace("Team", "Gold", 1), "55"):
        marks = mark(text, QUESTION, PAGES)
        if "Gold" in text:  # only the answer was changed, not the plan
            assert marks.fits
        else:
            assert marks == Marks(parses=True, fits=False)
    assert mark(in_json(RIGHT).replace('"Team"', '"Gold"'), QUESTION, PAGES) == Marks(True, False)


def test_the_fact_in_prose_and_in_a_ticket():
    assert states_fact(QUESTION.answer, QUESTION)
    assert states_fact(f"{GREETING} {QUESTION.answer}", QUESTION)
    assert not states_fact(f"It costs {QUESTION.value}, or $1 a day.", QUESTION), "two prices are no answer"
    assert not states_fact("I don't know.", QUESTION)
    assert states_fact("I don't know.", UNANSWERABLE)
    assert states_fact(f"{GREETING} {NO_ANSWER}", UNANSWERABLE)
    assert not states_fact("It costs $5.", UNANSWERABLE)
    limit = company.questions("2026-02", 1, fact_keys=["tallyport.team.storage"])[0]
    assert states_fact(limit.answer, limit)
    assert not states_fact(limit.answer.replace(limit.value, f"1{limit.value}"), limit)


def test_an_unanswerable_question_wants_no_page():
    ticket = gold(UNANSWERABLE, PAGES)
    assert mark(in_json(ticket), UNANSWERABLE, PAGES).right
    assert not mark(in_json(ticket.model_copy(update={"page": 1})), UNANSWERABLE, PAGES).right


def test_rates_are_of_all_tickets():
    prose = mark("I don't know.", QUESTION, PAGES)
    found = rates([marked(), marked(page=None), prose, mark("{}", QUESTION, PAGES)])
    assert list(found) == ["parses", "fits", *FIELDS, "right", "tone"]
    assert found["parses"] == Rate(3, 4)
    assert found["fits"] == found["category"] == found["tone"] == Rate(2, 4)
    assert found["page"] == found["right"] == Rate(1, 4)
    with pytest.raises(ValueError, match="n ≥ 1"):
        rates([])


def test_always_saying_the_same():
    golds = [gold(q, [q.page]) for q in company.questions("2026-02", 100, seed=2)]
    value, rate = majority(golds, "escalate")
    assert value is False and rate == Rate(sum(not ticket.escalate for ticket in golds), 100)
    assert majority(golds, "category")[0] == "pricing"
