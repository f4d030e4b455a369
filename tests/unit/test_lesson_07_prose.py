"""What the prose of lesson 07 says without a cell beside it, and that its answers are those of the course."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from course_utils import bundled_model, company, costs, models
from course_utils.decisions import (
    ARTICLE,
    CASES,
    CHARITABLE,
    CONSTRAINED,
    EVIDENCE,
    LONG_CONTEXT,
    LOOKUP,
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


NEEDED = [s for s in every_situation() if not s.prompt_fixes_it]


def right(situation, tree) -> bool:
    return set(decide(situation, tree).tools) == set(decide(situation).tools)


def test_read_charitably_the_article_is_right_wherever_no_row_and_no_form_is_involved():
    assert said("in *every* situation that has neither a row of a table nor a wrong form")
    plain = [s for s in NEEDED if not s.is_a_table_row and not s.form_is_wrong]
    assert len(plain) == 8 and all(right(s, CHARITABLE) for s in plain)
    assert sum(right(s, ARTICLE) for s in NEEDED) < sum(right(s, CHARITABLE) for s in NEEDED) < len(NEEDED)


def test_all_that_is_wrong_about_the_charitable_reading_follows_from_two_missing_tools():
    assert said("**Two tools are missing**", "Everything else follows")
    for s in NEEDED:
        here, article = set(decide(s).tools), set(decide(s, CHARITABLE).tools)
        assert here - article <= {LOOKUP, CONSTRAINED}
        assert bool(article - here) == bool(s.needs_own_data and s.is_a_table_row), "instead of a lookup"


def test_to_the_letter_retrieval_stands_beside_everything():
    assert said("retrieval beside everything")
    wanted = [s for s in NEEDED if LONG_CONTEXT in decide(s).tools]
    assert wanted and all({RAG, LONG_CONTEXT} <= set(decide(s, ARTICLE).tools) for s in wanted)


def test_the_cases_that_the_charitable_reading_gets_right():
    assert said("every case that wants neither a lookup nor a grammar", "none that wants one of them")
    for case in CASES:
        agrees = set(decide(case.situation, CHARITABLE).tools) == set(case.tools)
        assert agrees != bool({LOOKUP, CONSTRAINED} & set(case.tools)), case.title


def test_no_page_states_how_many_plans_became_dearer():
    """The month's changelog names what changed, not which way; so the count is on no page."""
    assert said("a count that no single page states")
    changelog = company.pages("2026-02")["company/changelog/2026-02.md"]
    assert "Changed price" in changelog
    assert not re.search(r"dearer|increase|higher|lower|cheaper", changelog)


def test_building_a_pipeline_is_what_costs_for_twelve_pages():
    assert said("far less in the first year on both: building a pipeline for them is what costs")
    for volume in (50, 3000):
        years = costs.Scenario(knowledge_tokens=5000, queries_per_day=volume).costs()
        assert years["long context, cached"].total_usd < years["basic RAG"].total_usd / 2
        assert years["basic RAG"].set_up_usd > years["basic RAG"].total_usd / 2 or volume == 3000
    # Case 3 says the same: thousands for the pipeline, little either way for a question.
    assert "costs thousands" in CASES[2].reasoning


def test_the_cached_handbook_costs_ten_to_a_hundred_times_2000_tokens():
    assert said("on the busy desk the cached handbook costs ten times", "a hundred times what 2,000")
    scenario = costs.Scenario()
    passages = 2000 * scenario.input_usd_per_million_tokens / 1e6
    for volume, times in ((3000, 10), (10, 100)):
        assert scenario.handbook.usd_per_query(queries_per_day=volume) / passages == pytest.approx(
            times, 0.01
        )


def test_a_cache_of_an_hour_pays_earlier_and_costs_a_quiet_desk_a_third():
    assert said(
        "an hour, where writing costs twice the full price",
        "from 18 questions a day left alone, from 3 kept warm",
        "would pay less than a third",
    )
    dear = costs.price_table()["cache_write_factor_1_hour"].value
    short = costs.Scenario().handbook
    hour = replace(short, cache_lifetime_minutes=60, cache_write_factor=dear)
    assert dear == 2
    for cache, bounds in ((short, (31, 71)), (hour, (3, 18))):
        needed = (cache.cache_write_factor - 1) / (cache.cache_write_factor - cache.cache_read_factor)
        shares = (cache.cache_read_factor, needed)  # kept warm, left alone
        found = [next(v for v in range(1, 999) if cache.hit_share(queries_per_day=v) >= s) for s in shares]
        assert tuple(found) == bounds
    quiet = [cache.usd_per_query(queries_per_day=10) for cache in (hour, short)]
    assert 0.25 < quiet[0] / quiet[1] < 1 / 3


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
