"""Charts as SVG text: nothing to import, drawn in a millisecond, sharp at any size, readable in greyscale.

Everywhere else the course draws with matplotlib. A calculator redraws on every step of a slider and has
100 ms for all of it: arithmetic, picture, the way to the browser. CPU time from inputs to finished SVG,
measured in November 2026 on two server cores (``make bench`` repeats the first row):

=====================  ========  ==============================================================
chart                  here      matplotlib 3.11, a bare ``Figure``
=====================  ========  ==============================================================
lines over log axes    1 ms      35 to 60 ms without minor ticks, 110 to 150 ms with them
stacked bars, hatched  2 ms      60 to 80 ms, and 90 ms or more as PNG
=====================  ========  ==============================================================

So 35 to 150 times as much, which on a laptop or a shared core is the whole budget, and 0.6 s to import it
first; nor do its pictures carry the description that a screen reader says.

Lines differ in dash, bars in hatching, so that no chart depends on colour. Every chart carries its
description.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH = 760
LEFT, RIGHT, TOP, BOTTOM = 78, 150, 16, 52
FONT = "font-family='Helvetica, Arial, sans-serif' font-size='13'"
LETTER = 7.2  # px, about the width of a letter in that size
NARROW = frozenset("iljtfr(),.'–I ")
NARROW_LETTER, WIDE_LETTER = 3.7, 7.2  # px in Helvetica, on average
INK, GRID = "#222222", "#dddddd"
STROKES = ("#1b4f72", "#b3312f", "#4d4d4d", "#7a5c00", "#2e6b34")
DASHES = ("", "9 4", "2 4", "12 4 2 4", "5 2")
DARK = "#4b4b4b"
FILLS = ("#ffffff", "#c9c9c9", "#8a8a8a", DARK, "#e6e6e6")
HATCHES = ("", "/", "", "\\", "-")


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis: label with unit, ends, and how a tick is written."""

    label: str
    low: float
    high: float
    write: Callable[[float], str]

    def place(self, value: float) -> float:
        """Where ``value`` lies, 0 to 1; values outside, such as 0, lie at the end."""
        value = min(max(value, self.low), self.high)
        return math.log(value / self.low) / math.log(self.high / self.low)

    def ticks(self) -> list[float]:
        """Powers of ten inside the axis; with 2 and 5 between them when there are few."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        steps = (1, 2, 5) if last - first <= 2 else (1,)
        values = [m * 10.0**e for e in range(first, last + 1) for m in steps]
        return [v for v in values if self.low * (1 - 1e-9) <= v <= self.high * (1 + 1e-9)]


@dataclass(frozen=True)
class Line:
    """A named line through points (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Mark:
    """A point worth naming: a crossing is an open circle, a value of the learner's a filled one."""

    x: float
    y: float
    text: str
    filled: bool = False


@dataclass(frozen=True)
class Guide:
    """A thin line across the chart: vertical at ``x``, or horizontal at ``y``."""

    text: str
    x: float | None = None
    y: float | None = None


def line_chart(
    lines: Sequence[Line],
    x: Axis,
    y: Axis,
    *,
    marks: Sequence[Mark] = (),
    guides: Sequence[Guide] = (),
    areas: Sequence[tuple[bool, str]] = (),
    description: str,
    height: int = 360,
) -> str:
    """Lines over two logarithmic axes, each named at its right end.

    ``areas``: what holds in the upper left (True) or the lower right (False) corner.
    """
    right, bottom = WIDTH - RIGHT, height - BOTTOM

    def at(px: float, py: float) -> tuple[float, float]:
        return LEFT + x.place(px) * (right - LEFT), bottom - y.place(py) * (bottom - TOP)

    parts = []
    for tick in x.ticks():
        across, _ = at(tick, y.low)
        parts.append(svg_line(across, TOP, across, bottom, GRID))
        parts.append(svg_text(across, bottom + 18, x.write(tick), "middle"))
    for tick in y.ticks():
        _, up = at(x.low, tick)
        parts.append(svg_line(LEFT, up, right, up, GRID))
        parts.append(svg_text(LEFT - 8, up + 4, y.write(tick), "end"))
    parts.append(svg_text((LEFT + right) / 2, height - 8, x.label, "middle"))
    middle = (TOP + bottom) / 2
    parts.append(svg_text(16, middle, y.label, "middle", f" transform='rotate(-90 16 {middle:.0f})'"))
    for guide in guides:
        if guide.x is not None and x.low <= guide.x <= x.high:
            across, _ = at(guide.x, y.low)
            parts.append(svg_line(across, TOP, across, bottom, INK, 1, "1 3"))
            parts.append(svg_text(across + 4, TOP + 12, guide.text))
        if guide.y is not None and y.low <= guide.y <= y.high:
            _, up = at(x.low, guide.y)
            parts.append(svg_line(LEFT, up, right, up, INK, 1, "1 3"))
    level = [g for g in guides if g.y is not None and y.low <= g.y <= y.high]
    heights = [at(*line.points[-1])[1] + 4 for line in lines] + [at(x.low, g.y)[1] + 4 for g in level]
    ends = _spread(heights)
    parts += [svg_text(right + 8, end, g.text) for g, end in zip(level, ends[len(lines) :], strict=True)]
    for i, (line, end) in enumerate(zip(lines, ends, strict=False)):
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in (at(*point) for point in line.points))
        colour, dash = STROKES[i % len(STROKES)], DASHES[i % len(DASHES)]
        parts.append(
            f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='2.5'"
            f" stroke-dasharray='{dash}'/>"
        )
        parts.append(svg_text(right + 8, end, line.name, fill=colour, weight="bold"))
    for mark in marks:
        if not (x.low <= mark.x <= x.high):
            continue
        across, up = at(mark.x, mark.y)
        parts.append(
            f"<circle cx='{across:.1f}' cy='{up:.1f}' r='6' fill='{INK if mark.filled else 'white'}'"
            f" stroke='{INK}' stroke-width='2'/>"
        )
        if right - across > LETTER * len(mark.text) + 14:  # right of the point and below it, if there is room
            parts.append(svg_text(across + 11, min(up + 20, bottom - 6), mark.text, halo=True))
        else:
            parts.append(svg_text(across - 10, up - 9, mark.text, "end", halo=True))
    for left_side, text in areas:
        place, up = (LEFT + 12, TOP + 24) if left_side else (right - 12, bottom - 16)
        anchor = "start" if left_side else "end"
        parts.append(svg_text(place, up, text, anchor, " font-style='italic'", halo=True))
    return svg_document(parts, height, description)


def bar_chart(
    rows: Sequence[tuple[str, Sequence[float]]],
    legend: Sequence[str],
    label: str,
    write: Callable[[float], str],
    *,
    limit: tuple[float, str] | None = None,
    description: str,
) -> str:
    """Stacked horizontal bars on a linear axis from 0: names, parts in the order of ``legend``, totals.

    ``limit``: a value that must not be passed, drawn as a line with its name.
    """
    left, row_height, top = 190, 30, 34
    right, bottom = WIDTH - 90, top + row_height * len(rows) + 6
    totals = [sum(values) for _, values in rows]
    step = _nice(max([*totals, limit[0] if limit else 0, 1e-9]) / 5)
    high = step * math.ceil(max([*totals, limit[0] if limit else 0, 1e-9]) / step)

    def across(value: float) -> float:
        return left + value / high * (right - left)

    parts = []
    for i in range(round(high / step) + 1):
        parts.append(svg_line(across(i * step), top - 4, across(i * step), bottom, GRID))
        parts.append(svg_text(across(i * step), bottom + 18, write(i * step), "middle"))
    parts.append(svg_text((left + right) / 2, bottom + 40, label, "middle"))
    place = left
    for i, name in enumerate(legend):
        parts.append(_box(place, 6, 14, 14, i))
        parts.append(svg_text(place + 19, 18, name))
        place += 34 + LETTER * len(name)
    for i, ((name, values), total) in enumerate(zip(rows, totals, strict=True)):
        up, start = top + row_height * i, 0.0
        parts.append(svg_text(left - 8, up + 19, name, "end"))
        for part, value in enumerate(values):
            if value > 0:
                parts.append(_box(across(start), up + 4, across(start + value) - across(start), 20, part))
            start += value
        parts.append(svg_text(across(total) + 6, up + 19, write(total), halo=True, weight="bold"))
    if limit:
        value, name = limit
        parts.append(svg_line(across(value), top - 8, across(value), bottom, "#b3312f", 2, "6 3"))
        parts.append(svg_text(across(value) + 5, bottom - 4, name, fill="#b3312f", halo=True))
    return svg_document(parts, bottom + 50, description)


# --- pieces -------------------------------------------------------------------------------------------


def svg_document(parts: Sequence[str], height: float, description: str) -> str:
    """``parts`` as one picture, ``WIDTH`` by ``height``; ``description`` is what a screen reader says."""
    text = escape(description, quote=True)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:.0f}' width='{WIDTH}'"
        f" height='{height:.0f}' style='max-width:100%;height:auto' role='img' aria-label='{text}'>"
        f"<title>{text}</title><rect width='100%' height='100%' fill='white'/>{''.join(parts)}</svg>"
    )


def svg_text(x, y, text, anchor="start", more="", *, fill=INK, weight="normal", halo=False, room=None) -> str:
    """``text`` at (x, y), escaped here; ``more``: further attributes; ``halo`` sets it off.

    ``room``: the width in px that the text has. Fonts differ from one machine to the next; with it the text
    is drawn as wide as in Helvetica, at most as wide as that, whichever font there is.
    """
    if room is not None:
        width = min(sum(NARROW_LETTER if letter in NARROW else WIDE_LETTER for letter in text), room)
        more += f" textLength='{width:.0f}' lengthAdjust='spacingAndGlyphs'"
    edge = " stroke='white' stroke-width='4' paint-order='stroke'" if halo else ""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' {FONT} fill='{fill}' font-weight='{weight}'"
        f" text-anchor='{anchor}'{edge}{more}>{escape(text)}</text>"
    )


def svg_line(x1, y1, x2, y2, colour, width=1, dash="") -> str:
    """A straight line; ``dash`` is a pattern such as ``"6 3"``, empty for a solid line."""
    return (
        f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'"
        f" stroke-width='{width}' stroke-dasharray='{dash}'/>"
    )


def _box(x: float, y: float, width: float, height: float, kind: int) -> str:
    width = max(width, 1)
    box = (
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height}' stroke='{INK}'"
        f" fill='{FILLS[kind % len(FILLS)]}'/>"
    )
    lines = "".join(
        f"M{x + x1:.1f} {y + y1:.1f}L{x + x2:.1f} {y + y2:.1f}"
        for x1, y1, x2, y2 in _hatching(HATCHES[kind % len(HATCHES)], width, height)
    )
    colour = "#ffffff" if FILLS[kind % len(FILLS)] == DARK else INK
    return box + (f"<path d='{lines}' stroke='{colour}' stroke-width='1'/>" if lines else "")


def _hatching(style: str, width: float, height: float, apart: int = 8) -> list[tuple[float, ...]]:
    """Lines (x1, y1, x2, y2) that hatch a box.

    Drawn one by one: an SVG pattern is found by its id in the whole page, and JupyterLab hides cells that are
    out of view, together with the pattern that was found there.
    """
    if style == "-":
        return [(0, y, width, y) for y in range(apart // 2, round(height), apart)]
    if not style:
        return []
    found = []
    for c in range(apart, round(width + height), apart):  # x + y = c
        x1, x2 = max(0, c - height), min(c, width)
        line = (x1, c - x1, x2, c - x2)
        found.append(line if style == "/" else (width - x1, c - x1, width - x2, c - x2))
    return found


def _spread(heights: list[float], apart: float = 17) -> list[float]:
    """The heights, pushed down where two labels would lie on each other; order kept."""
    moved = list(heights)
    order = sorted(range(len(heights)), key=heights.__getitem__)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + apart)
    return moved


def _nice(step: float) -> float:
    """The next of 1, 2, 5 × 10ⁿ at or above ``step``."""
    size = 10.0 ** math.floor(math.log10(step))
    return next(m * size for m in (1, 2, 5, 10) if m * size >= step * (1 - 1e-9))
