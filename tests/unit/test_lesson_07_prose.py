"""What the prose of lesson 07 says without a cell beside it, and that its answers are those of the course."""

import ast
import re
from pathlib import Path

import pytest

from course_utils import bundled_model, company, costs, models
from course_utils.decisions import (
    ARTICLE,
    CASES,
    EVIDENCE,
    LONG_CONTEXT,
    QUESTIONS,
    RAG,
    decide,
    every_situation,
)
from course_utils.paths import repo_dir
from tools.reader import mixture

SOURCE = (repo_dir() / "solutions" / "07_decide.py").read_text(encoding="utf-8")
PROSE = " ".join(re.sub(r"^# ?", "", line) for line in SOURCE.splitlines() if line.startswith("#"))


def said(*words: str) -> bool:
    """Whether the lesson's prose holds these words; a test of a sentence must fall with the sentence."""
    return all(word in PROSE for word in words)


def test_the_solutions_letters_are_the_cases():
    tree = ast.parse(SOURCE)
    given = {
        node.targets[0].id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        and isinstance(node.targets[0], ast.Name)
    }  # fmt: skip
    assert [given[f"case_{case.number}"] for case in CASES] == [case.letters for case in CASES]


def test_the_number_of_situations_questions_and_cases():
    assert said("64 situations", "The tree asks six questions, not five", "Here are twelve cases")
    assert len(every_situation()) == 64 and len(EVIDENCE.branches) == len(QUESTIONS) == 6 and len(CASES) == 12
    assert said("Seven of the answers need no authority", "cases 6, 7, 8, 11 and 12")
    assert [c.number for c in CASES if c.proof == "judgement"] == [6, 7, 8, 11, 12]


def test_where_more_than_a_prompt_is_needed_the_orders_agree_on_very_few():
    assert said("Where more than a prompt is needed, they agree on very few")
    needed = [s for s in every_situation() if not s.prompt_fixes_it]
    agree = sum(set(decide(s).tools) == set(decide(s, ARTICLE).tools) for s in needed)
    assert 0 < agree < len(needed) / 10


@pytest.mark.parametrize("tool", [RAG, LONG_CONTEXT])
def test_the_reasons_why_the_article_names_a_tool_too_often_are_all_the_reasons(tool):
    assert said("for three reasons", "For the last two reasons *long context* is named too often as well")
    for s in every_situation():
        extra = tool in decide(s, ARTICLE).tools and tool not in decide(s).tools
        ordered_too_early = s.needs_own_data and not s.is_a_table_row and s.fits and tool == RAG
        row_is_searched = s.needs_own_data and s.is_a_table_row and (tool == RAG or s.fits)
        nothing_missing = not s.needs_own_data and (s.fits == (tool == LONG_CONTEXT))
        reasons = ordered_too_early or row_is_searched or nothing_missing
        assert extra == (reasons and not s.prompt_fixes_it)


def test_where_long_context_is_right_the_article_puts_retrieval_beside_it():
    assert said("where it is right, retrieval stands beside it")
    right = [s for s in every_situation() if LONG_CONTEXT in decide(s).tools]
    assert right and all({RAG, LONG_CONTEXT} <= set(decide(s, ARTICLE).tools) for s in right)


def test_what_the_articles_order_gets_right():
    assert said("the prompt that suffices, and knowledge too large for any prompt")
    right = [c for c in CASES if set(decide(c.situation, ARTICLE).tools) == set(c.tools)]
    assert right and all(c.situation.prompt_fixes_it or not c.situation.fits for c in right)


def test_no_page_states_how_many_plans_became_dearer():
    """The month's changelog names what changed, not which way; so the count is on no page."""
    assert said("a count that no single page states")
    changelog = company.pages("2026-02")["company/changelog/2026-02.md"]
    assert "Changed price" in changelog
    assert not re.search(r"dearer|increase|higher|lower|cheaper", changelog)


def test_on_the_quiet_desk_answers_of_retrieval_are_cheaper_and_the_year_is_not():
    assert said("On the quiet desk retrieval's answers are the cheaper ones")
    for volume, cheaper_answers in ((20, "basic RAG"), (3000, "long context, cached")):
        years = costs.Scenario(knowledge_tokens=5000, queries_per_day=volume).costs()
        pair = {name: years[name] for name in ("basic RAG", "long context, cached")}
        assert min(pair, key=lambda name: pair[name].answers_usd) == cheaper_answers
        assert min(pair, key=lambda name: pair[name].total_usd) == "long context, cached"
    # Case 3 says the same: thousands for the pipeline, little either way for a question.
    assert "costs thousands" in CASES[2].reasoning


def test_the_cached_handbook_costs_ten_to_a_hundred_times_2000_tokens():
    assert said("on the busy desk the cached handbook costs ten times", "on the quiet one a hundred times")
    scenario = costs.Scenario()
    passages = 2000 * scenario.input_usd_per_million_tokens / 1e6
    for volume, times in ((3000, 10), (10, 100)):
        assert scenario.handbook.usd_per_query(queries_per_day=volume) / passages == pytest.approx(
            times, 0.01
        )


def test_the_window_holds_less_than_one_per_cent_and_training_saw_576_tokens():
    assert said(
        "under one per cent of the handbook", "trained on prompts of up to 576 tokens", "2,048 tokens",
        "8,192, and our adapter practised on up to 1,536",
    )  # fmt: skip
    reader = (Path(models.__file__).parent / "reader" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "up to 1,536 tokens" in reader and max(mixture.LENGTHS) == 1536
    card = (bundled_model.path().parent / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "trained up to 576 tokens; positions up to 2,048 exist" in card


def test_no_price_of_the_table_and_no_dollar_sign_in_the_prose():
    for price in costs.price_table().dated():
        if price.kind == "secondary" and price.unit.startswith("USD") and price.value:
            assert f"{price.value:.2f} dollars" not in PROSE, price.name
    for line in SOURCE.splitlines():
        assert not (line.startswith("#") and "$" in line), line
