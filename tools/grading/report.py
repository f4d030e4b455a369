"""The marks of a class as CSV, a line an exercise, and as one HTML page, a table a lesson."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from course_utils.paths import write_whole
from tools.grading.marking import Mark, Outcome
from tools.grading.submissions import Submission

COLUMNS = ("student", "lesson", "exercise", "outcome", "message", "seconds", "file")
SIGNS = {Outcome.RIGHT: "✔", Outcome.WRONG: "✘", Outcome.NOT_ATTEMPTED: "…", Outcome.ERROR: "!"}
FORMULA = ("=", "+", "-", "@", "\t")  # how a cell begins that a spreadsheet would compute
STYLE = """\
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 2rem; width: 100% }
th, td { border: 1px solid #bbb; padding: .35rem .6rem; text-align: left; vertical-align: top }
thead th { background: #eee }
td:last-child { white-space: nowrap }
td small { display: block; color: #444; overflow-wrap: anywhere }
.right { background: #e3f3e3 } .wrong { background: #fbe5df } .error { background: #ffd9a8; font-weight: 600 }
@media print { body { margin: 0; max-width: none } tr { break-inside: avoid } }"""


@dataclass(frozen=True)
class Graded:
    submission: Submission
    marks: tuple[Mark, ...]
    seconds: float


def write(graded: Iterable[Graded], folder: Path, root: Path, notes: Iterable[str]) -> list[Path]:
    """Write ``grades.csv`` and ``grades.html`` into ``folder``; files are named relative to ``root``."""
    ordered = sorted(graded, key=lambda g: (g.submission.lesson, g.submission.student, g.submission.file))
    folder.mkdir(parents=True, exist_ok=True)
    written = {folder / "grades.csv": as_csv(ordered, root), folder / "grades.html": as_html(ordered, notes)}
    for file, text in written.items():
        write_whole(file, text)
    return list(written)


def as_csv(graded: Iterable[Graded], root: Path) -> str:
    """One line an exercise. What a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in graded:
        about = one.submission
        for mark in one.marks:
            row = (about.student, about.lesson, mark.exercise, mark.outcome, mark.message)
            row += (f"{one.seconds:.0f}", about.file.relative_to(root).as_posix())
            table.writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row)
    return text.getvalue()


def as_html(graded: list[Graded], notes: Iterable[str]) -> str:
    """A page that needs nothing else: for each lesson, students in rows and exercises in columns."""
    lessons = sorted({one.submission.lesson for one in graded})
    tables = "".join(_table(name, [g for g in graded if g.submission.lesson == name]) for name in lessons)
    legend = ", ".join(f"{sign} {outcome}" for outcome, sign in SIGNS.items())
    said = "".join(f"<p>{escape(note)}</p>\n" for note in [f"{legend}.", *notes])
    head = f'<meta charset="utf-8"><title>Grades</title>\n<style>\n{STYLE}\n</style>'
    return f'<!doctype html>\n<html lang="en">\n{head}\n<h1>Grades</h1>\n{said}{tables}</html>\n'


def _table(lesson: str, graded: list[Graded]) -> str:
    exercises = list(dict.fromkeys(mark.exercise for one in graded for mark in one.marks))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ["student", *exercises, "right"])
    rows = "".join(_row(one, exercises) for one in graded)
    title = escape(lesson or "lesson not recognised")
    return f"<h2>{title}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _row(one: Graded, exercises: list[str]) -> str:
    marks = {mark.exercise: mark for mark in one.marks}
    cells = "".join(_cell(marks.get(name)) for name in exercises)
    right = sum(mark.outcome == Outcome.RIGHT for mark in one.marks)
    about = one.submission
    student = f'<th scope="row">{escape(about.student)}<br><small>{escape(about.file.name)}</small></th>'
    return f"<tr>{student}{cells}<td>{right} of {len(one.marks)}</td></tr>\n"


def _cell(mark: Mark | None) -> str:
    if mark is None:
        return "<td></td>"
    kind = mark.outcome.replace(" ", "-")
    return (
        f'<td class="{kind}">{SIGNS[mark.outcome]} {mark.outcome}<small>{escape(mark.message)}</small></td>'
    )
