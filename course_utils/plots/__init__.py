"""Pictures of results: readable in greyscale, axes with units, no decoration."""

from course_utils.plots.grid import before_after, plane
from course_utils.plots.months import by_age, over_months
from course_utils.plots.results import over_cost, rates, tornado, verdict_bars
from course_utils.plots.training import learning_curve, levels, loss_curve, prediction, rounding

__all__ = [
    "before_after", "by_age", "learning_curve", "levels", "loss_curve", "over_cost", "over_months", "plane",
    "prediction", "rates", "rounding", "tornado", "verdict_bars",
]  # fmt: skip
