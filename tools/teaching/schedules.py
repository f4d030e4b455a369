"""Schedules: parts from teaching/schedules.toml, minutes from the lessons; they add up or are refused."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tools.notebooks.catalogue import ROOT
from tools.teaching.outline import Outline, Section

FILE = ROOT / "teaching" / "schedules.toml"
MODES = ("do", "demo", "homework")  # at the keyboard, on the teacher's screen, before or after
LONGEST_STRETCH = 90  # minutes between two breaks
SMALLEST_BUFFER = 5  # minutes that no part claims


class ScheduleError(Exception):
    """A schedule that does not add up; the message names it and says what to change."""


@dataclass(frozen=True)
class Part:
    """A row of a schedule. ``minutes`` are those of the room; homework takes none."""

    kind: str  # a mode, "talk" or "break"
    title: str
    minutes: int
    lesson: str = ""
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Schedule:
    name: str
    start: str  # "9:00"
    minutes: int
    parts: tuple[Part, ...]

    @property
    def buffer(self) -> int:
        return self.minutes - sum(part.minutes for part in self.parts)

    def clock(self) -> list[str]:
        """When each part begins, and last when all is over."""
        at, times = datetime.strptime(self.start, "%H:%M"), []
        for minutes in [*(part.minutes for part in self.parts), self.buffer]:
            times.append(f"{at:%H:%M}")
            at += timedelta(minutes=minutes)
        return [*times, f"{at:%H:%M}"]


def load(outlines: Mapping[str, Outline], path: Path = FILE) -> tuple[Schedule, ...]:
    """The schedules of ``path`` over these lessons. Raises ScheduleError where one does not add up."""
    try:
        data, factor = tomllib.loads(path.read_text(encoding="utf-8")), room_factor(path)
        return tuple(_schedule(entry, factor, outlines) for entry in data["schedule"])
    except (KeyError, TypeError, ValueError) as problem:  # TOMLDecodeError is a ValueError
        raise ScheduleError(f"{path.name}: {type(problem).__name__}: {problem}") from problem


def room_factor(path: Path = FILE) -> float:
    """How many times slower a room is than a learner alone."""
    return float(tomllib.loads(path.read_text(encoding="utf-8"))["room_factor"])


def _schedule(entry: dict, factor: float, outlines: Mapping[str, Outline]) -> Schedule:
    parts = tuple(_part(part, factor, outlines, entry["name"]) for part in entry["part"])
    made = Schedule(entry["name"], entry["start"], int(entry["minutes"]), parts)
    if made.buffer < SMALLEST_BUFFER:
        raise ScheduleError(
            f"{made.name}: its parts take {made.minutes - made.buffer} of {made.minutes} minutes, and at "
            f"least {SMALLEST_BUFFER} should be left. Turn a part into a demo or homework, or drop sections."
        )
    made.clock()  # a start that is no time is refused here
    stretch = 0
    for part in parts:
        stretch = 0 if part.kind == "break" else stretch + part.minutes
        if stretch > LONGEST_STRETCH:
            raise ScheduleError(f"{made.name}: {stretch} minutes without a break, in {part.title!r}.")
    taught = [(part.lesson, section.title) for part in parts for section in part.sections]
    if twice := {f"{lesson} {title!r}" for lesson, title in taught if taught.count((lesson, title)) > 1}:
        raise ScheduleError(f"{made.name}: {', '.join(sorted(twice))} stands in it twice.")
    return made


def _part(entry: dict, factor: float, outlines: Mapping[str, Outline], name: str) -> Part:
    if unknown := entry.keys() - {"talk", "break", "minutes", "lesson", "sections", "mode"}:
        raise ScheduleError(f"{name}: a part has no {', '.join(sorted(unknown))}.")
    for kind in ("talk", "break"):
        if kind in entry:
            return Part(kind, entry[kind], int(entry["minutes"]))
    mode, number = entry["mode"], entry["lesson"]
    if mode not in MODES:
        raise ScheduleError(f"{name}: mode is one of {', '.join(MODES)}, not {mode!r}.")
    if number not in outlines:
        raise ScheduleError(f"{name}: there is no lesson {number!r} that is ready.")
    whole = outlines[number]
    wanted = entry.get("sections") or [section.number for section in whole.sections if section.number]
    sections = [whole.section(at) for at in wanted]
    if None in sections:
        raise ScheduleError(f"{name}: lesson {number} has no section {wanted[sections.index(None)]}.")
    minutes = sum(section.minutes for section in sections)
    in_room = {"do": math.ceil(round(minutes * factor, 6)), "demo": minutes, "homework": 0}[mode]
    title = f"{number} · {whole.lesson.title}"
    if "sections" in entry:
        title += f", {_spans(wanted)}"
    return Part(mode, title, in_room, number, tuple(sections))


def _spans(numbers: list[int]) -> str:
    """[1, 2, 3, 5] as "§ 1–3, 5"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return "§ " + ", ".join(f"{span[0]}–{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)
