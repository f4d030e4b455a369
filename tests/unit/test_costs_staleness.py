"""The formulas of stale answers, against a year simulated day by day and against their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.costs import Staleness
from course_utils.costs.staleness import INDEX, MEANING, NEVER, NOTICED, SCHEDULED, STOPPED

some = st.builds(
    Staleness,
    changes_updates_per_year=st.floats(0, 365),
    touched_share=st.floats(0, 1),
    index_hours=st.floats(0, 1000),
    tuning_updates_per_year=st.floats(0, 365),
    training_days=st.floats(0, 100),
    noticed_days=st.floats(0, 365),
)


def simulated(inputs: Staleness, ages: np.ndarray, years: int = 4000) -> float:
    """The share of stale answers of knowledge that is ``ages`` days old: changes drawn, not computed."""
    rng = np.random.default_rng(1)
    age = rng.choice(ages, years)
    changes = rng.poisson(inputs.changes_updates_per_year * age / 365)
    touched = rng.random((years, changes.max() + 1)) < inputs.touched_share
    counted = np.arange(changes.max() + 1) < changes[:, None]
    return float((touched & counted).any(axis=1).mean())


@pytest.mark.parametrize(
    ("name", "ages"),
    [
        (NEVER, np.linspace(0, 365, 2001)),
        (SCHEDULED, np.linspace(3, 3 + 365 / 4, 2001)),
        (NOTICED, np.array([24.0])),
    ],
)
def test_formula_and_simulation_agree(name, ages):
    inputs = Staleness(changes_updates_per_year=40, touched_share=0.1)
    assert inputs.shares()[name] == pytest.approx(simulated(inputs, ages), abs=0.03)


def test_an_index_that_stops_is_as_stale_as_its_two_times_together():
    inputs = Staleness(noticed_days=21, repair_days=1, changes_updates_per_year=40, touched_share=0.1)
    rest = inputs.shares()[INDEX] * (365 - 22) / 365
    out = simulated(inputs, np.linspace(0, 22, 2001)) * 22 / 365
    assert inputs.shares()[STOPPED] == pytest.approx(rest + out, abs=0.002)


@given(some)
def test_shares_are_shares_and_each_system_is_explained(inputs):
    shares = inputs.shares()
    assert set(shares) == set(MEANING)
    assert all(0 <= share <= 1 for share in shares.values())
    asked = 365 * inputs.queries_per_day
    assert inputs.answers_per_year() == pytest.approx({n: s * asked for n, s in shares.items()})


@given(some, st.floats(1, 3))
def test_more_changes_never_make_fewer_stale_answers(inputs, factor):
    more = inputs.changed(changes_updates_per_year=min(365, factor * inputs.changes_updates_per_year))
    for name, share in inputs.shares().items():
        assert more.shares()[name] >= share - 1e-12, name


def test_nothing_is_stale_where_nothing_changes_or_nothing_is_touched():
    for calm in (Staleness(changes_updates_per_year=0), Staleness(touched_share=0)):
        assert set(calm.shares().values()) == {0}


def test_few_stale_answers_grow_with_the_lag():
    week = Staleness(index_hours=168).shares()[INDEX]
    assert week / Staleness().shares()[INDEX] == pytest.approx(7, rel=0.01)


def test_never_retrained_is_the_limit_of_no_retraining():
    assert Staleness(tuning_updates_per_year=0).shares()[SCHEDULED] == Staleness().shares()[NEVER]
