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


def over_cost(points: Mapping[str, tuple[float, Rate]], xlabel: str, ylabel: str, title: str = "") -> Figure:
    """One point a name: a rate with its 95 % interval over a cost, on a logarithmic axis."""
    figure = style.figure(7.0, 4.2)
    axes = figure.subplots()
    for marker, (name, (cost, rate)) in zip("osD^vP*X", points.items(), strict=False):
        low, high = rate.interval
        error = [[100 * max(0.0, rate.value - low)], [100 * max(0.0, high - rate.value)]]
        axes.errorbar(
            cost, 100 * rate.value, yerr=error, fmt=marker, color=style.BLUE, markeredgecolor="black",
            markersize=9, capsize=4,
        )  # fmt: skip
        axes.annotate(name, (cost, 100 * rate.value), (8, 3), textcoords="offset points", fontsize=9)
    axes.set_xscale("log")
    axes.margins(x=0.16)  # room for the last name
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 104), title=title)
    style.bare(axes)
    return figure


def tornado(swings: Mapping[str, tuple[float, float]], middle: float, xlabel: str, title: str = "") -> Figure:
    """One bar an input, from the result with half of it to the result with twice of it, widest on top.

    ``middle`` is the result with every input as it stands; the axis is logarithmic, so all must be above 0.
    """
    from matplotlib.ticker import LogLocator, StrMethodFormatter

    ordered = sorted(swings.items(), key=lambda item: max(item[1]) / min(item[1]))
    figure = style.figure(7.5, 1.0 + 0.42 * len(ordered))
    axes = figure.subplots()
    for place, (_name, (halved, doubled)) in enumerate(ordered):
        for end, hatch in ((halved, "//"), (doubled, "")):
            axes.barh(
                place, end - middle, left=middle, height=0.6, edgecolor="black", hatch=hatch,
                facecolor=style.SHADES[2] if hatch else style.BLUE, label="half" if hatch else "double",
            )  # fmt: skip
    axes.axvline(middle, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(ordered)), [name for name, _ in ordered])
    axes.set(xlabel=xlabel, title=title)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.minorticks_off()
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[:2], labels[:2], title="of the input", frameon=False, loc="lower right")
    style.bare(axes)
    return figure


def verdict_bars(
    rows: Mapping[str, Sequence[str]], title: str = "", of: str = "questions about a changed price"
) -> Figure:
    """Stacked shares of price verdicts, one bar a row; see ``evaluation.verdict``. ``of``: what was asked."""
    figure = style.figure(7.5, 1.3 + 0.55 * len(rows))
    axes = figure.subplots()
    for place, verdicts in enumerate(reversed(rows.values())):
        style.verdict_bar(axes, place, verdicts, written_from=8)
    axes.set_yticks(range(len(rows)), list(reversed(rows)))
    axes.set(xlim=(0, 100), xlabel=f"share of answers to {of} (%)", title=title)
    style.bare(axes)
    style.verdict_legend(figure)
    return figure
