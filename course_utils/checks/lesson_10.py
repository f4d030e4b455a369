"""Checks of lesson 10: the size of a base in four bits, a verdict on training, prices by heart with pages."""

from __future__ import annotations

from course_utils.checks.engine import Exercise, NotYet, experiment

# --- 10.1: a base in four bits ------------------------------------------------------------------------

GIB = 2**30
_LINEAR, _REST = 8 * GIB, 3 * GIB  # parameters; so the numbers below are easy to follow


def _weights(weights_gib) -> str:
    found = {"both": weights_gib(_LINEAR, _REST), "linear": weights_gib(_LINEAR, 0)}
    if any(value is None for value in found.values()):
        raise NotYet("the function returns nothing. End it with `return` and the number of GiB.")
    linear, rest = 4.127, 6.0
    both = float(found["both"])
    if _near(both, 8 * (linear + rest)) or _near(both, 8 * (linear + rest) * GIB):
        raise NotYet("these are bits. A byte has eight of them.")
    if _near(both, (linear + rest) * GIB):
        raise NotYet("these are bytes. A GiB has 2**30 of them.")
    if _near(both, (linear + rest) * GIB / 1e9):
        raise NotYet("these are GB, of 10⁹ bytes. A GiB has 2**30 bytes, 7 % more.")
    if _near(both, 4.127 * 11 / 8):
        raise NotYet("the rest is not rounded: embeddings and norms keep 16 bits a parameter.")
    if _near(both, 4.0 + rest):
        raise NotYet("the scales are missing: 4.127 bits a linear parameter, not 4.")
    if not _near(float(found["linear"]), linear) or not _near(both, linear + rest):
        raise NotYet(
            f"2**33 linear parameters alone are {linear} GiB, and 3 · 2**30 others add {rest:.0f}; yours "
            f"gives {float(found['linear']):.3f} and {both:.3f}."
        )
    return "One line, and you know whether a base fits before you have downloaded a byte of it."


def _near(found: float, expected: float) -> bool:
    return abs(found - expected) <= 1e-3 * expected


def _weights_right(linear, rest):
    return (4.127 * linear + 16 * rest) / 8 / GIB


# --- 10.2: did training pay? --------------------------------------------------------------------------


def _lists(both: int, only_before: int, only_after: int, neither: int) -> tuple[list[bool], list[bool]]:
    before = [True] * (both + only_before) + [False] * (only_after + neither)
    after = [True] * both + [False] * only_before + [True] * only_after + [False] * neither
    return before, after


_CASES = (  # (both right, only before, only after, neither) → the verdict
    ((10, 1, 20, 5), "yes"),
    ((10, 20, 1, 5), "no"),
    ((10, 4, 8, 10), "cannot tell"),
    ((10, 8, 4, 10), "cannot tell"),
    ((30, 0, 5, 0), "cannot tell"),  # p = 0.0625, two-sided; one-sided it would be 0.03
    ((40, 0, 6, 0), "yes"),
    ((5, 0, 0, 5), "cannot tell"),
)


def _pays(pays) -> str:
    found = {counts: pays(*_lists(*counts)) for counts, _ in _CASES}
    if any(verdict is None for verdict in found.values()):
        raise NotYet("the function returns nothing in one case. Every way through it needs a `return`.")
    odd = [verdict for verdict in found.values() if verdict not in ("yes", "no", "cannot tell")]
    if odd:
        raise NotYet(f'it returns one of "yes", "no" and "cannot tell", not {odd[0]!r}.')
    if found[10, 20, 1, 5] == "yes":
        raise NotYet("a small p says that the two differ, not which is better: after may be the worse one.")
    if found[10, 1, 20, 5] == "no" and found[10, 20, 1, 5] == "no":
        raise NotYet("twenty against one, all of them after training: that is a gain.")
    if "no" in (found[10, 4, 8, 10], found[10, 8, 4, 10], found[5, 0, 0, 5]):
        raise NotYet('a large p means that chance would do as much. That is "cannot tell", and not "no".')
    if "yes" in (found[10, 4, 8, 10], found[10, 8, 4, 10], found[5, 0, 0, 5]):
        raise NotYet("eight against four is what chance does, too: ask `sign_test` before you say yes.")
    if found[30, 0, 5, 0] == "yes":
        raise NotYet(
            "five against none has p = 0.0625 in a two-sided test: just not enough. Compare the p of "
            "`sign_test` itself with 0.05."
        )
    for counts, verdict in _CASES:
        if found[counts] != verdict:
            raise NotYet(
                f"only before {counts[1]}, only after {counts[2]}: that is {verdict!r}, yours says "
                f"{found[counts]!r}."
            )
    return "Three answers, and the third one is the most common in honest evaluations."


def _split(before, after) -> tuple[int, int, float]:
    from course_utils.evaluation import discordant, sign_test

    only = discordant(before, after)
    return *only, sign_test(*only)


def _pays_right(before, after):
    only_before, only_after, p = _split(before, after)
    if p >= 0.05:
        return "cannot tell"
    return "yes" if only_after > only_before else "no"


def _pays_whatever_differs(before, after):
    return "yes" if _split(before, after)[2] < 0.05 else "cannot tell"


def _pays_or_not(before, after):
    only_before, only_after, p = _split(before, after)
    return "yes" if p < 0.05 and only_after > only_before else "no"


def _pays_by_rate(before, after):
    return "yes" if sum(after) > sum(before) else "no" if sum(after) < sum(before) else "cannot tell"


def _pays_one_sided(before, after):
    only_before, only_after, p = _split(before, after)
    if p / 2 >= 0.05:
        return "cannot tell"
    return "yes" if only_after > only_before else "no"


# --- 10.3: prices by heart, and the pages ------------------------------------------------------------


def _tried(passages=1, predicted=3, measured=2):
    return {"passages": passages, "predicted": predicted, "measured": measured}


EXERCISES = (
    Exercise(
        id="10.1",
        test=_weights,
        hints=(
            "Bits first: how many for the linear parameters, how many for the rest? Then add.",
            "8 bits make a byte, 2**30 bytes a GiB: divide by both.",
        ),
        right=lambda: [_weights_right, lambda linear, rest: linear * 4.127 / 8 / GIB + rest * 2 / GIB],
        wrong=lambda: [
            (lambda linear, rest: (4.127 * linear + 16 * rest) / GIB, "eight of them"),
            (lambda linear, rest: (4.127 * linear + 16 * rest) / 8, "these are bytes"),
            (lambda linear, rest: (4.127 * linear + 16 * rest) / 8 / 1e9, "7 % more"),
            (lambda linear, rest: 4.127 * (linear + rest) / 8 / GIB, "keep 16 bits"),
            (lambda linear, rest: (4 * linear + 16 * rest) / 8 / GIB, "scales are missing"),
            (lambda linear, rest: 4.127 * linear / 8 / GIB, "yours gives"),
            (lambda linear, rest: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="10.2",
        test=_pays,
        hints=(
            "First the two counts, then the p of these two. Which of the three answers needs no direction?",
            'p of 0.05 or more: "cannot tell". Otherwise compare the two counts.',
        ),
        right=lambda: [_pays_right],
        wrong=lambda: [
            (_pays_whatever_differs, "not which is better"),
            (_pays_or_not, 'and not "no"'),
            (_pays_by_rate, 'not "no"'),
            (lambda before, after: "yes" if sum(after) > sum(before) else "cannot tell", "ask `sign_test`"),
            (_pays_one_sided, "two-sided"),
            (lambda before, after: _pays_right(before, after) == "yes", "one of"),
            (lambda before, after: _pays_right(after, before), "not which is better"),
            (lambda before, after: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="10.3",
        test=experiment(18, passages=(1, 3)),
        hints=(
            "There are 9 such questions on a CPU, 18 on a GPU. Lesson 05 saw a stale price now and then, and "
            "mostly neither of the two: its model could hardly read any more.",
            "Any number from 0 on will do: it is a guess. What counts is that you made it before you looked.",
        ),
        right=lambda: [_tried(), _tried(3, 0, 0), _tried(1, 18, 0)],
        wrong=lambda: [
            (_tried(passages=2), "one of [1, 3]"),
            (_tried(predicted=0.2), "whole number"),
            (_tried(predicted=40), "from 0 to 18"),
            ({"passages": 1, "predicted": 3}, "`measured`"),
        ],
    ),
)
