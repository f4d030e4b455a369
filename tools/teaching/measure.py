"""Run the lessons and keep how long each cell takes, and how much memory a lesson needs.

    python -m tools.teaching.measure                every lesson that is ready, in order
    python -m tools.teaching.measure 05_hybrid      only this one, as the first that somebody opens
    STALE_PRICES_MODEL=smol python -m tools.teaching.measure

Each lesson runs twice, as a learner has it, with no exercise attempted, in a new home that all of them share:
the first time is what a class waits for, the second what catching up takes, when answers, vectors and trained
adapters are remembered. What was measured is written to teaching/measured.json after each lesson.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from course_utils import models, paths
from course_utils.models import lanes, prepared
from tools.bench import machine
from tools.notebooks import build
from tools.notebooks.catalogue import ROOT, Lesson, load

FILE = ROOT / "teaching" / "measured.json"
OFTEN = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Run:
    """One run of a notebook: seconds until the first cell began, seconds by cell id, and GiB at the peak."""

    start: float
    seconds: dict[str, float]
    peak: float

    @property
    def total(self) -> float:
        return self.start + sum(self.seconds.values())


@dataclass(frozen=True)
class Measured:
    """What is known of one lesson with one model: the first run, and the same lesson run again."""

    first: Run
    again: Run


@contextmanager
def homes() -> Iterator[dict[str, str]]:
    """Environment variables that give notebooks an empty home of their own, with this machine's models."""
    with tempfile.TemporaryDirectory(prefix="stale-prices-") as home:
        if prepared.at_hand():
            build.share_models(Path(home))
        yield {paths.HOME_VARIABLE: home, "HF_HUB_OFFLINE": "1"}


def run(notebook: NotebookNode, folder: Path, environment: Mapping[str, str]) -> Run:
    """Execute ``notebook`` in ``folder``. Raises nbclient's CellExecutionError when a cell fails."""
    began: dict[str, float] = {}
    seconds: dict[str, float] = {}

    def starts(cell: NotebookNode, **_: object) -> None:
        began[cell.id] = time.perf_counter()

    def ends(cell: NotebookNode, **_: object) -> None:
        seconds[cell.id] = round(time.perf_counter() - began[cell.id], 2)

    client = NotebookClient(
        notebook,
        timeout=2 * build.CELL_TIMEOUT,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=starts,
        on_cell_executed=ends,
    )
    begin = time.perf_counter()
    with _watched() as peak:
        client.execute(env=os.environ | dict(environment))
    return Run(round(min(began.values()) - begin, 2), seconds, round(peak[0], 2))


@contextmanager
def _watched() -> Iterator[list[float]]:
    """The most memory that the processes started meanwhile held together, in GiB, as a list of one."""
    import psutil

    peak, done = [0.0], threading.Event()
    ours = psutil.Process()
    others = set(ours.children(recursive=True))

    def look() -> None:
        while not done.wait(OFTEN):
            held = 0
            for process in set(ours.children(recursive=True)) - others:
                with suppress(psutil.Error):
                    held += process.memory_info().rss
            peak[0] = max(peak[0], held / 2**30)

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    try:
        yield peak
    finally:
        done.set()
        watching.join()


def lesson_notebook(lesson: Lesson) -> NotebookNode:
    return nbformat.read(ROOT / "lessons" / f"{lesson.name}.ipynb", as_version=4)


# --- what is kept -------------------------------------------------------------------------------------


def kept(model: str, file: Path = FILE) -> dict[str, Measured]:
    """What was measured with ``model``, by lesson number; empty when nothing was."""
    lessons = _read(file).get(model, {}).get("lessons", {})
    return {number: Measured(Run(**two["first"]), Run(**two["again"])) for number, two in lessons.items()}


def where(model: str, file: Path = FILE) -> str:
    """The machine, threads and day of what is kept for ``model``; empty when nothing is."""
    return _read(file).get(model, {}).get("machine", "")


def needs(model: str = models.TINY, file: Path = FILE) -> dict[str, tuple[float, float]]:
    """Lesson number to (seconds of Run All for the first time, GiB of memory at the peak)."""
    return {number: (two.first.total, two.first.peak) for number, two in kept(model, file).items()}


def keep(model: str, number: str, measured: Measured, here: str, file: Path = FILE) -> None:
    everything = _read(file)
    of_model = everything.setdefault(model, {"lessons": {}})
    of_model["machine"] = here
    of_model["lessons"][number] = {name: vars(getattr(measured, name)) for name in ("first", "again")}
    of_model["lessons"] = dict(sorted(of_model["lessons"].items()))
    paths.write_whole(file, json.dumps(everything, indent=1) + "\n")


def _read(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.teaching.measure", description=__doc__.split("\n")[0]
    )
    parser.add_argument("lessons", nargs="*", metavar="NN_name", help="default: every lesson that is ready")
    options = parser.parse_args(arguments)
    import psutil
    import torch

    catalogue = load()
    model = models.current().name
    threads = f"{torch.get_num_threads()} thread{'s' * (torch.get_num_threads() > 1)}"
    here = f"{machine()}; {threads}; {datetime.now(UTC):%Y-%m-%d}"
    with homes() as home:
        environment = home | {lanes.VARIABLE: model}
        for lesson in [catalogue.by_name(name) for name in options.lessons] or catalogue.ready():
            first, again = (run(lesson_notebook(lesson), ROOT / "lessons", environment) for _ in range(2))
            load_average = psutil.getloadavg()[0]
            keep(model, lesson.number, Measured(first, again), f"{here}, load {load_average:.1f}")
            seconds = f"{first.total:.0f} s, again {again.total:.0f} s"
            print(f"{lesson.name}, {model}: {seconds}; {first.peak:.2f} GiB")


if __name__ == "__main__":
    main()
