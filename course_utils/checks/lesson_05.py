"""Checks of lesson 05: a usable ticket, discordant pairs, one more rule."""

from __future__ import annotations

from functools import cache

from course_utils import company
from course_utils.checks.engine import Exercise, NotYet, experiment
from course_utils.company import Question
from course_utils.support_desk import gold, read_ticket, states_fact

KEY = "tallyport.team.price_monthly"


@cache
def _question(answerable: bool = True) -> Question:
    """A question about the price of Tallyport Team in February, or one without an answer."""
    keys = [KEY] if answerable else None
    return company.questions("2026-02", 1, seed=1, fact_keys=keys, answerable=answerable)[0]


def _pages() -> list[str]:
    return [*_question().pages[:2], "products/pingrove/plans/team.md"]


def _ticket(answer: str = "", closing: str = "}", **changes: str) -> str:
    said = answer or f"Tallyport Team costs {_question().value}."
    fields = {"category": '"pricing"', "plan": '"Team"', "page": "1", "escalate": "false"} | changes
    rest = ", ".join(f'"{name}": {value}' for name, value in fields.items())
    return f'{{"answer": "Thanks for asking! {said}", {rest}{closing}'


def _refusal(**changes: str) -> str:
    silent = {"category": '"other"', "plan": "null", "page": "null", "escalate": "true"}
    return _ticket("I don't know, but a colleague will get back to you.", **silent | changes)


def _usable(usable) -> str:
    price = _question().value
    cases = [
        (_ticket(), True, True, "a valid ticket in which every field is right is usable."),
        (_ticket(page="2"), True, True, "a fact can stand on several pages: any of them will do."),
        (
            f"Tallyport Team costs {price}. [1]",
            True,
            False,
            "a sentence is no ticket: read_ticket gives None.",
        ),
        (_ticket(closing=""), True, False, "the brace at the end is missing: read_ticket gives None."),
        (_ticket("Tallyport Team costs $1."), True, False, "the price is wrong: ask states_fact."),
        (
            _ticket(f"Tallyport Team costs {price}, not $1."),
            True,
            False,
            "there is a second price beside the right one: ask states_fact.",
        ),
        (_ticket(page="3"), True, False, "[3] is no page that states it. The first passage is number 1."),
        (_ticket(page="null"), True, False, "a right price without its page cannot be checked."),
        (_ticket(page="7"), True, False, "there is no seventh passage, so the page cannot be right."),
        (
            _ticket(category='"limits"'),
            True,
            False,
            "the category is wrong: compare it with that of `gold`.",
        ),
        (_ticket(plan='"Business"'), True, False, "the plan is wrong: compare it with that of `gold`."),
        (_ticket(escalate="true"), True, False, "nobody has to look at this one: compare `escalate`, too."),
        (
            _refusal(),
            False,
            True,
            "without an answer the right ticket says so, without a page.",
        ),
        (_refusal(page="1"), False, False, "a refusal has no page: where nothing is right, None is."),
        (_ticket(), False, False, "the handbook has no answer, and this one made one up."),
    ]
    for text, answerable, expected, lesson in cases:
        try:
            found = usable(text, _question(answerable), _pages())
        except (IndexError, TypeError, AttributeError) as error:
            raise NotYet(f"{text!r} stops with {type(error).__name__}: {lesson}") from error
        if found is None:
            raise NotYet("the function returns nothing. End it with `return` and True or False.")
        if bool(found) != expected:
            raise NotYet(f"{text!r} should be {expected}: {lesson}")
    if not usable(_ticket(page="null"), _question(), _pages()[2:]):
        raise NotYet("where no passage from a right page was found, the right page is None, answer or not.")
    return "One number that asks for both halves wherever there is an answer."


def _usable_but(skip: str = ""):
    """The right answer, or one with one of its conditions left out."""

    def usable(text, question, pages):
        ticket = read_ticket(text)
        if ticket is None or not (skip in ("fact", "second") or states_fact(ticket.answer, question)):
            return False
        if skip == "second" and question.value not in ticket.answer:
            return False
        right = gold(question, pages)
        for name in ("category", "plan", "escalate"):
            if name != skip and getattr(ticket, name) != getattr(right, name):
                return False
        first = 0 if skip == "first" else 1
        told = [number for number, page in enumerate(pages, first) if page in question.pages]
        if skip == "page":
            return True
        if skip == "unfound" and question.answerable:
            return ticket.page in told
        if not told and skip != "refusals":
            return ticket.page is None
        return pages[ticket.page - 1] in question.pages if skip == "null" else ticket.page in told

    return usable


def _discordant(discordant) -> str:
    first = [True, True, True, False, False, True]
    second = [True, False, False, True, False, False]
    found = discordant(first, second)
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise NotYet("return two numbers: only the first right, only the second right.")
    if tuple(found) == (4, 2):
        raise NotYet("that is how many each got right. Leave out what both got right.")
    if tuple(found) == (1, 3):
        raise NotYet("the other way round: first the questions that only the first got right.")
    if tuple(found) != (3, 1):
        raise NotYet(f"in six questions of the test it is (3, 1), yours is {tuple(found)}.")
    if tuple(discordant([True, False], [True, False])) != (0, 0):
        raise NotYet("two systems with the same answers differ in no question: (0, 0).")
    if tuple(discordant([False, False, True], [True, True, True])) != (0, 2):
        raise NotYet("where only the second is right, twice, it is (0, 2).")
    return "Everything that two systems agree on says nothing about which is better."


def _discordant_right(first, second):
    return (
        sum(a and not b for a, b in zip(first, second, strict=True)),
        sum(b and not a for a, b in zip(first, second, strict=True)),
    )


EXERCISES = (
    Exercise(
        id="05.1",
        test=_usable,
        hints=(
            "Four ways to fail, in this order: no ticket; the fact; another field; the page.",
            "Number the pages with enumerate(pages, 1), and keep the numbers whose page states the answer.",
        ),
        right=lambda: [_usable_but()],
        wrong=lambda: [
            (_usable_but("fact"), "states_fact"),
            (_usable_but("second"), "second price"),
            (_usable_but("unfound"), "no passage from a right page"),
            (_usable_but("category"), "category"),
            (_usable_but("plan"), "plan"),
            (_usable_but("escalate"), "escalate"),
            (_usable_but("page"), "no page that states it"),
            (_usable_but("first"), "page"),
            (_usable_but("refusals"), "without a page"),
            (_usable_but("null"), "without its page"),
            (lambda text, question, pages: question.value in text, "no ticket"),
            (lambda text, question, pages: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="05.2",
        test=_discordant,
        hints=(
            "Go through the pairs with zip(first, second). Which pairs are (True, False)?",
            "A sum of conditions counts how often they hold: the first but not the second, then the reverse.",
        ),
        right=lambda: [_discordant_right],
        wrong=lambda: [
            (lambda a, b: (sum(a), sum(b)), "both got right"),
            (lambda a, b: _discordant_right(b, a), "other way round"),
            (lambda a, b: sum(x != y for x, y in zip(a, b, strict=True)), "two numbers"),
            (lambda a, b: (3, 1), "(0, 0)"),
            (lambda a, b: (sum(x and not y for x, y in zip(a, b, strict=True)), 1 * (a != b)), "(0, 2)"),
        ],
    ),
    Exercise(
        id="05.3",
        test=experiment(96),
        hints=(
            "Words for money first: a price can be asked for with 'how many', too. Then places of a menu.",
            "Then the number of something, then whether a plan has it. What is left is mostly about prices.",
        ),
        right=lambda: [{"predicted": 60, "measured": 55}, {"predicted": 0, "measured": 72}],
        wrong=lambda: [
            ({"predicted": 0.6, "measured": 55}, "whole number"),
            ({"predicted": 97, "measured": 55}, "from 0 to"),
            ({"measured": 55}, "`predicted`"),
        ],
    ),
)
