"""The trees on every situation: what each can recommend, and where the article's order goes wrong."""

from dataclasses import replace

import pytest

from course_utils import decisions
from course_utils.decisions import (
    ARTICLE,
    CHARITABLE,
    CONSTRAINED,
    EVIDENCE,
    FINE_TUNING,
    FLAGS,
    LONG_CONTEXT,
    LOOKUP,
    PROMPT,
    QUESTIONS,
    RAG,
    TOOLS,
    Situation,
    decide,
    every_situation,
)

EVERY = every_situation()
KNOWLEDGE = {LOOKUP, LONG_CONTEXT, RAG}


@pytest.mark.parametrize("tree", [ARTICLE, CHARITABLE, EVIDENCE], ids=lambda tree: tree.name)
def test_a_tree_asks_each_question_at_most_once_and_all_of_them_in_some_situation(tree):
    asked = set()
    for situation in EVERY:
        texts = [step.question.text for step in decide(situation, tree).steps]
        assert len(texts) == len(set(texts))
        asked |= set(texts)
    assert asked == {QUESTIONS[key].text for key in tree.branches}
    for yes, no in tree.branches.values():
        for branch in (yes, no):
            assert branch.tool in {None, *TOOLS} and branch.then in {None, *tree.branches}


def test_the_article_has_no_place_for_two_of_the_tools():
    named = {tool for situation in EVERY for tool in decide(situation, ARTICLE).tools}
    assert named == set(TOOLS) - {LOOKUP, CONSTRAINED}
    assert {tool for situation in EVERY for tool in decide(situation, EVIDENCE).tools} == set(TOOLS)


def test_in_the_evidences_order_each_tool_answers_its_failure():
    for s in EVERY:
        tools = set(decide(s).tools)
        assert (PROMPT in tools) == s.prompt_fixes_it
        if s.prompt_fixes_it:
            assert tools == {PROMPT}
            continue
        assert len(tools & KNOWLEDGE) == (1 if s.needs_own_data else 0), "one way to the knowledge, if needed"
        assert (LOOKUP in tools) == (s.needs_own_data and s.is_a_table_row)
        assert (CONSTRAINED in tools) == s.form_is_wrong
        assert (FINE_TUNING in tools) == s.behaviour_is_wrong


def test_in_the_articles_order_long_context_never_replaces_retrieval():
    """Its second question has already ordered RAG when the third asks whether everything fits."""
    small = Situation(needs_own_data=True, knowledge_tokens=20_000)
    assert decide(small, ARTICLE).tools == (RAG, LONG_CONTEXT)
    assert decide(small, EVIDENCE).tools == (LONG_CONTEXT,)


def test_in_the_articles_order_a_wrong_form_gets_a_knowledge_tool():
    """Nothing is missing but a comma in the JSON, and still its third question builds something."""
    broken_json = Situation(form_is_wrong=True)
    assert decide(broken_json, ARTICLE).tools == (LONG_CONTEXT,)
    assert decide(broken_json, EVIDENCE).tools == (CONSTRAINED,)


def test_a_price_is_a_database_row():
    price = Situation(needs_own_data=True, is_a_table_row=True, knowledge_tokens=200_000)
    assert decide(price).tools == (LOOKUP,)
    assert decide(price, ARTICLE).tools == (RAG, LONG_CONTEXT)


def test_500_pages_fit_the_usual_limit_and_not_a_small_model():
    handbook = dict(needs_own_data=True, knowledge_tokens=200_000)
    assert decide(Situation(**handbook)).tools == (LONG_CONTEXT,)
    assert decide(Situation(**handbook, limit_tokens=2048)).tools == (RAG,)
    assert decide(Situation(needs_own_data=True, knowledge_tokens=200_001)).tools == (RAG,)


def test_the_hybrid():
    large = Situation(needs_own_data=True, knowledge_tokens=5_000_000)
    desk = replace(large, form_is_wrong=True, behaviour_is_wrong=True)
    decision = decide(desk)
    assert decision.tools == (RAG, CONSTRAINED, FINE_TUNING)
    assert [step.tool for step in decision.steps if step.tool] == list(decision.tools)


def test_no_failure_needs_no_tool():
    assert decide(Situation()).tools == ()


def test_every_situation_is_there_once():
    assert len(EVERY) == len(set(EVERY)) == 2 ** len(FLAGS) * 2
    assert {s.fits for s in EVERY} == {True, False}
    assert len(every_situation([1000])) == 2 ** len(FLAGS)


@pytest.mark.parametrize("tree", [ARTICLE, CHARITABLE, EVIDENCE], ids=lambda tree: tree.name)
def test_the_way_ends_at_the_first_answer_that_nobody_has_measured(tree):
    """Whatever is unknown: the steps before it are those of the full answers, and it is named."""
    fields = {"prompt": "prompt_fixes_it", "data": "needs_own_data", "row": "is_a_table_row"}
    fields |= {"size": "knowledge_tokens", "form": "form_is_wrong", "behaviour": "behaviour_is_wrong"}
    for situation in EVERY:
        full = decide(situation, tree)
        assert full.open is None
        for i, step in enumerate(full.steps):
            stopped = decide(replace(situation, **{fields[step.key]: None}), tree)
            assert stopped.open is QUESTIONS[step.key] and stopped.steps == full.steps[:i]
        for key in set(fields) - {step.key for step in full.steps}:  # not asked, so not needed
            assert decide(replace(situation, **{fields[key]: None}), tree) == full


def test_nothing_measured_begins_with_the_prompt():
    unknown = Situation(**dict.fromkeys(FLAGS), knowledge_tokens=None)
    decision = decide(unknown)
    assert (decision.tools, decision.steps) == ((), ()) and decision.open is QUESTIONS["prompt"]
    assert unknown.fits is None


def test_every_question_explains_itself_and_says_what_to_measure():
    for question in QUESTIONS.values():
        assert question.text.endswith("?")
        assert len(question.why) > 30 and len(question.measure) > 30
    assert set(decisions.MEASURE_NEXT) == set(TOOLS)
    for tree in (ARTICLE, CHARITABLE, EVIDENCE):
        for branches in tree.branches.values():
            assert all(branch.because.endswith((".", "?")) for branch in branches)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dict(knowledge_tokens=-1), "knowledge_tokens must be a whole number of tokens from 0, not -1"),
        (dict(limit_tokens=2.5), "limit_tokens must be"),
        (dict(knowledge_tokens=True), "knowledge_tokens must be"),
        (dict(limit_tokens=None), "limit_tokens must be"),
        (dict(form_is_wrong="yes"), r"form_is_wrong must be True, False or None .*, not 'yes'"),
        (dict(needs_own_data=1), "needs_own_data must be True, False or None"),
    ],
)
def test_mistakes_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        Situation(**wrong)
    assert decisions.USUAL_LIMIT_TOKENS == 200_000
