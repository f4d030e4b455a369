"""The facilitator guide: everything a teacher needs on paper, made from the lessons' sources.

    python -m tools.teaching.guide     writes build/teaching/guide.html and, with a Chromium, guide.pdf

Nothing of it gets into a learner's notebook. Which model's times it prints: STALE_PRICES_MODEL, else tiny.
"""

from __future__ import annotations

import csv
import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_utils import models
from course_utils.models import lanes
from course_utils.paths import shown
from tools.notebooks.catalogue import ROOT, Catalogue, load
from tools.teaching import exercises, measure, pages, schedules, waiting
from tools.teaching.measure import Measured
from tools.teaching.outline import Outline, outlines

TEACHING = ROOT / "teaching"
NOTES = ("say", "ask", "trap")


def notes(path: Path = TEACHING / "notes.toml") -> dict[str, Any]:
    """What to say, to ask and to watch for, by lesson number; "room" is for all of them."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def contents(catalogue: Catalogue, model: str = models.TINY) -> dict[str, Any]:
    """What the guide's template prints, with what was measured with ``model``."""
    found, measured, said = outlines(catalogue), measure.kept(model), notes()
    plans = schedules.load(found)
    lessons = [_lesson(outline, measured.get(number), said[number]) for number, outline in found.items()]
    with (TEACHING / "survey.csv").open(encoding="utf-8", newline="") as file:
        survey = list(csv.DictReader(file))
    return {
        "title": "Stale Prices: the facilitator guide",
        "model": model,
        "where": measure.where(model),
        "total_minutes": sum(outline.lesson.minutes for outline in found.values()),
        "lessons": lessons,
        "schedules": [_timetable(plan, measured) for plan in plans],
        "factor": schedules.room_factor(),
        "room": said["room"],
        "catching_up": waiting.CATCHING_UP,
        "over": [line for one in lessons for line in one["over"]],
        "survey": survey,
    }


def seconds(value: float | None) -> str:
    """83.4 as "1 min 23 s"; a dash for what was not measured."""
    if value is None:
        return "–"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _lesson(outline: Outline, measured: Measured | None, said: dict[str, str]) -> dict[str, Any]:
    runs = (measured.first, measured.again) if measured else (None, None)
    rows, over = [], []
    for section in outline.sections:
        name = f"{section.number} · {section.title}" if section.number else section.title
        waits = waiting.of_section(section, measured)
        first, again = (waiting.to_heading(section, run) for run in runs)
        rows.append({"section": section, "name": name, "waits": waits, "first": first, "again": again})
        if again is not None and again > waiting.CATCHING_UP:
            slowest = waiting.slowest_above(outline, section, measured.again)
            over.append(f"{outline.lesson.number}, {name}: {seconds(again)}, most of it {slowest}")
    return {
        "lesson": outline.lesson,
        "measured": measured,
        "notes": {name: said[name] for name in NOTES},
        "instructor": outline.instructor,
        "rows": rows,
        "over": over,
        "long": list(waiting.long_cells(outline, measured)),
        "tasks": exercises.tasks(outline.lesson),
    }


def _timetable(plan: schedules.Schedule, measured: Mapping[str, Measured]) -> dict[str, Any]:
    *starts, buffer_at, end = plan.clock()
    rows = [
        {"at": at, "part": part, "waits": _waits(part, measured)}
        for at, part in zip(starts, plan.parts, strict=True)
    ]
    return {"plan": plan, "rows": rows, "buffer_at": buffer_at, "end": end}


def _waits(part: schedules.Part, measured: Mapping[str, Measured]) -> str:
    return seconds(waiting.of_part(part, measured)) if part.minutes and part.sections else ""


def guide() -> Path:
    """Write the page, and return its place."""
    chosen = os.environ.get(lanes.VARIABLE, models.TINY)
    return pages.written("guide.html.jinja", "guide.html", {"seconds": seconds}, **contents(load(), chosen))


def main() -> int:
    page = guide()
    print(f"wrote {shown(page)}")
    try:
        print(f"wrote {shown(pages.printed(page))}")
    except pages.BrowserMissing as problem:
        print(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
