"""Lesson 08: what its prose says of the numbers that its cells print."""

import re

from tests.unit import stored

PRINTED, PROSE = stored.printed("08_retrieval"), stored.prose("08_retrieval")


def percents(begin: str) -> list[float]:
    """The rates, in per cent, of the first printed line that begins so."""
    line = re.search(rf"^{re.escape(begin)}.*$", PRINTED, re.MULTILINE)[0]
    return [float(value) for value in re.findall(r"([\d.]+) % \[", line)]


def test_of_the_gap_that_typos_make_the_filter_leaves_less_than_half():
    [plain], [typo] = percents("plain "), percents("typo ")
    assert "that gap of twenty points" in PROSE and 18 < plain - typo < 22
    well, badly = percents("recall@3, typed well and badly:")
    assert "Less than half of the gap is left" in PROSE and well > badly
    assert well - badly < (plain - typo) / 2


def test_it_is_the_second_search_that_answers_questions_about_two_pages():
    read, searched, agent, prompt, both = (
        percents(begin)[0]
        for begin in (
            "read twice",
            "searched twice",
            "agent ",
            "three passages",
            "both prices among the first three passages",
        )
    )
    assert "as often as section 2 found both prices" in PROSE and read == both
    assert "the filter had nothing left to add" in PROSE and searched == agent == 100
    assert "none from one prompt" in PROSE and prompt == 0


def test_twenty_four_answers_do_not_tell_the_tiers_apart_but_for_bm25():
    lines = re.findall(r"^(BM25|dense|fused|filtered|reranked) +([\d.]+) % .*n = 24", PRINTED, re.MULTILINE)
    right = {tier: round(float(rate) * 24 / 100) for tier, rate in lines}
    assert len(right) == 5
    lowest = right.pop("BM25")
    assert "as all do here but BM25" in PROSE
    assert max(right.values()) - min(right.values()) <= 2 < min(right.values()) - lowest
