"""Whose knowledge answers on which day, and so how many answers of a year are stale.

The answers of a month are measured twice or more: with this month's knowledge and with earlier ones. A lag is
then arithmetic: so many days of the one, so many of the other.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course_utils.company import RELEASES
from course_utils.production import exam

Answers = Callable[[str, str], list[str]]  # (knowledge of this month, asked in this month) -> verdicts


def days_in(month: str) -> int:
    """Days of a release's month."""
    year, number = map(int, month.split("-"))
    return monthrange(year, number)[1]


@dataclass(frozen=True)
class System:
    """How a system answers, for which months it was renewed, and how many days after the release.

    The first month of ``renewed`` is the one in which it went live, without delay.
    """

    answers: Answers
    renewed: Sequence[str] = RELEASES
    late: int = 0

    def known(self, month: str) -> dict[str, int]:
        """The months whose knowledge answers in ``month``, with the days for which each does."""
        done = [m for m in self.renewed if m <= month]
        waiting = min(self.late, days_in(month)) if done[-1] == month and len(done) > 1 else 0
        days = {done[-1]: days_in(month) - waiting} | ({done[-2]: waiting} if waiting else {})
        return {month: n for month, n in days.items() if n}

    def months(self) -> list[Counter[str]]:
        """For each month the answers about monthly prices by verdict, all of the day's customers counted."""
        found: list[Counter[str]] = [Counter() for _ in RELEASES]
        for place, month in enumerate(RELEASES):
            for _, verdict, n in self._weighed(month):
                found[place][verdict] += n
        return found

    def year(self) -> Counter[str]:
        """The same, January to December together."""
        return sum(self.months(), Counter())

    def stale_interval(self) -> tuple[float, float]:
        """The 95 % interval of stale answers a year, by drawing prices again (a bootstrap over clusters)."""
        import numpy as np

        by_price: Counter[str] = Counter()
        for month in RELEASES:
            for key, verdict, n in self._weighed(month):
                by_price[key] += n * (verdict == "stale")
        drawn = np.random.default_rng(0).choice(list(by_price.values()), (2000, len(by_price)))
        low, high = np.percentile(drawn.sum(axis=1), [2.5, 97.5])
        return float(low), float(high)

    def _weighed(self, month: str) -> list[tuple[str, str, float]]:
        """(price, verdict, answers it stands for) of every question of the month, under each knowledge."""
        questions = exam.questions(month)
        each = exam.per_day(month) / len(questions)
        return [
            (question.fact_key, verdict, days * each)
            for known, days in self.known(month).items()
            for question, verdict in zip(questions, self.answers(known, month), strict=True)
        ]


def prices_won(first: Answers, second: Answers) -> tuple[int, int]:
    """The prices that the first system, kept up to date, answered rightly more often; those of the second.

    One trial a price: answers about one price are not independent, and a sign test of prices needs no more.
    """
    lead: Counter[str] = Counter()
    for month in RELEASES:
        asked = zip(exam.questions(month), first(month, month), second(month, month), strict=True)
        for question, one, other in asked:
            lead[question.fact_key] += (one == "current") - (other == "current")
    return sum(n > 0 for n in lead.values()), sum(n < 0 for n in lead.values())
