"""The format of recorded GPU runs: what a session holds, how it is checked, and how it is shown.

One JSON file in ``runs/`` is one session of ``python -m tools.gpu.record`` on one machine: the GPU,
driver, package versions and commit it ran with, and its runs, failed ones included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from course_utils.paths import write_whole

RUNS = Path(__file__).with_name("runs")
SCHEMA = 1

NO_RUN = (
    "No GPU run is recorded yet, so no GPU number is shown here. On a machine with an NVIDIA GPU and Unsloth "
    "(`make gpu`) this makes one: python -m tools.gpu.record"
)

ENGINES = ("unsloth", "plain")  # plain: transformers + bitsandbytes + PEFT + TRL
METHODS = ("qlora", "lora16", "full16", "full32")  # 4-bit and 16-bit LoRA; full with 16- and 32-bit weights
WEIGHTS = ("bundled", "random", "hub")
NOT_STEADY = 3  # optimizer steps at the start that compile kernels and fill caches


class RecordedRunError(Exception):
    """A recorded run cannot be used; the message names the file and the field."""


@dataclass(frozen=True)
class Gpu:
    name: str
    memory_gib: float
    driver: str
    cuda: str
    compute_capability: str  # "9.0"


@dataclass(frozen=True)
class Run:
    """One training. A run that failed says why in ``failure`` and has no measurements."""

    engine: str  # one of ENGINES
    method: str  # one of METHODS
    model: str  # "bundled", or the architecture: "Llama-3.1-8B"
    weights: str  # one of WEIGHTS; random ones measure memory and speed, never answers
    parameters: int  # of the base, before adapters
    trainable: int
    dataset: str  # what it was trained on, in words
    dataset_sha256: str
    tokens_per_row: int  # the longest row
    settings: dict[str, Any]  # rank, batch_size, accumulation, max_length, learning_rate, optimizer, steps …
    seconds: float | None = None  # the training alone: not loading, not answering
    step_seconds: list[float] = field(default_factory=list)  # wall clock of each optimizer step
    peak_allocated_gib: float | None = None  # torch's tensors at their peak, loading included
    peak_reserved_gib: float | None = None  # what torch's allocator held: what has to fit the card
    loss: list[list[float]] = field(default_factory=list)  # [step, loss]
    answers: list[dict[str, str]] = field(default_factory=list)  # raw: question, before, after
    failure: str | None = None

    @property
    def seconds_per_step(self) -> float | None:
        """The median step, the first ones left out; None when too few were made."""
        steady = self.step_seconds[NOT_STEADY:]
        return median(steady) if steady else None

    @property
    def tokens_per_second(self) -> float | None:
        """Trained tokens a second in the median step; rows are counted at their longest."""
        if self.seconds_per_step is None:
            return None
        rows = self.settings["batch_size"] * self.settings["accumulation"]
        return rows * self.tokens_per_row / self.seconds_per_step


@dataclass(frozen=True)
class Session:
    recorded: str  # ISO 8601 with offset
    commit: str  # 40 hex digits: the course's code it ran with
    clean: bool  # whether the working tree was exactly that commit
    gpu: Gpu
    versions: dict[str, str]  # package to version, Python included
    runs: tuple[Run, ...]
    schema: int = SCHEMA

    def find(self, **wanted: str) -> list[Run]:
        """The runs whose fields have these values: ``session.find(model="bundled", engine="unsloth")``."""
        return [
            run for run in self.runs if all(getattr(run, name) == value for name, value in wanted.items())
        ]


def sessions(folder: Path = RUNS) -> list[Session]:
    """All recorded sessions, the newest first; an empty list when there are none yet."""
    found = [load(file) for file in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda session: datetime.fromisoformat(session.recorded), reverse=True)


def load(file: Path) -> Session:
    """The session in ``file``. Raises RecordedRunError that names the field that is missing or wrong."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise RecordedRunError(f"{file.name} cannot be read: {problem}") from None
    try:
        return parse(data)
    except RecordedRunError as problem:
        raise RecordedRunError(f"{file.name}: {problem}") from None


def parse(data: Any) -> Session:
    """``data``, as JSON gives it, as a Session. Raises RecordedRunError."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise RecordedRunError(
            f"schema is not {SCHEMA}; record the run again with this version of the course."
        )
    body = dict(data)
    body["gpu"] = _made(Gpu, body.get("gpu"), "gpu")
    runs = body.get("runs")
    if not isinstance(runs, list) or not runs:
        raise RecordedRunError("runs is a list of runs, at least one.")
    body["runs"] = tuple(_made(Run, run, f"runs[{i}]") for i, run in enumerate(runs))
    session = _made(Session, body, "session")
    problems = [
        *_provenance(session),
        *(f"runs[{i}]: {p}" for i, r in enumerate(session.runs) for p in _run(r)),
    ]
    if problems:
        raise RecordedRunError("; ".join(problems))
    return session


def dump(session: Session, file: Path) -> None:
    """Write ``session`` to ``file``, whole or not at all, after checking it."""
    data = json.loads(json.dumps(asdict(session)))
    parse(data)
    write_whole(file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def heading(session: Session) -> str:
    """The line above everything a lesson shows from a recorded session."""
    day = datetime.fromisoformat(session.recorded).date().isoformat()
    packages = ", ".join(f"{name} {session.versions[name]}" for name in ("unsloth", "torch", "trl", "peft"))
    changed = "" if session.clean else " with local changes"
    return (
        f"Recorded, not live: {day} on one {session.gpu.name} ({session.gpu.memory_gib:.0f} GiB, driver "
        f"{session.gpu.driver}), {packages}, commit {session.commit[:8]}{changed}."
    )


def table(runs: Iterable[Run]) -> list[dict[str, str]]:
    """One row a run, ready to show: seconds a step, tokens a second, peak memory; or why it failed."""

    def number(value: float | None, digits: int) -> str:
        return "–" if value is None else f"{value:,.{digits}f}"

    return [
        {
            "model": run.model,
            "method": run.method,
            "engine": run.engine,
            "trainable": f"{run.trainable:,}",
            "s a step": number(run.seconds_per_step, 2),
            "tokens a s": number(run.tokens_per_second, 0),
            "peak GiB": number(run.peak_reserved_gib, 1),
            "": run.failure or "",
        }
        for run in runs
    ]


# --- validation ---------------------------------------------------------------------------------------


def _made(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise RecordedRunError(f"{where} is missing or is no object.")
    known = {f.name: f for f in fields(kind)}
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise RecordedRunError(f"{where} has unknown fields: {', '.join(unknown)}.")
    try:
        return kind(**data)
    except TypeError as problem:
        raise RecordedRunError(f"{where}: {str(problem).split('__init__() ')[-1]}.") from None


def _provenance(session: Session) -> Iterable[str]:
    try:
        if datetime.fromisoformat(session.recorded).tzinfo is None:
            yield "recorded has no time zone"
    except (TypeError, ValueError):
        yield "recorded is no ISO 8601 time"
    if not re.fullmatch(r"[0-9a-f]{40}", str(session.commit)):
        yield "commit is no git commit (40 hex digits)"
    if not isinstance(session.clean, bool):
        yield "clean is neither true nor false"
    for name in ("name", "driver", "cuda", "compute_capability"):
        if not str(getattr(session.gpu, name) or "").strip():
            yield f"gpu.{name} is empty"
    if not _positive(session.gpu.memory_gib):
        yield "gpu.memory_gib is no positive number"
    needed = {"python", "torch", "transformers", "trl", "peft", "bitsandbytes", "unsloth"}
    missing = needed - set(session.versions if isinstance(session.versions, dict) else ())
    if missing:
        yield f"versions lacks {', '.join(sorted(missing))}"


def _run(run: Run) -> Iterable[str]:
    for name, allowed in (("engine", ENGINES), ("method", METHODS), ("weights", WEIGHTS)):
        if getattr(run, name) not in allowed:
            yield f"{name} is none of {', '.join(allowed)}"
    for name in ("parameters", "trainable", "tokens_per_row"):
        if not isinstance(getattr(run, name), int) or getattr(run, name) <= 0:
            yield f"{name} is no positive whole number"
    if not re.fullmatch(r"[0-9a-f]{64}", str(run.dataset_sha256)):
        yield "dataset_sha256 is no sha256 (64 hex digits)"
    for name in ("batch_size", "accumulation", "max_length", "learning_rate", "optimizer", "steps"):
        if name not in run.settings:
            yield f"settings lacks {name}"
    measured = (run.seconds, run.peak_allocated_gib, run.peak_reserved_gib)
    if run.failure is not None:
        if any(value is not None for value in measured) or run.step_seconds or run.loss:
            yield "a failed run has no measurements"
        return
    if not all(_positive(value) for value in measured):
        yield "seconds and both peaks are positive numbers, or failure says why not"
    elif run.peak_reserved_gib < run.peak_allocated_gib:
        yield "the allocator cannot hold less than it handed out"
    if not run.loss or any(len(point) != 2 for point in run.loss):
        yield "loss is a list of [step, loss], at least one"
    if len(run.step_seconds) != run.settings.get("steps"):
        yield "step_seconds has one entry a step"
    if run.weights == "random" and run.answers:
        yield "a model with random weights has no answers worth keeping"
    if run.weights == "bundled" and not run.answers:
        yield "the bundled model's raw answers belong to the run"
    if any(set(answer) != {"question", "before", "after"} for answer in run.answers):
        yield "an answer has question, before and after"


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
