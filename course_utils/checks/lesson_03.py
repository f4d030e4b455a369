"""Checks of lesson 03: a field's schema, more examples, valid and right apart, the tone."""

from __future__ import annotations

import json
from typing import Any

from course_utils.checks.engine import Exercise, NotYet, experiment

_PLANS = ("Starter", "Team", "Business", "Enterprise")


def _accepts(schema: dict[str, Any], value: Any) -> bool:
    """Whether the JSON of ``value`` fits ``schema``, as llguidance reads it, byte by byte."""
    from llguidance import LLMatcher, LLTokenizer

    try:
        grammar = LLMatcher.grammar_from_json_schema(schema)
    except (TypeError, ValueError) as error:
        raise NotYet(f"this cannot be written as JSON ({error}).") from error
    tokens = LLTokenizer("byte")
    if problem := LLMatcher.validate_grammar(grammar, tokens):
        raise NotYet(f"this is not a schema that can be used: {problem}.")
    place = LLMatcher(tokens, grammar, log_level=0)
    return place.consume_tokens(tokens.tokenize_str(json.dumps(value))) and place.is_accepting()


def _plan_schema(plan_schema) -> str:
    if not isinstance(plan_schema, dict):
        raise NotYet('a JSON Schema is a dictionary, such as {"enum": [...]}.')
    if missing := [plan for plan in _PLANS if not _accepts(plan_schema, plan)]:
        raise NotYet(f"the plan {missing[0]!r} must be allowed, spelt exactly like that.")
    if not _accepts(plan_schema, None):
        raise NotYet("a question may be about no plan at all: null must be allowed. In Python it is None.")
    if _accepts(plan_schema, "null"):
        raise NotYet('"null" in quotes is a text of four letters. The value null is None in Python.')
    for other in ("Gold", "team", "", 2, True):
        if _accepts(plan_schema, other):
            raise NotYet(f"{other!r} would be allowed too. List what is allowed, and nothing else fits.")
    return "A closed list is the strongest thing a schema can say: no invented plan can get through."


def _valid_and_right(valid_and_right) -> str:
    from course_utils.support_desk import Ticket, in_json

    def ticket(category: str) -> Ticket:
        return Ticket(answer="Yes.", category=category, plan=None, page=None, escalate=False)

    def scores(texts, golds):
        found = valid_and_right(texts, golds)
        if found is None:
            raise NotYet("the function returns nothing. End it with `return valid, right`.")
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise NotYet("return two values: `return valid, right`.")
        return found

    policy = ticket("policy")
    broken = in_json(policy).removesuffix("}")
    alien = in_json(policy).replace('"policy"', '"law"')
    texts = [broken, in_json(policy), in_json(policy), alien, in_json(ticket("pricing"))]
    golds = [policy, policy, ticket("limits"), policy, policy]
    try:
        valid, right = scores(texts, golds)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise NotYet(
            f"it stops with {type(error).__name__}: one text is no JSON, and one does not fit the schema. "
            "`read_ticket` gives None for both."
        ) from error
    if round(valid, 6) == 0.8:
        raise NotYet("a document can be JSON and still not fit the schema: use `read_ticket`.")
    if round(valid, 6) != 0.6:
        raise NotYet(f"three of these five texts are valid tickets, a share of 0.6; yours is {valid}.")
    if right is not None and round(right, 6) == 0.2:
        raise NotYet("that is the share of all texts. Divide the right ones by the number of *valid* ones.")
    if right is not None and round(right, 6) == round(2 / 3, 6):
        raise NotYet(
            "with the invalid texts left out, the tickets have slipped along the golds: pair each text with "
            "its gold first, then leave out."
        )
    if right is None or round(right, 6) != round(1 / 3, 6):
        raise NotYet(f"of the three valid tickets one has the right category, a third; yours is {right}.")
    try:
        nothing = scores([broken], [policy])
    except ZeroDivisionError as error:
        raise NotYet("with no valid ticket at all it divides by zero. Return None for the second.") from error
    if tuple(nothing) != (0, None):
        raise NotYet(f"with no valid ticket, nothing can be said about right: (0, None), not {nothing}.")
    return "Two questions, two numbers. A single accuracy would hide which of the two went wrong."


def _scores_right(texts, golds):
    from course_utils.support_desk import read_ticket

    tickets = [read_ticket(text) for text in texts]
    right = [t.category == g.category for t, g in zip(tickets, golds, strict=True) if t is not None]
    return len(right) / len(texts), sum(right) / len(right) if right else None


def _scores_of_all(texts, golds):
    valid, right = _scores_right(texts, golds)
    return valid, (right or 0) * valid


def _scores_slipped(texts, golds):
    from course_utils.support_desk import read_ticket

    tickets = [ticket for text in texts if (ticket := read_ticket(text))]
    right = [t.category == g.category for t, g in zip(tickets, golds, strict=False)]
    return len(tickets) / len(texts), sum(right) / len(right) if right else None


def _scores_json_only(texts, golds):
    def parses(text: str) -> bool:
        try:
            return bool(json.loads(text))
        except ValueError:
            return False

    return sum(map(parses, texts)) / len(texts), 0.0


def _scores_naive(texts, golds):
    found = [json.loads(text)["category"] == g.category for text, g in zip(texts, golds, strict=True)]
    return 1.0, sum(found) / len(found)


def _scores_divide_by_zero(texts, golds):
    valid, right = _scores_right(texts, golds)
    return valid, 1 / 0 if right is None else right


def _in_tone(in_tone) -> str:
    good = {
        "Thanks for asking! Tallyport Team costs $55 per user per month.": "this one keeps every rule.",
        "Thanks for asking! Yes, it costs $4.50.": "a decimal point is no mistake.",
        "Thanks for asking! "
        + "incomprehensibilities " * 12
        + "do.": "the rule counts words, not characters.",
    }
    bad = {
        "Tallyport Team costs $55 per user per month.": "the greeting is missing.",
        "It costs $55. Thanks for asking!": "the greeting comes first.",
        "Thanks for asking! It costs $55": "the full stop at the end is missing.",
        "Thanks for asking! It costs only $55! Buy now.": "one exclamation mark, the greeting's, is enough.",
        "Thanks for asking! It costs $55 [2].": "the citation has a field of its own.",
        "Thanks for asking! " + "very " * 40 + "long.": "it has more than 35 words.",
        "Thanks for asking! " + "a " * 40 + "b.": "short words count, too: it has more than 35 of them.",
    }
    for answer, why in {**good, **bad}.items():
        found = in_tone(answer)
        if found is None:
            raise NotYet("the function returns nothing. End it with `return` and True or False.")
        if bool(found) != (answer in good):
            shown = answer if len(answer) < 90 else answer[:40] + "…"
            raise NotYet(f"for {shown!r} it says {bool(found)}: {why}")
    return "Rules a program can check need no judge, and they give the same mark every time."


def _tone_right(answer: str) -> bool:
    from course_utils.support_desk import tone_faults

    return not tone_faults(answer)


EXERCISES = (
    Exercise(
        id="03.1",
        test=_plan_schema,
        hints=(
            "Five values are allowed, and nothing else. `category` in the schema above does it for texts.",
            'An "enum" may hold values of different types: texts and None.',
        ),
        right=lambda: [
            {"enum": [*_PLANS, None]},
            {"type": ["string", "null"], "enum": [*_PLANS, None]},
            {"anyOf": [{"type": "string", "enum": list(_PLANS)}, {"type": "null"}]},
        ],
        wrong=lambda: [
            ({"enum": list(_PLANS)}, "no plan at all"),
            ({"enum": [*_PLANS, None, "null"]}, "four letters"),
            ({"type": ["string", "null"]}, "four letters"),
            ({"enum": [plan.lower() for plan in _PLANS] + [None]}, "'Starter' must be allowed"),
            ({"enum": [*_PLANS, None, ""]}, "List what is allowed"),
            ({"enum": "Starter"}, "not a schema"),
            (list(_PLANS), "dictionary"),
        ],
    ),
    Exercise(
        id="03.2",
        test=experiment(20, my_examples=(1, 8)),
        hints=(
            "One example shows one category; eight show every kind of question. Three is what you have seen.",
            "There is no right prediction: any number from 0 to 20 will do, before you run the cell.",
        ),
        right=lambda: [
            {"my_examples": 8, "predicted": 10, "measured": 3},
            {"my_examples": 1, "predicted": 0, "measured": 0},
        ],
        wrong=lambda: [
            ({"my_examples": 3, "predicted": 10, "measured": 3}, "one of"),
            ({"my_examples": 8, "predicted": 0.5, "measured": 3}, "whole number"),
            ({"my_examples": 8, "predicted": 40, "measured": 3}, "from 0 to 20"),
            ({"my_examples": 8}, "`predicted`"),
        ],
    ),
    Exercise(
        id="03.3",
        test=_valid_and_right,
        hints=(
            "Read every text with `read_ticket` first. What is None is not valid; compare only the others.",
            "zip(tickets, golds) keeps each ticket with its gold; leave the pairs out whose ticket is None.",
            "The second value is sum(right) / len(right), or None when the list is empty.",
        ),
        right=lambda: [_scores_right],
        wrong=lambda: [
            (_scores_of_all, "*valid* ones"),
            (_scores_json_only, "not fit the schema"),
            (_scores_slipped, "slipped"),
            (_scores_naive, "read_ticket"),
            (_scores_divide_by_zero, "divides by zero"),
            (lambda texts, golds: (0.5, 0.5), "share of 0.6"),
            (lambda texts, golds: (0.6, 0.6), "a third"),
            (lambda texts, golds: 0.6, "two values"),
            (lambda texts, golds: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="03.4",
        test=_in_tone,
        hints=(
            "One condition a rule, joined with `and`. `answer.count('!') == 1` is one of them.",
            "How it begins, how it ends, that it cites nothing, and how many words `answer.split()` gives.",
        ),
        right=lambda: [_tone_right],
        wrong=lambda: [
            (lambda a: "Thanks for asking!" in a and a.endswith("."), "exclamation mark"),
            (lambda a: "Thanks for asking!" in a, "comes first"),
            (lambda a: a.startswith("Thanks for asking!") and a.count("!") == 1, "full stop"),
            (lambda a: a.startswith("Thanks") and a.endswith(".") and a.count("!") == 1, "citation"),
            (
                lambda a: a.startswith("Thanks") and a.endswith(".") and a.count("!") == 1 and "[" not in a,
                "35 words",
            ),
            (lambda a: len(a) <= 160 and _tone_right(a), "not characters"),
            (
                lambda a: (
                    a.startswith("Thanks")
                    and a.endswith(".")
                    and a.count("!") == 1
                    and "[" not in a
                    and (len(a) <= 160 or "incomprehensibilities" in a)
                ),
                "short words",
            ),
            (lambda a: True, "greeting is missing"),
            (lambda a: False, "keeps every rule"),
            (lambda a: a.count(".") == 1 and _tone_right(a), "decimal point"),
            (lambda a: None, "returns nothing"),
        ],
    ),
)
