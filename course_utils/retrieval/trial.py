"""Searches on trial: the same questions for each, and whether a passage that was found states the value."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.evaluation import Rate, discordant, sign_test, states

from .chunking import Chunk, chunk_page

if TYPE_CHECKING:
    from course_utils.company import Question

    from .embeddings import Encoder

Hits = Sequence[Sequence[Chunk]]  # for each question the passages that were found, best first


def tells(chunk: Chunk, question: Question) -> bool:
    """Whether the passage states the value, on a page that is about this fact."""
    return chunk.page in question.pages and states(chunk.text, question.value)


@dataclass(frozen=True)
class Trial:
    """Questions, and how often a search finds what tells. Fewer hits than questions: the first ones."""

    questions: Sequence[Question]

    def found(self, hits: Hits, k: int = 3) -> list[bool]:
        asked = zip(hits, self.questions, strict=False)
        return [any(tells(hit, question) for hit in some[:k]) for some, question in asked]

    def recall(self, hits: Hits, k: int = 3) -> Rate:
        found = self.found(hits, k)
        return Rate.of(found, about=[question.fact_key for question in self.questions[: len(found)]])

    def gold_page(self, hits: Hits, k: int = 3) -> Rate:
        """Lesson 02's measure: the one page that the question was made from is among the first k."""
        asked = list(zip(hits, self.questions, strict=False))
        found = [question.page in [hit.page for hit in some[:k]] for some, question in asked]
        return Rate.of(found, about=[question.fact_key for _, question in asked])

    def compare(self, first: Hits, second: Hits, k: int = 3) -> str:
        """What the second search finds and the first does not, the other way round, and p (McNemar)."""
        lost, won = discordant(self.found(first, k), self.found(second, k))
        return f"+{won} −{lost}, p = {sign_test(won, lost):.2g}"


def timed(search: Callable[[str], list[Chunk]], questions: Sequence[Question]) -> tuple[Hits, list[float]]:
    """What the search finds for each question, and the milliseconds it took."""
    hits, milliseconds = [], []
    for question in questions:
        start = time.perf_counter()
        hits.append(search(question.text))
        milliseconds.append(1000 * (time.perf_counter() - start))
    return hits, milliseconds


def nearest_pairs(
    questions: Sequence[Question], pages: Mapping[str, str], embedder: Encoder
) -> dict[str, list]:
    """For each question the nearest passage that tells (label 1) and the nearest that does not (label 0)."""
    chunks = [chunk for item in pages.items() for chunk in chunk_page(*item)]
    vectors = embedder.encode([chunk.text for chunk in chunks])
    columns: dict[str, list] = {"question": [], "passage": [], "label": []}
    for question, vector in zip(questions, embedder.encode([q.text for q in questions]), strict=True):
        ranked = [chunks[i] for i in (-(vectors @ vector)).argsort()]
        for label in (1.0, 0.0):
            passage = next(chunk for chunk in ranked if tells(chunk, question) == bool(label))
            row = (question.text, passage.text, label)
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return columns
