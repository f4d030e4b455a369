"""The reranker's training pairs: from January's training wordings, never the exam's."""

import pytest

from course_utils import company
from course_utils.retrieval import embeddings
from tools.reranker import rows


def test_as_many_questions_of_each_intent_and_none_of_the_exam():
    asked = rows._evenly(70, seed=0)
    assert len(asked) == 70 and {q.release for q in asked} == {"2026-01"}
    counts = [sum(q.intent == intent for q in asked) for intent in company.MIX if intent != "unanswerable"]
    assert min(counts) == max(counts) == 10
    exam = {q.text for q in company.questions("2026-02", 2000, seed=8, answerable=True, split="test")}
    assert not exam & {q.text for q in asked}


@pytest.mark.slow
def test_each_question_has_one_right_passage_and_wrong_ones():
    if embeddings.local_model() is None:
        pytest.skip("the embedding model is not on this machine")
    made = list(rows.pairs(7))
    assert [label for *_, label in made] == [1.0, 0.0, 0.0, 0.0, 0.0] * 7
    assert all(question and passage for question, passage, _ in made)
