"""Pictures of rates and of verdicts, one bar a system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course_utils.evaluation import Rate
from course_utils.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rates(named: Mapping[str, Rate], xlabel: str, title: str = "") -> Figure:
    """One bar a name with its 95 % interval; the axis is a share in per cent."""
    figure = style.figure(6.5, 0.8 + 0.5 * len(named))
    axes = figure.subplots()
    for i, (_name, rate) in enumerate(reversed(named.items())):
        low, high = rate.interval
        error = [[100 * max(0.0, rate.value - low)], [100 * max(0.0, high - rate.value)]]
        axes.barh(i, 100 * rate.value, xerr=error, color=style.BLUE, edgecolor="black", capsize=4)
        axes.text(101, i, f"{rate.hits}/{rate.n}", va="center", fontsize=9)
    axes.set_yticks(range(len(named)), list(reversed(named)))
    axes.set(xlim=(0, 100), xlabel=xlabel, title=title)
    style.bare(axes)
    return figure


def verdict_bars(rows: Mapping[str, Sequence[str]], title: str = "") -> Figure:
    """Stacked shares of price verdicts, one bar a system; see ``evaluation.verdict``."""
    figure = style.figure(7.5, 1.3 + 0.55 * len(rows))
    axes = figure.subplots()
    for place, verdicts in enumerate(reversed(rows.values())):
        style.verdict_bar(axes, place, verdicts, written_from=8)
    axes.set_yticks(range(len(rows)), list(reversed(rows)))
    axes.set(xlim=(0, 100), xlabel="share of answers to questions about a changed price (%)", title=title)
    style.bare(axes)
    style.verdict_legend(figure)
    return figure
