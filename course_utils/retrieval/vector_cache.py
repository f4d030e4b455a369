"""Vectors of texts seen before, in one SQLite file that all lessons share.

Kept by content: a vector is found by the hash of its text and the fingerprint of its model, so it can never
be out of date. The cache only saves time: at the first thing that goes wrong with it, it is left alone and
the vectors are computed anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 200_000_000  # about 100,000 vectors; a larger file is started anew


_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"


class VectorCache:
    def __init__(self, file: Path, fingerprint: str) -> None:
        self._file = file
        self._fingerprint = fingerprint
        self._works = True
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

        def look(database: sqlite3.Connection) -> dict[str, np.ndarray]:
            found = {}
            for text in texts:
                query = database.execute("SELECT vector FROM vectors WHERE key = ?", [self._key(text)])
                if row := query.fetchone():
                    found[text] = np.frombuffer(row[0], dtype="<f4")
            return found

        return self._with_database(look) or {}

    def put(self, vectors: Mapping[str, np.ndarray]) -> None:
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
        self._with_database(lambda db: db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows))

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._fingerprint}\n{text}".encode(errors="surrogatepass")).digest()

    def _with_database(self, use: Callable[[sqlite3.Connection], Any]) -> Any:
        """What ``use`` makes of the database; None if the database does not work."""
        if not self._works:
            return None
        try:
            # timeout: seconds to wait for another notebook that is writing
            with closing(sqlite3.connect(self._file, timeout=2)) as database, database:
                database.execute(_TABLE)
                return use(database)
        except sqlite3.Error:
            self._works = False
            return None
