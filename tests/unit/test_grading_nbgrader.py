"""The nbgrader assignments keep nbgrader's rules; ``make test-nbgrader`` proves them with nbgrader itself."""

import ast
import contextlib
import io
import re

import nbformat
import pytest

from course_utils.checks.engine import Status, judge, lesson_exercises
from tools.grading import assignments
from tools.grading.nbgrader_proof import LESSON, submissions
from tools.grading.submissions import exercises
from tools.notebooks.build import TODO
from tools.notebooks.catalogue import ROOT, load

KEYS = {"schema_version", "grade_id", "solution", "grade", "locked", "task"}


def handed_out(name: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "lessons" / f"{name}.ipynb", as_version=4)


def released(made: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """As nbgrader gives it to students: without what stands between the marks of hidden tests."""
    hidden = re.compile(f"^{assignments.BEGIN}$.*?^{assignments.END}$", re.MULTILINE | re.DOTALL)
    for cell in made.cells:
        cell.source = hidden.sub("", cell.source).rstrip()
    return made


@pytest.fixture(params=[lesson.name for lesson in load().ready()])
def lesson(request) -> nbformat.NotebookNode:
    return handed_out(request.param)


def described(made: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in made.cells if "nbgrader" in cell.metadata]


def test_the_metadata_are_of_schema_3(lesson):
    made = assignments.assignment(lesson)
    nbformat.validate(made)
    ids = [cell.metadata.nbgrader.grade_id for cell in described(made)]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[\w-]+", one) for one in ids)
    for cell in described(made):
        about = cell.metadata.nbgrader
        assert set(about) == KEYS | ({"points"} if about.grade else set())
        assert (about.schema_version, about.task, cell.cell_type) == (3, False, "code")
        assert about.grade == about.locked != about.solution, "an answer can be edited, a test cannot"
        assert not about.grade or about.points > 0


def test_every_exercise_is_worth_a_point_and_has_its_answer_before_it(lesson):
    made = assignments.assignment(lesson)
    cells = described(made)
    assert sum(cell.metadata.nbgrader.get("points", 0) for cell in cells) == len(exercises(lesson))
    for cell in cells:
        assert (TODO in cell.source) == cell.metadata.nbgrader.solution
        if cell.metadata.nbgrader.grade:
            assert cell.source.rstrip().endswith(assignments.END)
            ast.parse(cell.source)
    kinds = [cell.metadata.nbgrader.grade for cell in cells]
    assert kinds[0] is False and kinds[-1] is True, "an answer comes first, a test last"


def test_students_get_the_lesson_as_it_is_handed_out_otherwise(lesson):
    made = released(assignments.assignment(lesson))
    assert [cell.source for cell in made.cells] == [cell.source.rstrip() for cell in lesson.cells]


@pytest.mark.parametrize(("student", "passing"), [("untouched", 0), ("wrong", 0), ("right", 2)])
def test_the_hidden_tests_tell_right_from_wrong(student, passing):
    """The two exercises of lesson 06 whose answers need nothing that stands before them."""
    made = assignments.assignment(handed_out(LESSON))
    handed_in = submissions(made, LESSON)[student]
    tests = [cell for cell in described(handed_in) if cell.metadata.nbgrader.grade][:2]
    answers = [cell for cell in described(handed_in) if cell.metadata.nbgrader.solution][:2]
    names: dict = {}
    passed = 0
    for answer, test in zip(answers, tests, strict=True):
        exec(answer.source, names)
        with contextlib.suppress(AssertionError), contextlib.redirect_stdout(io.StringIO()):
            exec("from course_utils.checks import check\n" + test.source, names)
            passed += 1
    assert passed == passing


def test_the_mistakes_of_the_proof_are_mistakes():
    for exercise in lesson_exercises(LESSON[:2]):
        right = next(iter(exercise.right()))
        wrong = (lambda *_, **__: -1) if callable(right) else -1
        assert judge(exercise.id, wrong).status is Status.NOT_YET


def test_a_folder_for_nbgrader_is_written(tmp_path):
    written = assignments.write(tmp_path, [LESSON])
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "nbgrader_config.py",
        f"source/{LESSON}/{LESSON}.ipynb",
    ]
    ast.parse(written[0].read_text("utf-8"))
    assert nbformat.read(written[1], as_version=4) == assignments.assignment(handed_out(LESSON))
