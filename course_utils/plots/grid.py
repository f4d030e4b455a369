"""Pictures of the grid for lesson 05 and README: two questions in one plane, systems before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from course_utils.grid.scoring import Repeats, pooled
from course_utils.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The systems the article compares: the grid's name, and what a reader who has not met the grid understands.
FOUR = {
    "base": "the model alone",
    "FT-facts": "fine-tuned on January's facts",
    "RAG": "RAG",
    "hybrid": "hybrid: RAG + fine-tuned tickets",
}
_MARKERS = "osD^vPX*hp"


def plane(january: Mapping[str, Repeats], february: Mapping[str, Repeats]) -> Figure:
    """Facts (across) against format (up), an arrow a system from January (hollow) to February (filled)."""
    figure = style.figure(7, 5)
    axes = figure.subplots()
    names: dict[tuple[float, float], list[str]] = {}
    for name, marker in zip(january, _MARKERS, strict=False):
        before, after = _place(january[name]), _place(february[name])
        names.setdefault(after, []).append(name)
        axes.annotate("", after, before, arrowprops=dict(arrowstyle="->", color="#888888", lw=1.5))
        axes.plot(*before, marker, markersize=9, markerfacecolor="white", markeredgecolor="black")
        axes.plot(*after, marker, markersize=9, color="#333333")
    for place, together in sorted(names.items()):  # systems at the same place share a label
        side = "left" if place[0] < 15 else "center"
        # Below the point, one line for each, if labels of others, further left, are in the way.
        near = [(x, y) for x, y in names if 0 <= place[0] - x < 18 and abs(place[1] - y) < 8]
        crowded = len(near) - 1
        offset = (-4 if side == "left" else 0, 9 if not crowded else -4 - 14 * crowded)
        axes.annotate(", ".join(together), place, offset, textcoords="offset points", ha=side)
    axes.set(
        xlim=(-4, 104), ylim=(-6, 108), xlabel="fact right (% of answerable questions)",
        ylabel="valid ticket (% of all questions)", title="hollow: January, filled: February",
    )  # fmt: skip
    style.bare(axes)
    return figure


def _place(repeats: Repeats) -> tuple[float, float]:
    """Where a system stands in the plane, in per cent."""
    fact, form = (100 * pooled(column, repeats).value for column in ("fact right", "valid ticket"))
    return fact, form


def before_after(summary: Mapping[str, Any], title: str = "Before and after a price change") -> Figure:
    """Price verdicts of the four systems, a panel a month; below each name how many tickets are valid.

    ``summary``: as :func:`course_utils.grid.summary` makes it, and lesson 05 records it.
    """
    figure = style.figure(9, 4)
    panels = figure.subplots(1, len(summary["verdicts"]), sharey=True, squeeze=False)[0]
    for axes, (month, verdicts) in zip(panels, summary["verdicts"].items(), strict=True):
        for place, name in enumerate(FOUR):
            style.verdict_bar(axes, place, verdicts[name], written_from=10)
        axes.set(xlim=(0, 100), title=month, xlabel="answers about a changed price (%)")
        style.bare(axes)
    valid = {name: summary["scores"][month][name]["valid ticket"] for name in FOUR}
    panels[0].set_yticks(
        range(len(FOUR)),
        [f"{FOUR[name]}\n{valid[name].value:.0%} valid tickets".replace("%", " %") for name in FOUR],
    )
    panels[0].invert_yaxis()
    style.verdict_legend(figure)
    figure.suptitle(title)
    return figure
