"""A class on a real JupyterHub, on this machine: `make hub-test`.

    python -m tools.hub.load                                 5 students, 1 and 2 at work at once
    python -m tools.hub.load --students 30 --ladder 2 4 8 --record

Students log in and get a server each; then on every rung of the ladder so many at once run lesson 02 from top
to bottom, with the tiny model and an empty home, while the others stay logged in. In the middle of the first
rung the hub is killed (SIGKILL) and started again, after the last one it is stopped (SIGTERM) and started
again: no kernel may die, no cell may fail, and what a kernel held before must be there afterwards. At last
the control: without hub/tljh/course.py a stopped hub must lose the server, or this test would see nothing.

``--record`` keeps what was measured in hub/measured.json, which docs/hub.md is made from.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import nbformat
import numpy as np
import psutil

from course_utils.models.speed import processor
from course_utils.paths import write_whole
from tools.hub import environment
from tools.hub.classroom import Classroom, HubError, Student, memory, processor_seconds
from tools.notebooks.catalogue import ROOT

LESSON = "02_rag_fix"
RECORD = ROOT / "hub" / "measured.json"
REMEMBERED = "what_the_kernel_holds = 'since before the hub was killed'"
AT_ONCE = 4  # students who log in at the same moment: more would measure this machine, not the hub


def cells(lesson: str = LESSON) -> list[str]:
    """The code cells of the lesson, as they are handed out."""
    notebook = nbformat.read(ROOT / "lessons" / f"{lesson}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@contextmanager
def peak_memory(students: list[Student]) -> Iterator[dict[str, float]]:
    """While it is open, the most that each student's processes took, MiB by name."""
    peaks: dict[str, float] = {student.name: 0.0 for student in students}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1):
            for student in students:
                peaks[student.name] = max(peaks[student.name], memory(student))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def work(student: Student, sources: list[str], at_cell: threading.Event | None = None) -> tuple[float, str]:
    """Run the lesson in a new kernel: (seconds, what failed). ``at_cell`` is set in the middle of it."""
    start = time.monotonic()
    try:
        student.open_kernel()
        student.execute(REMEMBERED)
        for number, source in enumerate(sources):
            if at_cell and number == len(sources) // 3:
                at_cell.set()
            student.execute(source)
    except (HubError, OSError) as problem:
        return time.monotonic() - start, f"{type(problem).__name__}: {problem}"
    finally:
        if at_cell:
            at_cell.set()
    return time.monotonic() - start, ""


def rung(students: list[Student], sources: list[str], interrupt=None) -> dict:
    """So many students at once; ``interrupt()`` is called when the first is in the middle."""
    middle = threading.Event()
    with peak_memory(students) as peaks, ThreadPoolExecutor(len(students)) as pool:
        before = [processor_seconds(student) for student in students]
        start = time.monotonic()
        runs = [
            pool.submit(work, student, sources, middle if n == 0 else None)
            for n, student in enumerate(students)
        ]
        if interrupt:
            middle.wait()
            interrupt()
        done = [run.result() for run in runs]
        wall = time.monotonic() - start
        after = [processor_seconds(student) for student in students]
    return {
        "at_once": len(students),
        "seconds_each": [round(seconds, 1) for seconds, _ in done],
        "seconds_in_all": round(wall, 1),
        "processor_seconds_each": [round(b - a, 1) for a, b in zip(before, after, strict=True)],
        "peak_pss_mib_each": [round(peaks[student.name]) for student in students],
        "failures": [problem for _, problem in done if problem],
    }


def kernel_lives_on(student: Student) -> bool:
    """Whether a new connection finds the kernel as it was left, and the hub knows the server."""
    student.connect()
    return student.ready() and "since before" in student.execute("print(what_the_kernel_holds)")


def restart(room: Classroom, how: signal.Signals) -> None:
    room.stop_hub(how)
    time.sleep(3)  # long enough that cells end and begin without a hub
    room.start_hub()


def lost_without_our_settings(folder: Path) -> bool:
    """The control: whether a hub with JupyterHub's own defaults takes its servers along when it stops."""
    defaults = "c.JupyterHub.cleanup_servers = c.JupyterHub.cleanup_proxy = True\n"
    with Classroom(folder, defaults) as room:
        student = Student(room, "student01")
        student.log_in()
        student.spawn()
        restart(room, signal.SIGTERM)
        return not student.ready()


def measure(students: int, ladder: list[int], folder: Path) -> dict:
    """Everything that hub/measured.json holds. Raises HubError when the hub does not come up."""
    sources = cells()
    with Classroom(folder / "class") as room:
        everyone = [Student(room, f"student{number:02d}") for number in range(1, students + 1)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda student: (student.log_in(), student.spawn()), everyone))
        idle = [memory(student) for student in everyone]
        print(f"{students} students are logged in, {np.mean(idle):.0f} MiB each", flush=True)
        rungs, survived, waiting = [], {}, list(everyone)
        for position, at_once in enumerate(ladder):
            working = [waiting.pop(0) for _ in range(at_once)]  # whose home is empty
            kill = (lambda: restart(room, signal.SIGKILL)) if position == 0 else None
            rungs.append(rung(working, sources, kill))
            print(json.dumps(rungs[-1]), flush=True)
            if position == 0:
                survived["SIGKILL"] = all(map(kernel_lives_on, working)) and all(s.ready() for s in everyone)
            if position == len(ladder) - 1:
                restart(room, signal.SIGTERM)
                survived["SIGTERM"] = all(map(kernel_lives_on, working)) and all(s.ready() for s in everyone)
            print(json.dumps({"survived": survived}), flush=True)
            for student in working:
                student.close_kernel()
        spawned = [student.seconds_to_spawn for student in everyone]
        return {
            "date": datetime.date.today().isoformat(),
            "machine": {
                "processor": processor(),
                "cores": psutil.cpu_count(),
                "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
            },
            "versions": {
                "python": platform.python_version(),
                "jupyterhub": environment.JUPYTERHUB,
                "proxy": environment.PROXY,
            },
            "lesson": LESSON,
            "model": "tiny",
            "students": students,
            "logging_in_at_once": AT_ONCE,
            "idle_server_pss_mib": {"mean": round(np.mean(idle)), "most": round(max(idle))},
            "spawn_seconds": {"median": round(float(np.median(spawned)), 1), "p95": round(p95(spawned), 1)},
            "ladder": rungs,
            "survived": survived,
            "lost_without_our_settings": lost_without_our_settings(folder / "control"),
            "unknown_settings": room.unknown_settings(),
        }


def p95(values: list[float]) -> float:
    return float(np.quantile(values, 0.95))


def problems(measured: dict) -> list[str]:
    """What must not happen, in words; nothing when the hub kept its promises."""
    found = [problem for rung in measured["ladder"] for problem in rung["failures"]]
    found += [
        f"after {name} a kernel or a server was lost"
        for name, kept in measured["survived"].items()
        if not kept
    ]
    if not measured["lost_without_our_settings"]:
        found.append("the control lost no server: a restart proves nothing")
    return found + measured["unknown_settings"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=5)
    parser.add_argument("--ladder", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--record", action="store_true", help="write hub/measured.json")
    options = parser.parse_args(arguments)
    if sum(options.ladder) > options.students:
        parser.error("every rung takes students who have not worked yet: more of them, or lower rungs")
    try:
        environment.ensure()
        with tempfile.TemporaryDirectory(prefix="stale-prices-hub-") as folder:
            measured = measure(options.students, options.ladder, Path(folder))
    except HubError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(measured, indent=2))
    if options.record:
        write_whole(RECORD, json.dumps(measured, indent=2) + os.linesep)
    for problem in problems(measured):
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if problems(measured) else 0


if __name__ == "__main__":
    sys.exit(main())
