"""The pictures of lesson 05 and of README: two questions in one plane, and four systems before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course_utils import plots
from course_utils.evaluation import VERDICTS, Rate
from course_utils.hybrid.scoring import Repeats, pooled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = "osD^vPX*"


def plane(january: Mapping[str, Repeats], february: Mapping[str, Repeats]) -> Figure:
    """Facts (across) against format (up), an arrow an arm from January to February."""
    figure, axes = plots._figure(7.5, 5.2)
    for arm, marker in zip(january, _MARKERS, strict=False):
        (x0, y0), (x1, y1) = (
            [100 * pooled(column, month[arm]).value for column in ("fact right", "valid ticket")]
            for month in (january, february)
        )
        axes.annotate("", (x1, y1), (x0, y0), arrowprops=dict(arrowstyle="->", color="#888888", lw=1.5))
        axes.plot(x0, y0, marker, markersize=9, markerfacecolor="white", markeredgecolor="black")
        axes.plot(x1, y1, marker, markersize=9, color="#333333", label=arm)
    axes.plot([], [], "o", markerfacecolor="white", markeredgecolor="black", label="(hollow: January)")
    axes.set(
        xlim=(-4, 104), ylim=(-4, 104), xlabel="fact right (% of answerable questions)",
        ylabel="valid ticket (% of all questions)",
    )  # fmt: skip
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False)
    return figure


def before_after(
    verdicts: Mapping[str, Mapping[str, Sequence[str]]], valid: Mapping[str, Rate], title: str = ""
) -> Figure:
    """Price verdicts of each system, a panel a month, and beside its name how many of its tickets are valid.

    ``verdicts``: month to system to verdicts. ``valid``: system to the rate of valid tickets.
    """
    from matplotlib.figure import Figure

    plots._show_in_notebooks()
    figure = Figure(figsize=(9, 1.7 + 0.55 * len(valid)), layout="constrained", dpi=90)
    panels = figure.subplots(1, len(verdicts), sharey=True, squeeze=False)[0]
    labels = [f"{name}\n{rate.value:.0%} valid tickets".replace("%", " %") for name, rate in valid.items()]
    for axes, (month, rows) in zip(panels, verdicts.items(), strict=True):
        for place, name in enumerate(valid):
            left = 0.0
            for kind in VERDICTS:
                share = 100 * sum(v == kind for v in rows[name]) / len(rows[name])
                axes.barh(place, share, left=left, edgecolor="black", **plots._STYLE[kind])
                if share >= 10:
                    axes.text(
                        left + share / 2, place, f"{share:.0f} %", ha="center", va="center", fontsize=9,
                        bbox=dict(facecolor="white", edgecolor="none", alpha=0.85, pad=1.5),
                    )  # fmt: skip
                left += share
        axes.set(xlim=(0, 100), title=month, xlabel="answers about a changed price (%)")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_yticks(range(len(labels)), labels)
    panels[0].invert_yaxis()
    from matplotlib.patches import Patch

    handles = [Patch(edgecolor="black", label=kind, **plots._STYLE[kind]) for kind in VERDICTS]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(VERDICTS), frameon=False)
    figure.suptitle(title)
    return figure
