"""The index of a folder of pages: kept equal to the pages, searched by meaning."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .chunking import Chunk, breadcrumb, chunk_page
from .errors import IndexNotReady, RetrievalError
from .progress import Progress, progress_steps
from .store import Store

if TYPE_CHECKING:
    import numpy as np

    from .embeddings import Encoder

_ROWS = 1000  # of one call to Chroma
_EMBED_BATCH = 256  # chunks embedded and stored at a time


@dataclass(frozen=True)
class Hit:
    """A chunk that was found. ``score`` is the cosine of its vector and the query's: 1 is the same text."""

    chunk: Chunk
    score: float


@dataclass(frozen=True)
class SyncReport:
    """What ``sync`` changed. ``reused``: chunks written whose vectors the index had already."""

    added: tuple[str, ...]  # pages, as are the next two
    updated: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int
    chunks_written: int
    chunks_deleted: int
    reused: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"pages: {len(self.added)} added, {len(self.updated)} updated, {len(self.deleted)} deleted, "
            f"{self.unchanged} unchanged; chunks: {self.chunks_written} written ({self.reused} with vectors "
            f"the index had), {self.chunks_deleted} deleted; {self.seconds:.1f} s"
        )


class PageIndex:
    """Pages, cut into chunks, in one persistent Chroma collection (cosine distance) in ``folder``.

        with PageIndex(work_dir("02") / "index", load_embedder()) as index:
            index.sync(read_pages("my_notes"))
            index.search("What does the Team plan cost?")

    ``sync`` embeds and writes only what changed, and may be killed at any moment: the next ``sync`` finishes
    the work, and until then ``search`` refuses to answer from half an update. Several notebooks may share an
    index: operations wait for each other, up to ``timeout`` seconds. ``reset=True`` starts from an empty
    index, whatever is there now; it is the way out of a damaged one, or one made with another model.
    ``max_chars`` limits the body of a chunk.

    Raises, here and in every method: IndexBusy, IndexNotWritable, IndexDamaged, IndexMismatch.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        embedder: Encoder,
        collection: str = "pages",
        *,
        reset: bool = False,
        max_chars: int = 480,
        timeout: float = 120,
    ) -> None:
        self._embedder = embedder
        self._max_chars = max_chars
        self._timeout = timeout
        self._store = Store.at(folder, collection)
        if reset:
            self._store.reset(timeout)
        with self._locked():
            pass  # say at once if the index cannot be used

    def sync(self, pages: Mapping[str, str], progress: Progress = None) -> SyncReport:
        """Makes the index equal to ``pages`` (path -> text), whatever was in it before.

        Texts that are in the index already, under whatever page name, are not embedded again. New chunks are
        written before old ones are deleted. ``progress``: True for a bar, or a callable that gets
        (chunks done, chunks to write).
        """
        started = time.perf_counter()
        chunks = [chunk for item in pages.items() for chunk in chunk_page(*item, self._max_chars)]
        wanted = {chunk.id: chunk for chunk in chunks}
        with self._locked() as collection:
            # A chunk's id says its page, place and content, so comparing ids finds every difference, and
            # also the remains of an update that was broken off.
            stored = set(collection.get(include=[])["ids"])
            new = [chunk for id, chunk in wanted.items() if id not in stored]
            old = sorted(stored - wanted.keys())
            vectors = _vectors_by_content(collection, stored, new)
            reused = sum(_content(chunk.id) in vectors for chunk in new)
            if new or old or self._store.unfinished:
                with self._store.changing(), progress_steps(progress, len(new), "Indexing") as step:
                    for group in _groups(new, _EMBED_BATCH):
                        self._write(collection, group, vectors)
                        step(len(group))
                    for ids in _groups(old, _ROWS):
                        collection.delete(ids=ids)
        before, after = {_page(id) for id in stored}, {_page(id) for id in wanted}
        touched = {_page(id) for id in stored ^ wanted.keys()}
        return SyncReport(
            added=tuple(sorted(after - before)),
            updated=tuple(sorted(before & after & touched)),
            deleted=tuple(sorted(before - after)),
            unchanged=len((before & after) - touched),
            chunks_written=len(new),
            chunks_deleted=len(old),
            reused=reused,
            seconds=time.perf_counter() - started,
        )

    def search(self, query: str, k: int = 3, where: Mapping[str, Any] | None = None) -> list[Hit]:
        """The ``k`` chunks nearest in meaning to ``query``, best first; fewer if the index has fewer.

        ``where`` narrows the search by Chroma's filters on ``page``, ``title`` or ``heading``, such as
        ``{"page": "products/tallyport/plans/team.md"}``. Raises IndexNotReady before the first ``sync``
        and after one that was broken off, RetrievalError for an empty query or a filter Chroma refuses.
        """
        if not isinstance(query, str) or not query.strip():
            raise RetrievalError("The query is empty: write the question to search for.")
        if k < 1:
            raise RetrievalError(f"k is the number of chunks to find: at least 1, not {k}.")
        vector = self._embedder.encode([query])[0]
        with self._locked() as collection:
            if self._store.unfinished:
                raise IndexNotReady(
                    f"The last update of the index {self._store.place} was broken off, so old and new pages "
                    "may be mixed. Run sync first: it finishes the work."
                )
            found = _query(collection, vector, k, where)
            if not found["ids"][0] and not collection.count():
                raise IndexNotReady(
                    f"The index {self._store.place} is empty. Run sync with your pages first."
                )
        rows = zip(*(found[key][0] for key in ("ids", "documents", "metadatas", "distances")), strict=True)
        hits = [Hit(_chunk(id, text, about), 1 - distance) for id, text, about, distance in rows]
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))  # equal scores: always the same order

    def count(self) -> int:
        """The number of chunks."""
        with self._locked() as collection:
            return collection.count()

    def pages(self) -> list[str]:
        """The paths of the pages that have chunks in the index, sorted."""
        with self._locked() as collection:
            return sorted({_page(id) for id in collection.get(include=[])["ids"]})

    def close(self) -> None:
        """Lets go of the index's files. Using the index again opens them again."""
        self._store.close()

    def __enter__(self) -> PageIndex:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _locked(self):
        return self._store.locked(self._embedder.fingerprint, self._timeout)

    def _write(self, collection: Any, chunks: list[Chunk], vectors: dict[str, np.ndarray]) -> None:
        """Stores ``chunks``; vectors that are not in ``vectors`` are computed and added to it."""
        missing = {_content(chunk.id): chunk.text for chunk in chunks if _content(chunk.id) not in vectors}
        if missing:
            vectors.update(zip(missing, self._embedder.encode(list(missing.values())), strict=True))
        collection.upsert(
            ids=[chunk.id for chunk in chunks],
            embeddings=[vectors[_content(chunk.id)] for chunk in chunks],
            documents=[chunk.text for chunk in chunks],
            metadatas=[
                {"page": chunk.page, "title": chunk.title, "heading": chunk.heading} for chunk in chunks
            ],
        )


def _content(id: str) -> str:
    """The part of a chunk's id that stands for its text."""
    return id.rpartition("-")[2]


def _page(id: str) -> str:
    """The part of a chunk's id that is its page."""
    return id.rpartition("#")[0]


def _groups(items: Sequence[Any], size: int) -> Iterator[Any]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _vectors_by_content(collection: Any, stored: set[str], new: list[Chunk]) -> dict[str, np.ndarray]:
    """The vectors that the index holds already for texts of ``new``: moved, renamed or repeated ones."""
    wanted = {_content(chunk.id) for chunk in new}
    sources = {_content(id): id for id in stored if _content(id) in wanted}
    vectors = {}
    for ids in _groups(list(sources.values()), _ROWS):
        rows = collection.get(ids=ids, include=["embeddings"])
        vectors |= {_content(id): row for id, row in zip(rows["ids"], rows["embeddings"], strict=True)}
    return vectors


def _query(collection: Any, vector: np.ndarray, k: int, where: Mapping[str, Any] | None) -> dict[str, Any]:
    from chromadb.errors import InvalidArgumentError

    try:
        return collection.query(
            query_embeddings=[vector],
            n_results=k,
            where=where or None,
            include=["documents", "metadatas", "distances"],
        )
    except (ValueError, TypeError, InvalidArgumentError) as error:
        if not where:
            raise
        raise RetrievalError(
            f"The filter {where!r} is not understood ({error}). Filter by page, title or heading, such as "
            'where={"page": "products/tallyport/plans/team.md"}.'
        ) from error


def _chunk(id: str, text: str, about: Mapping[str, str]) -> Chunk:
    title, heading = about["title"], about["heading"]
    return Chunk(id, about["page"], title, heading, text[len(breadcrumb(title, heading)) + 1 :])
