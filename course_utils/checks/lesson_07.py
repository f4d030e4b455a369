"""Checks of lesson 07: twelve cases, what a cached prefix saves, how far a model reads, when a cache pays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

from course_utils.checks.engine import Exercise, Measured, NotYet
from course_utils.decisions import CASES, tools_of

# --- 07.1 ---------------------------------------------------------------------------------------------


def _decided(answers) -> str:
    if not isinstance(answers, Sequence) or isinstance(answers, str) or len(answers) != len(CASES):
        raise NotYet(f"give a list of {len(CASES)} answers, one a case.")
    wrong, still_open = [], []
    for case, answer in zip(CASES, answers, strict=True):
        if answer is ...:
            still_open.append(case)
            continue
        try:
            tools = tools_of(answer)
        except ValueError as problem:
            raise NotYet(f"case {case.number}: {problem}") from problem
        if set(tools) != set(case.tools):
            wrong.append(case)
    agree = len(CASES) - len(wrong) - len(still_open)
    if wrong:
        also = ", ".join(str(case.number) for case in wrong[1:])
        told = _about_wrong(wrong[0], tools_of(answers[wrong[0].number - 1]), agree)
        raise NotYet(told + (f" (Also to look at again: {also}.)" if also else ""))
    if still_open:
        numbers = ", ".join(str(case.number) for case in still_open)
        raise NotYet(f"{agree} agree with the course, none disagrees. Still open: {numbers}.")
    return "All twelve. Where you hesitated is where you would have to measure."


def _about_wrong(case, given, agree: int) -> str:
    start = f"{agree} of {len(CASES)} agree with the course. Look at case {case.number}, “{case.title}”"
    missing, extra = set(case.tools) - set(given), set(given) - set(case.tools)
    if case.tools and missing and not extra and given:
        return f"{start}: right, and not all of it. Ask yourself: {case.nudge}"
    if case.tools and extra and not missing:
        return f"{start}: it is among yours, but there is more than it takes. Ask yourself: {case.nudge}"
    return f"{start}. Ask yourself: {case.nudge}"


def _all_right() -> list[str]:
    return [case.letters for case in CASES]


def _with(number: int, answer) -> list:
    answers = _all_right()
    answers[number - 1] = answer
    return answers


# --- 07.2 ---------------------------------------------------------------------------------------------

_PREFIXES = (
    # cached, new, tokens to reuse, what there is to learn
    ([5, 6, 7], [5, 6, 7, 8, 9], 3, "all three cached tokens stand at the beginning of the new prompt."),
    ([5, 6, 7, 1, 2], [5, 6, 7, 8, 9], 3, "after the first difference nothing can be reused, before it all."),
    (
        [1, 5, 6, 7],
        [2, 5, 6, 7],
        0,
        "the first token differs, so every later one was read after another text.",
    ),
    ([5, 6, 1, 8], [5, 6, 2, 8], 2, "count up to the first difference and stop there."),
    ([], [5, 6], 0, "nothing is cached, so nothing can be reused."),
    ([5, 6, 7], [5, 6, 7], 2, "one token must be left to read: its output is the first word of the answer."),
    ([5, 6, 7, 8], [5, 6], 1, "one token of the new prompt must be left to read."),
)


def _reusable(reusable) -> str:
    for cached, new, expected, lesson in _PREFIXES:
        found = reusable(list(cached), list(new))
        if found is None:
            raise NotYet("the function returns nothing. End it with `return` and the number of tokens.")
        if isinstance(found, bool) or not isinstance(found, Real):
            raise NotYet(f"return a number of tokens, not {found!r}.")
        if found != expected:
            raise NotYet(
                f"cached {cached}, new {new}: {expected} can be reused, yours says {found}: {lesson}"
            )
    return "Put first what stays the same, and the question last: then there is much to reuse."


def _reusable_right(cached, new) -> int:
    same = 0
    for a, b in zip(cached, new[:-1], strict=False):
        if a != b:
            break
        same += 1
    return same


# --- 07.3 ---------------------------------------------------------------------------------------------

LENGTHS = ("3 plans", "24 plans")


def _experiment(found) -> Measured:
    if not isinstance(found, dict) or set(found) != {"predicted", "measured"}:
        raise NotYet("give `predicted` and `measured`, two numbers each.")
    predicted, measured = (_pair(name, found[name]) for name in ("predicted", "measured"))
    off = {length: p - m for length, p, m in zip(LENGTHS, predicted, measured, strict=True)}
    if not any(off.values()):
        return Measured("Predicted to the price.")
    told = ", ".join(
        f"{length}: {abs(by)} {'too many' if by > 0 else 'too few'}" for length, by in off.items() if by
    )
    return Measured(
        f"Predicted – {told}. Whoever had to guess this for a product would have shipped the difference."
    )


def _pair(name: str, counts) -> list[int]:
    """The right prices at the two lengths, given as a pair or by name."""
    if counts is ...:
        raise NotImplementedError
    if isinstance(counts, dict) and set(counts) == set(LENGTHS):
        counts = [counts[length] for length in LENGTHS]
    if not isinstance(counts, tuple | list) or len(counts) != len(LENGTHS):
        raise NotYet(f"`{name}` should be two numbers, for {LENGTHS[0]} and for {LENGTHS[1]}.")
    if all(count is ... for count in counts):
        raise NotImplementedError
    for length, count in zip(LENGTHS, counts, strict=True):
        if count is ...:
            raise NotYet(f"predict both: the number for {length} is still open.")
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 24:
            raise NotYet(f"`{name}` for {length} should be a whole number from 0 to 24, not {count!r}.")
    return list(counts)


# --- 07.4 ---------------------------------------------------------------------------------------------


def _hits_needed(hits_needed) -> str:
    found = {factors: hits_needed(*factors) for factors in ((0.1, 1.25), (0.1, 2.0), (0.5, 1.0))}
    right = {factors: _hits_right(*factors) for factors in found}
    for factors, value in found.items():
        if value is None:
            raise NotYet("the function returns nothing. End it with `return` and the share.")
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise NotYet(f"return a share, a number from 0 to 1; for {factors} yours is {value!r}.")
    value = found[0.1, 1.25]
    if _near(value, 1 - right[0.1, 1.25]):
        raise NotYet("that is the share of questions that may *miss*. How many have to hit?")
    if _near(value, 100 * right[0.1, 1.25]):
        raise NotYet("right, as per cent. Give it as a share: 0.21… instead of 21.…")
    if _near(value, (1.25 - 1) / 1.25):
        raise NotYet("a hit is cheap but not free: it costs `read` times the price.")
    if _near(value, 0.5):
        raise NotYet("it depends on both factors; half of the questions is a guess.")
    for factors, expected in right.items():
        if not _near(found[factors], expected):
            raise NotYet(
                f"for read = {factors[0]}, write = {factors[1]} yours is {found[factors]:.3f}. That share "
                f"of hits costs a question {_cost(found[factors], *factors):.3f} full prices; it should be 1."
            )
    return "Without a fee for writing, the cache pays from the first hit."


def _cost(hits: float, read: float, write: float) -> float:
    """What a question's prefix costs, in full prices, when the share ``hits`` finds it cached."""
    return hits * read + (1 - hits) * write


def _hits_right(read: float, write: float) -> float:
    return (write - 1) / (write - read)


def _near(a: float, b: float) -> bool:
    return abs(a - b) < 0.002 * max(1, abs(b))


def _predicted(predicted) -> dict:
    return {"predicted": predicted, "measured": {"3 plans": 24, "24 plans": 14}}


EXERCISES = (
    Exercise(
        id="07.1",
        test=_decided,
        hints=(
            "Take each failure apart: does the model lack knowledge, is the form wrong, or its judgement?",
            "Put a case into the tree (its menu “start from” has all twelve) and watch where the way goes.",
        ),
        right=lambda: [_all_right(), [text.lower() for text in _all_right()], _with(8, "F, C + R")],
        wrong=lambda: [
            (_with(1, "R"), "where does the number come from"),
            (_with(3, "R"), "11 of 12 agree"),
            (_with(8, "RF"), "not all of it"),
            (_with(5, "PF"), "more than it takes"),
            (_with(11, "F"), "what exactly is going wrong"),
            (_with(7, ...), "Still open: 7"),
            (_with(2, "Z"), "case 2: An answer is made of the letters"),
            (_with(2, 4), "not 4"),
            (["R"] * 12, "2 of 12 agree"),
            (["R"], "a list of 12"),
            ("LRWCPF", "a list of 12"),
        ],
    ),
    Exercise(
        id="07.2",
        test=_reusable,
        hints=(
            "Walk along both lists together and stop at the first pair that differs.",
            "zip(cached, new[:-1]) pairs them up and leaves the last token of the new prompt out.",
        ),
        right=lambda: [_reusable_right],
        wrong=lambda: [
            (lambda cached, new: len(cached), "3 can be reused"),
            (lambda cached, new: len(set(cached) & set(new)), "was read after another text"),
            (lambda cached, new: sum(a == b for a, b in zip(cached, new[:-1], strict=False)), "0 can be"),
            (
                lambda cached, new: next(
                    (i for i, (a, b) in enumerate(zip(cached, new, strict=False)) if a != b),
                    min(len(cached), len(new)),
                ),
                "left to read",
            ),
            (lambda cached, new: None, "returns nothing"),
            (lambda cached, new: "3", "a number of tokens"),
        ],
    ),
    Exercise(
        id="07.3",
        test=_experiment,
        hints=(
            "With 3 plans the prompt is as long as in lesson 02, where nearly every price was read.",
            "The longest prompt holds 23 plans nobody asks for. Any number from 0 to 24 is a prediction.",
        ),
        right=lambda: [
            _predicted({"3 plans": 24, "24 plans": 12}),
            _predicted({"3 plans": 24, "24 plans": 14}),
            _predicted((0, 24)),
            _predicted([24, 14]),
        ],
        wrong=lambda: [
            (_predicted({"3 plans": 24}), "two numbers"),
            (_predicted((24, ...)), "24 plans is still open"),
            (_predicted({"3 plans": 100, "24 plans": 50}), "from 0 to 24"),
            (_predicted({"3 plans": "all", "24 plans": 3}), "from 0 to 24"),
            (_predicted(12), "two numbers"),
            ({"predicted": {}}, "`measured`"),
        ],
    ),
    Exercise(
        id="07.4",
        test=_hits_needed,
        hints=(
            "With the share h of hits a question's prefix costs h × read + (1 − h) × write full prices.",
            "Set that equal to 1, the price without a cache, and solve for h.",
        ),
        right=lambda: [_hits_right],
        wrong=lambda: [
            (lambda read, write: (1 - read) / (write - read), "may *miss*"),
            (lambda read, write: 100 * _hits_right(read, write), "per cent"),
            (lambda read, write: (write - 1) / write, "not free"),
            (lambda read, write: 0.5, "guess"),
            (lambda read, write: write - 1, "it should be 1"),
            (lambda read, write: (1.25 - 1) / (1.25 - read), "read = 0.1, write = 2.0"),
            (lambda read, write: None, "returns nothing"),
            (lambda read, write: "a fifth", "a share"),
        ],
    ),
)
