"""The facilitator guide: outlines, notes, exercises with their wrong answers, and what learners never get."""

import html

import nbformat
import pytest

from course_utils.checks.engine import lesson_exercises
from tools.notebooks.catalogue import ROOT, Catalogue, Lesson, load
from tools.teaching import exercises, guide, pages, waiting
from tools.teaching.measure import Measured, Run
from tools.teaching.outline import outline, outlines

CATALOGUE = load()
READY = [pytest.param(lesson, id=lesson.name) for lesson in CATALOGUE.ready()]
TOY = Lesson("00", "toy", "Toy", "Why?", 5, "beginner", "any", "nothing", "ready")
SOURCE = """\
# %% [markdown]
# # 00 · Toy
# %%
import os
# %% [markdown]
# Some words.
#
# ## 1 · First (3 min)
# %%
answer = 42
# %%
check("00.1", answer)
# %% [markdown] tags=["instructor"]
# For the teacher.
# %% [markdown]
# ## 2 · Second (2 min)
# ## What could go stale here
"""


@pytest.fixture
def toy(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "00_toy.py").write_text(SOURCE, encoding="utf-8")
    return outline(TOY, Catalogue("a/b", "main", (TOY,)), tmp_path)


def test_an_outline_has_the_sections_with_what_stands_above_and_in_them(toy):
    first, second, last = toy.sections
    assert [(s.number, s.title, s.minutes) for s in toy.sections] == [
        (1, "First", 3),
        (2, "Second", 2),
        (0, "What could go stale here", 0),
    ]
    assert [cell.source for cell in first.cells] == ["answer = 42", 'check("00.1", answer)']
    assert first.exercises == ("00.1",) and second.cells == last.cells == ()
    assert len(first.above) == 2  # the generated first cell, and the import
    assert second.above == last.above == first.above + tuple(cell.id for cell in first.cells)
    assert toy.instructor == ("For the teacher.",)
    assert toy.section(2) is second and toy.section(7) is None


def test_waits_are_of_the_cells_that_were_measured(toy):
    first, second, _ = toy.sections
    a, b = first.above
    c, d = (cell.id for cell in first.cells)
    fast = Run(2.0, {a: 0.0, b: 1.0, c: 3.0, d: 0.0}, 0.5)
    slow = Run(4.0, {a: 0.0, b: 1.0, c: 100.0, d: 0.0}, 0.7)
    both = Measured(first=slow, again=fast)
    assert slow.total == 105
    assert waiting.of_section(first, both) == 100 and waiting.of_section(second, both) == 0
    assert waiting.to_heading(first, fast) == 3 and waiting.to_heading(second, slow) == 105
    [long] = waiting.long_cells(toy, both)
    assert (long.code, long.first, long.again, long.section) == ("answer = 42", 100, 3, first)
    assert waiting.slowest_above(toy, second, slow) == "answer = 42 (§ 1, 100 s)"
    changed = Measured(Run(1.0, {a: 0.0, b: 0.0}, 0.5), fast)  # the cell was edited since
    assert waiting.of_section(first, changed) is None and waiting.to_heading(second, changed.first) is None
    assert waiting.of_section(first, None) is None and list(waiting.long_cells(toy, None)) == []


@pytest.mark.parametrize("lesson", READY)
def test_every_lesson_has_three_notes_and_learners_have_none(lesson):
    said = guide.notes()[lesson.number]
    assert set(said) == set(guide.NOTES) and all(len(text) > 60 for text in said.values())
    notebook = nbformat.read(ROOT / "lessons" / f"{lesson.name}.ipynb", as_version=4)
    assert not [cell for cell in notebook.cells if "instructor" in cell.metadata.get("tags", [])]
    text = "\n".join(cell.source for cell in notebook.cells)
    assert not [note for note in said.values() if note[:60] in text]


@pytest.mark.parametrize("lesson", READY)
def test_every_exercise_is_told_with_its_wrong_answers(lesson):
    told = exercises.tasks(lesson)
    assert [task.id for task in told] == [exercise.id for exercise in lesson_exercises(lesson.number)]
    for task, exercise in zip(told, lesson_exercises(lesson.number), strict=True):
        assert task.title and task.text and task.solution, task.id
        for wrong, (_, words) in zip(task.wrong, exercise.wrong(), strict=True):
            assert words in wrong.message, task.id
            assert wrong.answer and f', "{words}")' not in wrong.answer, wrong.answer  # the pair it stands in


def test_the_guide_holds_everything_and_loads_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "BUILD", tmp_path)
    page = guide.guide().read_text(encoding="utf-8")
    for number, found in outlines(CATALOGUE).items():
        assert found.lesson.title in page
        for exercise in lesson_exercises(number):
            assert f"Exercise {exercise.id}:" in page
    for name in ("90 minutes", "Half a day", "Two days"):
        assert name in page
    assert html.escape("Catching up") in page and "src=" not in page and "<script" not in page


@pytest.mark.parametrize(
    ("value", "words"), [(None, "–"), (0.2, "0 s"), (59.6, "1 min 0 s"), (83.4, "1 min 23 s")]
)
def test_seconds_in_words(value, words):
    assert guide.seconds(value) == words
