"""Growth rates: what a claim such as "from 1.2 to 9.86 billion, at 49 % a year" says, and whether it can."""

from __future__ import annotations

from course_utils.costs.quantities import require


def yearly_growth(*, start_usd_billion: float, end_usd_billion: float, years: float) -> float:
    """The constant yearly growth, as a share, that leads from start to end: (end / start)^(1/years) − 1."""
    require(start_usd_billion=start_usd_billion, end_usd_billion=end_usd_billion, years=years)
    return (end_usd_billion / start_usd_billion) ** (1 / years) - 1
