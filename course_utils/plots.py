"""Pictures of results: readable in greyscale, axes with units, no decoration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course_utils.evaluation import VERDICTS, Rate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Shades and hatches that stay apart when printed; stale is the dark one wherever it appears.
_STYLE = {
    "current": dict(facecolor="#7fb069", hatch=""),
    "stale": dict(facecolor="#b3312f", hatch="//"),
    "other": dict(facecolor="#d9d9d9", hatch=".."),
    "abstained": dict(facecolor="#ffffff", hatch=""),
}


def _figure(width: float = 6.5, height: float = 3.2):
    from matplotlib.figure import Figure

    _show_in_notebooks()
    figure = Figure(figsize=(width, height), layout="constrained", dpi=90)
    return figure, figure.subplots()


def _show_in_notebooks() -> None:
    """Let a notebook show a ``Figure`` as a picture: only pyplot, which we do without, would arrange that."""
    from IPython import get_ipython

    if shell := get_ipython():
        from IPython.core.pylabtools import select_figure_formats

        select_figure_formats(shell, {"png"})


def rates(named: Mapping[str, Rate], xlabel: str, title: str = "") -> Figure:
    """One bar a name with its 95 % interval; the axis is a share in per cent."""
    figure, axes = _figure(height=0.8 + 0.5 * len(named))
    for i, (_name, rate) in enumerate(reversed(named.items())):
        low, high = rate.interval
        error = [[100 * max(0.0, rate.value - low)], [100 * max(0.0, high - rate.value)]]
        axes.barh(i, 100 * rate.value, xerr=error, color="#5b7c99", edgecolor="black", capsize=4)
        axes.text(101, i, f"{rate.hits}/{rate.n}", va="center", fontsize=9)
    axes.set_yticks(range(len(named)), list(reversed(named)))
    axes.set(xlim=(0, 100), xlabel=xlabel, title=title)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def verdict_bars(rows: Mapping[str, Sequence[str]], title: str = "") -> Figure:
    """Stacked shares of price verdicts, one bar a system; see ``evaluation.verdict``."""
    figure, axes = _figure(7.5, 1.3 + 0.55 * len(rows))
    for i, (_name, verdicts) in enumerate(reversed(rows.items())):
        left = 0.0
        for kind in VERDICTS:
            share = 100 * sum(v == kind for v in verdicts) / len(verdicts)
            axes.barh(i, share, left=left, edgecolor="black", label=kind if i == 0 else None, **_STYLE[kind])
            if share >= 8:
                white = dict(facecolor="white", edgecolor="none", alpha=0.85, pad=1.5)
                axes.text(
                    left + share / 2, i, f"{share:.0f} %", ha="center", va="center", fontsize=9, bbox=white
                )
            left += share
    axes.set_yticks(range(len(rows)), list(reversed(rows)))
    axes.set(xlim=(0, 100), xlabel="share of answers to questions about a changed price (%)", title=title)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def loss_curve(steps: Sequence[int], losses: Sequence[float], title: str = "") -> Figure:
    """Training loss over optimizer steps."""
    figure, axes = _figure(height=2.8)
    axes.plot(steps, losses, color="#333333")
    axes.set(xlabel="optimizer step", ylabel="loss (nats per answer token)", title=title, ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    return figure
