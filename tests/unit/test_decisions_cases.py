"""The twelve cases: the tree arrives at the tools written down by hand, and each case earns its place."""

import pytest

from course_utils.decisions import ARTICLE, CASES, LETTERS, NONE_YET, TOOLS, decide, letters, tools_of

EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.number))


def test_there_are_twelve_and_every_tool_is_needed_somewhere():
    assert [case.number for case in CASES] == list(range(1, 13))
    assert {tool for case in CASES for tool in case.tools} == set(TOOLS) == set(LETTERS.values())
    assert len({case.title for case in CASES}) == 12


@EACH
def test_the_tree_arrives_at_the_tools_written_down(case):
    assert set(decide(case.situation).tools) == set(case.tools)
    assert decide(case.situation).open is None


@EACH
def test_a_case_tells_a_story_nudges_and_reasons(case):
    assert len(case.story) > 80 and len(case.reasoning) > 120
    assert case.nudge.endswith((".", "?"))
    # The nudge must not name the answer.
    for tool in case.tools:
        assert tool.split(" (")[0] not in case.nudge


def test_half_of_them_or_more_are_proven_by_a_run():
    assert sum(case.proof == "run" for case in CASES) >= 6
    assert all(case.proof in ("run", "judgement") for case in CASES)


def test_the_articles_order_differs_on_some_and_agrees_on_some():
    agrees = [case.number for case in CASES if set(decide(case.situation, ARTICLE).tools) == set(case.tools)]
    assert 0 < len(agrees) < 6


@EACH
def test_letters_lead_back_to_the_tools(case):
    assert set(tools_of(case.letters)) == set(case.tools)


def test_letters():
    assert letters(()) == NONE_YET and tools_of("N") == ()
    assert tools_of("r + c") == tools_of("CR") == tools_of("R, C")
    for wrong in ("", "X", "NR", "RAG!"):
        with pytest.raises(ValueError, match="made of the letters P, L, W, R, C, F"):
            tools_of(wrong)
    with pytest.raises(ValueError, match="not 3"):
        tools_of(3)
