"""Grade a folder of handed-in notebooks: ``make grade SUBMISSIONS=folder``. See docs/grading.md.

    python -m tools.grading.grade FOLDER [--lesson 06] [--out work/grades]

Each submission is marked in processes of its own with limits of their own, so that one bad notebook stops
nothing. The report is written anew after each, so that a run that is cut short keeps what it has.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, replace
from pathlib import Path

from course_utils.paths import shown
from tools.grading import marking, report, submissions
from tools.grading.marking import Limits, Mark, Outcome
from tools.grading.report import Graded
from tools.grading.submissions import NotGraded, Submission
from tools.notebooks.catalogue import ROOT

GRACE = 30  # seconds that the marker may need beyond the notebook's time
LESSONS = ROOT / "lessons"
OUT = ROOT / "work" / "grades"
NO_SANDBOX = (
    "bubblewrap does not work here (`apt install bubblewrap`): the notebooks ran with your rights, "
    "so read those of people you do not trust first."
)


def grade(
    found: list[Submission],
    folder: Path,
    lessons: Path = LESSONS,
    limits: Limits | None = None,
    workers: int = 1,
) -> Iterator[Graded]:
    """Grade the submissions below ``folder``, in the order in which they are done.

    ``lessons`` holds the notebooks as they were handed out.
    """
    limits = limits or Limits()
    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(_graded, one, lessons, limits, folder) for one in found]
        for job in as_completed(jobs):
            yield job.result()


def _graded(submission: Submission, lessons: Path, limits: Limits, folder: Path) -> Graded:
    started = time.monotonic()
    if not submission.lesson:
        why = "which lesson is this? Its file name or its title says none that was handed out"
        return Graded(submission, (Mark("–", Outcome.ERROR, why),), 0)
    lesson = submissions.read(lessons / f"{submission.lesson}.ipynb")
    try:
        steps = list(submissions.plan(submissions.read(submission.file), lesson))
        found, why = _mark_in_a_process(steps, limits, folder)
    except NotGraded as problem:
        found, why = {}, str(problem)
    expected = submissions.exercises(lesson)
    marks = tuple(found.get(name, Mark(name, Outcome.ERROR, why)) for name in expected)
    return Graded(submission, marks, time.monotonic() - started)


def _mark_in_a_process(steps: list, limits: Limits, folder: Path) -> tuple[dict[str, Mark], str]:
    """The marks that the marker's process got to, and why it got no further if it did not."""
    with tempfile.TemporaryDirectory(prefix="stale-prices-grading-", ignore_cleanup_errors=True) as home:
        command = [sys.executable, "-m", "tools.grading.marking", home, str(folder)]
        command.append(json.dumps(asdict(limits)))
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(command, cwd=ROOT, text=True, encoding="utf-8", **pipes)
        try:
            sent = json.dumps([asdict(step) for step in steps])
            printed, problem = process.communicate(sent, timeout=limits.seconds + GRACE)
        except subprocess.TimeoutExpired:
            marking.kill(process)
            printed, problem = process.communicate()
            problem = f"checking the answers did not end within {limits.seconds + GRACE:g} s"
    lines = [json.loads(line) for line in printed.splitlines() if line.endswith("}")]
    marks = [Mark(line["exercise"], Outcome(line["outcome"]), line["message"]) for line in lines]
    last = problem.strip().splitlines()[-1:] or ["it gave no reason"]
    return {mark.exercise: mark for mark in marks}, f"the marker stopped: {last[0]}"


def run(folder: Path, lesson: str, out: Path, limits: Limits, workers: int) -> None:
    """Grade what lies below ``folder`` and write the reports. Raises NotGraded if there is nothing to do."""
    if not folder.is_dir():
        raise NotGraded(f"{folder} is no folder. Say which one: make grade SUBMISSIONS=folder")
    names = sorted(path.stem for path in LESSONS.glob("*.ipynb"))
    chosen = [name for name in names if name.startswith(Path(lesson).stem)]
    if not chosen:
        raise NotGraded(f"There is no lesson {lesson!r}; there are {', '.join(names)}.")
    found, others = submissions.find(folder, names)
    if lesson:  # which also says what the unrecognised ones are
        found = [replace(one, lesson=one.lesson or chosen[0]) for one in found]
        found = [one for one in found if one.lesson in chosen]
    if not found:
        raise NotGraded(f"There is no notebook of {lesson or 'any lesson'} below {folder}.")
    notes = [] if marking.sandboxed() else [NO_SANDBOX]
    if others:
        named = ", ".join(path.relative_to(folder).as_posix() for path in others[:10])
        notes.append(f"{len(others)} files are no notebooks and were left out: {named}.")
    print(*notes, sep="\n", end="\n" if notes else "", flush=True)
    done: list[Graded] = []
    for one in grade(found, folder, limits=limits, workers=workers):
        done.append(one)
        counted = f"{len(done)} of {len(found)} notebooks are graded."
        written = report.write(done, out, folder, [counted, *notes])
        outcomes = "  ".join(f"{mark.exercise} {mark.outcome}" for mark in one.marks)
        about = one.submission
        print(f"{len(done)}/{len(found)}  {about.student}  {about.lesson}  {outcomes}", flush=True)
    print("wrote", *map(shown, written))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m tools.grading.grade", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the notebooks are: anna/06_costs.ipynb, or flat")
    parser.add_argument("--lesson", default="", help="grade only this one, such as 06")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the reports (default: work/grades)")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help="limit of one notebook (600)")
    parser.add_argument("--gigabytes", type=float, default=Limits.gigabytes, help="its memory limit (6)")
    parser.add_argument("--workers", type=int, default=1, help="notebooks at a time")
    options = parser.parse_args(arguments)
    if os.name != "posix":
        print("Grading needs Linux or macOS; on Windows it runs in WSL2.", file=sys.stderr)
        return 2
    warnings.filterwarnings("ignore", module="nbformat")  # it says what it mends
    limits = Limits(seconds=options.seconds, cell_seconds=options.seconds / 2, gigabytes=options.gigabytes)
    try:
        run(options.folder.resolve(), options.lesson, options.out.resolve(), limits, options.workers)
    except NotGraded as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
