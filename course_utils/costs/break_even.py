"""At how many questions a day two systems cost the same."""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.costs.quantities import DAYS_PER_YEAR, QUANTITIES
from course_utils.costs.systems import System, yearly_cost

# The volumes between which a crossing is searched where no closed form exists, and how finely.
LOWEST, HIGHEST = 0.01, QUANTITIES["queries_per_day"].high
POINTS_PER_DECADE = 40
TIE = 1e-12  # costs whose difference is below this share are equal: floating point


@dataclass(frozen=True)
class Crossing:
    """Two systems cost the same at ``queries_per_day``; below it one is cheaper, above it the other."""

    queries_per_day: float
    cheaper_below: str
    cheaper_above: str


def crossings(one: System, other: System) -> tuple[Crossing, ...]:
    """Every volume above 0 at which the cheaper of two systems changes, lowest first.

    Exact where both costs are straight lines; with a cached prefix, whose price per question falls with the
    volume, found by bisection between 0.01 and 10⁹ questions a day.
    """
    if one.prefix is None and other.prefix is None:
        return _of_lines(one, other)
    return _by_search(one, other)


def cheapest(systems: list[System] | tuple[System, ...], *, queries_per_day: float) -> System:
    """The system with the lowest first-year cost; the first of several equal ones. ValueError for none."""
    if not systems:
        raise ValueError("There is no system to choose from.")
    return min(systems, key=lambda s: yearly_cost(s, queries_per_day=queries_per_day).total_usd)


def _of_lines(one: System, other: System) -> tuple[Crossing, ...]:
    fixed = other.fixed_usd_per_year - one.fixed_usd_per_year
    per_query = one.usd_per_query - other.usd_per_query
    if fixed * per_query <= 0:  # parallel, or the one with less fixed cost is also cheaper per question
        return ()
    below, above = (one, other) if fixed > 0 else (other, one)
    return (Crossing(fixed / per_query / DAYS_PER_YEAR, below.name, above.name),)


def _by_search(one: System, other: System) -> tuple[Crossing, ...]:
    def difference(volume: float) -> float:
        a, b = (yearly_cost(system, queries_per_day=volume).total_usd for system in (one, other))
        return 0.0 if abs(a - b) <= TIE * (a + b) else a - b

    steps = range(round(POINTS_PER_DECADE * 11) + 1)  # eleven decades from LOWEST to HIGHEST
    volumes = [min(HIGHEST, LOWEST * 10 ** (i / POINTS_PER_DECADE)) for i in steps]
    found = []
    previous: tuple[float, float] | None = None  # the last volume at which the two differed
    for volume in volumes:
        now = difference(volume)
        if now == 0:
            continue
        if previous is not None and (now > 0) != (previous[1] > 0):
            below, above = (one, other) if now > 0 else (other, one)
            found.append(Crossing(_bisected(difference, previous[0], volume), below.name, above.name))
        previous = (volume, now)
    return tuple(found)


def _bisected(difference, low: float, high: float) -> float:
    rises = difference(high) > 0
    for _ in range(80):
        middle = (low * high) ** 0.5
        if (difference(middle) > 0) == rises:
            high = middle
        else:
            low = middle
    return (low * high) ** 0.5
