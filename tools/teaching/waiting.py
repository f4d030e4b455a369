"""Where a class waits, from what was measured: long cells, parts of a schedule, catching up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tools.teaching.measure import Measured, Run
from tools.teaching.outline import Outline, Section
from tools.teaching.schedules import Part

LONG = 5.0  # seconds from which a cell is called long
CATCHING_UP = 90.0  # seconds that it may take to reach a heading from a fresh kernel


@dataclass(frozen=True)
class LongCell:
    section: Section
    code: str  # the line by which one recognises it
    first: float  # seconds
    again: float


def spent(run: Run, cells: Iterable[str]) -> float | None:
    """Seconds of these cells in ``run``, None where one of them was not in it (it was changed since)."""
    cells = list(cells)
    return sum(run.seconds[cell] for cell in cells) if set(cells) <= run.seconds.keys() else None


def of_section(section: Section, measured: Measured | None) -> float | None:
    """Seconds that a section's cells run for the first time."""
    return spent(measured.first, (cell.id for cell in section.cells)) if measured else None


def of_part(part: Part, measured: Mapping[str, Measured]) -> float | None:
    """Seconds that cells run in this part of a schedule, for the first time; 0 at home and in breaks."""
    if part.kind == "homework" or not part.sections:
        return 0.0
    found = [of_section(section, measured.get(part.lesson)) for section in part.sections]
    return None if None in found else sum(found)


def to_heading(section: Section, run: Run | None) -> float | None:
    """Seconds from a fresh kernel until everything above the section's heading has run."""
    seconds = spent(run, section.above) if run else None
    return None if seconds is None else run.start + seconds


def long_cells(outline: Outline, measured: Measured | None) -> Iterator[LongCell]:
    """The cells of a lesson for which a class waits, in their order."""
    for section in outline.sections if measured else ():
        for cell in section.cells:
            first = measured.first.seconds.get(cell.id, 0.0)
            if first >= LONG:
                yield LongCell(section, _telling(cell.source), first, measured.again.seconds[cell.id])


def slowest_above(outline: Outline, section: Section, run: Run) -> str:
    """What takes longest on the way to a heading: a line of code, its section, its seconds."""
    cells = [(s, cell) for s in outline.sections for cell in s.cells if cell.id in section.above]
    found, cell = max(cells, key=lambda pair: run.seconds.get(pair[1].id, 0.0))
    return f"{_telling(cell.source)} (§ {found.number}, {run.seconds[cell.id]:.0f} s)"


def _telling(source: str) -> str:
    """The first line of a cell's code that is neither comment, import nor blank."""
    lines = [line.strip() for line in source.splitlines()]
    code = [line for line in lines if line and not line.startswith(("#", "import ", "from "))]
    return (code or lines)[0]
