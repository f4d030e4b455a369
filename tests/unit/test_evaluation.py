"""Scoring: prices as strings, values whole, rates with intervals, verdicts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.evaluation import VERDICTS, Rate, prices, quotes, shares, states, verdict


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tallyport Team costs $49 per user.", ["$49"]),
        ("It is $ 1,200.50, or €45 in the EU.", ["$1200.50", "€45"]),
        ("$49.00 a month", ["$49"]),
        ("about 49 dollars", []),
        ("£7.5", ["£7.5"]),
    ],
)
def test_prices_are_found_in_one_spelling(text, found):
    assert prices(text) == found


def test_an_answer_quotes_a_price_only_if_it_quotes_no_other():
    assert quotes("It costs $49.", "$49")
    assert not quotes("It costs $49, before that $45.", "$49")
    assert not quotes("It costs $490.", "$49")
    assert not quotes("I don't know.", "$49")
    assert not quotes("I don't know.", "free")


@pytest.mark.parametrize(
    ("answer", "value", "held"),
    [
        ("It includes 50 GB of storage.", "50 GB", True),
        ("It includes 150 GB of storage.", "50 GB", False),
        ("It costs $4.50.", "$4", False),
        ("It costs $4.", "$4", True),
        ("It costs $49.", "$4", False),
        ("Kept for 30 Days.", "30 days", True),
        ("1,500 requests", "500 requests", False),
        ("99.95% uptime", "99.9", False),
        ("Open Settings > Billing.", "Settings > Billing", True),
    ],
)
def test_a_value_must_stand_whole(answer, value, held):
    assert states(answer, value) is held


def test_an_empty_value_is_an_error_not_a_hit():
    with pytest.raises(ValueError, match="abstained"):
        states("anything", " ")


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_rate_and_stays_between_0_and_1(n, data):
    rate = Rate(data.draw(st.integers(0, n)), n)
    low, high = rate.interval
    assert -1e-12 <= low <= rate.value + 1e-12
    assert rate.value - 1e-12 <= high <= 1 + 1e-12


def test_wilson_by_hand():
    # p = 0.9, n = 100, z = 1.96: centre (p + z²/2n) / (1 + z²/n), half width as Wilson gives it
    z, p, n = 1.959964, 0.9, 100
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert Rate(90, 100).interval == pytest.approx((centre - half, centre + half), abs=1e-5)


def test_questions_about_one_fact_count_as_one_when_their_answers_are_alike():
    facts = [fact for fact in range(20) for _ in range(5)]
    alike = Rate.of((fact < 15 for fact in facts), facts)
    assert (alike.hits, alike.n, alike.facts) == (75, 100, 20)
    assert alike.effective == pytest.approx(20)
    assert alike.interval == pytest.approx(Rate(15, 20).interval)


def test_questions_count_in_full_when_their_answers_do_not_depend_on_the_fact():
    facts = [fact for fact in range(20) for _ in range(4)]
    mixed = Rate.of((i % 4 < 2 for i in range(80)), facts)
    assert mixed.effective == 80 and mixed.interval == pytest.approx(Rate(40, 80).interval)


def test_where_all_answers_are_alike_only_facts_are_counted():
    for answer in (True, False):
        rate = Rate.of([answer] * 100, [i // 5 for i in range(100)])
        assert rate.interval == pytest.approx(Rate(20 * answer, 20).interval)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=200))
def test_facts_only_ever_widen_an_interval(drawn):
    outcomes, about = zip(*drawn, strict=True)
    by_fact, by_question = Rate.of(outcomes, about), Rate.of(outcomes)
    assert by_fact.facts <= by_fact.effective <= by_fact.n
    (low, high), (lower, higher) = by_question.interval, by_fact.interval
    assert lower <= low + 1e-9 and higher >= high - 1e-9


def test_a_rate_says_what_its_questions_are_about():
    assert str(Rate.of([True] * 4, "aabb")).endswith("n = 4 about 2 facts")
    assert str(Rate.of([True] * 4, "abcd")).endswith("n = 4")


@pytest.mark.parametrize(("hits", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_rates_are_refused(hits, n):
    with pytest.raises(ValueError, match="0 ≤ hits ≤ n"):
        Rate(hits, n)


def test_a_rate_reads_well():
    assert str(Rate(192, 200)) == "96.0 % [92.3 %, 98.0 %], n = 200"


def test_verdicts():
    assert verdict("It costs $55.", "$55", "$49") == "current"
    assert verdict("It costs $49.", "$55", "$49") == "stale"
    assert verdict("It costs $50.", "$55", "$49") == "other"
    assert verdict("It costs $49 or $55.", "$55", "$49") == "other"
    assert verdict("I don't know.", "$55", "$49") == "abstained"
    with pytest.raises(ValueError, match="did not change"):
        verdict("It costs $49.", "$49", "$49")


def test_shares_add_up():
    found = shares(["stale", "stale", "current", "other"])
    assert tuple(found) == VERDICTS
    assert found["stale"] == Rate(2, 4)
    assert sum(rate.hits for rate in found.values()) == 4
