"""What a system costs in its first year: set-up, answers, updates of its knowledge, hosting.

All money is USD. A year has 365 days. Nothing is discounted; the second year is the first without set-up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from course_utils.costs.caching import CachedPrefix
from course_utils.costs.quantities import DAYS_PER_YEAR, require


@dataclass(frozen=True)
class Update:
    """One update of the system's knowledge, split into what is easily forgotten. USD each."""

    compute_usd: float = 0.0
    labour_usd: float = 0.0
    evaluation_usd: float = 0.0
    release_usd: float = 0.0

    def __post_init__(self) -> None:
        require(**vars(self))

    @property
    def total_usd(self) -> float:
        return self.compute_usd + self.labour_usd + self.evaluation_usd + self.release_usd


@dataclass(frozen=True)
class System:
    """One way to answer questions, as far as money is concerned.

    ``usd_per_query`` is what every question costs at any volume; ``prefix``, if there is one, costs per
    question what depends on the volume.
    """

    name: str
    runs_on: str = ""  # who computes the answers, in words
    usd_per_query: float = 0.0
    update: Update = field(default_factory=Update)
    updates_per_year: float = 0.0
    set_up_usd: float = 0.0
    hosting_usd_per_year: float = 0.0
    prefix: CachedPrefix | None = None

    def __post_init__(self) -> None:
        require(
            usd_per_query=self.usd_per_query,
            updates_per_year=self.updates_per_year,
            set_up_usd=self.set_up_usd,
            hosting_usd_per_year=self.hosting_usd_per_year,
        )

    @property
    def updates_usd_per_year(self) -> float:
        return self.updates_per_year * self.update.total_usd

    @property
    def fixed_usd_per_year(self) -> float:
        """What the first year costs before anybody asks a question."""
        return self.set_up_usd + self.updates_usd_per_year + self.hosting_usd_per_year

    def usd_per_answer(self, *, queries_per_day: float) -> float:
        """USD for one answer at this volume, its share of the prefix counted; nothing that is fixed."""
        prefix = self.prefix.usd_per_query(queries_per_day=queries_per_day) if self.prefix else 0.0
        return self.usd_per_query + prefix


@dataclass(frozen=True)
class YearlyCost:
    """The first year of a system in its four parts, USD."""

    set_up_usd: float
    answers_usd: float
    updates_usd: float
    hosting_usd: float

    @property
    def total_usd(self) -> float:
        return sum(self.parts().values())

    @property
    def further_year_usd(self) -> float:
        """Each year after the first: the same without set-up."""
        return self.total_usd - self.set_up_usd

    def parts(self) -> dict[str, float]:
        """The parts by name, in the order in which they are shown."""
        return {part.name.removesuffix("_usd"): getattr(self, part.name) for part in fields(self)}


def yearly_cost(system: System, *, queries_per_day: float) -> YearlyCost:
    """The first year of ``system`` at a constant number of questions a day."""
    require(queries_per_day=queries_per_day)
    answers = DAYS_PER_YEAR * queries_per_day * system.usd_per_query
    if system.prefix is not None:
        answers += DAYS_PER_YEAR * system.prefix.usd_per_day(queries_per_day=queries_per_day)
    return YearlyCost(
        set_up_usd=system.set_up_usd,
        answers_usd=answers,
        updates_usd=system.updates_usd_per_year,
        hosting_usd=system.hosting_usd_per_year,
    )
