"""Search by words: BM25, the ranking that search engines used before there were embeddings.

A word counts the more, the rarer it is (Spärck Jones 1972); a second occurrence counts less than the first,
and long passages are marked down (Robertson and Zaragoza 2009). The arithmetic is bm25s's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .chunking import Chunk


def words(text: str) -> list[str]:
    """The words of a text in lower case: letters and digits, prices with their sign (``$49``)."""
    return re.findall(r"[$€£]?\w+(?:[.-]\w+)*", text.lower())


class WordIndex:
    """Chunks, found by the words they share with a question. Kept in memory; made anew in seconds."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        import bm25s

        if not chunks:
            raise ValueError("There is no chunk to search: give at least one.")
        self.chunks = list(chunks)
        self._index = bm25s.BM25()
        self._index.index([words(chunk.text) for chunk in self.chunks], show_progress=False)

    def search(self, question: str, k: int = 3) -> list[Chunk]:
        """The ``k`` chunks with the highest score, best first; fewer where fewer share a word."""
        import numpy as np

        known = [word for word in words(question) if word in self._index.vocab_dict]
        if not known:
            return []
        scores = self._index.get_scores(known)
        order = np.lexsort((np.arange(len(scores)), -scores))[:k]
        return [self.chunks[i] for i in order if scores[i] > 0]
