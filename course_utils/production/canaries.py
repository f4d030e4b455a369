"""What a renewal did: to what the release changed (canaries), and to what it should have left alone."""

from __future__ import annotations

from itertools import pairwise

from course_utils import company
from course_utils.company import RELEASES
from course_utils.production import exam
from course_utils.production.schedule import Answers


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
