"""The engine behind ``check`` and ``hint``: find an exercise, run its test, put the outcome into words."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class NotYet(Exception):
    """Raised by an exercise's test on a wrong answer. The message teaches: it says what to look at next."""


class Status(Enum):
    CORRECT = "✔ Correct."
    NOT_YET = "✘ Not yet:"
    NOT_ATTEMPTED = "… Not attempted yet."
    UNKNOWN = "✘ No such exercise:"


MEASURED = "✔ Measured."


class Measured(str):
    """The closing remark of an experiment, in which no prediction is right or wrong, only near or far."""


@dataclass(frozen=True)
class Verdict:
    status: Status
    message: str = ""

    def __str__(self) -> str:
        opening = MEASURED if isinstance(self.message, Measured) else self.status.value
        return f"{opening} {self.message}".rstrip()


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson.

    id: lesson and number, such as "00.1".
    test: takes the learner's answer; raises NotYet(message) when it is wrong; may return a closing remark,
        Measured when the exercise is an experiment.
        Any other exception counts as a fault of the answer, NotImplementedError as an untouched stub.
    hints: from a nudge to the way, at least one; never the solution, which ``solution`` shows.
    right, wrong: examples that prove the test, made on demand. ``right`` gives answers that must be
        accepted; ``wrong`` gives pairs (answer, words the message must contain), at least two.
    """

    id: str
    test: Callable[[Any], str | None]
    hints: tuple[str, ...]
    right: Callable[[], Iterable[Any]]
    wrong: Callable[[], Iterable[tuple[Any, str]]]


def compared(predicted: Any, measured: Any, most: int) -> Measured:
    """The closing remark on two numbers of questions from 0 to ``most``. Raises NotYet on any other."""
    for name, value in (("predicted", predicted), ("measured", measured)):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise NotYet(f"`{name}` should be a whole number of questions from 0 to {most}, not {value!r}.")
    if predicted == measured:
        return Measured("Exactly as predicted.")
    side = "fewer" if measured < predicted else "more"
    return Measured(f"{abs(predicted - measured)} {side} than you expected.")


def experiment(most: int, **knobs: Collection[Any]) -> Callable[[Any], Measured]:
    """The test of a change-and-predict exercise: each knob at one of its values, two numbers up to ``most``.

    The answer is a dictionary of the knobs, ``predicted`` and ``measured``, both numbers of questions.
    """
    names = [*knobs, "predicted", "measured"]

    def test(found: Any) -> Measured:
        if not isinstance(found, dict) or set(found) != set(names):
            raise NotYet(f"give {', '.join(f'`{name}`' for name in names)}.")
        if any(found[name] is ... for name in names):
            raise NotImplementedError
        for name, values in knobs.items():
            if found[name] not in values:
                raise NotYet(f"`{name}` should be one of {list(values)}.")
        return compared(found["predicted"], found["measured"], most)

    return test


def check(exercise_id: str, answer: Any) -> None:
    """Print what is to be said about ``answer``. Never raises."""
    print(judge(exercise_id, answer))


def hint(exercise_id: str, number: int = 1) -> None:
    """Print the hint with this number, counted from 1."""
    found = _find(exercise_id)
    if isinstance(found, Verdict):
        print(found)
        return
    number = min(max(number, 1), len(found.hints))
    following = f'hint("{exercise_id}", {number + 1})' if number < len(found.hints) else ""
    more = f"  (More: {following})" if following else f'  (The rest: solution("{exercise_id}"))'
    print(f"Hint {number} of {len(found.hints)}: {found.hints[number - 1]}{more}")


def judge(exercise_id: str, answer: Any) -> Verdict:
    """The verdict on ``answer``."""
    found = _find(exercise_id)
    if isinstance(found, Verdict):
        return found
    if _untouched(answer):
        return Verdict(Status.NOT_ATTEMPTED)
    try:
        return Verdict(Status.CORRECT, found.test(answer) or "")
    except NotImplementedError:
        return Verdict(Status.NOT_ATTEMPTED)
    except NotYet as problem:
        return Verdict(Status.NOT_YET, str(problem))
    except Exception as problem:
        return Verdict(Status.NOT_YET, f"your code stopped with {_described(problem)}")


def yours_or(exercise_id: str, answer: Any) -> Any:
    """``answer`` where it is correct; otherwise the course's own, and a line that says so.

    With it a lesson uses what the learner wrote, and goes on with an open exercise.
    """
    exercise = _find(exercise_id)
    if isinstance(exercise, Verdict):
        raise ValueError(str(exercise))
    if judge(exercise_id, answer).status is Status.CORRECT:
        return answer
    print(f"(Exercise {exercise_id} is still open: this cell uses the course's own answer.)")
    return next(iter(exercise.right()))


def lesson_exercises(number: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson such as "00"; none when it has no file of checks."""
    name = f"{__package__}.lesson_{number}"
    try:
        return tuple(importlib.import_module(name).EXERCISES)
    except ModuleNotFoundError as problem:
        if problem.name != name:
            raise
        return ()


def _find(exercise_id: str) -> Exercise | Verdict:
    exercises = lesson_exercises(str(exercise_id).partition(".")[0])
    for exercise in exercises:
        if exercise.id == exercise_id:
            return exercise
    known = ", ".join(exercise.id for exercise in exercises)
    return Verdict(Status.UNKNOWN, f"{exercise_id!r}." + (f" This lesson has {known}." if known else ""))


def _untouched(answer: Any) -> bool:
    """Whether nothing has been filled in: ``...``, or a container that holds nothing else."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return bool(answer) and all(_untouched(part) for part in answer)
    return answer is Ellipsis


def _described(problem: Exception) -> str:
    """The exception and, when it happened in the learner's own code, the line."""
    text = f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if "ipykernel" in f.filename]
    return f"{text} (line {frames[-1].lineno}: {frames[-1].line})" if frames and frames[-1].line else text
