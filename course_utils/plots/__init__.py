"""Pictures of results: readable in greyscale, axes with units, no decoration."""

from course_utils.plots.grid import before_after, plane
from course_utils.plots.results import over_cost, rates, tornado, verdict_bars
from course_utils.plots.training import learning_curve, levels, loss_curve, prediction, rounding

__all__ = [
    "before_after", "learning_curve", "levels", "loss_curve", "over_cost", "plane", "prediction", "rates",
    "rounding", "tornado", "verdict_bars",
]  # fmt: skip
