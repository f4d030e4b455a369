"""A lesson as its teacher sees it: sections with minutes, cells and exercises, read from its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tools.notebooks.catalogue import ROOT, Catalogue, Lesson

HEADING = re.compile(
    r"^## (?:(?P<number>\d+) · )?(?P<title>.*?)(?: \((?P<minutes>\d+) min\))?$", re.MULTILINE
)
CHECK = re.compile(r'^check\("(\d\d\.\d)"', re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """What stands under one ``##``; ``number`` is 0 and ``minutes`` too where the heading has none."""

    number: int
    title: str
    minutes: int
    above: tuple[str, ...]  # the ids of all code cells that "Run All Above" runs from this heading
    cells: tuple[NotebookNode, ...]  # its code cells
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    lesson: Lesson
    sections: tuple[Section, ...]
    instructor: tuple[str, ...]  # the cells that only teachers see, as Markdown

    def section(self, number: int) -> Section | None:
        return next((section for section in self.sections if section.number == number), None)


def outline(lesson: Lesson, catalogue: Catalogue, root: Path = ROOT) -> Outline:
    """The outline of ``lesson``. Raises SourceError, OSError."""
    from tools.notebooks import build  # needs jupytext, which learners do not have

    path = root / "solutions" / f"{lesson.name}.py"
    text, shown = path.read_text(encoding="utf-8"), path.relative_to(root)
    front = build.front_cells(lesson, catalogue, f"lessons/{lesson.name}.ipynb")
    cells = build.lesson_notebook(text, shown, front).cells
    begins = [
        (at, heading)
        for at, cell in enumerate(cells)
        if cell.cell_type == "markdown"
        for heading in HEADING.finditer(cell.source)
    ]
    ends = [at for at, _ in begins[1:]] + [len(cells)]
    sections = []
    for (at, heading), end in zip(begins, ends, strict=True):
        code = [cell for cell in cells[at:end] if cell.cell_type == "code"]
        sections.append(
            Section(
                number=int(heading["number"] or 0),
                title=heading["title"],
                minutes=int(heading["minutes"] or 0),
                above=tuple(cell.id for cell in cells[:at] if cell.cell_type == "code"),
                cells=tuple(code),
                exercises=tuple(CHECK.findall("\n".join(cell.source for cell in code))),
            )
        )
    told = [
        cell.source
        for cell in build.solution_notebook(text, shown).cells
        if "instructor" in cell.metadata.get("tags", [])
    ]
    return Outline(lesson, tuple(sections), tuple(told))


def outlines(catalogue: Catalogue, root: Path = ROOT) -> dict[str, Outline]:
    """The outlines of the lessons that are ready, by number."""
    return {lesson.number: outline(lesson, catalogue, root) for lesson in catalogue.ready()}
