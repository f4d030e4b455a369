"""Read lessons/catalogue.toml, the one list of lessons."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "lessons" / "catalogue.toml"
COLAB_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
BINDER_BADGE = "https://mybinder.org/badge_logo.svg"


class CatalogueError(Exception):
    """The catalogue is not usable; the message names the lesson and the field."""


@dataclass(frozen=True)
class Lesson:
    number: str  # "00"
    slug: str  # "start_here"
    title: str
    question: str
    minutes: int  # for a learner at the keyboard
    level: str
    hardware: str
    cost: str
    status: str  # "ready" or "planned"
    gpu: str = ""  # the card that Colab should offer, such as "T4"; empty for none

    @property
    def name(self) -> str:
        """The file name without its ending, such as ``00_start_here``."""
        return f"{self.number}_{self.slug}"

    @property
    def ready(self) -> bool:
        return self.status == "ready"


@dataclass(frozen=True)
class Catalogue:
    repository: str  # "owner/name" on GitHub
    branch: str
    lessons: tuple[Lesson, ...]

    def by_name(self, name: str) -> Lesson:
        for lesson in self.lessons:
            if lesson.name == name:
                return lesson
        raise CatalogueError(
            f"{CATALOGUE.name} has no lesson {name!r}; it lists "
            + ", ".join(lesson.name for lesson in self.lessons)
            + "."
        )

    def ready(self) -> tuple[Lesson, ...]:
        return tuple(lesson for lesson in self.lessons if lesson.ready)

    def repository_url(self) -> str:
        return f"https://github.com/{self.repository}"

    def colab_url(self, path: str) -> str:
        return f"https://colab.research.google.com/github/{self.repository}/blob/{self.branch}/{path}"

    def binder_url(self, path: str) -> str:
        return f"https://mybinder.org/v2/gh/{self.repository}/{self.branch}?urlpath=lab/tree/{path}"


def load(path: Path = CATALOGUE) -> Catalogue:
    """The catalogue in ``path``. Raises CatalogueError when a field is missing, unknown or out of range."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        lessons = tuple(Lesson(**entry) for entry in data["lesson"])
        catalogue = Catalogue(data["course"]["repository"], data["course"]["branch"], lessons)
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as problem:
        raise CatalogueError(f"{path}: {problem}") from problem
    for expected, lesson in enumerate(lessons):
        if lesson.number != f"{expected:02d}":
            raise CatalogueError(f"{path}: lesson {lesson.number!r} stands where {expected:02d} belongs.")
        if lesson.status not in ("ready", "planned"):
            raise CatalogueError(f"{path}: lesson {lesson.number}: status is 'ready' or 'planned'.")
        if not isinstance(lesson.minutes, int) or lesson.minutes <= 0:
            raise CatalogueError(f"{path}: lesson {lesson.number}: minutes is a whole number above 0.")
    return catalogue
