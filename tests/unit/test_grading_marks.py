"""Marking: what is handed in is marked by its answers, whatever else the notebook does."""

import copy
import csv
import os
import pickle
import pkgutil
import re
from pathlib import Path

import nbformat
import psutil
import pytest

from course_utils import checks
from course_utils.checks import engine
from tools.grading import grade, handover, marking, report, submissions
from tools.grading.marking import Cell, Check, Limits, Mark, Notebook, Outcome
from tools.grading.submissions import NotGraded, Submission
from tools.notebooks.build import lesson_notebook
from tools.notebooks.catalogue import ROOT, load

LESSON = "06_costs"
SOURCE = """\
# %% [markdown]
# # 06 · Costs

# %%
### BEGIN SOLUTION
flip_usd = 91.25
### END SOLUTION

# %%
from course_utils.checks import check, hint

check("06.1", flip_usd)

# %% [markdown]
# ## A run

# %%
def run_usd(parameters, tokens, gpus, tflops, utilisation, usd_per_gpu_hour):
    ### BEGIN SOLUTION
    return 6 * parameters * tokens / (tflops * 1e12 * utilisation) / 3600 * usd_per_gpu_hour
    ### END SOLUTION

# %%
check("06.2", run_usd)

# %% [markdown]
# ## Recap
"""
HANDED_OUT = lesson_notebook(SOURCE, Path("solutions/06_costs.py"))
ANSWER, CHECK, RUN, RUN_CHECK = 1, 2, 4, 5  # places of the cells
RIGHT_RUN = (
    "def run_usd(parameters, tokens, gpus, tflops, utilisation, usd_per_gpu_hour):\n"
    "    return 6 * parameters * tokens / (tflops * 1e12 * utilisation) / 3600 * usd_per_gpu_hour"
)
FORGED = '{"exercise": "06.1", "outcome": "right", "message": ""}'


def answered(changes: dict[int, str] | None = None) -> nbformat.NotebookNode:
    """The little lesson with right answers, but for ``changes``: a cell's place to its source."""
    notebook = copy.deepcopy(HANDED_OUT)
    for place, source in ({ANSWER: "flip_usd = 91.25", RUN: RIGHT_RUN} | (changes or {})).items():
        notebook.cells[place].source = source
    return notebook


def without(*places: int) -> nbformat.NotebookNode:
    notebook = answered()
    notebook.cells = [cell for place, cell in enumerate(notebook.cells) if place not in places]
    return notebook


def on_another_kernel() -> nbformat.NotebookNode:
    notebook = answered()
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R 4.5", "language": "R"}
    return notebook


REDEFINED = """\
import course_utils.checks.engine as engine
from course_utils.checks.engine import Status, Verdict
engine.judge = engine._find = lambda *_: Verdict(Status.CORRECT)
import course_utils.checks.lesson_06 as lesson
lesson.EXERCISES = ()
def check(*_):
    print("✔ Correct.")
flip_usd = 500"""
FORGER = f"""\
import os, sys
for number in range(1, 20):
    try:
        os.write(number, b'{FORGED}\\n')
    except OSError:
        pass
flip_usd = 91.25"""
POISON = """\
class Poison:
    def __reduce__(self):
        return __import__("os").system, ("touch {file}",)
flip_usd = [Poison()]"""
RIGHT, WRONG, OPEN, ERROR = Outcome.RIGHT, Outcome.WRONG, Outcome.NOT_ATTEMPTED, Outcome.ERROR

# What is handed in; the two outcomes; words of the first message that is not of a right answer.
HANDED_IN = {
    "right": (answered(), RIGHT, RIGHT, ""),
    "wrong": (answered({ANSWER: "flip_usd = 500", RUN: "def run_usd(**_): pass"}), WRONG, WRONG, "Go lower"),
    "untouched": (HANDED_OUT, OPEN, OPEN, ""),
    "syntax_error": (answered({ANSWER: "flip_usd = (91"}), ERROR, RIGHT, "cell 2 stopped with SyntaxError"),
    "endless_cell": (answered({ANSWER: "while True: pass"}), ERROR, RIGHT, "still running after 4 s"),
    "endless_call": (answered({RUN: "def run_usd(**_):\n    while True: pass"}), RIGHT, WRONG, "after 4 s"),
    "eight_gigabytes": (answered({ANSWER: "flip_usd = len(bytearray(8 * 2**30))"}), ERROR, RIGHT, "MemoryE"),
    "redefined_check": (answered({ANSWER: REDEFINED}), WRONG, RIGHT, "Go lower"),
    "forger": (answered({ANSWER: FORGER}), ERROR, ERROR, "process ended"),
    "poison": (answered({ANSWER: POISON}), ERROR, RIGHT, "not passed on"),
    "deleted_checks": (without(CHECK, RUN_CHECK), RIGHT, RIGHT, ""),
    "deleted_answer": (without(ANSWER), ERROR, RIGHT, "name 'flip_usd' is not defined"),
    "edited_check": (answered({CHECK: 'hint = 3\ncheck("06.2", flip_usd)'}), RIGHT, RIGHT, ""),
    "other_kernel": (on_another_kernel(), ERROR, ERROR, "R 4.5, not Python"),
    "not_a_notebook": ("once upon a time", ERROR, ERROR, "not a notebook"),
    "system_exit": (answered({ANSWER: "flip_usd = 91.25\nraise SystemExit"}), RIGHT, RIGHT, ""),
    "hard_exit": (answered({RUN: "import os\nos._exit(0)"}), RIGHT, ERROR, "process ended"),
    "huge_output": (answered({ANSWER: "flip_usd = 91.25\nfor _ in range(200):\n    print('x' * 10**6)"}),
                    RIGHT, RIGHT, ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def lessons(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lessons")
    nbformat.write(HANDED_OUT, folder / f"{LESSON}.ipynb")
    return folder


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("poison") / "executed"


@pytest.fixture(scope="module")
def graded(tmp_path_factory, lessons, poisoned) -> dict[str, report.Graded]:
    """All of them graded in one run, by student."""
    folder = tmp_path_factory.mktemp("submissions")
    for name, (content, *_) in HANDED_IN.items():
        (folder / name).mkdir()
        text = content if isinstance(content, str) else nbformat.writes(content)
        (folder / name / f"{LESSON}.ipynb").write_text(text.replace("{file}", str(poisoned)), "utf-8")
    found, others = submissions.find(folder, [LESSON])
    assert not others
    limits = Limits(seconds=120, cell_seconds=4, call_seconds=4, gigabytes=4)
    return {one.submission.student: one for one in grade.grade(found, folder, lessons, limits, workers=2)}


@pytest.mark.parametrize("name", HANDED_IN)
def test_a_submission_gets_the_marks_that_its_answers_deserve(name, graded):
    _, *outcomes, words = HANDED_IN[name]
    marks = graded[name].marks
    assert [mark.exercise for mark in marks] == ["06.1", "06.2"]
    assert [mark.outcome for mark in marks] == outcomes, marks
    assert words in next((m.message for m in marks if m.outcome != RIGHT), ""), marks


def test_no_line_of_a_notebook_is_executed_by_the_marker(graded, poisoned):
    assert graded["poison"] and not poisoned.exists()


def test_a_loop_that_nothing_interrupts_is_killed(tmp_path, lessons):
    loop = "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    nbformat.write(answered({RUN: loop}), tmp_path / f"{LESSON}_ann.ipynb")
    found, _ = submissions.find(tmp_path, [LESSON])
    [one] = grade.grade(found, tmp_path, lessons, Limits(seconds=5, cell_seconds=1))
    assert one.submission.student == "ann"
    assert one.marks[1] == Mark("06.2", ERROR, "the notebook was stopped after 5 s")


BOMB = "bomb = []\nfor _ in range(60): bomb = [bomb, bomb]"


def test_an_answer_that_the_marker_cannot_digest_costs_that_notebook_only(tmp_path):
    """Two to the sixtieth brackets to print: they take little room, until a message shows them."""
    asked = Check("02.3", "", '{"my_k": 5, "predicted": bomb, "measured": 28}')
    marks, _ = grade._mark_in_a_process([Cell(1, BOMB), asked], Limits(seconds=4), tmp_path)
    assert marks == {"02.3": Mark("02.3", ERROR, "the notebook was stopped after 4 s")}


def test_a_marker_that_does_not_end_is_ended_with_all_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(grade, "GRACE", -58)
    steps = [Cell(1, "while True: pass"), Check("06.1", "", "1")]
    marks, why = grade._mark_in_a_process(steps, Limits(seconds=60), tmp_path)
    assert marks == {} and "did not end within 2 s" in why
    assert not [child for child in psutil.Process().children() if "tools.grading" in str(child.cmdline())]


NOSY = """\
import os, pathlib
flip_usd = 91.25
seen = []
try:
    seen = [name for name in os.listdir("{folder}") if name.endswith(".ipynb")]
    pathlib.Path("{folder}", "left_by_a_notebook").write_text("")
    os.kill({pid}, 0)
    seen.append("the runner")
except OSError:
    pass
assert not seen, seen"""


def test_in_the_sandbox_a_notebook_sees_neither_its_neighbours_nor_the_runner(tmp_path, lessons, capsys):
    """Where there is none, the run says so."""
    source = NOSY.format(folder=tmp_path, pid=os.getpid())
    nosy = answered({ANSWER: source, RUN: f"def run_usd(**_): raise ValueError(seen)\n{source}"})
    nbformat.write(nosy, tmp_path / f"{LESSON}.ipynb")
    [submission], _ = submissions.find(tmp_path, [LESSON])
    [one] = grade.grade([submission], tmp_path, lessons)
    assert one.marks[0].outcome is RIGHT
    if marking.sandboxed():
        assert "ValueError: []" in one.marks[1].message, one.marks
        assert not (tmp_path / "left_by_a_notebook").exists()
    else:
        grade.run(tmp_path, "06", tmp_path / "grades", Limits(seconds=5), 1)
        assert "bubblewrap does not work here" in capsys.readouterr().out


# --- the hand-over ------------------------------------------------------------------------------------


def test_an_answer_is_judged_as_in_the_notebook(tmp_path):
    """Every declared answer of every exercise gets the same verdict, word for word, across the processes."""
    names = sorted(m.name for m in pkgutil.iter_modules(checks.__path__) if m.name.startswith("lesson_"))
    declared = [e for name in names for e in engine.lesson_exercises(name.removeprefix("lesson_"))]
    setup = """\
from course_utils.checks import engine
examples = {e.id: [*e.right(), *(a for a, _ in e.wrong())]
            for number in %r for e in engine.lesson_exercises(number)}"""
    with Notebook(tmp_path, Limits(), tmp_path) as notebook:
        assert notebook.run(setup % sorted({e.id[:2] for e in declared})) == ""
        for exercise in declared:
            for place, answer in enumerate([*exercise.right(), *(a for a, _ in exercise.wrong())]):
                handed_over = notebook.answer(f"examples[{exercise.id!r}][{place}]")
                assert engine.judge(exercise.id, handed_over) == engine.judge(exercise.id, answer)


@pytest.mark.parametrize(
    "value",
    [1, "a", [1, {"b": (2.5, None)}], {1, 2}, ..., {"a": ...}, 1 + 2j, range(3), load().lessons[0].minutes],
)
def test_data_arrives_as_it_is(value):
    assert handover.loads(handover.dumps(value, []), pytest.fail) == value


def test_what_is_lazy_arrives_as_something_to_iterate_over():
    for value in ((n for n in (1, 2)), map(int, "12"), {1: 0, 2: 0}.keys()):
        assert list(handover.loads(handover.dumps(value, []), pytest.fail)) == [1, 2]


def test_a_function_stays_where_it_is():
    functions = []
    message = handover.dumps({"f": len, "g": [str.upper]}, functions)
    assert functions == [len, str.upper]
    arrived = handover.loads(message, lambda place: lambda *given: (place, given))
    assert (arrived["f"](1), arrived["g"][0]("a")) == ((0, (1,)), (1, ("a",)))


class _Command:
    def __init__(self, function, *arguments):
        self.parts = function, arguments

    def __reduce__(self):
        return self.parts


@pytest.mark.parametrize(
    "message",
    [
        pickle.dumps(_Command(os.system, "true")),
        pickle.dumps(_Command(eval, "1")),
        pickle.dumps(getattr),
        pickle.dumps(engine.judge),
        b"ccourse_utils.paths\nos\n.",
        b"ccourse_utils.checks.engine\nimportlib.import_module\n.",
        b"\x80\x04garbage",
        b"",
    ],
)
def test_anything_else_is_refused(message):
    with pytest.raises(handover.NotHandedOver):
        handover.loads(message, pytest.fail)


# --- where an exercise is judged, whose notebook it is ------------------------------------------------


def planned(notebook) -> list[str | int]:
    steps = submissions.plan(notebook, HANDED_OUT)
    return [step.exercise if isinstance(step, Check) else step.number for step in steps]


def test_an_exercise_is_judged_before_the_lessons_next_cell():
    assert planned(HANDED_OUT) == [2, "06.1", 5, "06.2"]
    assert planned(without(CHECK)) == [2, "06.1", 4, "06.2"]
    assert planned(without(CHECK, CHECK + 1)) == [2, "06.1", 3, "06.2"], "the heading is gone, too"
    assert planned(without(6)) == [2, "06.1", 5, "06.2"], "nothing follows"
    longer = answered()
    longer.cells.insert(CHECK + 1, nbformat.v4.new_code_cell("flip_usd = 90"))
    assert planned(longer) == [2, 4, "06.1", 6, "06.2"], "a second try below the check counts"
    for cell in longer.cells:
        cell.id = f"new-{cell.id}"
    assert planned(longer) == [2, 4, "06.1", 6, "06.2"], "an editor that gives new ids changes nothing"


def test_a_check_cell_is_taken_apart():
    [check] = submissions.checks('n = 1\ncheck(\n    "06.1",\n    (n, 2),\n)\nm = 2')
    assert (check.exercise, check.answer) == ("06.1", "(n, 2)")
    assert [line for line in check.setup.splitlines() if line] == ["n = 1", "m = 2"]
    assert submissions.checks("def f():\n    check('06.1', 1)") == []


@pytest.mark.parametrize("name", [lesson.name for lesson in load().ready()])
def test_every_exercise_of_a_lesson_is_found(name):
    found = submissions.exercises(submissions.read(ROOT / "lessons" / f"{name}.ipynb"))
    assert sorted(found) == sorted(exercise.id for exercise in engine.lesson_exercises(name[:2]))


def test_whose_it_is_and_of_which_lesson(tmp_path):
    text = nbformat.writes(answered())
    places = [
        "anna/06_costs.ipynb",
        "06_costs_ben.ipynb",
        "cleo_06_costs (1).ipynb",
        "dora/hw.ipynb",
        "e.ipynb",
    ]
    for place in [*places, "notes.txt", ".ipynb_checkpoints/06_costs.ipynb", "anna/.hidden.ipynb"]:
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("{}" if place == "e.ipynb" else text, "utf-8")
    found, others = submissions.find(tmp_path, [LESSON, "07_decide"])
    assert {(one.student, one.lesson) for one in found} == {
        ("anna", LESSON), ("ben", LESSON), ("cleo_ (1", LESSON), ("dora", LESSON), ("e", ""),
    }  # fmt: skip
    assert [path.name for path in others] == ["notes.txt"]


# --- the command and its reports ----------------------------------------------------------------------


def test_the_reports_say_the_same_and_compute_nothing(tmp_path):
    student = "=HYPERLINK(1)<script>"
    submission = Submission(tmp_path / "x" / "06_costs.ipynb", student, LESSON)
    marks = (Mark("06.1", RIGHT), Mark("06.2", WRONG, "Go <b>lower</b>."))
    written = report.write([report.Graded(submission, marks, 3.2)], tmp_path / "out", tmp_path, ["A & B"])
    table, page = (path.read_text("utf-8") for path in written)
    rows = list(csv.DictReader(table.splitlines()))
    assert [row["student"] for row in rows] == [f"'{student}"] * 2
    assert [(row["outcome"], row["seconds"]) for row in rows] == [("right", "3"), ("wrong", "3")]
    assert "<script>" not in page and "Go &lt;b&gt;lower" in page and "1 of 2" in page and "A &amp; B" in page
    assert not re.search(r"(src|href)=", page), "the page needs nothing else"


def test_one_command_grades_a_folder(tmp_path, capsys, monkeypatch, lessons):
    monkeypatch.setattr(grade, "LESSONS", lessons)
    (tmp_path / "in").mkdir()
    nbformat.write(answered(), tmp_path / "in" / "ann.ipynb")
    (tmp_path / "in" / "essay.pdf").touch()
    assert grade.main([str(tmp_path / "in"), "--lesson", "06", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "1/1  ann  06_costs  06.1 right  06.2 right" in said and "left out: essay.pdf" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["grades.csv", "grades.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["nowhere"], "is no folder"), (["."], "no notebook"), ([".", "--lesson", "77"], "There is no lesson")],
)
def test_what_cannot_be_graded_is_said(arguments, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert grade.main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_notebook_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "LARGEST", 10)
    nbformat.write(answered(), tmp_path / "a.ipynb")
    with pytest.raises(NotGraded, match="larger than"):
        submissions.read(tmp_path / "a.ipynb")
