"""Vectors of texts seen before, found by the hash of the text and the fingerprint of the model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.content_store import ContentStore

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 200_000_000  # about 100,000 vectors; a larger file is started anew


class VectorCache:
    def __init__(self, file: Path, fingerprint: str) -> None:
        self._store = ContentStore(file, "vectors", MAX_BYTES)
        self._fingerprint = fingerprint

    @classmethod
    def default(cls, fingerprint: str) -> VectorCache | None:
        """The cache in the course's cache folder; None where that cannot be written."""
        from course_utils.paths import PathsError, cache_dir

        try:
            return cls(cache_dir() / "vectors.sqlite3", fingerprint)
        except PathsError:
            return None

    def get(self, texts: Iterable[str]) -> dict[str, np.ndarray]:
        """text -> vector, of those texts that are in the cache."""
        import numpy as np

        keys = {self._key(text): text for text in texts}
        return {keys[key]: np.frombuffer(kept, dtype="<f4") for key, kept in self._store.get(keys).items()}

    def put(self, vectors: Mapping[str, np.ndarray]) -> None:
        self._store.put({self._key(text): v.astype("<f4").tobytes() for text, v in vectors.items()})

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._fingerprint}\n{text}".encode(errors="surrogatepass")).digest()
