"""Experiments that would take too long in a lesson: run by a program of the authors', kept with their origin.

``lesson_01.json`` is written by ``python -m tools.controls``: for each of the course's models every control
arm of lesson 01, the questions it got right, the seconds its training took, and the weights it started from.
A test holds those against the weights that come with the course.

``lesson_03.json`` is written by ``python -m tools.desk``: the marks of every arm of lesson 03 on more
questions than a lesson has time for.

``lesson_05.json`` is written by ``python -m tools.hybrid``: what lesson 05's rivals answered on the larger
model.

``lesson_08.json`` is written by ``python -m tools.reranker.score``: searches of real documentation, and large
collections.

``lesson_09.json`` is written by ``python -m tools.production``: what became of a year's answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.evaluation import VERDICTS, Rate, markdown_table, sign_test
from course_utils.models import lanes

if TYPE_CHECKING:
    from course_utils.grid import Outcome
    from course_utils.support_desk import Marks

FOLDER = Path(__file__).parent
CONTROLS = FOLDER / "lesson_01.json"
DESK = FOLDER / "lesson_03.json"
HYBRID = FOLDER / "lesson_05.json"
RETRIEVAL = FOLDER / "lesson_08.json"
YEAR = FOLDER / "lesson_09.json"


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

    def table(self, rates: Sequence[str]) -> str:
        """In Markdown, a line an arm: its training rows, then ``rates`` in per cent, each with its interval.

        Raises KeyError for a rate that an arm does not have.
        """
        heads = [f"{name} (n = {self.arms[0].rates[name].n})" for name in rates]
        lines = [(arm.name, str(arm.rows), *(arm.rates[name].cell for name in rates)) for arm in self.arms]
        return markdown_table(("%", "training rows", *heads), lines)


@dataclass(frozen=True)
class Desk:
    """The marks of lesson 03's arms with one model: by arm, in the order of the questions."""

    model: str
    weights: str
    machine: str
    date: str
    about: tuple[str, ...]  # the fact that each question is about
    marks: dict[str, tuple[Marks, ...]]

    def __str__(self) -> str:
        return f"recorded with {self.model} on {self.date}: {len(self.about)} questions, {self.machine}"


@dataclass(frozen=True)
class Hybrid:
    """Lesson 05's rivals with one model, in February: by arm the outcomes of each repeat, as in a grid.

    ``trainings``: by trained arm, the ``rows`` and ``seconds`` of each repeat's training.
    """

    model: str
    weights: str
    machine: str
    date: str
    arms: dict[str, list[list[Outcome]]]
    trainings: dict[str, list[dict[str, float]]]

    def __str__(self) -> str:
        return f"recorded with {self.model} on {self.date}: {self.machine}"


def controls(model: str | None = None) -> Record:
    """Lesson 01's control arms with ``model``: ours, by default the one the lesson speaks to, or tiny.

    Raises KeyError for a model that was not recorded.
    """
    model, record = _of_model(CONTROLS, model)
    arms = tuple(
        Arm(arm["name"], arm["rows"], arm["seconds"], {name: Rate(**r) for name, r in arm["rates"].items()})
        for arm in record.pop("arms")
    )
    return Record(model=model, arms=arms, **record)


def desk(model: str | None = None) -> Desk:
    """Lesson 03's arms with ``model``, chosen as for ``controls``."""
    from course_utils.support_desk import Marks

    model, record = _of_model(DESK, model)
    marks = {
        arm: tuple(Marks(*(bit == "1" for bit in bits)) for bits in every)
        for arm, every in record.pop("marks").items()
    }
    return Desk(model=model, about=tuple(record.pop("about")), marks=marks, **record)


def hybrid(model: str = lanes.SMOL) -> Hybrid:
    """What ``tools/hybrid.py`` recorded with ``model``. Raises KeyError for one that was not recorded."""
    from course_utils.grid import Outcome

    model, record = _of_model(HYBRID, model)
    arms = {
        arm: [[Outcome(*fields) for fields in outcomes] for outcomes in repeats]
        for arm, repeats in record.pop("arms").items()
    }
    return Hybrid(model=model, arms=arms, **record)


def _of_model(file: Path, model: str | None) -> tuple[str, dict[str, Any]]:
    kept = json.loads(file.read_text(encoding="utf-8"))
    if model is None:
        model = lanes.current().name if lanes.current().name in kept else lanes.TINY
    return model, dict(kept[model])


def retrieval() -> dict[str, Any]:
    """What lesson 08 does not measure itself: ``date``, ``machine``, ``real_text``, ``growth``."""
    return json.loads(RETRIEVAL.read_text(encoding="utf-8"))


def found_in_real_text() -> str:
    """Recall@3 on real documentation, a line a search: among all packages, then in the one in question."""
    record = retrieval()
    foreign, own = record["real_text"], record["real_text"]["filtered"]
    pairs = (f"   {name}: +{w} −{n}, p = {sign_test(w, n):.2g}" for name, (w, n) in foreign["pairs"].items())
    return "\n".join(
        [
            f"recorded on {record['date']}; recall@3 among {foreign['passages']:,} passages of many packages",
            *(f"   {name:22} {Rate(*counts)}" for name, counts in foreign["recall_at_3"].items()),
            *pairs,
            f"only among those of the package in question, {own['passages']:.0f} on average",
            *(f"   {name:22} {Rate(*counts)}" for name, counts in own["recall_at_3"].items()),
            f"   three of them, drawn blindly: {own['chance']:.0%}",
        ]
    )


@dataclass(frozen=True)
class Year:
    """A year of lesson 09 with one model: what its systems answered, month after month."""

    model: str
    weights: str
    questions: str  # a hash of what was asked, and of the right answers
    machine: str
    date: str
    handbook_tokens: int  # January's pages, by the model's tokenizer
    systems: dict[str, dict[str, Any]]

    def __str__(self) -> str:
        return f"recorded with {self.model} on {self.date}: {self.machine}"

    def verdicts(self, system: str, known: str, asked: str) -> list[str]:
        """Of the answers to a month's questions, by a system that knows the facts of the month ``known``."""
        names = {name[0]: name for name in VERDICTS}
        return [names[letter] for letter in self.systems[system]["verdicts"][f"{known}>{asked}"]]

    def valid(self, system: str) -> float:
        """The share of a system's answers that are tickets as the desk wants them."""
        made = self.systems[system]["tickets"].values()
        return sum(made) / sum(map(len, self.systems[system]["verdicts"].values()))

    def tokens(self, system: str) -> dict[str, float]:
        """Tokens of a ``prompt`` and of an ``answer``, in the mean."""
        return self.systems[system]["tokens"]


def year(model: str = lanes.TINY) -> Year:
    """What ``tools/production.py`` recorded with ``model``. Raises KeyError for one that was not recorded."""
    model, record = _of_model(YEAR, model)
    return Year(model=model, **record)
