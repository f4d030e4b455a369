"""Pictures of results: readable in greyscale, axes with units, no decoration."""

from course_utils.plots.grid import before_after, plane
from course_utils.plots.results import rates, tornado, verdict_bars
from course_utils.plots.training import learning_curve, loss_curve, prediction, rounding

__all__ = [
    "before_after", "learning_curve", "loss_curve", "plane", "prediction", "rates", "rounding",
    "tornado", "verdict_bars",
]  # fmt: skip
