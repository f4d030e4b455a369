"""Experiments that would take too long in a lesson: run by a program of the authors', kept with their origin.

``lesson_01.json`` is written by ``python -m tools.controls``: for each of the course's models every control
arm of lesson 01, the questions it got right, the seconds its training took, and the weights it started from.
A test holds those against the weights that come with the course.

``lesson_08.json`` is written by ``python -m tools.reranker.score``: searches of real documentation, and large
collections.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.evaluation import Rate
from course_utils.models import lanes

FOLDER = Path(__file__).parent
CONTROLS = FOLDER / "lesson_01.json"
RETRIEVAL = FOLDER / "lesson_08.json"


@dataclass(frozen=True)
class Arm:
    """One way to train: rows and seconds of its training; what the model then answers, in rates by name."""

    name: str
    rows: int
    seconds: float
    rates: dict[str, Rate]


@dataclass(frozen=True)
class Record:
    """All arms of one model, on which weights and when."""

    model: str
    weights: str
    machine: str
    date: str
    arms: tuple[Arm, ...]

    def __str__(self) -> str:
        return f"recorded with {self.model} on {self.date}: {self.machine}"


def controls(model: str | None = None) -> Record:
    """Lesson 01's control arms with ``model``: ours, by default the one the lesson speaks to, or tiny.

    Raises KeyError for a model that was not recorded.
    """
    kept = json.loads(CONTROLS.read_text(encoding="utf-8"))
    if model is None:
        model = lanes.current().name if lanes.current().name in kept else lanes.TINY
    record = dict(kept[model])
    arms = tuple(
        Arm(arm["name"], arm["rows"], arm["seconds"], {name: Rate(**r) for name, r in arm["rates"].items()})
        for arm in record.pop("arms")
    )
    return Record(model=model, arms=arms, **record)


def retrieval() -> dict[str, Any]:
    """What lesson 08 does not measure itself: ``date``, ``machine``, ``real_text``, ``growth``."""
    return json.loads(RETRIEVAL.read_text(encoding="utf-8"))
