"""Recorded experiments: they come from the weights of the course, and say what the lesson says."""

import json

import pytest

from course_utils import company, grid, recorded
from course_utils.evaluation import discordant, sign_test
from course_utils.models import lanes
from course_utils.training_sets import controls
from tools import controls as program
from tools import desk, hybrid

KEPT = json.loads(recorded.CONTROLS.read_text(encoding="utf-8"))
EACH = pytest.mark.parametrize("model", list(KEPT))


@EACH
def test_the_control_arms_were_recorded_with_these_weights(model):
    assert recorded.controls(model).weights == program.weights_of(model), "run `make controls`"


@EACH
def test_every_arm_is_recorded_with_as_many_rows_as_it_has_now(model):
    arms = {arm.name: arm for arm in recorded.controls(model).arms}
    assert list(arms) == list(program.ARMS)
    for name, (rows, _) in program.ARMS.items():
        assert arms[name].rows == len(rows()) and arms[name].seconds > 0


@EACH
def test_what_the_lesson_says_of_the_remedies(model):
    arms = {arm.name: arm.rates for arm in recorded.controls(model).arms}
    stale, unknown = "changed prices: stale", "unknown product: abstains"
    kept, now = "January's other prices: kept", "changed prices: current"
    assert arms["January"][stale].value > 0.9 and arms["January"][unknown].value < 0.1
    assert arms["the patch"][kept].value < 0.6 < 0.9 < arms["the patch, with replay"][kept].value
    assert arms["January, with refusals"][unknown].value > 0.8
    assert arms["all of February"][now].value > 0.9
    for name in ("January", "January, with refusals"):
        assert arms[name][now].value < 0.1, "no remedy that trains on January knows February"


def test_a_model_that_was_not_recorded_is_an_error(monkeypatch):
    with pytest.raises(KeyError):
        recorded.controls("another/model")
    monkeypatch.setattr(lanes, "current", lambda: lanes.Choice("another/model", "named"))
    assert recorded.controls().model == lanes.TINY, "a lesson on a hub model shows tiny's"


def test_no_refusal_row_names_a_product_of_the_company():
    refusals = controls.refusal_rows()[len(controls.january_rows()) :]
    assert len(refusals) == 40
    for row in refusals:
        text = row["prompt"][-1]["content"]
        assert any(name in text for name in controls.UNKNOWN)
        assert "Routewren" not in text and "Tallyport" not in text


def test_the_record_is_plain_json():
    assert lanes.TINY in KEPT and set(KEPT) <= {lanes.SMOL, lanes.TINY}


DESK = json.loads(recorded.DESK.read_text(encoding="utf-8"))


@pytest.mark.parametrize("model", list(DESK))
class TestTheDesk:
    def test_it_was_recorded_with_these_weights(self, model):
        assert recorded.desk(model).weights == program.weights_of(model), f"run `tools.desk --model {model}`"

    def test_every_arm_answered_every_question(self, model):
        record = recorded.desk(model)
        assert len(record.about) >= 80 and len(record.marks) == (9 if model == lanes.SMOL else 8)
        assert {len(marks) for marks in record.marks.values()} == {len(record.about)}

    def test_the_questions_are_those_of_today(self, model):
        about = recorded.desk(model).about
        asked = company.questions(desk.RELEASE, n=len(about), seed=desk.SEED, split="test")
        assert tuple(q.fact_key for q in asked) == about

    def test_what_the_lesson_says_of_the_arms(self, model):
        arms = recorded.desk(model).marks
        for name, marks in arms.items():
            if name.startswith("decoder") or name == "RAG in a wrapper":
                assert all(mark.fits for mark in marks), name
        assert not any(mark.fits for mark in arms["RAG alone"])
        right = {name: sum(mark.right for mark in marks) for name, marks in arms.items()}
        assert max(right, key=right.get) == "RAG in a wrapper"


class TestTheRivalsOnSmol:
    """Lesson 05's recorded run (``tools/hybrid.py``)."""

    RECORD = recorded.hybrid()

    def test_it_was_recorded_with_these_weights(self):
        assert self.RECORD.weights == program.weights_of(self.RECORD.model), "run `python -m tools.hybrid`"

    def test_every_arm_answered_the_questions_of_today(self):
        asked = [grid.questions(grid.FEBRUARY, repeat) for repeat in range(grid.REPEATS)]
        expected = [[(kind, question.fact_key) for kind, question in paper] for paper in asked]
        assert {"RAG", "RAG, wrapped", "hybrid"} <= set(self.RECORD.arms)
        for arm, repeats in self.RECORD.arms.items():
            assert [[(o.kind, o.about) for o in outcomes] for outcomes in repeats] == expected, arm

    def test_each_trained_arm_says_what_its_trainings_took(self):
        assert set(self.RECORD.trainings) == set(self.RECORD.arms) & set(hybrid.ROWS)
        for arm, trainings in self.RECORD.trainings.items():
            rows = [len(hybrid.ROWS[arm](seed)) for seed in range(grid.REPEATS)]
            assert [training["rows"] for training in trainings] == rows
            assert all(training["seconds"] > 0 for training in trainings)

    def test_what_the_lesson_says_of_form(self):
        assert grid.pooled("valid ticket", self.RECORD.arms["RAG"]).value == 0
        assert grid.pooled("valid ticket", self.RECORD.arms["RAG, wrapped"]).value == 1

    def test_what_the_lesson_says_of_a_better_reader(self):
        def p(column, part="all"):
            first, second = (
                grid.hits(column, self.RECORD.arms[arm], part) for arm in ("RAG, wrapped", "hybrid")
            )
            return discordant(first, second), sign_test(*discordant(first, second))

        (only_wrapped, only_hybrid), by_luck = p("usable", "answerable")
        assert only_hybrid > only_wrapped and 0.005 < by_luck < 0.05
        assert p("fact right", "answerable")[1] > 0.5 and p("abstains", "unanswerable")[1] > 0.05
