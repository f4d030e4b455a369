"""Results of lessons are kept whole or not at all."""

import pytest

from course_utils import results
from course_utils.evaluation import Rate


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path))


def test_recorded_values_come_back_and_are_merged():
    assert results.recorded("01") == {}
    results.record("01", stale=["stale", "current"])
    results.record("01", n=2)
    assert results.recorded("01") == {"stale": ["stale", "current"], "n": 2}
    assert results.recorded("02") == {}


def test_a_rate_comes_back_as_a_rate_however_deep_and_other_kinds_are_refused():
    results.record("03", scores={"RAG": {"fits": Rate(3, 4)}}, pair=(3, 4))
    assert results.recorded("03") == {"scores": {"RAG": {"fits": Rate(3, 4)}}, "pair": [3, 4]}
    results.record("03", n=1)
    assert results.recorded("03")["scores"]["RAG"]["fits"] == Rate(3, 4)
    with pytest.raises(TypeError, match="not set"):
        results.record("03", kinds={"stale"})


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]"])
def test_a_damaged_file_counts_as_not_recorded(tmp_path, damage):
    results.record("01", n=1)
    (tmp_path / "work" / "01" / results.FILE).write_text(damage)
    assert results.recorded("01") == {}
    results.record("01", n=2)
    assert results.recorded("01") == {"n": 2}
