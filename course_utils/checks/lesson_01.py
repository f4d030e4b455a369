"""Checks of lesson 01: a clean exam, the changed prices, three weeks of stale answers."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from course_utils.checks.engine import Exercise, Measured, NotYet

QUESTIONS_A_DAY, DAYS, PRICE_SHARE = 3000, 21, 0.15


def _questions(*texts: str) -> list[Any]:
    return [SimpleNamespace(text=text) for text in texts]


def _leaked(leaked) -> str:
    training = _questions("How much is A?", "Price of B?")
    exam = _questions("what is B?", "how much is a?", "Price of C?")
    found = leaked(training, exam)
    if found is None:
        raise NotYet("the function returns nothing. End it with `return` and the list.")
    texts = [getattr(question, "text", question) for question in found]
    if texts == []:
        raise NotYet(
            'it finds no leak between "How much is A?" and "how much is a?". Compare both in lower case.'
        )
    if "How much is A?" in texts:
        raise NotYet("it returns questions of the training set. Return those of the exam.")
    if texts != ["how much is a?"]:
        raise NotYet(f"of the exam questions only 'how much is a?' is leaked, but it returns {texts}.")
    return "Now the same function looks at the real exam."


def _all_in(training, exam):
    seen = {q.text.lower() for q in training}
    return [q for q in exam if q.text.lower() in seen]


def _change(key: str, kind: str, old: str | None, attribute: str = "price_monthly") -> Any:
    fact = SimpleNamespace(value=old, attribute=attribute) if old else None
    return SimpleNamespace(key=key, kind=kind, old=fact, new=SimpleNamespace(value="$9", attribute=attribute))


def _changed_prices(changed_prices) -> str:
    changes = [
        _change("a.team.price_monthly", "changed", "$5"),
        _change("a.team.price_yearly", "changed", "$4", "price_yearly"),
        _change("a.team.storage", "changed", "5 GB", "storage"),
        _change("a.team.price_monthly_eur", "changed", "€4", "price_monthly_eur"),
        _change("a.export.addon_price", "changed", "$3", "addon_price"),
        _change("c.team.price_monthly", "retired", "$7"),
        _change("b.team.price_monthly", "added", None),
    ]
    try:
        found = changed_prices(changes)
    except AttributeError as error:
        if "'NoneType'" in str(error):
            raise NotYet(
                "an added fact has no old value: `old` is None there. Look at `kind` first."
            ) from error
        raise NotYet(
            "a change has `key`, `kind`, `old` and `new`; the attribute belongs to the fact: "
            "`c.old.attribute`."
        ) from error
    if found is None:
        raise NotYet("the function returns nothing. End it with `return` and the dictionary.")
    if "a.team.storage" in found:
        raise NotYet("it also returns a storage limit. Look at the fact's `attribute`.")
    if {"a.team.price_monthly_eur", "a.export.addon_price"} & set(found):
        raise NotYet(
            'it also returns a price in euros or of an add-on. The `attribute` is "price_monthly" or '
            '"price_yearly" and nothing longer.'
        )
    if "c.team.price_monthly" in found:
        raise NotYet("it also returns the price of a plan that was retired. Look at `kind`, too.")
    if "$9" in list(found.values()):
        raise NotYet("it returns new prices. We need what the model learnt: the old ones.")
    if set(found) != {"a.team.price_monthly", "a.team.price_yearly"}:
        raise NotYet(f"two of the changes are changed plan prices; it returns {sorted(found)}.")
    if found != {"a.team.price_monthly": "$5", "a.team.price_yearly": "$4"}:
        raise NotYet('each value should be the old price as a string, such as "$5": the `value` of `old`.')
    return "These are the questions on which a model trained in January can be stale."


def _price_changes(changes):
    wanted = ("price_monthly", "price_yearly")
    return {c.key: c.old.value for c in changes if c.kind == "changed" and c.old.attribute in wanted}


def _three_weeks(answer) -> str:
    given, changed, stale = answer
    if given is ...:
        raise NotImplementedError
    if not isinstance(given, int | float):
        raise NotYet("stale_answers should be a number.")
    expected = QUESTIONS_A_DAY * DAYS * PRICE_SHARE * changed * stale
    for wrong, message in (
        (expected / DAYS, "that is one day. The story lasted 21."),
        (expected / PRICE_SHARE, "that counts all questions; only 15 % are about plan prices."),
        (expected / changed, "that takes every price as changed. Multiply with share_changed."),
        (expected / stale, "that takes every answer as stale. Multiply with stale_rate."),
    ):
        if abs(given - wrong) <= 1 and abs(wrong - expected) > 1:
            raise NotYet(message)
    if abs(given - expected) > 1:
        raise NotYet("multiply five numbers: 3,000 a day, 21 days, 0.15, share_changed and stale_rate.")
    return f"About {expected:,.0f} wrong prices, each of them sent to a customer."


def _wrong_weeks() -> Iterable[tuple[Any, str]]:
    right = QUESTIONS_A_DAY * DAYS * PRICE_SHARE * 0.7 * 0.9
    return [
        ((right / DAYS, 0.7, 0.9), "one day"),
        ((right / PRICE_SHARE, 0.7, 0.9), "15 %"),
        ((right / 0.7, 0.7, 0.9), "share_changed"),
        ((right / 0.9, 0.7, 0.9), "stale_rate"),
        ((12.0, 0.7, 0.9), "five numbers"),
        (("many", 0.7, 0.9), "a number"),
    ]


# --- 01.4 ---------------------------------------------------------------------------------------------

REMEDIES = ("replay", "refusals", "retraining")


def _remedies(found) -> str:
    if not isinstance(found, dict) or set(found) != {"predicted", "measured"}:
        raise NotYet("give two dictionaries, `predicted` and `measured`.")
    guesses = found["predicted"]
    if guesses is ... or guesses == dict.fromkeys(REMEDIES, ...):
        raise NotImplementedError
    for name, values in found.items():
        if not isinstance(values, dict) or set(values) != set(REMEDIES):
            raise NotYet(f"`{name}` should be a dictionary with a number for each of {list(REMEDIES)}.")
        for remedy, value in values.items():
            highest = 100 if name == "predicted" else 1
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
                raise NotYet(f"`{name}` of {remedy!r} should be a number from 0 to {highest}, not {value!r}.")
    predicted, measured = found["predicted"], found["measured"]
    if any(0 < value < 1 for value in predicted.values()):
        raise NotYet("`predicted` is in per cent: 60, not 0.6.")
    off = {name: predicted[name] - 100 * measured[name] for name in REMEDIES}
    worst = max(REMEDIES, key=lambda name: abs(off[name]))
    if abs(off[worst]) <= 10:
        return Measured("All three within ten points.")
    more = "more" if off[worst] > 0 else "less"
    return Measured(
        f"Your largest surprise: {worst}, {abs(off[worst]):.0f} points {more} expected than measured."
    )


def _guessed(**predicted: Any) -> dict[str, Any]:
    return {"predicted": predicted, "measured": dict(zip(REMEDIES, (1.0, 1.0, 0.98), strict=True))}


EXERCISES = (
    Exercise(
        id="01.1",
        test=_leaked,
        hints=(
            "Collect the texts of the training questions in a set, in lower case.",
            "seen = {q.text.lower() for q in training}; keep exam questions whose text.lower() is in seen.",
        ),
        right=lambda: [_all_in],
        wrong=lambda: [
            (lambda training, exam: [q for q in exam if q.text in {t.text for t in training}], "lower case"),
            (
                lambda training, exam: [
                    t for t in training if t.text.lower() in {q.text.lower() for q in exam}
                ],
                "of the exam",
            ),
            (lambda training, exam: list(exam), "only 'how much is a?'"),
            (lambda training, exam: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="01.2",
        test=_changed_prices,
        hints=(
            "A dictionary comprehension over `changes` with two conditions: the kind, and the attribute.",
            "`kind` says what happened, `old.attribute` what it is about, `old.value` what it was.",
        ),
        right=lambda: [_price_changes],
        wrong=lambda: [
            (lambda changes: {c.key: c.old.value for c in changes if c.kind == "changed"}, "storage"),
            (
                lambda changes: {c.key: c.old.value for c in changes if c.old.attribute.startswith("price")},
                "old",
            ),
            (
                lambda changes: {c.key: c.old.value for c in changes if c.attribute == "price_monthly"},
                "belongs to the fact",
            ),
            (
                lambda changes: {c.key: c.old for c in changes if c.key in _price_changes(changes)},
                "as a string",
            ),
            (lambda changes: {k: "$9" for k in _price_changes(changes)}, "new prices"),
            (
                lambda changes: {k: v for k, v in _price_changes(changes).items() if "yearly" in k},
                "two of the changes",
            ),
            (
                lambda changes: {
                    c.key: c.old.value for c in changes if c.kind == "changed" and "price" in c.key
                },
                "euros",
            ),
            (
                lambda changes: {
                    c.key: c.old.value
                    for c in changes
                    if c.old and c.old.attribute in ("price_monthly", "price_yearly")
                },
                "retired",
            ),
            (lambda changes: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="01.3",
        test=_three_weeks,
        hints=(
            "Questions in three weeks first: 3,000 × 21. Then take the share of each condition.",
            "All questions, times those about a price, times changed ones among them, times stale answers.",
        ),
        right=lambda: [(round(QUESTIONS_A_DAY * DAYS * PRICE_SHARE * 0.7 * 0.98), 0.7, 0.98)],
        wrong=_wrong_weeks,
    ),
    Exercise(
        id="01.4",
        test=_remedies,
        hints=(
            "There is no right prediction: any three numbers from 0 to 100 will do, before you look.",
            "Think of the loss: which rows pull the other prices away, and which would pull them back?",
        ),
        right=lambda: [
            _guessed(replay=60, refusals=50, retraining=98),
            _guessed(replay=100, refusals=95, retraining=100),
            _guessed(replay=0, refusals=0, retraining=0),
        ],
        wrong=lambda: [
            (_guessed(replay=0.6, refusals=0.5, retraining=1), "per cent"),
            (_guessed(replay=160, refusals=50, retraining=98), "from 0 to 100"),
            (_guessed(replay="some", refusals=50, retraining=98), "from 0 to 100"),
            (_guessed(replay=60), "a number for each"),
            ({"predicted": {}}, "two dictionaries"),
        ],
    ),
)
