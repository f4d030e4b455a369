"""What all pictures share: shades and hatches that stay apart when printed, a figure that notebooks show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from course_utils.evaluation import VERDICTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE = "#5b7c99"
SHADES = ("#333333", "#7b93a8", "#d9d9d9", "#ffffff")
# Stale is the dark one wherever it appears.
VERDICT = {
    "current": dict(facecolor="#7fb069", hatch=""),
    "stale": dict(facecolor="#b3312f", hatch="//"),
    "other": dict(facecolor="#d9d9d9", hatch=".."),
    "abstained": dict(facecolor="#ffffff", hatch=""),
}


def figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches, which a notebook shows as a picture."""
    from matplotlib.figure import Figure

    _show_in_notebooks()
    return Figure(figsize=(width, height), layout="constrained", dpi=90)


def _show_in_notebooks() -> None:
    """Let a notebook show a ``Figure`` as a picture: only pyplot, which we do without, would arrange that."""
    from IPython import get_ipython

    if shell := get_ipython():
        from IPython.core.pylabtools import select_figure_formats

        select_figure_formats(shell, {"png"})


def bare(*axes: Axes) -> None:
    """No frame above and to the right."""
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)


def verdict_bar(axes: Axes, place: float, verdicts: Sequence[str], written_from: float) -> None:
    """One stacked bar at height ``place``: each verdict's share, written in it from so many per cent on."""
    left = 0.0
    for kind in VERDICTS:
        share = 100 * sum(v == kind for v in verdicts) / len(verdicts)
        axes.barh(place, share, left=left, edgecolor="black", **VERDICT[kind])
        if share >= written_from:
            white = dict(facecolor="white", edgecolor="none", alpha=0.85, pad=1.5)
            axes.text(
                left + share / 2, place, f"{share:.0f} %", ha="center", va="center", fontsize=9, bbox=white
            )
        left += share


def verdict_legend(figure: Figure) -> None:
    """What the shades and hatches of verdicts mean, below the picture."""
    from matplotlib.patches import Patch

    handles = [Patch(edgecolor="black", label=kind, **VERDICT[kind]) for kind in VERDICTS]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(VERDICTS), frameon=False)
