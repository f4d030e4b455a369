"""One Chroma collection on disk that several notebooks may use.

Chroma's persistent client is thread-safe but not process-safe: two processes that write side by side lose
rows from the vector index without an error, and a client that stays open does not see what another one wrote.
So every operation here holds a lock between processes (the operating system takes it back when a process
dies), and each change gives the store a new *generation*: a client that was opened in an older one is closed
and opened anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import IndexBusy, IndexDamaged, IndexMismatch, IndexNotWritable, RetrievalError

BATCH = 1000  # rows of one call to Chroma
RESET = "rebuild it with PageIndex(..., reset=True) and sync; your pages are not touched"

# Above Chroma's defaults (100, 16, 100). At handbook size that costs a millisecond a search, and the nearest
# chunks are found as reliably as by comparing with every one of them.
_HNSW = {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 200}

# SQLite's words for a disk that does not take what is written: read-only, I/O error, full, cannot open.
_WRITE_FAULTS = re.compile(
    r"readonly|read-only|disk i/o|is full|no space|unable to open|permission denied|file exists|os error",
    re.IGNORECASE,
)


class Store:
    """``folder/<name>.chroma`` with its lock and state file. Take it from ``Store.at``."""

    _stores: dict[Path, Store] = {}  # noqa: RUF012 - one a place and process: Chroma shares its client too

    @classmethod
    def at(cls, folder: str | os.PathLike[str], name: str) -> Store:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{1,61}[A-Za-z0-9]", name):
            raise ValueError(f"A collection's name is 3 to 63 letters, digits, '-' or '_', not {name!r}.")
        place = Path(folder).expanduser().resolve() / f"{name}.chroma"
        if place not in cls._stores:
            cls._stores[place] = cls(place)
        return cls._stores[place]

    def __init__(self, place: Path) -> None:
        from filelock import FileLock

        self.place = place
        self._lock = FileLock(place.with_suffix(".lock"), poll_interval=0.01)
        self._state = place.with_suffix(".state.json")
        self._client: Any = None
        self._collection: Any = None
        self._generation: str | None = None

    @contextmanager
    def locked(self, fingerprint: str, timeout: float) -> Iterator[Any]:
        """The collection, for this process alone. Waits up to ``timeout`` seconds for other processes."""
        with self._exclusively(timeout), self._explained():
            self._open(fingerprint)
            made_with = (self._collection.metadata or {}).get("embedder", "an unknown model")
            if made_with != fingerprint:
                raise IndexMismatch(
                    f"The index {self.place} was made with another embedding model ({made_with}) than the "
                    f"one in use ({fingerprint}): their vectors cannot be compared. Choose another folder or "
                    f"collection name, or {RESET}."
                )
            yield self._collection

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Marks the store as unfinished until the block has ended well. Only inside ``locked``."""
        self._generation = self._write_state(unfinished=True)
        yield
        self._generation = self._write_state(unfinished=False)

    @property
    def unfinished(self) -> bool:
        """Whether a change was broken off: what is stored may be half old, half new."""
        return self._read_state()["unfinished"]

    def reset(self, timeout: float) -> None:
        """Deletes the collection, whatever state it is in."""
        with self._exclusively(timeout):
            self._delete()
            self._write_state(unfinished=False)

    def close(self) -> None:
        """Lets go of the files; the next use opens them again. Writes nothing, so it needs no lock."""
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None

    # --- opening ------------------------------------------------------------------------------------------

    def _open(self, fingerprint: str) -> None:
        if self._client is not None and self._generation == self._read_state()["generation"]:
            return
        try:
            self._connect(fingerprint)
        except IndexDamaged:
            if not self.unfinished:
                raise
            self._delete()  # it broke while we wrote to it; the next sync puts everything back
            self._connect(fingerprint)
        self._generation = self._read_state()["generation"]

    def _connect(self, fingerprint: str) -> None:
        import chromadb
        from chromadb.errors import NotFoundError

        self.close()
        name = self.place.stem
        with self._explained():
            self._client = chromadb.PersistentClient(str(self.place))
            # embedding_function=None: vectors come from our embedder, never from Chroma's default one.
            try:
                self._collection = self._client.get_collection(name, embedding_function=None)
            except NotFoundError:
                self._collection = self._client.create_collection(
                    name,
                    embedding_function=None,
                    configuration={"hnsw": _HNSW},
                    metadata={"embedder": fingerprint},
                )
            # Chroma keeps rows and vectors in different files and does not notice when vectors are gone:
            # a search would just not find those chunks. Reading every vector once does notice.
            ids = self._collection.get(include=[])["ids"]
            for start in range(0, len(ids), BATCH):
                self._collection.get(ids=ids[start : start + BATCH], include=["embeddings"])

    def _delete(self) -> None:
        self.close()
        try:
            if self.place.exists():
                self._write_state(unfinished=True)
                # In one step, so that a kill cannot leave half a store behind.
                self.place.rename(self.place.with_suffix(f".{uuid.uuid4().hex}.deleted"))
            for remains in self.place.parent.glob(f"{self.place.stem}.*.deleted"):
                shutil.rmtree(remains, ignore_errors=True)
        except OSError as error:
            raise self._not_writable(error) from error

    # --- state: {"generation": ..., "unfinished": ...}, replaced as a whole -------------------------------

    def _read_state(self) -> dict[str, Any]:
        try:
            return json.loads(self._state.read_text())
        except FileNotFoundError:
            return {"generation": None, "unfinished": False}
        except (OSError, ValueError):
            return {"generation": None, "unfinished": True}

    def _write_state(self, unfinished: bool) -> str:
        state = {"generation": uuid.uuid4().hex, "unfinished": unfinished}
        draft = self._state.with_suffix(".new")
        try:
            draft.write_text(json.dumps(state))
            draft.replace(self._state)
        except OSError as error:
            raise self._not_writable(error) from error
        return state["generation"]

    # --- lock and errors ------------------------------------------------------------------------------------

    @contextmanager
    def _exclusively(self, timeout: float) -> Iterator[None]:
        from filelock import Timeout

        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=timeout)
        except Timeout:
            raise IndexBusy(
                f"Another notebook or program has been using the index {self.place} for {timeout:g} seconds. "
                "If it is indexing, wait until it has finished. If not, shut it down (in JupyterLab: Kernel, "
                "Shut Down Kernel). Then run this cell again."
            ) from None
        except OSError as error:
            raise self._not_writable(error) from error
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns Chroma's errors into ours. The client is closed: the next use starts from what is on disk."""
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            self.close()
            raise self._explanation(error) from error

    def _explanation(self, error: Exception) -> RetrievalError:
        if "database is locked" in str(error):
            return IndexBusy(
                f"A program that does not know this course's lock is using the index {self.place}. "
                "Close it and run this cell again."
            )
        if _WRITE_FAULTS.search(str(error)):
            return self._not_writable(error)
        return IndexDamaged(
            f"The index {self.place} is damaged ({error}). Run the cell once more; then {RESET}."
        )

    def _not_writable(self, error: Exception) -> IndexNotWritable:
        reason = getattr(error, "strerror", None) or error
        return IndexNotWritable(
            f"The index {self.place} cannot be written ({reason}): the disk is full or read-only, or the "
            "folder is not yours. Free some space, or give PageIndex a folder you may write to; then run "
            "sync again. Your pages are not touched."
        )
