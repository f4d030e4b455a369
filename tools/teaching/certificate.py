"""A certificate of completion, from a learner's own notebooks and from what they measured.

    python -m tools.teaching.certificate --name "Ada Lovelace"
    python -m tools.teaching.certificate --name "Ada Lovelace" --lessons 00 01 02

A lesson is complete when every exercise of its saved notebook was found right, and its results are on this
machine, where it records any. What is missing is listed, and then there is no certificate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import nbformat

from course_utils import results
from course_utils.checks.engine import MEASURED, Status, lesson_exercises
from course_utils.decisions.worksheet import measures
from course_utils.paths import shown
from tools.notebooks.catalogue import ROOT, Lesson, load
from tools.teaching import pages
from tools.teaching.outline import CHECK

ROWS = 3  # of what a lesson measured: a certificate is one page


def verdicts(notebook: Path) -> dict[str, Status | None]:
    """What the checks of a saved notebook said last, by exercise; None where a check was not run.

    Raises OSError, and ValueError when it is no notebook.
    """
    found: dict[str, Status | None] = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        said = "".join(output.get("text", "") for output in cell.outputs)
        said = said.replace(MEASURED, Status.CORRECT.value)
        for exercise in CHECK.findall(cell.source):
            found[exercise] = next((status for status in Status if status.value in said), None)
    return found


def missing(lesson: Lesson, folder: Path) -> list[str]:
    """What a learner, whose notebooks lie in ``folder``, still has to do for this lesson."""
    notebook = folder / f"{lesson.name}.ipynb"
    try:
        said = verdicts(notebook)
    except (OSError, ValueError) as problem:  # nbformat's own errors are ValueErrors
        return [f"{lesson.number}: {notebook.name} cannot be read ({type(problem).__name__})"]
    names = {Status.NOT_YET: "is not right yet", Status.NOT_ATTEMPTED: "is not attempted"}
    gaps = [
        f"{lesson.number}: exercise {exercise} {names.get(status, 'was not run, or not saved')}"
        for exercise, status in ((one.id, said.get(one.id)) for one in lesson_exercises(lesson.number))
        if status is not Status.CORRECT
    ]
    records = any("results.record(" in cell.source for cell in nbformat.read(notebook, as_version=4).cells)
    if records and not results.recorded(lesson.number):
        gaps.append(f"{lesson.number}: nothing was measured on this machine; Run All")
    return gaps


def certificate(name: str, lessons: Iterable[Lesson], today: date | None = None) -> Path:
    """Write the page for lessons of which nothing is missing, and return its place."""
    rows = [
        {
            "lesson": lesson,
            "exercises": [exercise.id for exercise in lesson_exercises(lesson.number)],
            "measures": measures(lesson.number, results.recorded(lesson.number))[:ROWS],
        }
        for lesson in lessons
    ]
    return pages.written(
        "certificate.html.jinja",
        "certificate.html",
        title=f"Stale Prices: {name}",
        name=name,
        lessons=rows,
        exercises=sum(len(row["exercises"]) for row in rows),
        day=f"{today or date.today():%-d %B %Y}",
        address=load().repository_url(),
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.teaching.certificate", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--name", required=True)
    parser.add_argument("--lessons", nargs="+", metavar="NN", help="default: every lesson that is ready")
    parser.add_argument("--folder", type=Path, default=ROOT / "lessons", help="where the notebooks lie")
    options = parser.parse_args(arguments)
    ready = {lesson.number: lesson for lesson in load().ready()}
    numbers = options.lessons or list(ready)
    if unknown := [number for number in numbers if number not in ready]:
        parser.error(f"there is no lesson {', '.join(unknown)}; there are {', '.join(ready)}")
    if not options.name.strip():
        parser.error("--name is whose certificate it is")
    lessons = [ready[number] for number in numbers]
    if gaps := [gap for lesson in lessons for gap in missing(lesson, options.folder)]:
        print("Not complete yet. Missing:\n  " + "\n  ".join(gaps), file=sys.stderr)
        return 1
    print(f"wrote {shown(certificate(options.name.strip(), lessons))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
