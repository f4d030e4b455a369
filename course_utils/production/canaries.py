"""What a renewal did: to what the release changed (canaries), and to what it should have left alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from course_utils import company
from course_utils.company import RELEASES
from course_utils.production import exam
from course_utils.production.schedule import Answers, days_in


def canaries(answers: Answers, behind: bool) -> tuple[list[str], list[str]]:
    """The prices that the year's canaries ask for, and the verdicts on their answers.

    ``behind``: by a system that knows the release before, else by one that is up to date.
    """
    keys, verdicts = [], []
    for old, new in pairwise(RELEASES):
        changed = exam.changed_keys(new)
        for question, verdict in zip(exam.questions(new), answers(old if behind else new, new), strict=True):
            if question.fact_key in changed:
                keys.append(question.fact_key)
                verdicts.append(verdict)
    return keys, verdicts


def unchanged(answers: Answers) -> tuple[list[str], list[bool], list[bool]]:
    """Of the prices that a release left alone: the price, whether the answer was right before, and after.

    The same questions, answered with the knowledge of the release before and with that of the new one.
    """
    keys, before, after = [], [], []
    for old, new in pairwise(RELEASES):
        same = company.facts(old).keys() - exam.changed_keys(new)
        for question, was, now in zip(exam.questions(new), answers(old, new), answers(new, new), strict=True):
            if question.fact_key in same:
                keys.append(question.fact_key)
                before.append(was == "current")
                after.append(now == "current")
    return keys, before, after


def days_until_read(stale: Mapping[str, float], a_day: int) -> float:
    """The mean number of days until one of the answers read, ``a_day`` a day, is stale, from the first month.

    ``stale``: by month the probability that an answer is stale. After the last month it stays as it was.
    Raises ValueError when that is 0, because then the wait may have no end.
    """
    if not stale or not list(stale.values())[-1]:
        raise ValueError("In the last month some answer must be stale.")
    days, unnoticed, passes = 0.0, 1.0, 0.0
    for month, share in stale.items():
        passes = (1 - share) ** a_day  # a day's answers, none of them stale
        for _ in range(days_in(month)):
            days += unnoticed
            unnoticed *= passes
    return days + unnoticed / (1 - passes)
