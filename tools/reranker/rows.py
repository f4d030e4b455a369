"""Pairs of question and passage, from January's training questions: the exam's wordings are never used."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from course_utils import company
from course_utils.company import Question
from course_utils.retrieval import chunk_page, load_embedder
from course_utils.retrieval.bm25 import WordIndex
from course_utils.retrieval.fusion import fuse
from course_utils.retrieval.trial import tells

RELEASE = "2026-01"
CANDIDATES = 20  # the search hands so many to the reranker
WRONG = 4  # wrong passages shown for each right one


def _evenly(count: int, seed: int) -> list[Question]:
    """Training questions, as many of each intent, in random order: a day has few about euros and pounds."""
    intents = [intent for intent in company.MIX if intent != "unanswerable"]
    asked = [
        question
        for intent in intents
        for question in company.questions(
            RELEASE, -(-count // len(intents)), seed=seed, intents=[intent], split="train"
        )
    ]
    Random(seed).shuffle(asked)
    return asked[:count]


def pairs(questions: int, seed: int = 0) -> Iterator[tuple[str, str, float]]:
    """(question, passage, 1.0 or 0.0). Wrong passages are those that the searches found nearest."""
    rng = Random(seed)
    chunks = [chunk for item in company.pages(RELEASE).items() for chunk in chunk_page(*item)]
    embedder, by_word = load_embedder(), WordIndex(chunks)
    vectors = embedder.encode([chunk.text for chunk in chunks])
    asked = _evenly(questions, seed)
    for question, vector in zip(asked, embedder.encode([q.text for q in asked]), strict=True):
        order = (-(vectors @ vector)).argsort()[:CANDIDATES]
        found = fuse([[chunks[i] for i in order], by_word.search(question.text, CANDIDATES)])
        right = [chunk for chunk in chunks if tells(chunk, question)]
        wrong = [chunk for chunk in found if not tells(chunk, question)]
        hard = wrong[:2] + rng.sample(wrong[2:CANDIDATES], WRONG - 2)
        yield question.text, rng.choice(right).text, 1.0
        yield from ((question.text, chunk.text, 0.0) for chunk in hard)
