"""Ranking by shared words alone, without an embedding model: rare words count more than common ones."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from .chunking import Chunk


class KeywordRanker:
    """Chunks, ranked by the rarity of the words they share with a question."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = list(chunks)
        self._words = [frozenset(_words(chunk.text)) for chunk in self.chunks]
        held_by = Counter(word for words in self._words for word in words)
        # Inverse document frequency (Spärck Jones 1972).
        self._weight = {word: math.log(len(self.chunks) / count) for word, count in held_by.items()}

    def nearest(self, text: str) -> list[Chunk]:
        """All chunks, nearest first: shared weight over the chunk's own, so that long ones do not win."""
        asked = {word for word in _words(text) if word in self._weight}

        def score(place: int) -> float:
            words = self._words[place]
            return sum(self._weight[word] for word in asked & words) / math.sqrt(len(words))

        order = sorted(range(len(self.chunks)), key=lambda place: (-score(place), self.chunks[place].id))
        return [self.chunks[place] for place in order]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
