"""Checks of lesson 06: where the conclusion flips, a run in dollars, what decides, a lag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from course_utils.checks.engine import Exercise, Measured, NotYet
from course_utils.costs.staleness import INDEX, Staleness

# 06.1: 3,000 questions a day at 0.001 are 1,095 a year; twelve retrainings may cost as much.
FLIP_USD, YEAR_USD = 3000 * 365 * 0.001 / 12, 3000 * 365 * 0.001
TOLERANCE_USD = 2  # a step of the slider is about this wide


def _number(answer: Any, name: str) -> float:
    if answer is None or isinstance(answer, bool) or not isinstance(answer, int | float):
        raise NotYet(f"{name} should be a number.")
    return float(answer)


def _flip(flip_usd) -> str:
    given = _number(flip_usd, "flip_usd")
    if abs(given - YEAR_USD) <= 12 * TOLERANCE_USD:
        raise NotYet("that is what RAG costs in a year. A year has twelve retrainings.")
    if abs(given - YEAR_USD / 365 / 12) < 0.1 or abs(given - YEAR_USD / 365) < 0.1:
        raise NotYet("that is the price of a day's questions. Compare a whole year with a whole year.")
    if abs(given - 16_438) < 10 or abs(given - 164_384) < 10:
        raise NotYet("that is a number of questions. We want the dollars for one retraining.")
    if given > FLIP_USD + TOLERANCE_USD:
        raise NotYet(f"at {given:,.0f} dollars a retraining RAG is still cheaper there. Go lower.")
    if given < FLIP_USD - TOLERANCE_USD:
        raise NotYet(f"at {given:,.0f} dollars a retraining fine-tuning is already cheaper there. Go higher.")
    return "Below this price fine-tuning wins at 3,000 questions a day, above it RAG does."


# --- 06.2 ---------------------------------------------------------------------------------------------

RUN = dict(parameters=7e9, tokens=12e6, gpus=4, tflops=1000, utilisation=0.4, usd_per_gpu_hour=2.5)
RUN_USD = 6 * 7e9 * 12e6 / (1000e12 * 0.4) / 3600 * 2.5  # 0.875: the number of cards cancels out
PURCHASE_USD = 25_000


def _run_right(parameters, tokens, gpus, tflops, utilisation, usd_per_gpu_hour):
    seconds = 6 * parameters * tokens / (gpus * tflops * 1e12 * utilisation)
    return seconds / 3600 * gpus * usd_per_gpu_hour


def _run_usd(run_usd) -> str:
    given = run_usd(**RUN)
    if given is None:
        raise NotYet("the function returns nothing. End it with `return` and the dollars.")
    ratio = _number(given, "the result") / RUN_USD
    for factor, message in (
        (3600, "these are seconds times a price per hour. An hour has 3,600 seconds."),
        (1e12, "TFLOPS are 10¹² operations a second: the cards are much faster than that."),
        (4, "with four cards the run takes a quarter of the time; divide by their number, too."),
        (1 / 4, "four cards cost four times as much an hour as one."),
        (0.4, "the cards do not reach their peak; divide by utilisation as well."),
        (1 / 3, "2 operations are the forward pass alone; training takes 6 per parameter and token."),
        (1 / 6, "each parameter needs 6 operations for each token."),
        (1 / 2.5, "these are hours of the cards. Multiply with the price of an hour."),
        (4 * PURCHASE_USD / RUN_USD, "that is the price of buying the cards: the slip we are repairing."),
    ):
        if abs(ratio / factor - 1) < 1e-3:
            raise NotYet(message)
    if abs(ratio - 1) > 1e-6:
        raise NotYet(f"for {RUN} it should be {RUN_USD:.3f} dollars; yours is {given:,.3f}.")
    return "Cards times hours: whether one card takes four hours or four cards take one costs the same."


# --- 06.3 ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Toy:
    """Inputs of a toy calculator, with the one method the exercise uses."""

    a: float = 4
    b: float = 8
    c: float = 2

    def changed(self, **values: float) -> _Toy:
        return replace(self, **values)


def _toy_measure(toy: _Toy) -> float:
    return toy.a * toy.b**2 / toy.c


def _swings_right(inputs, names, measure):
    found = {}
    for name in names:
        value = getattr(inputs, name)
        high, low = (measure(inputs.changed(**{name: factor * value})) for factor in (2, 0.5))
        found[name] = high / low
    return found


def _swings(swings) -> str:
    found = swings(_Toy(), ["a", "b", "c"], _toy_measure)
    if found is None:
        raise NotYet("the function returns nothing. End it with `return` and the dictionary.")
    if not isinstance(found, dict) or set(found) != {"a", "b", "c"}:
        raise NotYet("return a dictionary from each name in `names` to its ratio.")
    values = {name: _number(value, f"the ratio of {name!r}") for name, value in found.items()}
    right = _swings_right(_Toy(), ["a", "b", "c"], _toy_measure)
    if values == right:
        return "A ratio of 4 means: the result follows this input one to one; 1/4: the same, the other way."
    if all(abs(values[n] - 1 / right[n]) < 1e-9 for n in right):
        raise NotYet("it is upside down: the result at the doubled value goes above the line.")
    if all(abs(values[n] - right[n] ** 0.5) < 1e-9 for n in right):
        raise NotYet("that goes from the value itself to its double. Go from half of it to its double.")
    if values["a"] == right["a"]:
        raise NotYet("the first input is right, the others are not: change one at a time, from `inputs`.")
    raise NotYet(f"measure = a·b²/c has the ratios {right}; yours are {values}.")


def _wrong_swings() -> Iterable[tuple[Any, str]]:
    def upside_down(inputs, names, measure):
        return {name: 1 / ratio for name, ratio in _swings_right(inputs, names, measure).items()}

    def from_the_value(inputs, names, measure):
        return {name: ratio**0.5 for name, ratio in _swings_right(inputs, names, measure).items()}

    def piling_up(inputs, names, measure):
        found = {}
        for name in names:
            value = getattr(inputs, name)
            high, low = (inputs.changed(**{name: factor * value}) for factor in (2, 0.5))
            found[name] = measure(high) / measure(low)
            inputs = high
            if len(found) > 1:
                found[name] += 1
        return found

    return [
        (upside_down, "upside down"),
        (from_the_value, "half of it"),
        (piling_up, "one at a time"),
        (lambda inputs, names, measure: dict.fromkeys(names, 2.0), "a·b²/c"),
        (lambda inputs, names, measure: [4, 16, 0.25], "a dictionary"),
        (lambda inputs, names, measure: None, "returns nothing"),
    ]


# --- 06.4 ---------------------------------------------------------------------------------------------

WEEKLY = Staleness(index_hours=168).answers_per_year()[INDEX]
NIGHTLY = Staleness().answers_per_year()[INDEX]


def _experiment(found) -> Measured:
    if not isinstance(found, dict) or set(found) != {"predicted", "measured"}:
        raise NotYet("give two numbers, `predicted` and `measured`.")
    if found["predicted"] is ...:
        raise NotYet("predict first: any number is better than none.")
    if found["measured"] is ...:
        raise NotYet("now move the slider, and write down what the table says.")
    predicted, measured = (_number(found[name], name) for name in ("predicted", "measured"))
    if predicted <= 0:
        raise NotYet("`predicted` should be a number of answers a year, above 0.")
    if abs(measured / NIGHTLY - 1) < 0.02:
        raise NotYet("`measured` is the value of every 24 hours: the slider has not moved, or moved back.")
    if abs(measured * 365 / WEEKLY - 1) < 0.05:
        raise NotYet("that is the column of stale answers a *day*. Take the one of a year.")
    if abs(measured / WEEKLY - 1) > 0.02:
        raise NotYet(
            f"`measured` should be what the row {INDEX!r} says at 168 hours, in stale answers a year."
        )
    off = max(predicted / measured, measured / predicted)
    if off < 1.1:
        return Measured(
            "Well predicted: seven times the lag, seven times the stale answers, as long as they are few."
        )
    why = "Where does the difference come from? " if off > 2 else ""
    return Measured(
        f"You were off by a factor of {off:.1f}. {why}"
        "As long as they are few, they grow with the lag: times 7."
    )


EXERCISES = (
    Exercise(
        id="06.1",
        test=_flip,
        hints=(
            "Move the slider until the sentence under it changes sides, then type values in between.",
            "Twelve retrainings may cost what 365 days of 3,000 questions at 0.001 dollars cost.",
        ),
        right=lambda: [FLIP_USD, 91, 90],
        wrong=lambda: [
            (1095, "twelve retrainings"),
            (3.0, "whole year"),
            (16_438, "number of questions"),
            (500, "Go lower"),
            (15, "Go higher"),
            ("91", "a number"),
        ],
    ),
    Exercise(
        id="06.2",
        test=_run_usd,
        hints=(
            "Operations: 6 × parameters × tokens. All cards do gpus × tflops × 10¹² × utilisation a second.",
            "seconds = operations / operations per second; then hours × gpus × usd_per_gpu_hour.",
        ),
        right=lambda: [_run_right],
        wrong=lambda: [
            (lambda **run: 3600 * _run_right(**run), "3,600"),
            (lambda **run: 1e12 * _run_right(**run), "10¹²"),
            (lambda **run: run["gpus"] * _run_right(**run), "a quarter"),
            (lambda **run: _run_right(**run) / run["gpus"], "four times as much"),
            (lambda **run: run["utilisation"] * _run_right(**run), "peak"),
            (lambda **run: _run_right(**run) / 3, "forward pass"),
            (lambda **run: _run_right(**run) / 6, "6 operations"),
            (lambda **run: run["gpus"] * PURCHASE_USD, "buying"),
            (lambda **run: 1.23, "it should be"),
            (lambda **run: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="06.3",
        test=_swings,
        hints=(
            "`getattr(inputs, name)` is the value of one name; double and halve it in two copies.",
            "Divide the two measurements, and start from `inputs` again for the next name.",
        ),
        right=lambda: [_swings_right],
        wrong=_wrong_swings,
    ),
    Exercise(
        id="06.4",
        test=_experiment,
        hints=(
            "A week is seven times as long as a night. Are the stale answers seven times as many?",
            "Move *the index is renewed every*; the number is in the last column of the table.",
        ),
        right=lambda: [
            {"predicted": 6300, "measured": WEEKLY},
            {"predicted": 100, "measured": round(WEEKLY)},
        ],
        wrong=lambda: [
            ({"predicted": 6300, "measured": NIGHTLY}, "has not moved"),
            ({"predicted": 6300, "measured": WEEKLY / 365}, "a *day*"),
            ({"predicted": 6300, "measured": 7000}, "168 hours"),
            ({"predicted": 0, "measured": WEEKLY}, "above 0"),
            ({"predicted": ..., "measured": WEEKLY}, "predict first"),
            ({"predicted": 6300, "measured": ...}, "move the slider"),
            ({"measured": WEEKLY}, "two numbers"),
            ({"predicted": "many", "measured": WEEKLY}, "a number"),
        ],
    ),
)
