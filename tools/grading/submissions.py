"""Which notebooks were handed in, by whom, for which lesson; and where in one its exercises are judged."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.grading.marking import Cell, Check

LARGEST = 50 * 2**20  # bytes of a notebook
CALL = re.compile(r"^check\(", re.MULTILINE)
BY_THE_WAY = (".", "__MACOSX")  # how files and folders begin that nobody handed in on purpose


class NotGraded(Exception):
    """A submission or a folder of them that cannot be graded; the message says why."""


@dataclass(frozen=True)
class Submission:
    file: Path
    student: str
    lesson: str  # its name, such as "06_costs"; empty when it was not recognised


def checks(source: str) -> list[Check]:
    """The calls ``check("06.1", answer)`` at the top level of a lesson's cell; the first takes the setup."""
    if not CALL.search(source):
        return []
    lines, found = source.splitlines(), []
    calls = [node for node in ast.parse(source).body if _is_check(node)]
    for call in calls:
        lines[call.lineno - 1 : call.end_lineno] = [""] * (call.end_lineno - call.lineno + 1)
    for number, call in enumerate(calls):
        exercise, answer = call.value.args
        setup = "\n".join(lines).strip() if number == 0 else ""
        found.append(Check(ast.literal_eval(exercise), setup, ast.get_source_segment(source, answer)))
    return found


def _is_check(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="check"), args=[ast.Constant(), _])):
            return True
    return False


def exercises(lesson: NotebookNode) -> list[str]:
    """The exercises of a lesson's notebook, in order."""
    code = (cell.source for cell in lesson.cells if cell.cell_type == "code")
    return [check.exercise for source in code for check in checks(source)]


def plan(submission: NotebookNode, lesson: NotebookNode) -> Iterator[Cell | Check]:
    """The submission's code cells in order and, between them, the lesson's checks.

    An exercise is judged where the lesson's next cell begins (the next that was not deleted), so that cells
    the learner added after the check still count. An unchanged check cell is left out: the marker's own
    stands for it. What follows the last check decides nothing, and is left out.
    """
    there = {cell.get("id"): place for place, cell in enumerate(submission.cells)}
    by_source = {cell.source: place for place, cell in enumerate(submission.cells)}
    due: dict[int, list[Check]] = {}
    own = set()
    for number, cell in enumerate(lesson.cells):
        if cell.cell_type == "code" and (found := checks(cell.source)):
            places = (there.get(c.id, by_source.get(c.source)) for c in lesson.cells[number + 1 :])
            end = next((place for place in places if place is not None), len(submission.cells))
            due.setdefault(end, []).extend(found)
            own.add(cell.source)
    for place in range(max(due, default=0) + 1):
        yield from due.get(place, [])
        if place < max(due, default=0) and _runs(submission.cells[place], own):
            yield Cell(place + 1, submission.cells[place].source)


def _runs(cell: NotebookNode, own: set[str]) -> bool:
    skipped = "skip-execution" in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and not skipped and cell.source not in own


def read(file: Path) -> NotebookNode:
    """The Python notebook in ``file``. Raises NotGraded when it is none."""
    if file.stat().st_size > LARGEST:
        raise NotGraded(f"larger than {LARGEST // 2**20} MiB; outputs can be cleared before handing in")
    try:
        notebook = nbformat.read(file, as_version=4)
        kernel = notebook.metadata.get("kernelspec", {})
        if not all(
            isinstance(cell.source, str) and cell.cell_type and cell.metadata is not None
            for cell in notebook.cells
        ):
            raise TypeError
    except Exception as problem:  # nbformat raises what it happens to stumble over
        raise NotGraded(f"not a notebook ({type(problem).__name__})") from problem
    language = kernel.get("language") or notebook.metadata.get("language_info", {}).get("name") or "python"
    if str(language).lower() != "python":
        raise NotGraded(f"its kernel is {kernel.get('display_name', language)}, not Python")
    return notebook


def find(folder: Path, lessons: list[str]) -> tuple[list[Submission], list[Path]]:
    """The notebooks below ``folder``, and the files beside them that are none.

    A student is the first folder below ``folder`` or, for a file that lies in it directly, the file's name
    without the lesson's: ``anna/06_costs.ipynb`` and ``06_costs_anna.ipynb`` are both of ``anna``.
    """
    submissions, others = [], []
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if not file.is_file() or any(part.startswith(BY_THE_WAY) for part in inside.parts):
            continue
        if file.suffix != ".ipynb":
            others.append(file)
            continue
        lesson = next((name for name in lessons if name in file.stem), "") or _by_title(file, lessons)
        rest = re.sub(r"^[\W_]+|[\W_]+$", "", file.stem.replace(lesson, "")) or file.stem
        student = inside.parts[0] if len(inside.parts) > 1 else rest
        submissions.append(Submission(file, student, lesson))
    return submissions, others


def _by_title(file: Path, lessons: list[str]) -> str:
    """The lesson whose number stands in the notebook's first heading, ``# 06 · Costs``; else empty."""
    try:
        title = re.match(r"# (\d\d) · ", read(file).cells[0].source)
    except (NotGraded, IndexError, OSError):
        return ""
    return next((name for name in lessons if title and name.startswith(f"{title[1]}_")), "")
