"""The ticket: its published schema, the gold tickets, the tone, and the prompts that ask for it."""

import json
import re
from collections import Counter

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import company
from course_utils.support_desk import (
    CATEGORIES,
    GREETING,
    INSTRUCTIONS,
    MAX_NEW_TOKENS,
    TONE_PATTERN,
    Example,
    Ticket,
    gold,
    in_json,
    read_ticket,
    ticket_messages,
    tone_faults,
)
from course_utils.support_desk.ticket import MAX_ANSWER, MAX_PASSAGES

GOOD = {
    "answer": f"{GREETING} It costs $55.",
    "category": "pricing",
    "plan": "Team",
    "page": 2,
    "escalate": False,
}


def asked(split="test", **narrowed) -> list[company.Question]:
    return company.questions("2026-02", 300, seed=1, split=split, **narrowed)


# --- the schema ---------------------------------------------------------------------------------------


def test_what_is_published():
    """Other programs rely on these names and values: whoever changes them changes a contract."""
    schema = Ticket.model_json_schema()
    assert schema["required"] == list(schema["properties"]) == list(GOOD)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["category"]["enum"] == list(CATEGORIES)
    assert schema["properties"]["plan"]["anyOf"] == [
        {"enum": [plan.capitalize() for plan in company.PLANS], "type": "string"},
        {"type": "null"},
    ]
    assert schema["properties"]["page"]["anyOf"][0] == {
        "minimum": 1,
        "maximum": MAX_PASSAGES,
        "type": "integer",
    }
    assert schema["properties"]["answer"]["maxLength"] == MAX_ANSWER
    jsonschema.Draft202012Validator.check_schema(schema)


WRONG = {
    "no object": [GOOD],
    "a field missing": {k: v for k, v in GOOD.items() if k != "page"},
    "a field too many": GOOD | {"mood": "good"},
    "another category": GOOD | {"category": "Pricing"},
    "another plan": GOOD | {"plan": "Gold"},
    "null in quotes": GOOD | {"plan": "null"},
    "page 0": GOOD | {"page": 0},
    "page 10": GOOD | {"page": 10},
    "page as text": GOOD | {"page": "2"},
    "page is true": GOOD | {"page": True},
    "escalate as text": GOOD | {"escalate": "false"},
    "escalate as number": GOOD | {"escalate": 0},
    "escalate null": GOOD | {"escalate": None},
    "empty answer": GOOD | {"answer": ""},
    "long answer": GOOD | {"answer": "x" * (MAX_ANSWER + 1)},
    "answer null": GOOD | {"answer": None},
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG.keys())
def test_what_does_not_fit(value):
    assert read_ticket(json.dumps(value)) is None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, Ticket.model_json_schema())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It costs $55. [1]",
        json.dumps(GOOD)[:-1],
        json.dumps(GOOD) + " Thanks!",
        f"```json\n{json.dumps(GOOD)}\n```",
        "NaN",
        json.dumps(GOOD).replace("2", "NaN"),
        "[" * 100_000,
    ],
)
def test_what_is_not_json(text):
    assert read_ticket(text) is None


values = st.none() | st.booleans() | st.integers(-1, 12) | st.sampled_from(["Team", "other", "", "null"])


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional={name: values for name in [*GOOD, "extra"]}))
def test_the_class_and_the_published_schema_agree(changed):
    value = GOOD | changed
    fits = jsonschema.Draft202012Validator(Ticket.model_json_schema()).is_valid(value)
    assert (read_ticket(json.dumps(value)) is not None) == fits


def test_a_ticket_survives_being_written_and_read():
    for question in asked():
        ticket = gold(question, [question.page])
        assert read_ticket(in_json(ticket)) == ticket
        assert "\n" not in in_json(ticket) and "\\u" not in in_json(ticket)


# --- gold ---------------------------------------------------------------------------------------------


def ask(release="2026-02", **narrowed) -> company.Question:
    return company.questions(release, 1, **narrowed)[0]


def test_gold_of_a_price_question():
    question = ask(fact_keys=["tallyport.team.price_monthly"])
    ticket = gold(question, ["guides/else.md", question.pages[1], question.page])
    assert ticket == Ticket(
        answer=f"{GREETING} {question.answer}", category="pricing", plan="Team", page=2, escalate=False
    )


def test_gold_where_no_passage_tells():
    question = ask(fact_keys=["tallyport.team.price_monthly"])
    assert gold(question, ["guides/else.md"]).page is None
    assert gold(question, []).category == "pricing"


@pytest.mark.parametrize(
    ("key", "category", "plan", "escalate"),
    [
        ("tallyport.enterprise.price_yearly", "pricing", "Enterprise", True),
        ("tallyport.enterprise.price_monthly_eur", "pricing", "Enterprise", True),
        ("tallyport.enterprise.storage", "limits", "Enterprise", False),
        ("tallyport.addon.scan", "pricing", None, False),
        ("tallyport.business.sso", "features", "Business", False),
        ("company.policy.refund_window", "policy", None, False),
    ],
)
def test_gold_by_what_is_asked(key, category, plan, escalate):
    question = ask(fact_keys=[key])
    ticket = gold(question, [question.page])
    assert (ticket.category, ticket.plan, ticket.page, ticket.escalate) == (category, plan, 1, escalate)


def test_gold_of_a_how_to_question():
    ticket = gold(question := ask(intents=["howto"]), [question.page])
    assert (ticket.category, ticket.plan, ticket.page) == ("how-to", None, 1)


def test_gold_of_a_question_without_an_answer():
    for question in asked(intents=["unanswerable"])[:40]:
        ticket = gold(question, ["guides/else.md"])
        assert (ticket.category, ticket.plan, ticket.page, ticket.escalate) == ("other", None, None, True)
        assert "don't know" in ticket.answer


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_plan_of_a_gold_ticket_stands_in_the_question(split):
    for question in asked(split):
        plan = gold(question, []).plan
        assert plan is None or plan.lower() in question.text.lower(), question.text


def test_every_category_occurs_and_none_is_nearly_all():
    counts = Counter(gold(question, []).category for question in asked())
    assert set(counts) == set(CATEGORIES)
    assert max(counts.values()) < 150


@pytest.mark.parametrize("release", company.RELEASES)
def test_every_right_answer_fits_is_in_tone_and_in_the_pattern(release):
    intents = company.MIX.keys()
    known = {q.fact_key: q for i in intents for q in company.questions(release, 900, intents=[i])}
    assert known.keys() >= company.facts(release).keys()
    for question in known.values():
        answer = gold(question, []).answer
        assert tone_faults(answer) == []
        assert re.search(TONE_PATTERN, answer), answer


# --- tone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("It costs $55.", "begins"),
        (f"{GREETING}It costs $55.", "begins"),
        (f"{GREETING} ", "begins"),
        (f"{GREETING} It costs $55", "full stop"),
        (f"{GREETING} It costs $55! Great.", "exclamation"),
        (f"{GREETING} It costs $55 [1].", "citation"),
        (f"{GREETING} {'so ' * 40}long.", "words"),
    ],
)
def test_each_rule_of_tone_is_named_when_it_is_broken(answer, fault):
    faults = tone_faults(answer)
    assert any(fault in text for text in faults), faults
    assert not re.search(TONE_PATTERN, answer) or fault == "words"


@settings(max_examples=100, deadline=None)
@given(st.from_regex(TONE_PATTERN.replace(" (", " (?:"), fullmatch=True))
def test_what_fits_the_pattern_fits_the_field(answer):
    answer = answer.removesuffix("\n")  # Python's $ also matches before a last line break
    assert len(answer) <= MAX_ANSWER
    assert all("words" in fault for fault in tone_faults(answer))


# --- prompts ------------------------------------------------------------------------------------------


def test_the_instructions_name_every_field_and_value():
    for word in (*GOOD, *CATEGORIES, *(plan.capitalize() for plan in company.PLANS), GREETING, "null"):
        assert word in INSTRUCTIONS


def test_the_chat_that_asks_for_a_ticket():
    example = Example("How much?", ("A > Price\n$55",), Ticket(**GOOD))
    chat = ticket_messages("And now?", ["B > Price\n$1"], [example, example])
    assert [turn["role"] for turn in chat] == ["system"] + ["user", "assistant"] * 2 + ["user"]
    assert chat[0]["content"] == INSTRUCTIONS
    assert chat[1]["content"] == "[1] A > Price\n$55\n\nQuestion: How much?"
    assert read_ticket(chat[2]["content"]) == Ticket(**GOOD)
    assert chat[-1]["content"] == "[1] B > Price\n$1\n\nQuestion: And now?"
    assert len(ticket_messages("And now?", [])) == 2


def test_the_longest_ticket_fits_the_tokens_that_are_allowed_for_it():
    from course_utils import bundled_model

    tokenizer = bundled_model.load()[1]
    for character in ("𝄞", '"', "\\", "\n", "€", "x"):
        ticket = Ticket(
            answer=character * MAX_ANSWER, category="features", plan="Enterprise", page=9, escalate=False
        )
        assert len(tokenizer(in_json(ticket))["input_ids"]) <= MAX_NEW_TOKENS
