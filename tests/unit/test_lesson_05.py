"""Lesson 05: what its prose says of the numbers that its cells print, and of the recorded run."""

import re

from course_utils import evaluation, grid, recorded
from tests.unit import stored

PROSE = stored.prose("05_hybrid")
PRINTED = stored.printed("05_hybrid")
LINE = re.compile(
    r"^(?P<column>usable|fact right|page right) +(?P<part>all|answerable|unanswerable) +"
    r"(?P<a>\d+) : +(?P<b>\d+) of \d+, only one +\d+ : +\d+ +p = (?P<p>[\d.e-]+)",
    re.MULTILINE,
)


def printed_of(other: str) -> dict[tuple[str, str], tuple[int, int, float]]:
    """What section 7 printed of the wrapper against ``other``: hits of both and p, by column and half."""
    block = PRINTED.split(f"RAG, wrapped : {other}\n")[1].split("RAG, wrapped :")[0]
    found = LINE.finditer(block)
    return {(m["column"], m["part"]): (int(m["a"]), int(m["b"]), float(m["p"])) for m in found}


def test_the_verdicts_of_section_7_are_those_of_its_stored_output():
    hybrid, raft = printed_of("hybrid"), printed_of("RAFT-style")
    every = len(hybrid) + len(raft)
    assert every == 10 and "We did ten tests in one cell" in PROSE
    assert "over the whole paper, no" in PROSE and hybrid["usable", "all"][2] > 0.05
    wrapper, trained, p = hybrid["usable", "answerable"]
    assert wrapper < trained and every * p < 0.05, "far more tickets right"
    wrapper, trained, p = hybrid["usable", "unanswerable"]
    assert wrapper > trained and every * p < 0.05, "far fewer"
    for tests in (hybrid, raft):
        wrapper, trained, p = tests["fact right", "answerable"]
        assert wrapper < trained and every * p > 0.05, "looks better, and does not survive Bonferroni"


def test_raft_rows_refuse_far_more_often_than_the_tickets():
    from course_utils.training_sets import facts, tickets

    rows, asked = facts.raft_ticket_rows(), tickets.asked(500)
    raft = sum("I don't know" in row["completion"][0]["content"] for row in rows) / len(rows)
    assert raft > 2.5 * sum(not question.answerable for question in asked) / len(asked)
    assert asked[: len(rows)] == tickets.asked(facts.TICKETS), "the lesson takes both from one list"


def test_the_recorded_run_has_the_arms_and_the_verdicts_that_the_lesson_names():
    arms = recorded.hybrid().arms
    assert set(arms) == {"RAG", "RAG, wrapped", "hybrid"}
    assert (
        "a recorded run of three of them with smol" in PROSE
        and "RAFT-style was not trained for smol" in PROSE
    )

    def compared(column, part):
        wrapper, trained = (grid.hits(column, arms[name], part) for name in ("RAG, wrapped", "hybrid"))
        only = evaluation.discordant(wrapper, trained)
        return sum(trained) - sum(wrapper), only, evaluation.sign_test(*only)

    more, only, _ = compared("fact right", "answerable")
    assert more == 0 and min(only) > 0, "the same number, and each a few that the other missed"
    more, _, p = compared("usable", "answerable")
    tiny = printed_of("hybrid")
    assert 0 < more < tiny["usable", "answerable"][1] - tiny["usable", "answerable"][0]
    assert p < 0.05 < 5 * p, "among five it is a hint"
    more, _, p = compared("usable", "unanswerable")
    assert tiny["usable", "unanswerable"][1] - tiny["usable", "unanswerable"][0] < more < 0 and p > 0.05
