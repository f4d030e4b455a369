"""Every lesson as an nbgrader assignment: ``make nbgrader`` writes them into build/nbgrader.

The notebook that is handed out, and in it nbgrader's metadata: a cell with a stub is an answer, a cell with a
self-check is a test worth a point, with an assertion that nbgrader takes out of what students get. The
printed self-check alone would give full marks to everybody: it never raises. See docs/grading.md.
"""

from __future__ import annotations

import argparse
import copy
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.paths import shown
from tools.grading.submissions import checks
from tools.notebooks.build import TODO, serialise
from tools.notebooks.catalogue import ROOT, load

OUT = ROOT / "build" / "nbgrader"
SCHEMA = 3  # nbgrader's version of this metadata
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
CONFIG = '''\
"""nbgrader's settings for this course: into the folder of your nbgrader course, or its lines into yours."""

import os

os.environ.setdefault("STALE_PRICES_MODEL", "tiny")  # the small model, for whatever a notebook asks
os.environ.setdefault("HF_HUB_OFFLINE", "1")

c = get_config()  # noqa: F821
c.ClearSolutions.enabled = False  # the answers are stubs already, with the names that the checks need
c.OverwriteCells.add_missing_cells = True  # a check that a student deleted comes back
c.Execute.timeout = 300  # seconds for a cell: lessons 01, 04 and 05 train a model
'''


def assignment(lesson: NotebookNode) -> NotebookNode:
    """A copy of a lesson's notebook with nbgrader's metadata and hidden assertions; one point an exercise."""
    made = copy.deepcopy(lesson)
    stubs: list[NotebookNode] = []
    for cell in made.cells:
        if cell.cell_type != "code":
            continue
        if TODO in cell.source:
            stubs.append(cell)
        if found := checks(cell.source):
            number = found[0].exercise.replace(".", "-")
            for place, stub in enumerate(stubs, start=1):
                _describe(stub, f"answer-{number}" + (f"-{place}" if len(stubs) > 1 else ""), solution=True)
            asserted = [f"assert judge({c.exercise!r}, {c.answer}).status is Status.CORRECT" for c in found]
            lines = [BEGIN, "from course_utils.checks.engine import Status, judge", "", *asserted, END]
            cell.source = "\n".join([cell.source.rstrip(), "", *lines])
            _describe(cell, f"check-{number}", points=len(found))
            stubs = []
    return made


def _describe(
    cell: NotebookNode, grade_id: str, *, solution: bool = False, points: int | None = None
) -> None:
    about = {"schema_version": SCHEMA, "grade_id": grade_id, "solution": solution, "task": False}
    about |= {"grade": points is not None, "locked": points is not None}
    cell.metadata["nbgrader"] = about if points is None else about | {"points": points}


def write(out: Path = OUT, names: list[str] | None = None) -> list[Path]:
    """Write ``source/NAME/NAME.ipynb`` for each lesson and the settings; the files written."""
    names = names or [lesson.name for lesson in load().ready()]
    written = {out / "nbgrader_config.py": CONFIG}
    for name in names:
        lesson = nbformat.read(ROOT / "lessons" / f"{name}.ipynb", as_version=4)
        written[out / "source" / name / f"{name}.ipynb"] = serialise(assignment(lesson))
    for file, text in written.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(written)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m tools.grading.assignments", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=OUT, help="default: build/nbgrader")
    for file in write(parser.parse_args(arguments).out.resolve()):
        print("wrote", shown(file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
