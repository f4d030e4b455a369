"""Prove the nbgrader assignments with nbgrader itself: ``make test-nbgrader``.

A course of one lesson is set up in a folder of its own. nbgrader generates the assignment and grades four
students: one who touched nothing, one who is wrong everywhere, one with the course's solutions, and one with
these who deleted the checks. The points must be none, none, all and all. nbgrader has an environment of its
own; the notebooks run in the course's.

    python -m tools.grading.nbgrader_proof [06_costs …]
"""

from __future__ import annotations

import copy
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from course_utils.checks.solutions import BEGIN
from tools.grading import assignments
from tools.grading.submissions import checks
from tools.notebooks.build import TODO, solution_text
from tools.notebooks.catalogue import ROOT

NBGRADER = "nbgrader==0.9.6"
ENVIRONMENT = ROOT / "build" / "nbgrader-environment"
LESSON = "06_costs"  # needs neither model nor index


def install(folder: Path = ENVIRONMENT) -> None:
    """An environment with nbgrader in ``folder``; nothing to do when it is there already."""
    stamp = folder / "installed.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == NBGRADER:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, NBGRADER], check=True)
    stamp.write_text(NBGRADER, encoding="utf-8")


def lend_kernel(course: Path) -> dict[str, str]:
    """The variables with which nbgrader finds a kernel ``python3`` that is the course's own."""
    spec = course / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": command, "display_name": "Course", "language": "python"}), "utf-8")
    own = {"JUPYTER_PATH": str(course / "jupyter"), "STALE_PRICES_HOME": str(course / "home")}
    path = f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by its name
    return os.environ | own | {"PATH": path, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def points(name: str) -> dict[str, tuple[float, float]]:
    """What nbgrader gives for a lesson, by student: points, and how many there are.

    Raises subprocess.CalledProcessError when nbgrader fails; what it said has been printed.
    """
    with tempfile.TemporaryDirectory(prefix="stale-prices-nbgrader-") as folder:
        course = Path(folder)
        variables = lend_kernel(course)

        def nbgrader(*arguments: str) -> None:
            command = [ENVIRONMENT / "bin" / "nbgrader", *arguments, "--log-level=ERROR"]
            subprocess.run(command, cwd=course, env=variables, check=True)

        assignments.write(course, [name])
        nbgrader("generate_assignment", name)
        released = nbformat.read(course / "release" / name / f"{name}.ipynb", as_version=4)
        assert not any("HIDDEN TESTS" in cell.source for cell in released.cells), "the tests were released"
        for student, notebook in submissions(released, name).items():
            place = course / "submitted" / student / name / f"{name}.ipynb"
            place.parent.mkdir(parents=True)
            nbformat.write(notebook, place)
        nbgrader("autograde", name)
        nbgrader("export")
        rows = list(csv.DictReader((course / "grades.csv").read_text(encoding="utf-8").splitlines()))
    return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}


def submissions(released: NotebookNode, name: str) -> dict[str, NotebookNode]:
    """The released notebook as four students hand it in."""
    source = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    cells = [cell.source for cell in jupytext.reads(source, fmt="py:percent").cells if BEGIN in cell.source]
    solved = iter(solution_text(text, Path(name)) for text in cells)
    untouched, wrong, right = (copy.deepcopy(released) for _ in range(3))
    for mistaken, correct in zip(wrong.cells, right.cells, strict=True):
        if TODO in correct.source:
            correct.source = next(solved)
            mistaken.source = mistaken.source.replace("raise NotImplementedError", "return -1")
            mistaken.source = mistaken.source.replace(f"...  {TODO}", "-1")
    unchecked = copy.deepcopy(right)
    unchecked.cells = [cell for cell in right.cells if not checks(cell.source)]
    return {"untouched": untouched, "wrong": wrong, "right": right, "unchecked": unchecked}


def main(names: list[str]) -> int:
    try:
        install()
    except subprocess.CalledProcessError:
        print("nbgrader could not be installed (see above); this needs a package index.", file=sys.stderr)
        return 1
    failed = False
    for name in names or [LESSON]:
        found = points(name)
        print(f"{name}:", ", ".join(f"{who} {got:g} of {most:g}" for who, (got, most) in found.items()))
        most = found["right"][1]
        none, full = (0, most), (most, most)
        failed |= found != {"untouched": none, "wrong": none, "right": full, "unchecked": full} or not most
    if failed:
        print("These are not the points that they should get: none, none, all and all.", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
