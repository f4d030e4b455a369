"""Checks of lesson 09: a month with a late start, the price of lateness, an alarm."""

from __future__ import annotations

from course_utils.checks.engine import Exercise, NotYet, experiment

# --- 09.1 ---------------------------------------------------------------------------------------------


def _month(share_of_month) -> str:
    found = share_of_month(0.5, 0.0, 7, 28)
    if found is None:
        raise NotYet("the function returns nothing. End it with `return` and the share.")
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise NotYet(f"a share is one number, not {found!r}.")
    if abs(share_of_month(0.3, 0.1, 0, 30) - 0.1) > 1e-9:
        raise NotYet("with no day of delay the month has the new share, all of it.")
    if abs(found - 0.5) < 1e-9 or abs(found - 0.25) < 1e-9:
        raise NotYet("weigh with days: the old share holds for `late` of the `days` days.")
    if abs(found - 3.5) < 1e-9:
        raise NotYet("divide by the days of the month: a share lies between 0 and 1.")
    if abs(found - 0.375) < 1e-9:
        raise NotYet("the other way round: the *old* share holds for the first `late` days.")
    if abs(found - 0.125) > 1e-9:
        raise NotYet(f"0.5 for 7 days and 0 for 21 is 0.125 over 28 days, not {found:.4g}.")
    if abs(share_of_month(0.5, 0.25, 14, 28) - 0.375) > 1e-9:
        raise NotYet("the new share counts as well, for the days that are left.")
    over = share_of_month(0.4, 0.0, 40, 30)
    if abs(over - 0.4) > 1e-9:
        raise NotYet(
            f"40 days late in a month of 30 is the old share all month, 0.4, not {over:.3g}: "
            "at most `days` days can be late."
        )
    return "That is all there is to a lag: days, and two measured shares."


def _month_right(old, new, late, days):
    late = min(late, days)
    return (late * old + (days - late) * new) / days


# --- 09.2 ---------------------------------------------------------------------------------------------

LATE = (3, 7, 14, 28)
MOST = 365 * 3000

# --- 09.3 ---------------------------------------------------------------------------------------------


def _alarm(rings) -> str:
    healthy = ["current"] * 8 + ["other", "abstained"]
    if rings(healthy, 1) is None:
        raise NotYet("the function returns nothing. It has to return True or False.")
    if rings(healthy, 1):
        raise NotYet(
            "it rang for eight right answers, a wrong one and a silent one. The system is fresh and makes "
            "mistakes: count only those answers that say *stale*."
        )
    if not rings(["current"] * 9 + ["stale"], 1):
        raise NotYet("one stale answer, and one is enough here (`at_least` is 1): it has to ring.")
    if rings(["stale", "current", "stale"], 3):
        raise NotYet("two stale answers are fewer than three: wait until there are `at_least` of them.")
    if not rings(["stale"] * 3 + ["current"] * 7, 3):
        raise NotYet("three stale answers are at least three: compare with >=.")
    if not rings(["stale", "current", "stale"], 2):
        raise NotYet("the stale answers need not stand side by side: count all of today's.")
    if rings([], 1):
        raise NotYet("no canary was asked, so nothing is known: that is no reason to ring.")
    return "Wrong and silent answers go to another list; this alarm is about time."


EXERCISES = (
    Exercise(
        id="09.1",
        test=_month,
        hints=(
            "Of `days` days, `late` have the old share and the rest has the new one: a weighted mean.",
            "First make sure that `late` is not larger than `days`: `min(late, days)`.",
        ),
        right=lambda: [
            _month_right,
            lambda old, new, late, days: new + (old - new) * min(late / days, 1),
            lambda old, new, late, days: sum(old if day < late else new for day in range(days)) / days,
        ],
        wrong=lambda: [
            (lambda old, new, late, days: (old + new) / 2 if late else new, "weigh with days"),
            (lambda old, new, late, days: new + (old - new) * late / days, "at most `days` days"),
            (lambda old, new, late, days: _month_right(new, old, late, days) if late else new, "other way"),
            (lambda old, new, late, days: late * old + (days - late) * new if late else new, "divide by"),
            (lambda old, new, late, days: min(late, days) * old / days if late else new, "new share counts"),
            (lambda old, new, late, days: old, "no day of delay"),
            (lambda old, new, late, days: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="09.2",
        test=experiment(MOST, my_late=LATE),
        hints=(
            "A month's stale answers grow with the days. Does anything bend the line before day 28?",
            "There is no right prediction: any whole number will do, before you run the cell.",
        ),
        right=lambda: [
            {"my_late": 7, "predicted": 5000, "measured": 6217},
            {"my_late": 3, "predicted": 0, "measured": 0},
        ],
        wrong=lambda: [
            ({"my_late": 5, "predicted": 5000, "measured": 6217}, "one of [3, 7"),
            ({"my_late": 7, "predicted": 0.02, "measured": 6217}, "whole number"),
            ({"my_late": 7, "predicted": -1, "measured": 6217}, "from 0 to"),
            ({"my_late": 7}, "`predicted`"),
        ],
    ),
    Exercise(
        id="09.3",
        test=_alarm,
        hints=(
            '`verdicts` is a list of words. How many of them are "stale"?',
            "A list has `.count(word)`; compare the number with `at_least`.",
        ),
        right=lambda: [
            lambda verdicts, at_least: verdicts.count("stale") >= at_least,
            lambda verdicts, at_least: sum(v == "stale" for v in verdicts) >= at_least,
        ],
        wrong=lambda: [
            (
                lambda verdicts, at_least: sum(v != "current" for v in verdicts) >= at_least,
                "count only those",
            ),
            (lambda verdicts, at_least: "stale" in verdicts, "fewer than three"),
            (lambda verdicts, at_least: verdicts.count("stale") > at_least, "has to ring"),
            (lambda verdicts, at_least: at_least * "stale" in "".join(verdicts), "side by side"),
            (lambda verdicts, at_least: print("ring!"), "returns nothing"),
        ],
    ),
)
