"""Results kept by content, in one SQLite file that all lessons and processes share.

A value is found by the hash of everything it was computed from, so it can never be out of date. Such a store
only saves time: a damaged file is started anew, and at anything else that goes wrong it is left alone and the
values are computed again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

_PATIENCE = 2  # seconds to wait for another process that is writing


class ContentStore:
    """bytes → bytes. ``table``: an SQL name. A file larger than ``max_bytes`` is started anew."""

    def __init__(self, file: Path, table: str, max_bytes: int) -> None:
        self._file = file
        self._table = table
        self._works = True
        with suppress(OSError):
            if file.stat().st_size > max_bytes:
                self._remove()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """key → value, of those keys that are kept."""

        def look(database: sqlite3.Connection) -> dict[bytes, bytes]:
            found = {}
            for key in keys:
                query = database.execute(f"SELECT * FROM {self._table} WHERE key = ?", [key])
                if row := query.fetchone():
                    found[key] = row[1]
            return found

        keys = list(keys)
        return self._with_database(look) or {}

    def put(self, values: Mapping[bytes, bytes]) -> None:
        rows = list(values.items())
        insert = f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?)"
        self._with_database(lambda database: database.executemany(insert, rows))

    def _with_database(self, use: Callable[[sqlite3.Connection], Any]) -> Any:
        """What ``use`` makes of the database; None if the database does not work."""
        for may_mend in (True, False):
            if not self._works:
                break
            try:
                return self._connected(use)
            except sqlite3.Error as problem:
                # Busy, read-only, no folder, disk full: OperationalError. What is left is a damaged file.
                damaged = type(problem) is sqlite3.DatabaseError
                self._works = damaged and may_mend and self._remove()
        return None

    def _connected(self, use: Callable[[sqlite3.Connection], Any]) -> Any:
        with closing(sqlite3.connect(self._file, timeout=_PATIENCE)) as database, database:
            database.execute("PRAGMA journal_mode = WAL")  # readers do not wait for the one who writes
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                f"CREATE TABLE IF NOT EXISTS {self._table} (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
            )
            return use(database)

    def _remove(self) -> bool:
        """Delete the file and what SQLite keeps beside it; whether that worked."""
        try:
            for ending in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
        except OSError:
            return False
        return True
