"""The exercises as a teacher needs them: task, hints, solution, and what each wrong answer is told."""

from __future__ import annotations

import ast
import inspect
import pprint
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any

from course_utils.checks.engine import Exercise, judge, lesson_exercises
from course_utils.checks.solutions import reference
from tools.notebooks.catalogue import ROOT, Lesson

WIDTH = 88  # characters of a line of code in print
FIELDS = [field.name for field in fields(Exercise)]


@dataclass(frozen=True)
class Wrong:
    answer: str  # as code
    message: str  # what the check says to it


@dataclass(frozen=True)
class Task:
    id: str
    title: str
    text: str  # Markdown
    hints: tuple[str, ...]
    solution: str
    wrong: tuple[Wrong, ...]


def tasks(lesson: Lesson) -> tuple[Task, ...]:
    """The exercises of ``lesson``. Its checks are run on every wrong answer that they declare."""
    source = (ROOT / "solutions" / f"{lesson.name}.py").read_text(encoding="utf-8")
    found = []
    for exercise in lesson_exercises(lesson.number):
        title, text = _told(source, exercise.id)
        code = reference(ROOT / "solutions", exercise.id)
        wrong = tuple(
            Wrong(shown, judge(exercise.id, answer).message) for shown, answer in _wrong_answers(exercise)
        )
        found.append(Task(exercise.id, title, text, exercise.hints, code, wrong))
    return tuple(found)


def _told(source: str, exercise_id: str) -> tuple[str, str]:
    """Heading and text of an exercise in the lesson's source, from "### Exercise" to the end of the cell."""
    found = re.search(
        rf"^# ### Exercise {re.escape(exercise_id)}[:· ]*(.*)\n((?:#.*\n)*?)(?=# %%|# ##|\n|\Z)", source, re.M
    )
    if found is None:
        return "", ""
    return found[1], re.sub(r"^# ?", "", found[2], flags=re.M).strip()


def _wrong_answers(exercise: Exercise) -> Iterator[tuple[str, Any]]:
    """Each wrong answer as code and as itself.

    A function is shown by its code in the file of checks; anything else is a value and shown as one.
    """
    module = inspect.getmodule(exercise.wrong)
    text, written = inspect.getsource(module), _written(module, exercise.id)
    answers = [answer for answer, _ in exercise.wrong()]
    if len(written) != len(answers):  # made in a loop
        written = [None] * len(answers)
    for node, answer in zip(written, answers, strict=True):
        if not callable(answer):
            shown = pprint.pformat(answer, width=WIDTH, compact=True, sort_dicts=False)
        elif node is None or isinstance(node, ast.Name):
            shown = inspect.getsource(answer)
        else:
            shown = ast.get_source_segment(text, node, padded=True)
        yield textwrap.dedent(shown).strip(), answer


def _written(module: ModuleType, exercise_id: str) -> list[ast.expr]:
    """The answers of an exercise as its list ``wrong`` writes them; empty if there is no such list."""
    tree = ast.parse(inspect.getsource(module))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != Exercise.__name__:
            continue
        given = dict(zip(FIELDS, node.args, strict=False)) | {word.arg: word.value for word in node.keywords}
        if getattr(given["id"], "value", None) == exercise_id:
            wrong = given["wrong"]
            made = wrong.body if isinstance(wrong, ast.Lambda) else functions[wrong.id].body[-1].value
            return [pair.elts[0] for pair in getattr(made, "elts", ()) if isinstance(pair, ast.Tuple)]
    return []
