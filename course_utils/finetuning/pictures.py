"""The pictures of lesson 04: readable in greyscale, axes with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course_utils.evaluation import Rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHADES = ("#333333", "#7b93a8", "#d9d9d9", "#ffffff")
_BLUE = "#5b7c99"
_LINES = ("o-", "s--", "^:", "x-.")


def _figure(height: float):
    from matplotlib.figure import Figure

    from course_utils import plots

    plots._show_in_notebooks()
    return Figure(figsize=(8, height), layout="constrained", dpi=90)


def _bare(*axes: Axes) -> None:
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)


def rounding(lost: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """``lost``: grid → kind of matrix → rounding errors in per cent of the norm, one for each block."""
    figure = _figure(3)
    axes = figure.subplots()
    for (grid, kinds), marker, color in zip(lost.items(), "ox", ("#1d3f5e", "#b3312f"), strict=True):
        points = [(place, value) for place, values in enumerate(kinds.values()) for value in values]
        axes.scatter(*zip(*points, strict=True), marker=marker, color=color, alpha=0.7, label=grid)
        axes.set_xticks(range(len(kinds)), list(kinds))
    highest = max(value for kinds in lost.values() for values in kinds.values() for value in values)
    axes.set(ylim=(0, 1.1 * highest), ylabel="rounding error (% of the norm)")
    axes.set_title("One mark for each block")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    _bare(axes)
    return figure


def prediction(
    mib: Mapping[str, float], measured_mib: float, seconds: float, measured_seconds: float
) -> Figure:
    """Predicted memory by part (MiB) above the measured, and the two times (s)."""
    figure = _figure(2.2)
    memory, clock = figure.subplots(1, 2)
    memory.barh("measured", measured_mib, color=_BLUE, edgecolor="black")
    start = 0.0
    for (part, size), shade in zip(mib.items(), _SHADES, strict=False):
        memory.barh("predicted", size, left=start, color=shade, edgecolor="black", label=part)
        start += size
    clock.barh(["measured", "predicted"], [measured_seconds, seconds], color=_BLUE, edgecolor="black")
    memory.set(xlabel="memory above the loaded model (MiB)")
    clock.set(xlabel="time of the training (s)")
    figure.legend(loc="outside upper left", ncols=len(mib), frameon=False, fontsize=9)
    _bare(memory, clock)
    return figure


def learning_curve(curves: Mapping[str, Mapping[int, Rate]], title: str = "") -> Figure:
    """``curves``: what is counted → number of training examples → rate; drawn with 95 % intervals."""
    figure = _figure(3.4)
    axes = figure.subplots()
    for place, (name, rates) in enumerate(curves.items()):
        middle = (len(curves) - 1) / 2
        sizes = [n * 1.04 ** (place - middle) for n in rates]  # side by side, so that intervals stay apart
        values = [100 * rate.value for rate in rates.values()]
        low = [max(0.0, v - 100 * rate.interval[0]) for v, rate in zip(values, rates.values(), strict=True)]
        high = [max(0.0, 100 * rate.interval[1] - v) for v, rate in zip(values, rates.values(), strict=True)]
        axes.errorbar(sizes, values, [low, high], fmt=_LINES[place % len(_LINES)], capsize=3, label=name)
    axes.set(xscale="log", ylim=(0, 101), title=title)
    axes.set(xlabel="training examples (log scale)", ylabel="share of tickets (%)")
    axes.set_xticks(list(rates), [str(n) for n in rates])
    axes.minorticks_off()
    figure.legend(loc="outside lower center", ncols=len(curves), frameon=False)
    _bare(axes)
    return figure
