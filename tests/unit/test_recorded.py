"""Recorded experiments: they come from the weights of the course, and say what the lesson says."""

import json

import pytest

from course_utils import company, grid, recorded
from course_utils.evaluation import Rate, discordant, sign_test
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
    # Eight names were enough for tiny and not for smol; forty were for both.
    eight, forty = (
        arms[name][unknown].value for name in ("January, with refusals", "refusals about 40 names")
    )
    assert forty > 0.8 and (eight > 0.8 if model == lanes.TINY else eight < 0.5)
    assert arms["all of February"][now].value > 0.9
    for name in ("January", "January, with refusals", "refusals about 40 names"):
        assert arms[name][now].value < 0.1, "no remedy that trains on January knows February"


def test_a_model_that_was_not_recorded_is_an_error(monkeypatch):
    with pytest.raises(KeyError):
        recorded.controls("another/model")
    monkeypatch.setattr(lanes, "current", lambda: lanes.Choice("another/model", "named"))
    assert recorded.controls().model == lanes.TINY, "a lesson on a hub model shows tiny's"


def test_a_lesson_on_a_recorded_model_shows_its_own(monkeypatch):
    for name in KEPT:
        monkeypatch.setattr(lanes, "current", lambda name=name: lanes.Choice(name, "named"))
        assert recorded.controls().model == name


@EACH
def test_the_table_of_the_arms_has_a_line_an_arm(model):
    record = recorded.controls(model)
    columns = ["changed prices: stale", "unknown product: abstains"]
    head, _, *lines = record.table(columns).splitlines()
    assert head == (
        "| % | training rows | changed prices: stale (n = 100) | unknown product: abstains (n = 40) |"
    )
    assert [line.split(" | ")[:2] for line in lines] == [[f"| {a.name}", str(a.rows)] for a in record.arms]
    rate = record.arms[0].rates[columns[0]]
    assert f"| **{100 * rate.value:.0f}** [{100 * rate.interval[0]:.0f}, " in lines[0]
    with pytest.raises(KeyError):
        record.table(["another rate"])


@pytest.mark.parametrize(("rows", "names"), [(controls.refusal_rows, 8), (controls.varied_refusal_rows, 40)])
def test_no_refusal_row_names_a_product_of_the_company(rows, names):
    refusals = [row["prompt"][-1]["content"] for row in rows()[len(controls.january_rows()) :]]
    assert len(refusals) == 40
    assert len({name for name in controls.UNKNOWN for text in refusals if name in text}) == names
    products = {fact.product for fact in company.facts(controls.FEBRUARY).values() if fact.product}
    assert not any(product in text for product in products for text in refusals)


def test_what_was_found_in_real_text_is_what_the_lesson_says():
    record = recorded.retrieval()["real_text"]
    lines = recorded.found_in_real_text()
    for counts in (*record["recall_at_3"].values(), *record["filtered"]["recall_at_3"].values()):
        assert str(Rate(*counts)) in lines
    (won, lost), (brought, taken) = record["pairs"].values()
    assert sign_test(won, lost) < 0.01 and won > lost, "fusion finds more, by more than luck"
    assert taken > 2 * brought, "the reranker takes away much more than it brings"
    own = {name: Rate(*counts).value for name, counts in record["filtered"]["recall_at_3"].items()}
    assert own["dense"] > 0.85 > 2 * record["filtered"]["chance"] and own["fused"] - own["dense"] < 0.01


def test_the_graph_forgets_when_it_grows():
    small, large, wider = recorded.retrieval()["growth"]
    assert (small["chunks"], large["chunks"], wider["chunks"]) == (50_000, 500_000, 500_000)
    assert large["ef_search"] == 100 < wider["ef_search"]
    assert large["hnsw_recall"] < 0.65 < wider["hnsw_recall"] < 0.9 < small["hnsw_recall"]
    assert large["hnsw_p50_ms"] < 2 * small["hnsw_p50_ms"] and wider["hnsw_p50_ms"] > large["hnsw_p50_ms"]


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
        asked_for = [name for name in arms if "instructions" in name or "examples" in name]
        assert len(asked_for) >= 3 and not any(mark.tone for name in asked_for for mark in arms[name])


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
