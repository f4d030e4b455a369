"""One Chroma collection on disk that several notebooks may use.

Chroma's persistent client is thread-safe but not process-safe: two processes that write side by side lose
rows from the vector index without an error, and a client that stays open does not see what another one wrote.
So every operation here holds a lock between processes (the operating system takes it back when a process
dies), and each change gives the store a new *generation*: a client that was opened in an older one is closed
and opened anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import IndexBusy, IndexDamaged, IndexMismatch, IndexNotWritable

RESET = "rebuild it with PageIndex(..., reset=True) and sync; your pages are not touched"

# Above Chroma's defaults (100, 16, 100): a millisecond more a search. Measured with 2,000 chunks and a year
# of updates, it finds the same 10 as comparing with every one; where hundreds of chunks have the very same
# text, a graph like this misses up to 5 in 100.
_HNSW = {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 200}

# What SQLite and the operating system say about a place that cannot be written.
_WRITE_FAULTS = re.compile(r"readonly|read-only|disk i/o|is full|unable to open|os error", re.IGNORECASE)


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
            yield self._collection

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Marks the store as unfinished until the block has ended well. Only inside ``locked``."""
        self._generation = self._write_state(unfinished=True)
        with self._explained(writing=True):
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
        state = self._read_state()
        if self._client is None or self._generation != state["generation"]:
            self.close()
            if state["unfinished"]:
                # Killed while writing, perhaps in the middle of a file of Chroma's graph, which it would read
                # without a check (measured: it crashes the whole kernel). We start from nothing; the vectors
                # are in the embedder's cache.
                self._check_embedder(state["embedder"], fingerprint)
                self._delete()
            elif state["graph"] not in (None, self._graph_digest()):
                raise IndexDamaged(
                    f"The index {self.place} is damaged (its graph files were changed or cut off). To go on, "
                    f"{RESET}."
                )
            self._connect(fingerprint)
            self._generation = self._read_state()["generation"]
        self._check_embedder((self._collection.metadata or {}).get("embedder", "an unknown one"), fingerprint)

    def _check_embedder(self, made_with: str | None, fingerprint: str) -> None:
        if made_with not in (None, fingerprint):
            raise IndexMismatch(
                f"The index {self.place} was made with another embedding model ({made_with}) than the one in "
                f"use ({fingerprint}): their vectors cannot be compared. Choose another folder or collection "
                f"name, or {RESET}."
            )

    def _connect(self, fingerprint: str) -> None:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.errors import ChromaError, NotFoundError

        try:
            self._client = chromadb.PersistentClient(str(self.place))
        except ChromaError:
            # Chroma keeps the half-made client and would hand it out again, reset or not.
            SharedSystemClient._identifier_to_system.pop(str(self.place), None)
            raise
        # embedding_function=None: vectors come from our embedder, never from Chroma's default one.
        name = self.place.stem
        try:
            self._collection = self._client.get_collection(name, embedding_function=None)
        except NotFoundError:
            self._collection = self._client.create_collection(
                name,
                embedding_function=None,
                configuration={"hnsw": _HNSW},
                metadata={"embedder": fingerprint},
            )

    def _graph_digest(self) -> str:
        """Stands for the content of the files in which Chroma keeps its graph. 5 ms for 2,500 chunks.

        Chroma writes them when rows are written, first after 1,000 rows; until then it makes them anew at
        every opening, and there is no ``index_metadata.pickle``. SQLite looks after the rows itself.
        """
        digest = hashlib.sha256()
        for metadata in sorted(self.place.glob("*/index_metadata.pickle")):
            for file in sorted(metadata.parent.iterdir()):
                digest.update(f"{file.name} {file.stat().st_size}".encode() + file.read_bytes())
        return digest.hexdigest()

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

    # --- state: one small JSON file, replaced as a whole ----------------------------------------------------

    def _read_state(self) -> dict[str, Any]:
        state = {"generation": None, "unfinished": False, "embedder": None, "graph": None}
        try:
            return state | json.loads(self._state.read_text())
        except FileNotFoundError:
            return state
        except (OSError, ValueError):
            return state | {"unfinished": True}

    def _write_state(self, unfinished: bool) -> str:
        state = {
            "generation": uuid.uuid4().hex,
            "unfinished": unfinished,
            "embedder": None if self._collection is None else self._collection.metadata["embedder"],
            "graph": None if unfinished else self._graph_digest(),
        }
        draft = self._state.with_suffix(".new")
        try:
            with draft.open("w") as file:
                file.write(json.dumps(state))
                file.flush()
                os.fsync(file.fileno())  # a power cut must not leave the new name with nothing in it
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
    def _explained(self, writing: bool = False) -> Iterator[None]:
        """Turns Chroma's errors into ours. The client is closed: the next use starts from what is on disk."""
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            self.close()
            if writing or _WRITE_FAULTS.search(str(error)):
                raise self._not_writable(error) from error
            raise IndexDamaged(f"The index {self.place} is damaged ({error}). To go on, {RESET}.") from error

    def _not_writable(self, error: Exception) -> IndexNotWritable:
        reason = getattr(error, "strerror", None) or error
        return IndexNotWritable(
            f"The index {self.place} cannot be written ({reason}): the disk is full or read-only, or the "
            "folder is not yours. Free some space, or give PageIndex a folder you may write to, and run sync "
            f"again: it finishes the work. If that does not help, {RESET}."
        )
