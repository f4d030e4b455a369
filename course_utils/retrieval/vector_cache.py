"""Vectors of texts seen before, in one SQLite file that all lessons share.

Kept by content: a vector is found by the hash of its text and the fingerprint of its model, so it can never
be out of date. The cache only saves time: whatever goes wrong with it, the vectors are computed anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 200_000_000  # about 100,000 vectors; a larger file is started anew


class VectorCache:
    def __init__(self, file: Path, fingerprint: str) -> None:
        self._file = file
        self._fingerprint = fingerprint
        with suppress(OSError):
            if file.stat().st_size > MAX_BYTES:
                file.unlink()

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

        found = {}
        with suppress(sqlite3.Error), self._open() as database:
            for text in texts:
                query = database.execute("SELECT vector FROM vectors WHERE key = ?", [self._key(text)])
                if row := query.fetchone():
                    found[text] = np.frombuffer(row[0], dtype="<f4")
        return found

    def put(self, vectors: Mapping[str, np.ndarray]) -> None:
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
        with suppress(sqlite3.Error), self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._fingerprint}\n{text}".encode(errors="surrogatepass")).digest()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._file, timeout=2)  # seconds to wait for another notebook
        try:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )
            yield database
        finally:
            database.close()
