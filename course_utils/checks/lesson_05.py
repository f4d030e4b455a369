"""Checks of lesson 05: a usable ticket, discordant pairs, a price that is swapped."""

from __future__ import annotations

import re
from types import SimpleNamespace

from course_utils.checks.engine import Exercise, NotYet

_PAGES = ["products/x/prices.md", "products/x/plans/team.md", "products/y/plans/team.md"]


def _ticket(answer: str = "X Team costs $55.", page: str = "2", closing: str = "}") -> str:
    said = f'"answer": "Thanks for asking! {answer}", "category": "pricing", "plan": "Team"'
    return f'{{{said}, "page": {page}, "escalate": false{closing}'


def _question(value: str = "$55") -> SimpleNamespace:
    """What of a question the exercise needs; "" when the handbook has no answer."""
    return SimpleNamespace(
        text="How much is X Team?",
        value=value,
        answerable=bool(value),
        pages=tuple(_PAGES[:2]) if value else (),
    )


def _usable(usable) -> str:
    unknown = _ticket("I don't know, but a colleague will get back to you.", "null")
    cases = [
        (_ticket(), "$55", True, "a valid ticket with the right price and its page is usable."),
        (_ticket(page="1"), "$55", True, "a fact can stand on several pages: any of question.pages will do."),
        ("X Team costs $55. [2]", "$55", False, "a sentence is no ticket: read_ticket gives None for it."),
        (
            _ticket(closing=""),
            "$55",
            False,
            "the brace at the end is missing: read_ticket gives None for it.",
        ),
        (_ticket("X Team costs $49."), "$55", False, "the price is wrong: ask states_fact about its answer."),
        (_ticket(page="3"), "$55", False, "[3] is not one of question.pages. The first passage is number 1."),
        (_ticket(page="null"), "$55", False, "a right price without its page cannot be checked by anybody."),
        (_ticket(page="7"), "$55", False, "there is no seventh passage, so the page cannot be right."),
        (unknown, "", True, "without an answer in the handbook the right ticket says so, and has no page."),
        (
            _ticket("X Team costs $55.", "2"),
            "",
            False,
            "the handbook has no answer, and this one made one up.",
        ),
    ]
    for text, value, expected, lesson in cases:
        try:
            found = usable(text, _question(value), _PAGES)
        except (IndexError, TypeError, AttributeError) as error:
            raise NotYet(f"{text!r} stops with {type(error).__name__}: {lesson}") from error
        if found is None:
            raise NotYet("the function returns nothing. End it with `return` and True or False.")
        if bool(found) != expected:
            raise NotYet(f"{text!r} should be {expected}: {lesson}")
    return "One number that no half of the system can score in alone."


def _usable_right(text, question, pages):
    from course_utils.support_desk import read_ticket, states_fact

    ticket = read_ticket(text)
    if ticket is None or not states_fact(ticket.answer, question):
        return False
    told = [number for number, page in enumerate(pages, 1) if page in question.pages]
    return ticket.page in told or not question.answerable


def _usable_but(skip: str):
    """The right answer with one of its conditions left out."""

    def usable(text, question, pages):
        from course_utils.support_desk import read_ticket, states_fact

        ticket = read_ticket(text)
        if ticket is None:
            return False
        fact = skip == "fact" or states_fact(ticket.answer, question)
        if not question.answerable and skip != "answerable":
            return fact
        if skip == "null":
            return fact and pages[ticket.page - 1] in question.pages
        first = 0 if skip == "first" else 1
        told = [number for number, page in enumerate(pages, first) if page in question.pages]
        return fact and (skip == "page" or ticket.page in told)

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


def _swapped(swapped) -> str:
    cases = {
        "Team costs $15 a month.": ("Team costs $99 a month.", "the price itself has to be replaced."),
        "It is $15.": (
            "It is $99.",
            "a full stop after the price does not belong to it: replace it here too.",
        ),
        "| $15 | $15 |": ("| $99 | $99 |", "a price can stand there more than once."),
        "Enterprise costs $150.": ("Enterprise costs $150.", "$150 only begins with $15: a digit follows."),
        "Yearly it is $15.50.": (
            "Yearly it is $15.50.",
            "$15.50 is another price: a point and a digit follow.",
        ),
        "A licence is $15,000.": ("A licence is $15,000.", "$15,000 is another: a comma and a digit follow."),
        "15 seats": ("15 seats", "15 without the dollar sign is no price."),
    }
    for text, (expected, lesson) in cases.items():
        found = swapped(text, "$15", "$99")
        if found is None:
            raise NotYet("the function returns nothing. End it with `return` and the new text.")
        if found != expected:
            raise NotYet(f"{text!r} should become {expected!r}, yours is {found!r}: {lesson}")
    return "Nearly the same lines made the shipped training set."


def _swapped_right(text, old, new):
    return re.sub(re.escape(old) + r"(?![\d]|[.,]\d)", new, text)


EXERCISES = (
    Exercise(
        id="05.1",
        test=_usable,
        hints=(
            "Three ways to fail, in this order: no ticket; the wrong fact; answerable, but the wrong page.",
            "The passages that tell: [n for n, page in enumerate(pages, 1) if page in question.pages].",
        ),
        right=lambda: [_usable_right],
        wrong=lambda: [
            (_usable_but("fact"), "states_fact"),
            (_usable_but("page"), "question.pages"),
            (_usable_but("first"), "page"),
            (_usable_but("answerable"), "says so"),
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
        test=_swapped,
        hints=(
            "A regular expression can look ahead: (?!…) matches where … does not follow.",
            r"After the price neither a digit may follow, nor a point or comma with a digit behind it.",
        ),
        right=lambda: [_swapped_right],
        wrong=lambda: [
            (lambda text, old, new: text.replace(old, new), "digit follows"),
            (lambda text, old, new: re.sub(re.escape(old) + r"(?!\d)", new, text), "point and a digit"),
            (lambda text, old, new: re.sub(re.escape(old) + r"(?![\d.,])", new, text), "full stop"),
            (lambda text, old, new: _swapped_right(text, old[1:], new[1:]), "dollar sign"),
            (lambda text, old, new: text, "replaced"),
            (lambda text, old, new: None, "returns nothing"),
        ],
    ),
)
