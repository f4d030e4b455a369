"""The format of recorded GPU runs: what a session holds, how it is checked, and how it is shown.

One JSON file in ``runs/`` is one session of ``python -m tools.gpu.record`` on one machine: the GPU,
driver, package versions and commit it ran with, and what was run: lesson 10's notebook (:class:`Lab`), single
trainings (:class:`Run`), and recipes of the course's own models that went on (:class:`Continued`); failed
ones included.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from course_utils import results
from course_utils.paths import write_whole

RUNS = Path(__file__).with_name("runs")
SCHEMA = 1

NO_RUN = (
    "No GPU run is recorded yet, so no GPU number is shown here. On a machine with an NVIDIA GPU and Unsloth "
    "(`make gpu`) this makes one: python -m tools.gpu.record"
)

Engine = Literal["unsloth", "plain"]  # plain: transformers + bitsandbytes + PEFT + TRL
ENGINES: tuple[str, ...] = get_args(Engine)
LAB_RESULTS = {"base", "engine", "scores", "verdicts", "by_heart", "bill"}
NOT_STEADY = 3  # optimizer steps at the start that compile kernels and fill caches


class RecordedRunError(Exception):
    """A recorded run cannot be used; the message names the file and the field."""


# --- what the fields hold -----------------------------------------------------------------------------

CHECKED = ConfigDict(strict=True, extra="forbid")  # "yes" is no bool, and a field of another name an error
Text = Annotated[str, Field(pattern=r"\S")]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


def _with(*names: str) -> AfterValidator:
    def check(given: Mapping[str, Any]) -> Mapping[str, Any]:
        if missing := sorted(set(names) - set(given)):
            raise ValueError(f"lacks {', '.join(missing)}")
        return given

    return AfterValidator(check)


def _dated(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("has no time zone")
    return text


@dataclass(frozen=True)
class Gpu:
    __pydantic_config__ = CHECKED

    name: Text
    memory_gib: Positive
    driver: Text
    cuda: Text
    compute_capability: Text  # "9.0"


@dataclass(frozen=True)
class Run:
    """One training. A run that failed says why in ``failure`` and has no measurements."""

    __pydantic_config__ = CHECKED

    engine: Engine
    method: Literal["qlora", "lora16", "full16", "full32"]  # 4-bit and 16-bit LoRA; full with 16, 32 bits
    model: Text  # "bundled", or the architecture: "Llama-3.1-8B"
    weights: Literal["bundled", "random", "hub"]  # random ones measure memory and speed, never answers
    parameters: Count  # of the base, before adapters
    trainable: Count
    dataset: Text  # what it was trained on, in words
    dataset_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    tokens_per_row: Count  # the longest row
    settings: Annotated[
        dict[str, Any],  # rank and more beside these
        _with("batch_size", "accumulation", "max_length", "learning_rate", "optimizer", "steps"),
    ]
    seconds: Positive | None = None  # the training alone: not loading, not answering
    step_seconds: list[Positive] = field(default_factory=list)  # wall clock of each optimizer step
    peak_allocated_gib: Positive | None = None  # torch's tensors at their peak, loading included
    peak_reserved_gib: Positive | None = None  # what torch's allocator held: what has to fit the card
    loss: list[Annotated[list[float], Field(min_length=2, max_length=2)]] = field(
        default_factory=list
    )  # step, loss
    answers: list[Annotated[dict[str, str], _with("question", "before", "after")]] = field(
        default_factory=list
    )  # raw
    failure: str | None = None

    @property
    def name(self) -> str:
        return f"{self.model} {self.method} {self.engine}"

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


def _believable(run: Run) -> Run:
    """``run`` itself. Raises ValueError when its fields do not fit each other."""
    for wrong, why in _misfits(run):
        if wrong:
            raise ValueError(why)
    return run


def _misfits(run: Run) -> Iterable[tuple[bool, str]]:
    measured = (run.seconds, run.peak_allocated_gib, run.peak_reserved_gib)
    if run.failure is not None:
        yield any(measured) or bool(run.step_seconds or run.loss), "a failed run has no measurements"
        return
    yield None in measured, "seconds and both peaks are measured, or failure says why not"
    yield run.peak_reserved_gib < run.peak_allocated_gib, "the allocator cannot hold less than it handed out"
    yield not run.loss, "loss is a list of [step, loss], at least one"
    yield len(run.step_seconds) != run.settings["steps"], "step_seconds has one entry a step"
    yield run.weights == "random" and bool(run.answers), "random weights have no answers worth keeping"
    yield run.weights == "bundled" and not run.answers, "the bundled model's raw answers belong to the run"


@dataclass(frozen=True)
class Lab:
    """One execution of lesson 10's notebook, to its end or to the cell that stopped it (``failure``)."""

    __pydantic_config__ = CHECKED

    base: Text  # what was asked for: "smol", "tiny", a hub id
    engine: Engine
    precision: Literal["bfloat16", "float16"]  # what the GPU was allowed to compute in
    notebook_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # of its code cells
    seconds: Positive  # from the first cell to the last, loading included
    results: dict[str, Any] = field(default_factory=dict)  # as the notebook recorded them, in results.to_json
    failure: str | None = None

    @property
    def name(self) -> str:
        return f"lab {self.base} {self.engine}"


def _whole(lab: Lab) -> Lab:
    """``lab`` itself. Raises ValueError when it claims to have ended and lacks what the notebook records."""
    if lab.failure is None and (missing := sorted(LAB_RESULTS - set(lab.results))):
        raise ValueError(f"results lack {', '.join(missing)}, or failure says why")
    return lab


@dataclass(frozen=True)
class Continued:
    """A leg of a recipe in ``tools``, from the checkpoint that was there to where its minutes ended."""

    __pydantic_config__ = CHECKED

    recipe: Literal["reader", "bundled_model"]
    tokens_before: Annotated[int, Field(ge=0)]
    tokens_after: Annotated[int, Field(ge=0)]
    seconds: Positive
    curve: list[dict[str, Any]] = field(
        default_factory=list
    )  # the points that this leg added, as it notes them
    failure: str | None = None

    @property
    def name(self) -> str:
        return f"continue {self.recipe}"


def _further(leg: Continued) -> Continued:
    """``leg`` itself. Raises ValueError when it claims to have gone on and has not."""
    if leg.failure is None and leg.tokens_after <= leg.tokens_before:
        raise ValueError("it trained on no token, or failure says why")
    return leg


@dataclass(frozen=True)
class Session:
    __pydantic_config__ = CHECKED

    recorded: Annotated[str, AfterValidator(_dated)]  # ISO 8601 with offset
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]  # the course's code it ran with
    clean: bool  # whether the working tree was exactly that commit
    gpu: Gpu
    versions: Annotated[  # package to version
        dict[str, str], _with("python", "torch", "transformers", "trl", "peft", "bitsandbytes", "unsloth")
    ]
    runs: tuple[Annotated[Run, AfterValidator(_believable)], ...] = ()
    labs: tuple[Annotated[Lab, AfterValidator(_whole)], ...] = ()
    continued: tuple[Annotated[Continued, AfterValidator(_further)], ...] = ()
    schema: int = SCHEMA

    def find(self, **wanted: str) -> list[Run]:
        """The runs whose fields have these values: ``session.find(model="bundled", engine="unsloth")``."""
        return [
            run for run in self.runs if all(getattr(run, name) == value for name, value in wanted.items())
        ]


def _not_empty(session: Session) -> Session:
    if not (session.runs or session.labs or session.continued):
        raise ValueError("holds neither a run, nor a lab, nor a recipe that went on")
    return session


def sessions(folder: Path = RUNS) -> list[Session]:
    """All recorded sessions, the newest first; an empty list when there are none yet."""
    found = [load(file) for file in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda session: datetime.fromisoformat(session.recorded), reverse=True)


def labs(folder: Path = RUNS) -> list[tuple[Session, Lab]]:
    """Every recorded execution of lesson 10 that came to its end, with its session; the newest first."""
    return [(session, lab) for session in sessions(folder) for lab in session.labs if lab.failure is None]


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
    try:
        checked = Annotated[Session, AfterValidator(_not_empty)]
        return TypeAdapter(checked).validate_json(json.dumps(data))
    except ValidationError as problem:
        raise RecordedRunError("; ".join(map(_said, problem.errors()))) from None


def _said(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors: ``runs[1].engine: Input should be 'unsloth' or 'plain'``."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    return f"{place.lstrip('.')}: {error['msg'].removeprefix('Value error, ')}"


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


def lab_table(lab: Lab) -> str:
    """What a lab measured, in Markdown: an arm a row, its rates in per cent with their n."""
    scores = results.from_json(json.dumps(lab.results["scores"]))
    columns = list(next(iter(scores.values())))
    head = (f"{lab.results['base']}, {lab.engine}, {lab.precision}", *columns)
    rows = [
        (arm, *(f"{100 * rate.value:.0f} (n = {rate.n})" for rate in found.values()))
        for arm, found in scores.items()
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows))
