"""Pictures of a training: its loss, its bill, what rounding costs it, what more examples bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course_utils.evaluation import Rate
from course_utils.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import Tensor

_LINES = ("o-", "s--", "^:", "x-.")


def loss_curve(steps: Sequence[int], losses: Sequence[float], title: str = "") -> Figure:
    """Training loss over optimizer steps."""
    figure = style.figure(6.5, 2.8)
    axes = figure.subplots()
    axes.plot(steps, losses, color=style.SHADES[0])
    axes.set(xlabel="optimizer step", ylabel="loss (nats per answer token)", title=title, ylim=(0, None))
    style.bare(axes)
    return figure


def levels(scaled: Tensor, chosen: Tensor) -> Figure:
    """How weights lie between -1 and 1 (``scaled``, any number of them), and below them 16 ``chosen`` levels.

    The same number of levels at even distances stands below those, for comparison.
    """
    figure = style.figure(8, 3)
    bell, marks = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    bell.hist(scaled.numpy(), bins=160, color=style.BLUE)
    even = [2 * i / (len(chosen) - 1) - 1 for i in range(len(chosen))]
    for height, (name, places) in enumerate({"even": even, "NF4": chosen.tolist()}.items()):
        marks.scatter(places, [height] * len(places), marker="|", s=220, color="black")
        marks.text(-1.06, height, name, ha="right", va="center")
    bell.set(ylabel="weights", yticks=[])
    marks.set(xlabel="weight, divided by the largest of its block of 64", ylim=(-0.6, 1.6), yticks=[])
    style.bare(bell, marks)
    marks.spines["left"].set_visible(False)
    return figure


def rounding(lost: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """``lost``: grid → what is rounded → rounding errors in per cent of the norm, one for each matrix."""
    figure = style.figure(8, 3.4)
    axes = figure.subplots()
    styles = zip(lost.items(), "ox", ("#1d3f5e", "#b3312f"), (-0.16, 0.16), strict=True)
    for (grid, kinds), marker, color, side in styles:
        # Every grid has its own column, and the marks are spread over it in the order of the matrices.
        points = [
            (place + side + 0.2 * ((number + 0.5) / len(values) - 0.5), value)
            for place, values in enumerate(kinds.values())
            for number, value in enumerate(values)
        ]
        axes.scatter(*zip(*points, strict=True), marker=marker, color=color, alpha=0.7, label=grid)
        axes.set_xticks(range(len(kinds)), list(kinds))
    highest = max(value for kinds in lost.values() for values in kinds.values() for value in values)
    axes.set(ylim=(0, 1.1 * highest), xlim=(-0.5, len(kinds) - 0.5))
    axes.set_ylabel("rounding error\n(% of the norm)")
    axes.set_title("One mark for each weight matrix")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    style.bare(axes)
    return figure


def prediction(
    mib: Mapping[str, float], measured_mib: float, seconds: float, measured_seconds: float
) -> Figure:
    """Predicted memory by part (MiB) above the measured, and the two times (s)."""
    figure = style.figure(8, 2.2)
    memory, clock = figure.subplots(1, 2)
    whole = dict(color="#f0d9a8", edgecolor="black", hatch="//")  # no part's shade: it was not taken apart
    memory.barh("measured", measured_mib, **whole)
    start = 0.0
    for (part, size), shade in zip(mib.items(), style.SHADES, strict=False):
        memory.barh("predicted", size, left=start, color=shade, edgecolor="black", label=part)
        start += size
    clock.barh("measured", measured_seconds, **whole)
    clock.barh("predicted", seconds, color=style.BLUE, edgecolor="black")
    memory.set(xlabel="memory above the loaded model (MiB)")
    clock.set(xlabel="time of the training (s)")
    figure.legend(loc="outside upper left", ncols=len(mib), frameon=False, fontsize=9)
    style.bare(memory, clock)
    return figure


def learning_curve(
    curves: Mapping[str, Mapping[int, Rate]], title: str = "", steps: Mapping[int, int] | None = None
) -> Figure:
    """``curves``: what is counted → number of training examples → rate; drawn with 95 % intervals.

    ``steps``: number of training examples → optimizer steps of that training, written below the number.
    """
    figure = style.figure(8, 3.4)
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
    axes.set_xticks(list(rates), [f"{n}\n({steps[n]} steps)" if steps else str(n) for n in rates])
    axes.minorticks_off()
    figure.legend(loc="outside lower center", ncols=len(curves), frameon=False)
    style.bare(axes)
    return figure
