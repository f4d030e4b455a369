"""Is this room ready? Looks at the machine, runs lessons 01 and 02 on it, and says so.

    python -m tools.teaching.preflight                 a machine like a learner's
    python -m tools.teaching.preflight --learners 30   … that thirty learners share
    python -m tools.teaching.preflight --schedule "Half a day"

Every line is OK, WARN (it works, with a restriction) or FAIL (mend this first), as the doctor's. The lessons
run in an empty home, so their times are those of a class that opens them for the first time.
"""

from __future__ import annotations

import argparse
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nbclient.exceptions import CellExecutionError

from course_utils import doctor, models, published
from course_utils.doctor import Finding, Level
from course_utils.models import lanes
from tools.notebooks.catalogue import ROOT, Catalogue, Lesson, load
from tools.teaching import guide, measure, schedules, waiting
from tools.teaching.measure import Measured, Run
from tools.teaching.outline import Outline, outlines

TRIED = ("01", "02")
PORTS = range(8888, 8898)  # JupyterLab takes the first that is free
SLOW = {models.SMOL: 300.0, models.TINY: 120.0}  # seconds: the course's budget for Run All
SPARE = 1.0  # GiB for the system and a browser
PLAN_B = """\
If it fails all the same
  one learner     a neighbour's screen at once; `make doctor` in the next break
  the machines    Colab (a Google account each) or Binder: click the badge the evening before, it builds once
  the network     nothing after the installation needs one
  the time        demo instead of do: the solutions carry their outputs, the slides their pictures"""


def lessons_run(lessons: Mapping[str, Lesson], model: str, runs: dict[str, Run]) -> Iterator[Finding]:
    """Run the lessons in one empty home and put what was measured into ``runs``."""
    with measure.homes() as home:
        for lesson in lessons.values():
            subject = f"Lesson {lesson.number}"
            print(f"running {lesson.name} with {model} …", flush=True)
            try:
                run = measure.run(
                    measure.lesson_notebook(lesson), ROOT / "lessons", home | {lanes.VARIABLE: model}
                )
            except CellExecutionError as problem:
                where = f"stopped with {problem.ename}: {problem.evalue}"
                yield Finding(Level.FAIL, subject, where, f"Open lessons/{lesson.name}.ipynb and Run All.")
                continue
            runs[lesson.number] = run
            text = f"runs, {guide.seconds(run.total)} with {model}, {run.peak:.2f} GiB at the peak"
            slow = run.total > SLOW.get(model, SLOW[models.SMOL])
            remedy = f"Set {lanes.VARIABLE}={models.TINY} for the class, or give these parts more time."
            yield Finding(Level.WARN if slow else Level.OK, subject, text, remedy if slow else "")


def ports(numbers: range = PORTS) -> Finding:
    """Whether JupyterLab finds a free port where it looks."""
    free = [number for number in numbers if _is_free(number)]
    text = f"{len(free)} of {numbers[0]} to {numbers[-1]} are free"
    if not free:
        remedy = f"Stop what listens there, or: make lab with --port={numbers[-1] + 1}"
        return Finding(Level.FAIL, "Ports", text, remedy)
    if numbers[0] not in free:
        return Finding(Level.WARN, "Ports", text, f"JupyterLab will open on {free[0]}; tell the class so.")
    return Finding(Level.OK, "Ports", text)


def memory(learners: int, peak: float, available: float) -> Finding:
    """Whether ``available`` GiB carry so many learners at once, each with a lesson of ``peak`` GiB open."""
    needed = learners * peak + SPARE
    text = f"{available:.1f} GiB available, {learners} × {peak:.2f} + {SPARE:.0f} = {needed:.1f} GiB wanted"
    if needed > available:
        most = max(0, int((available - SPARE) / peak))
        return Finding(Level.FAIL, "Memory for all", text, f"It carries {most}: let people share.")
    return Finding(Level.OK, "Memory for all", text)


def links(catalogue: Catalogue, lesson: Lesson) -> Iterator[Finding]:
    """Whether the badges lead somewhere: a public repository with the notebook in it, Colab, Binder."""
    path = f"lessons/{lesson.name}.ipynb"
    raw = f"https://raw.githubusercontent.com/{catalogue.repository}/{catalogue.branch}/{path}"
    wanted = {
        "Repository": (catalogue.repository_url(), "Is it public? A fork writes its address by `make fork`."),
        "Notebook": (raw, f"Is {path} on the branch {catalogue.branch!r}? Push it."),
        "Colab": ("https://colab.research.google.com", "Plan without it."),
        "Binder": ("https://mybinder.org", "Plan without it."),
    }
    for subject, (url, remedy) in wanted.items():
        status = _status(url)
        if status is None:
            yield Finding(Level.WARN, subject, f"not checked: no network, or {url} does not answer")
        elif status >= 400:
            yield Finding(Level.FAIL, subject, f"{url} says {status}", remedy)
        else:
            yield Finding(Level.OK, subject, url)


def in_this_room(kept: Mapping[str, Measured], here: Mapping[str, Run]) -> tuple[dict[str, Measured], float]:
    """What lessons take in this room, and how many times slower it is than where ``kept`` was measured.

    Lessons that ran here have their own seconds; the others those that were kept, times the ratio of the two.
    """
    both = kept.keys() & here.keys()
    ratio = sum(here[n].total for n in both) / sum(kept[n].first.total for n in both) if both else 1.0
    room = {number: replace(two, first=_slower(two.first, ratio)) for number, two in kept.items()}
    return room | {number: Measured(run, run) for number, run in here.items()}, ratio


def timetable(plan: schedules.Schedule, room: Mapping[str, Measured]) -> str:
    """The schedule as lines of text, with the waits of this room."""
    lines = [f"{plan.name}"]
    for at, part in zip(plan.clock(), plan.parts, strict=False):
        wait = waiting.of_part(part, room) if part.sections and part.minutes else 0.0
        waits = "" if wait == 0 else "  not measured" if wait is None else f"  waiting {guide.seconds(wait)}"
        lines.append(f"  {at} {part.minutes or '':>4}  {part.kind:9}{part.title}{waits}")
    return "\n".join([*lines, f"  {plan.clock()[-2]} {plan.buffer:>4}  buffer"])


def _slower(run: Run, ratio: float) -> Run:
    return Run(run.start * ratio, {cell: value * ratio for cell, value in run.seconds.items()}, run.peak)


def _is_free(port: int) -> bool:
    with socket.socket() as asked:
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _status(url: str) -> int | None:
    """What the server says to a HEAD request; None when none answers."""
    if not published.answers(url):
        return None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code
    except OSError:
        return None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.teaching.preflight", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--learners", type=int, default=1, metavar="N", help="how many share this machine")
    parser.add_argument("--schedule", metavar="NAME", help="print this one only")
    options = parser.parse_args(arguments)
    catalogue = load()
    found: dict[str, Outline] = outlines(catalogue)
    plans = schedules.load(found)
    names = [plan.name for plan in plans]
    if options.schedule and options.schedule not in names:
        parser.error(f"there is no schedule {options.schedule!r}; there are: {', '.join(names)}")
    if options.learners < 1:
        parser.error("--learners is a number of people, 1 or more")

    model = models.current().name
    runs: dict[str, Run] = {}
    tried = {number: found[number].lesson for number in TRIED}
    findings = [*doctor.examine(), ports(), *links(catalogue, tried[TRIED[0]])]
    findings += lessons_run(tried, model, runs)
    kept = measure.kept(model)
    room, ratio = in_this_room(kept, runs)
    if room:
        import psutil

        peak = max(two.first.peak for two in room.values())
        available = psutil.virtual_memory().available / 2**30
        findings.append(memory(options.learners, peak, min(available, doctor.container_limit() or available)))
    print("\n".join(map(str, findings)))

    print(f"\nWaits are this machine's, with {model}", end="")
    print(
        f"; of other lessons: {ratio:.1f} × {measure.where(model)}" if kept else " (lessons 01 and 02 only)"
    )
    for plan in plans:
        if options.schedule in (None, plan.name):
            print(f"\n{timetable(plan, room)}")
    print(f"\n{PLAN_B}")
    failed = sum(finding.level is Level.FAIL for finding in findings)
    print(f"\nNot ready: {failed} to mend first; see the arrows (→)." if failed else "\nReady.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
