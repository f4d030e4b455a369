"""The calculators of lesson 06, interactive: thin widgets over ``course_utils.costs``.

Each function returns a ``Panel``; as the last expression of a cell it shows itself. Without widgets (GitHub,
nbviewer) the same state shows as a picture and a table. ipywidgets is imported when a panel is made.
"""

from __future__ import annotations

from course_utils.costs.inputs import Inputs
from course_utils.widgets import views
from course_utils.widgets.panel import Panel


def total_cost(inputs: Inputs | None = None) -> Panel:
    """RAG against fine-tuning over the number of questions a day, the crossing marked."""
    return Panel(views.TOTAL_COST, inputs)


def break_even(inputs: Inputs | None = None) -> Panel:
    """The break-even volume over the cost of one retraining."""
    return Panel(views.BREAK_EVEN, inputs)


def token_prices(inputs: Inputs | None = None) -> Panel:
    """What a question costs with the whole handbook, with a cache, and with retrieval."""
    return Panel(views.TOKEN_PRICES, inputs)


def training_planner(inputs: Inputs | None = None) -> Panel:
    """Whether a training run fits on a card, how long it takes, what it costs."""
    return Panel(views.TRAINING_PLANNER, inputs)


def a_year(inputs: Inputs | None = None) -> Panel:
    """The first year of nine systems."""
    return Panel(views.A_YEAR, inputs)


def stale_answers(inputs: Inputs | None = None) -> Panel:
    """How many stale answers a year, from which system."""
    return Panel(views.STALE_ANSWERS, inputs)


__all__ = [
    "Panel", "a_year", "break_even", "stale_answers", "token_prices", "total_cost", "training_planner",
]  # fmt: skip
