"""The check engine, and the proof of every exercise's check by the examples it declares."""

import pkgutil
import re

import pytest

from course_utils import checks
from course_utils.checks import engine
from course_utils.checks.engine import Exercise, NotYet, Status, judge
from course_utils.checks.solutions import reference
from course_utils.paths import repo_dir

SOLUTIONS = repo_dir() / "solutions"


def all_exercises() -> list[Exercise]:
    numbers = [
        m.name.removeprefix("lesson_") for m in pkgutil.iter_modules(checks.__path__) if "lesson_" in m.name
    ]
    return [exercise for number in sorted(numbers) for exercise in engine.lesson_exercises(number)]


def squeezed(text: str) -> str:
    """``text`` without spaces, in one kind of quotation marks."""
    return re.sub(r"\s", "", text).replace("'", '"')


def untouched_function(*_args, **_kwargs):
    raise NotImplementedError


@pytest.fixture(params=all_exercises(), ids=lambda exercise: exercise.id)
def exercise(request) -> Exercise:
    return request.param


class TestEveryExercise:
    def test_accepts_the_right_answers(self, exercise):
        answers = list(exercise.right())
        assert answers, "declare at least one right answer"
        for answer in answers:
            verdict = judge(exercise.id, answer)
            assert verdict.status is Status.CORRECT, f"{answer!r}: {verdict}"

    def test_teaches_on_wrong_answers(self, exercise):
        examples = list(exercise.wrong())
        assert len(examples) >= 2, "declare at least two wrong answers"
        for answer, words in examples:
            verdict = judge(exercise.id, answer)
            assert verdict.status is Status.NOT_YET, f"{answer!r}: {verdict}"
            assert words and words in verdict.message, f"{answer!r}: {words!r} is not in {verdict.message!r}"
            assert "your code stopped with" not in verdict.message or "stopped" in words, (
                f"{answer!r}: a declared wrong answer gets a message of its own, not a crash: {verdict}"
            )

    def test_knows_an_untouched_stub(self, exercise):
        assert judge(exercise.id, ...).status is Status.NOT_ATTEMPTED
        right = next(iter(exercise.right()))
        if callable(right):
            assert judge(exercise.id, untouched_function).status is Status.NOT_ATTEMPTED

    def test_survives_nonsense(self, exercise):
        for answer in (
            None,
            "",
            0,
            -1.5,
            [],
            {},
            "nonsense",
            [1, None],
            {"a": 1},
            object(),
            lambda: 1 / 0,
            len,
        ):
            assert judge(exercise.id, answer).status is Status.NOT_YET, repr(answer)

    def test_a_hint_never_holds_a_line_of_the_solution(self, exercise):
        code = reference(SOLUTIONS, exercise.id)
        assert code, "solution() finds nothing for this exercise"
        hints = squeezed(" ".join(exercise.hints))
        for line in code.splitlines():
            told = squeezed(line.strip().removeprefix("return ").partition(" = ")[2] or line)
            assert len(told) < 28 or told not in hints, line

    def test_has_hints(self, exercise):
        assert exercise.hints and all(len(text) > 15 for text in exercise.hints)
        assert re.fullmatch(r"\d\d\.\d", exercise.id)


def test_the_answer_that_was_asked_for_is_said():
    right = next(iter(engine.lesson_exercises("00")[1].right()))
    assert "From January to February: 106." in judge("00.2", right).message


# --- solutions ----------------------------------------------------------------------------------------


def test_solution_prints_the_reference_and_nothing_of_its_marks(capsys):
    checks.solution("01.1")
    printed = capsys.readouterr().out
    assert printed.startswith("def leaked(training, exam):") and "SOLUTION" not in printed


@pytest.mark.parametrize("nonsense", ["99.1", "01", "", None, "01.9"])
def test_solution_says_what_an_exercise_is_called(nonsense, capsys):
    checks.solution(nonsense)
    assert "There is no exercise" in capsys.readouterr().out


def test_solution_without_a_checkout_says_where_to_look(monkeypatch, capsys):
    monkeypatch.setattr("course_utils.checks.solutions.repo_dir", lambda: None)
    checks.solution("01.1")
    assert "beside the lessons" in capsys.readouterr().out


# --- the learner's own answer, used later -------------------------------------------------------------


def test_a_right_answer_is_used_as_it_is(capsys):
    def growing(cached, new):
        return next(
            (i for i, (a, b) in enumerate(zip(cached, new[:-1], strict=False)) if a != b),
            min(len(cached), len(new) - 1),
        )

    assert checks.yours_or("07.2", growing) is growing
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("answer", [untouched_function, None, lambda cached, new: 0])
def test_an_open_or_wrong_one_is_replaced_by_the_courses_own_and_said_so(answer, capsys):
    used = checks.yours_or("07.2", answer)
    assert judge("07.2", used).status is Status.CORRECT
    assert "Exercise 07.2 is still open" in capsys.readouterr().out


def test_an_exercise_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="No such exercise"):
        checks.yours_or("07.9", None)


# --- the engine itself --------------------------------------------------------------------------------


def forty_two(answer):
    if answer is None:
        raise NotYet("nothing came back; did you forget `return`?")
    value = answer() if callable(answer) else answer
    if value != 42:
        raise NotYet("count again.")
    return "And you know why."


TOY = Exercise("99.1", forty_two, ("Think of towels.", "It is 6 × 7."), lambda: [42], lambda: [(1, "again")])


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    real = engine.lesson_exercises
    monkeypatch.setattr(engine, "lesson_exercises", lambda number: (TOY,) if number == "99" else real(number))


def failing():
    raise KeyError("price")


@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        (42, "✔ Correct. And you know why.\n"),
        (lambda: 42, "✔ Correct. And you know why.\n"),
        (41, "✘ Not yet: count again.\n"),
        (None, "✘ Not yet: nothing came back; did you forget `return`?\n"),
        (..., "… Not attempted yet.\n"),
        ([..., ...], "… Not attempted yet.\n"),
        ({"a": ..., "b": [...]}, "… Not attempted yet.\n"),
        ([..., 1], "✘ Not yet: count again.\n"),
        ([], "✘ Not yet: count again.\n"),
        (untouched_function, "… Not attempted yet.\n"),
        (failing, "✘ Not yet: your code stopped with KeyError: 'price'\n"),
    ],
)
def test_check_prints_one_of_three_sentences(answer, printed, capsys):
    assert checks.check("99.1", answer) is None
    assert capsys.readouterr().out == printed


def test_an_experiment_is_measured_and_not_correct(monkeypatch, capsys):
    toy = Exercise("99.1", engine.experiment(10, knob=(1, 2)), ("Try it.",), lambda: [], lambda: [])
    monkeypatch.setattr(engine, "lesson_exercises", lambda number: (toy,))
    for predicted in (4, 6):
        checks.check("99.1", {"knob": 2, "predicted": predicted, "measured": 6})
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["✔ Measured. 2 more than you expected.", "✔ Measured. Exactly as predicted."]
    found = judge("99.1", {"knob": 2, "predicted": 4, "measured": 6})
    assert found.status is Status.CORRECT, "who marks counts it as done"


@pytest.mark.parametrize("name", ["99.7", "98.1", "nonsense", "", None, 7])
def test_an_unknown_exercise_is_named_and_not_an_error(name, capsys):
    checks.check(name, 42)
    checks.hint(name)
    assert capsys.readouterr().out.count("✘ No such exercise: ") == 2


def test_a_broken_check_file_is_not_taken_for_a_missing_one(monkeypatch):
    monkeypatch.undo()
    assert engine.lesson_exercises("97") == ()

    def broken(name):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(engine.importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="torch"):
        engine.lesson_exercises("97")


def test_hints_come_one_at_a_time(capsys):
    for number in (1, 2, 3, -5):
        checks.hint("99.1", number)
    assert capsys.readouterr().out.splitlines() == [
        'Hint 1 of 2: Think of towels.  (More: hint("99.1", 2))',
        'Hint 2 of 2: It is 6 × 7.  (The rest: solution("99.1"))',
        'Hint 2 of 2: It is 6 × 7.  (The rest: solution("99.1"))',
        'Hint 1 of 2: Think of towels.  (More: hint("99.1", 2))',
    ]
