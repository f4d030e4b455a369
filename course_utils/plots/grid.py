"""Pictures of the grid for lesson 05 and README: two questions in one plane, systems before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course_utils.grid.scoring import Repeats, pooled
from course_utils.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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
    axes.set(
        xlim=(-6, 106), ylim=(-12, 112), xlabel="fact right (% of answerable questions)",
        ylabel="valid ticket (% of all questions)", title="hollow: January, filled: February",
    )  # fmt: skip
    style.bare(axes)
    names: dict[tuple[float, float], list[str]] = {}
    moves = []
    for name, marker in zip(january, _MARKERS, strict=False):
        before, after = _place(january[name]), _place(february[name])
        names.setdefault(after, []).append(name)
        moves.append((before, after))
        axes.annotate("", after, before, arrowprops=dict(arrowstyle="->", color="#888888", lw=1.5))
        # The hollow one is the larger, so that it stands around a filled one at the same place.
        axes.plot(*before, marker, markersize=13, markerfacecolor="white", markeredgecolor="black")
        axes.plot(*after, marker, markersize=7, color="#333333")
    labels = {place: ", ".join(together) for place, together in names.items()}  # one for systems at one place
    _write_beside(figure, axes, labels, moves)
    return figure


# Where a label may stand, in points from its mark, the favourite first; and which of its ends is there.
_SIDES = (
    (0, 11, "center"), (12, -4, "left"), (-12, -4, "right"), (0, -21, "center"),
    (0, -35, "center"), (0, 25, "center"), (0, -49, "center"), (0, 39, "center"), (0, -63, "center"),
    (0, 53, "center"),
)  # fmt: skip


def _write_beside(
    figure: Figure,
    axes: Axes,
    labels: Mapping[tuple[float, float], str],
    moves: Sequence[tuple[tuple[float, float], tuple[float, float]]],
) -> None:
    """Write each label where it covers no other label, no mark and no arrow, or as little as possible."""
    from matplotlib.transforms import Bbox

    figure.draw_without_rendering()  # only now is it known where the axes are
    half = 8 * figure.dpi / 72  # a mark's
    marked, written = [], []
    for before, after in moves:
        (x, y), (to_x, to_y) = axes.transData.transform([before, after])
        for share in (step / 20 for step in range(21)):
            at = x + share * (to_x - x), y + share * (to_y - y)
            marked.append(Bbox.from_extents(at[0] - half, at[1] - half, at[0] + half, at[1] + half))
    for place, label in sorted(labels.items()):
        found = []
        for right, up, end in _SIDES:
            text = axes.annotate(label, place, (right, up), textcoords="offset points", ha=end)
            box = text.get_window_extent()
            inside = Bbox.intersection(box, axes.bbox)
            outside = 1 - (inside.width * inside.height if inside else 0) / (box.width * box.height)
            text.remove()
            covered = box.count_overlaps(marked) + 1000 * (box.count_overlaps(written) + outside)
            found.append((covered, len(found), box, (right, up, end)))
        _, _, box, (right, up, end) = min(found, key=lambda each: each[:2])
        axes.annotate(label, place, (right, up), textcoords="offset points", ha=end)
        written.append(box)


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
