"""A year in production: whose knowledge answers when, what is counted, what was recorded."""

import json
from collections import Counter
from itertools import pairwise

import pytest

from course_utils import company, paths, plots, recorded, results
from course_utils.company import RELEASES
from course_utils.decisions import Situation
from course_utils.decisions.worksheet import worksheet
from course_utils.evaluation import VERDICTS
from course_utils.models import lanes
from course_utils.production import (
    System,
    canaries,
    days_until_read,
    exam,
    priced,
    prices_won,
    spent,
    unchanged,
)
from course_utils.production.schedule import days_in
from course_utils.training_sets import monthly
from tools import production as program
from tools.notebooks.catalogue import load

KEPT = json.loads(recorded.YEAR.read_text(encoding="utf-8"))
EACH = pytest.mark.parametrize("model", list(KEPT))


def knows(known: str, asked: str) -> list[str]:
    """A system that reads and remembers without a mistake."""
    values, past = company.facts(known), exam.past_values(asked)
    return [
        exam.verdict(values[q.fact_key].value if q.fact_key in values else "", q.value, past[q.fact_key])
        for q in exam.questions(asked)
    ]


# --- the exam -----------------------------------------------------------------------------------------


def test_every_price_is_asked_twice_in_the_same_words_all_year():
    texts: dict[str, set[str]] = {}
    for month in RELEASES:
        asked = exam.questions(month)
        assert Counter(q.fact_key for q in asked) == dict.fromkeys(monthly.price_keys(month), exam.WORDINGS)
        for question in asked:
            texts.setdefault(question.fact_key, set()).add(question.text)
    assert all(len(found) <= exam.WORDINGS for found in texts.values())


def test_no_question_of_the_exam_is_in_a_training_set():
    for month in RELEASES:
        rows = {
            row["prompt"][-1]["content"].removeprefix("Question: ") for row in monthly.by_heart_rows(month)
        }
        assert not rows & {q.text for q in exam.questions(month)}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("It costs $30 per user.", "current"),
        ("It costs $20 per user.", "stale"),
        ("It costs $10 per user.", "stale"),
        ("It costs $40 per user.", "other"),
        ("It was $20, now it is $30.", "other"),
        ("I don't know.", "abstained"),
        ("", "other"),
    ],
)
def test_a_verdict_knows_the_whole_history(answer, verdict):
    assert exam.verdict(answer, "$30", {"$10", "$20"}) == verdict


def test_the_day_and_the_changes_are_those_of_the_company():
    assert exam.changed_keys("2026-01") == set() and len(exam.changed_keys("2026-02")) == 29
    assert 480 < exam.per_day("2026-01") < 540
    for key in exam.changed_keys("2026-05"):
        assert company.facts("2026-04")[key].value in exam.past_values("2026-05")[key]


# --- days ---------------------------------------------------------------------------------------------


def test_whose_knowledge_answers():
    assert System(knows).known("2026-03") == {"2026-03": 31}
    assert System(knows, late=7).known("2026-03") == {"2026-03": 24, "2026-02": 7}
    assert System(knows, late=7).known("2026-01") == {"2026-01": 31}, "it went live complete"
    assert System(knows, late=40).known("2026-02") == {"2026-01": 28}
    quarterly = System(knows, RELEASES[::3], late=3)
    assert quarterly.known("2026-03") == {"2026-01": 31}
    assert quarterly.known("2026-04") == {"2026-04": 27, "2026-01": 3}


def test_a_year_without_mistakes_is_stale_only_while_it_is_late():
    assert System(knows).year()["stale"] == 0
    total = System(knows).year().total()
    assert total == pytest.approx(sum(days_in(m) * exam.per_day(m) for m in RELEASES))
    one, two = (System(knows, late=late).year()["stale"] for late in (1, 2))
    assert one > 0 and two == pytest.approx(2 * one)
    february = 29 / 44 * exam.per_day("2026-02")  # 29 of 44 prices changed
    assert System(knows, late=1).months()[1]["stale"] == pytest.approx(february)
    low, high = System(knows, late=1).stale_interval()
    assert low < one < high


def test_wins_are_counted_by_price():
    assert prices_won(knows, knows) == (0, 0)
    won, lost = prices_won(knows, lambda known, asked: ["abstained"] * len(exam.questions(asked)))
    assert (won, lost) == (len(monthly.price_keys("2026-12")), 0)


@pytest.mark.parametrize("a_day", [1, 4])
@pytest.mark.parametrize("months", [["2026-03"], ["2026-03", "2026-04", "2026-05"]])
def test_with_the_same_share_every_month_the_wait_is_geometric(a_day, months):
    days = days_until_read(dict.fromkeys(months, 0.02), a_day)
    assert days == pytest.approx(1 / (1 - 0.98**a_day))


def test_an_index_that_grows_staler_is_found_earlier():
    steady = days_until_read({"2026-03": 0.01, "2026-04": 0.01}, 1)
    assert 31 < days_until_read({"2026-03": 0.01, "2026-04": 0.05}, 1) < steady
    assert days_until_read({"2026-03": 0.0, "2026-04": 1.0}, 1) == pytest.approx(31 + 1)
    for endless in ({}, {"2026-03": 0.5, "2026-04": 0.0}):
        with pytest.raises(ValueError, match="stale"):
            days_until_read(endless, 1)


def test_canaries_are_about_what_changed():
    prices, verdicts = canaries(knows, behind=True)
    assert set(verdicts) == {"stale"} and len(prices) == len(verdicts)
    assert set(canaries(knows, behind=False)[1]) == {"current"}
    assert len(prices) == 2 * sum(len(exam.changed_keys(month)) for month in RELEASES)


def test_what_a_release_left_alone_is_right_before_and_after():
    prices, before, after = unchanged(knows)
    assert all(before) and all(after) and len(prices) == len(before) == len(after)
    per_release = [len(company.facts(old).keys() & set(monthly.price_keys(new)) - exam.changed_keys(new))
                   for old, new in pairwise(RELEASES)]  # fmt: skip
    assert len(prices) == exam.WORDINGS * sum(per_release)


def test_a_program_is_judged_like_a_model():
    right = exam.asking(lambda text, month: next(q.value for q in exam.questions(month) if q.text == text))
    assert set(right("2026-02", "2026-02")) == {"current"}


def test_money_grows_by_days_and_renewals():
    tokens = {"prompt": 300.0, "answer": 20.0}
    systems = dict.fromkeys(("RAG", "hybrid", "prompt"), tokens) | {
        "adapter": {"prompt": 40.0, "answer": 20.0}
    }
    costs = priced(systems, 200_000, ("never", "monthly"))
    row = spent(costs["database row"], RELEASES, 3000)
    assert len(set(row)) == 1, "a row is built once"
    never, often = (spent(costs["adapter, never"], r, 3000) for r in (RELEASES[:1], RELEASES))
    assert often[-1] - never[-1] == pytest.approx(11 * costs["adapter, never"].update.total_usd)
    assert never == sorted(never) and never[0] > costs["adapter, never"].set_up_usd
    assert spent(costs["long context"], RELEASES, 3000)[-1] > spent(costs["prompt"], RELEASES, 3000)[-1]


# --- what was recorded --------------------------------------------------------------------------------


@EACH
def test_the_year_was_recorded_with_these_weights_and_questions(model):
    year = recorded.year(model)
    assert year.weights == program.weights_of(model), "run `make year`"
    assert year.questions == program.exam_hash(), "the questions changed: run `make year`"


@EACH
def test_every_month_has_a_verdict_for_each_question(model):
    year = recorded.year(model)
    for name, system in year.systems.items():
        pairs = {tuple(key.split(">")) for key in system["verdicts"]}
        triangle = {(known, asked) for known in RELEASES for asked in RELEASES if known <= asked}
        assert pairs == (triangle if name == "adapter" else set(program.READING))
        for known, asked in pairs:
            found = year.verdicts(name, known, asked)
            assert len(found) == len(exam.questions(asked)) and set(found) <= set(VERDICTS)
        assert year.tokens(name)["prompt"] > year.tokens(name)["answer"] > 0
    assert YEAR_BYTES < 300_000


YEAR_BYTES = recorded.YEAR.stat().st_size


@EACH
def test_the_trainings_are_those_of_the_rows(model):
    for month, training in recorded.year(model).systems.get("adapter", {}).get("trainings", {}).items():
        assert training["rows"] == len(monthly.by_heart_rows(month)) and training["cpu_seconds"] > 0


@pytest.mark.skipif(not load().by_name("09_a_year").ready, reason="lesson 09 is planned")
def test_what_the_lesson_says_of_the_year():
    year = recorded.year(lanes.TINY)
    systems = {name: lambda k, a, name=name: year.verdicts(name, k, a) for name in year.systems}
    stale = {name: System(answers, late=1).year()["stale"] for name, answers in systems.items()}
    never = System(systems["adapter"], RELEASES[:1]).year()
    assert never["stale"] > 0.5 * never.total() > 20 * stale["RAG"]
    for name in ("RAG", "hybrid", "prompt"):  # with a long context, tiny reads nothing at all
        _, healthy = canaries(systems[name], behind=False)
        _, behind = canaries(systems[name], behind=True)
        assert healthy.count("stale") <= 0.03 * len(healthy) < 0.2 * len(behind) < behind.count("stale")
    won, lost = prices_won(systems["hybrid"], systems["RAG"])
    assert won > 3 * lost


def test_a_model_that_was_not_recorded_is_an_error():
    with pytest.raises(KeyError):
        recorded.year("another/model")


def test_the_worksheet_carries_the_year_and_does_not_miss_it(monkeypatch, tmp_path):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    page = worksheet(Situation()).markdown()
    assert "lesson 09" not in page and "| 09" not in page
    results.record("09", headline={"stale answers a year": {"RAG, lag 1": 587}}, recommendation="RAG")
    page = worksheet(Situation()).markdown()
    assert "| 09 | stale answers a year, RAG, lag 1 | 587 |" in page


# --- its pictures -------------------------------------------------------------------------------------


def test_a_system_looks_the_same_in_every_panel():
    figure = plots.over_months({"stale (%)": {"a": [0] * 12, "b": [1] * 12}, "USD": {"b": [5] * 12}})
    top, bottom = figure.axes
    assert (top.get_ylabel(), bottom.get_ylabel()) == ("stale (%)", "USD")
    looks = {line.get_label(): line.get_marker() for line in top.lines}
    assert len(set(looks.values())) == 2 and bottom.lines[0].get_marker() == looks["b"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_a_panel_can_be_cut():
    panels = {"stale (%)": {"a": [80] * 12, "b": [1] * 12}, "USD": {"b": [5] * 12}}
    top, bottom = plots.over_months(panels, cut={"stale (%)": 10}).axes
    assert top.get_ylim() == (0, 10) and bottom.get_ylim()[1] > 5


def test_no_square_for_a_month_before_the_training():
    shares = [[0.5 if known <= asked else None for asked in range(12)] for known in range(12)]
    (axes,) = plots.by_age(shares, "stale").axes
    assert len(axes.texts) == 78 and {text.get_text() for text in axes.texts} == {"50"}
