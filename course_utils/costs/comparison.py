"""Two systems in ten numbers: the article's way of comparing, and a good first sketch of your own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from course_utils.costs.break_even import Crossing, crossings
from course_utils.costs.formats import count, usd
from course_utils.costs.inputs import Inputs, number
from course_utils.costs.prices import ARTICLE_DATE, price_table
from course_utils.costs.quantities import MONTHS_PER_YEAR
from course_utils.costs.systems import System, Update, YearlyCost, yearly_cost

RAG, TUNING = "RAG", "fine-tuning"
_CLAIMS = price_table().article
_ARTICLE = f"the article (claim, {ARTICLE_DATE})"
_LEFT_OUT = "left out by the article's per-query comparison"


@dataclass(frozen=True)
class Comparison(Inputs):
    """RAG against fine-tuning by what each question, each update and each month costs.

    The defaults are the article's example: 3,000 questions a day, monthly updates, its prices per question,
    and the lower end of its 500 to 5,000 dollars for a retraining.
    """

    KIND: ClassVar[str] = "comparison"

    queries_per_day: float = number("questions a day", 3000, _ARTICLE)
    updates_per_year: float = number("updates a year", 12, _ARTICLE)
    rag_usd_per_query: float = number("RAG, a question", _CLAIMS["rag_usd_per_query"].value, _ARTICLE)
    rag_usd_per_update: float = number("RAG, an update", _CLAIMS["rag_usd_per_update"].value, _ARTICLE)
    rag_set_up_usd: float = number("RAG, set-up", 0, _LEFT_OUT)
    rag_usd_per_month: float = number("RAG, hosting", 0, _LEFT_OUT)
    tuning_usd_per_query: float = number(
        "fine-tuning, a question", _CLAIMS["tuning_usd_per_query"].value, _ARTICLE
    )
    tuning_usd_per_update: float = number(
        "fine-tuning, an update", _CLAIMS["retrain_usd_per_update"].low, _ARTICLE
    )
    tuning_set_up_usd: float = number("fine-tuning, set-up", 0, _LEFT_OUT)
    tuning_usd_per_month: float = number("fine-tuning, hosting", 0, _LEFT_OUT)

    def systems(self) -> tuple[System, System]:
        """RAG and fine-tuning as systems."""
        return self._system(RAG, "rag"), self._system(TUNING, "tuning")

    def _system(self, name: str, prefix: str) -> System:
        """The system whose inputs start with ``prefix``."""

        def value(unit: str) -> float:
            return getattr(self, f"{prefix}_{unit}")

        return System(
            name=name,
            usd_per_query=value("usd_per_query"),
            update=Update(compute_usd=value("usd_per_update")),
            updates_per_year=self.updates_per_year,
            set_up_usd=value("set_up_usd"),
            hosting_usd_per_year=MONTHS_PER_YEAR * value("usd_per_month"),
        )

    def costs(self) -> dict[str, YearlyCost]:
        """The first year of both at the given volume."""
        return {s.name: yearly_cost(s, queries_per_day=self.queries_per_day) for s in self.systems()}

    def crossing(self) -> Crossing | None:
        """The volume at which both cost the same; None when one of them is always cheaper (or they tie)."""
        return next(iter(crossings(*self.systems())), None)

    def tuning_pays_from(self, usd_per_update: float) -> float | None:
        """The questions a day above which fine-tuning is cheaper if a retraining costs ``usd_per_update``.

        None when no volume makes it so.
        """
        crossing = self.changed(tuning_usd_per_update=usd_per_update).crossing()
        if crossing is None or crossing.cheaper_above != TUNING:
            return None
        return crossing.queries_per_day

    def verdict(self) -> str:
        """Which is cheaper at the given volume, and where that changes, in one or two sentences."""
        costs = {name: cost.total_usd for name, cost in self.costs().items()}
        cheap, dear = sorted(costs, key=costs.get)
        volume = count(self.queries_per_day)
        if costs[cheap] == costs[dear]:
            now = f"At {volume} questions a day both cost {usd(costs[cheap])} a year."
        else:
            now = (
                f"At {volume} questions a day {cheap} is cheaper: "
                f"{usd(costs[cheap])} a year against {usd(costs[dear])}."
            )
        crossing = self.crossing()
        if crossing is None:
            return f"{now} No number of questions changes that."
        above, at = crossing.cheaper_above, count(crossing.queries_per_day)
        return f"{now} Above {at} questions a day {above} is cheaper, below it {crossing.cheaper_below}."
