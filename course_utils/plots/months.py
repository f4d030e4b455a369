"""Pictures of a year: several systems month by month, and adapters by their age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course_utils.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINES = tuple((marker, dashes) for dashes in ("-", "--", ":") for marker in "osD^vP")


def over_months(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    title: str = "",
    cut: Mapping[str, float] | None = None,
) -> Figure:
    """Panels one above the other, each named by its y axis: twelve values a system, one line each.

    A system has the same marker and dashes in all panels; none of them needs colour to be told apart.
    ``cut``: panel → where its y axis ends, where one line would press all others flat.
    """
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    look = dict(zip(names, _LINES, strict=False))
    figure = style.figure(8.6, 0.6 + 2.6 * len(panels))
    rows = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (label, lines) in zip(rows, panels.items(), strict=True):
        for name, values in lines.items():
            marker, dashes = look[name]
            shade = style.SHADES[0] if names.index(name) % 2 else style.BLUE
            axes.plot(
                MONTHS, values, dashes, marker=marker, color=shade, markersize=5, linewidth=1.4,
                markerfacecolor="white" if dashes != "-" else shade, label=name,
            )  # fmt: skip
        axes.set(ylabel=label, ylim=(0, (cut or {}).get(label)))
        style.bare(axes)
    shown = {line.get_label(): line for axes in rows for line in axes.lines}
    figure.legend([shown[name] for name in names], names, loc="outside right center", frameon=False)
    figure.suptitle(title, fontsize=11)
    return figure


def by_age(shares: Sequence[Sequence[float | None]], title: str = "") -> Figure:
    """A square for each month of training (row) and of asking (column): a share in per cent, dark is much."""
    import numpy as np

    table = np.array([[np.nan if share is None else 100 * share for share in row] for row in shares])
    figure = style.figure(7.0, 5.2)
    axes = figure.subplots()
    axes.imshow(table, cmap="Greys", vmin=0, vmax=130)
    for (row, column), value in np.ndenumerate(table):
        if not np.isnan(value):
            axes.text(
                column, row, f"{value:.0f}", ha="center", va="center", fontsize=8,
                color="white" if value > 70 else "black",
            )  # fmt: skip
    axes.set_xticks(range(12), MONTHS)
    axes.set_yticks(range(12), MONTHS)
    axes.set(xlabel="asked in", ylabel="trained on the prices of", title=title)
    style.bare(axes)
    return figure
