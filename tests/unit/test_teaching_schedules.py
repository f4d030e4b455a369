"""Schedules add up, and say what is wrong when they do not."""

import pytest

from tools.notebooks.catalogue import load
from tools.teaching import schedules, waiting
from tools.teaching.measure import Measured, Run
from tools.teaching.outline import outlines

OUTLINES = outlines(load())
GOOD = """\
room_factor = 1.5
[[schedule]]
name = "short"
start = "9:00"
minutes = 60
part = [
    { lesson = "00", mode = "homework" },
    { talk = "Hello", minutes = 5 },
    { lesson = "01", sections = [1, 2, 4], mode = "do" },
    { break = "Break", minutes = 10 },
    { lesson = "07", sections = [1], mode = "demo" },
]
"""


@pytest.fixture
def loaded(tmp_path):
    def load_text(text: str):
        file = tmp_path / "schedules.toml"
        file.write_text(text, encoding="utf-8")
        return schedules.load(OUTLINES, file)

    return load_text


def minutes(lesson: str, *numbers: int) -> int:
    return sum(OUTLINES[lesson].section(number).minutes for number in numbers)


def test_the_schedules_of_the_course_add_up():
    plans = schedules.load(OUTLINES)
    assert {plan.name for plan in plans} >= {"90 minutes", "Half a day"} and len(plans) >= 4
    for plan in plans:
        assert sum(part.minutes for part in plan.parts) + plan.buffer == plan.minutes
        assert plan.buffer >= schedules.SMALLEST_BUFFER
        assert len(plan.clock()) == len(plan.parts) + 2


def test_minutes_are_those_of_the_sources_times_the_rooms(loaded):
    [plan] = loaded(GOOD)
    numbered = sum(section.number > 0 for section in OUTLINES["00"].sections)
    home, hello, do, _, demo = plan.parts
    assert (home.kind, home.minutes, len(home.sections)) == ("homework", 0, numbered)
    assert do.minutes == -(-3 * minutes("01", 1, 2, 4) // 2) and demo.minutes == minutes("07", 1)
    assert do.title == "01 · Stale prices, § 1–2, 4" and hello.title == "Hello"
    assert plan.clock()[:3] == ["09:00", "09:00", "09:05"] and plan.clock()[-1] == "10:00"


def test_waits_of_a_part(loaded):
    [plan] = loaded(GOOD)
    do = plan.parts[2]
    cells = [cell.id for section in do.sections for cell in section.cells]
    run = Run(1.0, dict.fromkeys(cells, 2.0), 0.5)
    assert waiting.of_part(do, {"01": Measured(run, run)}) == 2.0 * len(cells)
    assert waiting.of_part(do, {}) is None
    assert waiting.of_part(plan.parts[0], {}) == waiting.of_part(plan.parts[1], {}) == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("minutes = 60", "minutes = 30", "at least 5 should be left"),
        ('"Hello", minutes = 5', '"Hello", minutes = 85', "without a break"),
        ('lesson = "07"', 'lesson = "77"', "no lesson '77'"),
        ("sections = [1],", "sections = [1, 99],", "no section 99"),
        ('mode = "demo"', 'mode = "show"', "do, demo, homework"),
        ('lesson = "07", sections = [1]', 'lesson = "01", sections = [4]', "twice"),
        ('start = "9:00"\n', "", "start"),
        ('start = "9:00"', 'start = "nine"', "nine"),
        ("room_factor = 1.5\n", "", "room_factor"),
        ('mode = "do"', 'mode = "do", room = 3', "has no room"),
        ("[[schedule]]", "[[schedule", "schedules.toml"),
    ],
)
def test_what_does_not_add_up_is_named(loaded, old, new, words):
    text = GOOD.replace(old, new).replace(
        "minutes = 60", "minutes = 60" if "85" not in new else "minutes = 300"
    )
    assert text != GOOD
    with pytest.raises(schedules.ScheduleError, match=words):
        loaded(text)
