"""How many stale answers a year, from which system: what a lag between documents and answers amounts to.

Changes of the documents come at random (a Poisson process) and each touches the answers to a random share
of all questions. A system whose knowledge is ``days`` old then gives a stale answer with the probability

    1 − exp(−changes a year / 365 × share touched × days),

and how old its knowledge is depends on when it is renewed. ``tests/unit/test_costs_staleness.py`` holds the
formulas against a simulation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from course_utils.costs.inputs import Inputs, number
from course_utils.costs.prices import ARTICLE_DATE
from course_utils.costs.quantities import DAYS_PER_YEAR, HOURS_PER_DAY

INDEX = "RAG, on time"  # short: these are labels in a picture
STOPPED = "RAG, stopped once"
SCHEDULED = "tuned, on time"
NOTICED = "tuned, if noticed"
NEVER = "tuned, never again"

MEANING = {
    INDEX: "the index is renewed on schedule",
    STOPPED: "the same, but once a year the job stops until somebody notices",
    SCHEDULED: "retrained on schedule, released after some days",
    NOTICED: "retrained for each change, once somebody has noticed it",
    NEVER: "trained once at the start of the year",
}

_ARTICLE = f"the article (claim, {ARTICLE_DATE})"


@dataclass(frozen=True)
class Staleness(Inputs):
    """Documents that change, questions that come in, and how soon each system hears of a change.

    Left out: that a model quotes an old fact less than always (lesson 01 measures how often), and that a
    change may undo an earlier one.
    """

    KIND: ClassVar[str] = "staleness"

    queries_per_day: float = number("questions a day", 3000, _ARTICLE)
    changes_updates_per_year: float = number("the documents change", 12, _ARTICLE)
    touched_share: float = number("questions that a change touches", 0.05)
    index_hours: float = number("the index is renewed every", 24)
    tuning_updates_per_year: float = number("retrained", 4)
    training_days: float = number("to retrain and release", 3)
    noticed_days: float = number("until somebody notices", 21, f"3 weeks in {_ARTICLE}")
    repair_days: float = number("to repair the index", 1)

    @property
    def stale_per_day(self) -> float:
        """The rate at which a question that was answered rightly becomes one answered wrongly, 1/day."""
        return self.changes_updates_per_year * self.touched_share / DAYS_PER_YEAR

    def stale_share(self, days: float) -> float:
        """The share of stale answers of a system that knows the documents as they were ``days`` ago."""
        return -math.expm1(-self.stale_per_day * days)

    def mean_stale_share(self, start_days: float, end_days: float) -> float:
        """The same on average, while its knowledge grows from ``start_days`` to ``end_days`` old."""
        span = self.stale_per_day * (end_days - start_days)
        if span < 1e-9:  # the limit, where the quotient would lose its digits
            return self.stale_share((start_days + end_days) / 2)
        return 1 + math.exp(-self.stale_per_day * start_days) * math.expm1(-span) / span

    def _on_time(self) -> float:
        return self.mean_stale_share(0, self.index_hours / HOURS_PER_DAY)

    def _stopped(self) -> float:
        out = min(self.noticed_days + self.repair_days, DAYS_PER_YEAR)
        in_time = self._on_time() * (DAYS_PER_YEAR - out)
        return (in_time + self.mean_stale_share(0, out) * out) / DAYS_PER_YEAR

    def _scheduled(self) -> float:
        if self.tuning_updates_per_year < 1:  # not within this year
            return self._never()
        apart = DAYS_PER_YEAR / self.tuning_updates_per_year
        return self.mean_stale_share(self.training_days, self.training_days + apart)

    def _noticed(self) -> float:
        return self.stale_share(self.noticed_days + self.training_days)

    def _never(self) -> float:
        return self.mean_stale_share(0, DAYS_PER_YEAR)

    def shares(self) -> dict[str, float]:
        """The share of all answers of a year that are stale, by system."""
        ways: dict[str, Callable[[], float]] = {
            INDEX: self._on_time,
            STOPPED: self._stopped,
            SCHEDULED: self._scheduled,
            NOTICED: self._noticed,
            NEVER: self._never,
        }
        return {name: share() for name, share in ways.items()}

    def answers_per_year(self) -> dict[str, float]:
        """Stale answers a year, by system."""
        asked = DAYS_PER_YEAR * self.queries_per_day
        return {name: share * asked for name, share in self.shares().items()}
