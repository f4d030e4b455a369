"""Mark one submission: the marker's process. Its notebook runs in a second one, :mod:`tools.grading.worker`.

The marker sends the cells, takes the answers as data (:mod:`tools.grading.handover`) and judges them with the
course's own tests *here*, where no line of the notebook is ever executed. It prints one JSON line a mark as
soon as it is known, so that a notebook that takes everything down keeps the marks that it had.

    python -m tools.grading.marking HOME HIDDEN LIMITS < STEPS
"""

from __future__ import annotations

import builtins
import functools
import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from course_utils import models, paths
from course_utils.checks.engine import Status, judge
from course_utils.models import lanes
from tools.grading import handover
from tools.notebooks.catalogue import ROOT

LONGEST_MESSAGE = 400  # characters
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Check:
    """A self-check in a lesson: what its cell does beside it, and the answer as an expression."""

    exercise: str
    setup: str
    answer: str


@dataclass(frozen=True)
class Cell:
    """A cell of a submission; ``number`` counts all cells from 1, prose too."""

    number: int
    source: str


class Outcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    NOT_ATTEMPTED = "not attempted"
    ERROR = "error"


OUTCOMES = {
    Status.CORRECT: Outcome.RIGHT,
    Status.NOT_YET: Outcome.WRONG,
    Status.NOT_ATTEMPTED: Outcome.NOT_ATTEMPTED,
    Status.UNKNOWN: Outcome.ERROR,
}


@dataclass(frozen=True)
class Mark:
    exercise: str
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True)
class Limits:
    """What a notebook may use. ``call_seconds`` is for one call of a function that is an answer."""

    seconds: float = 600
    cell_seconds: float = 300
    call_seconds: float = 20
    gigabytes: float = 6  # of address space, of each of the two processes
    file_gigabytes: float = 1  # of one file that it writes


class Ended(Exception):
    """The notebook's process is not there any more."""


class OutOfTime(BaseException):
    """The notebook's time is up. No ``except Exception`` of a test stops it."""


class Notebook:
    """A submission's process: a context manager, at whose end it and its children are killed."""

    def __init__(self, home: Path, limits: Limits, hidden: Path) -> None:
        self.limits = limits
        self.lost: Ended | None = None
        ours, theirs = socket.socketpair()
        self.channel = Connection(ours.detach())
        command = [*sandbox(home, hidden), sys.executable, "-m", "tools.grading.worker"]
        with theirs:
            self.process = subprocess.Popen(
                command,
                cwd=home,
                env=_environment(home),
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def __enter__(self) -> Notebook:
        return self

    def __exit__(self, *_: object) -> None:
        kill(self.process)
        self.channel.close()

    def run(self, source: str) -> str:
        """Execute a cell; the words of the error that it ended with, or nothing."""
        try:
            self._ask(self.limits.cell_seconds, "run", source)
        except (Ended, OutOfTime):
            raise
        except Exception as problem:
            return _words(problem)
        return ""

    def answer(self, expression: str) -> Any:
        """The value of ``expression`` in the notebook; raises what evaluating it raised there."""
        return self._ask(self.limits.call_seconds, "answer", expression)

    def _call(self, place: int, *positional: Any, **named: Any) -> Any:
        return self._ask(self.limits.call_seconds, "call", place, positional, named)

    def _ask(self, seconds: float, *request: Any) -> Any:
        try:
            self.channel.send_bytes(pickle.dumps((seconds, *request)))
            message = self.channel.recv_bytes(handover.LARGEST + 1024)
        except (EOFError, OSError) as problem:
            self.lost = Ended("the notebook's process ended, or broke its connection")
            raise self.lost from problem
        match handover.loads(message, lambda place: functools.partial(self._call, place)):
            case ("value", value):
                return value
            case ("raised", str(name), str(known), str(text)):
                raise _as_there(name, known, text)
        raise handover.NotHandedOver("the message is damaged")


def sandbox(home: Path, hidden: Path) -> list[str]:
    """bubblewrap's command line where it works: all is read-only but ``home``, ``hidden`` is empty, and there
    are neither other processes nor a network. Empty where it does not work."""
    if not sandboxed():
        return []
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev"]
    command += ["--proc", "/proc"]
    if not any(Path(needed).is_relative_to(hidden) for needed in (ROOT, sys.prefix, sys.base_prefix)):
        command += ["--tmpfs", str(hidden)]
    return [*command, "--bind", str(home), str(home), "--"]


@functools.cache
def sandboxed() -> bool:
    """Whether this machine has bubblewrap and lets it work."""
    if not shutil.which("bwrap"):
        return False
    tried = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(tried, capture_output=True).returncode == 0


def kill(process: subprocess.Popen) -> None:
    """End a process and all that it started, as far as they still belong to it."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.kill()
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def mark(notebook: Notebook, steps: Iterable[Cell | Check]) -> Iterator[Mark]:
    """Run the cells and judge the exercises in their order. Raises Ended and OutOfTime."""
    troubles: list[str] = []
    for step in steps:
        if not isinstance(step, Check):
            if trouble := notebook.run(step.source):
                troubles.append(f"cell {step.number} stopped with {trouble}")
            continue
        if step.setup and (trouble := notebook.run(step.setup)):
            troubles.append(f"the lesson's check cell stopped with {trouble}")
        yield _judged(notebook, step, troubles)
        troubles = []


def _judged(notebook: Notebook, check: Check, troubles: list[str]) -> Mark:
    try:
        answer = notebook.answer(check.answer)
    except Ended:
        raise
    except Exception as problem:
        return _mark(check.exercise, Outcome.ERROR, "; ".join([_words(problem), *troubles]))
    verdict = judge(check.exercise, answer)
    if notebook.lost:  # a test takes any exception for the learner's
        raise notebook.lost
    return _mark(check.exercise, OUTCOMES[verdict.status], verdict.message)


def _mark(exercise: str, outcome: Outcome, message: str) -> Mark:
    text = " ".join(message.split())
    return Mark(exercise, outcome, text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + " …")


def _as_there(name: str, known: str, text: str) -> Exception:
    """The exception as the learner's code raised it: of that name, and of a built-in kind."""
    kind = getattr(builtins, known, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = Exception
    return type(name, (kind,), {"__str__": lambda _: text})()


def _words(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"


def _environment(home: Path) -> dict[str, str]:
    """The variables of the notebook's process: nothing of the teacher's but where programs are."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    folders = dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", paths.HOME_VARIABLE), str(home))
    ours = {lanes.VARIABLE: models.TINY, "HF_HUB_OFFLINE": "1", "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    return kept | folders | ours


def _limit(limits: Limits) -> None:
    """Limit this process and all that it starts, and ask for OutOfTime when the time is up."""
    import resource

    most = {resource.RLIMIT_FSIZE: limits.file_gigabytes, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":  # macOS takes no limit of the address space
        most[resource.RLIMIT_AS] = limits.gigabytes
    for which, gigabytes in most.items():
        resource.setrlimit(which, (int(gigabytes * 2**30),) * 2)

    def stop(*_: object) -> None:
        raise OutOfTime(f"the notebook was stopped after {limits.seconds:g} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)


def main(arguments: list[str]) -> None:
    home, hidden, limits = Path(arguments[0]), Path(arguments[1]), Limits(**json.loads(arguments[2]))
    _limit(limits)
    steps = [Check(**step) if "exercise" in step else Cell(**step) for step in json.load(sys.stdin)]
    marked = set()
    try:
        with Notebook(home, limits, hidden) as notebook:
            for found in mark(notebook, steps):
                print(json.dumps(asdict(found)), flush=True)
                marked.add(found.exercise)
    except (Ended, OutOfTime) as problem:
        for step in steps:
            if isinstance(step, Check) and step.exercise not in marked:
                left = Mark(step.exercise, Outcome.ERROR, str(problem))
                print(json.dumps(asdict(left)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
