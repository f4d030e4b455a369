"""Index a folder of pages into a Chroma server with many workers, on this machine or on a cluster.

    chroma run --path work/scale/store                           # the server, in a terminal of its own
    python -m examples.scale.index my_notes --workers 2          # Ray is started here
    RAY_ADDRESS=auto python -m examples.scale.index s3://bucket/notes --workers 16 --chroma http://chroma:8000

Ray Data reads, cuts, embeds and writes in parallel, and does again what was lost with a worker: *at least
once*. A chunk's id is made from its page, place and text, so to write it twice is to write it once: together
*exactly once*. What the server holds already is not embedded again, so running the same command after a fault
finishes the work. At the end chunks that no page has any more are deleted: the collection equals the pages.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from course_utils.retrieval import Chunk, chunk_page, load_embedder
from course_utils.retrieval.embeddings import Embedder, Encoder
from course_utils.retrieval.folder import SUFFIXES

if TYPE_CHECKING:
    import pyarrow as pa

CHROMA = "http://127.0.0.1:8000"
COLLECTION = "pages"
BATCH = 128  # chunks embedded and written at a time: what a killed worker loses
_IDS = 10_000  # of one call to Chroma
_RETRIES = 5  # of a batch while the server does not answer, with growing pauses: 15 s in all
GONE = "The Chroma server does not answer"


class ServerGone(Exception):
    """The Chroma server cannot be reached; the message says what to do."""


class AnotherModel(Exception):
    """The collection was made with another embedding model; the message says what to do."""


def collection_of(server: str, name: str, fingerprint: str) -> Any:
    """The collection ``name`` of a Chroma server, made where there is none.

    Raises ServerGone, and AnotherModel where its vectors could not be compared with ours.
    """
    import chromadb

    place = urlsplit(server)
    with reaching(server):
        client = chromadb.HttpClient(place.hostname, place.port or 8000, ssl=place.scheme == "https")
        # Cosine as everywhere in the course; embedding_function=None: vectors come from our embedder.
        found = client.get_or_create_collection(
            name,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
            metadata={"embedder": fingerprint},
        )
    made_with = (found.metadata or {}).get("embedder")
    if made_with != fingerprint:
        raise AnotherModel(
            f"The collection {name!r} was made with another embedding model ({made_with}) than the one in "
            f"use ({fingerprint}). Choose another name: --collection"
        )
    return found


@contextmanager
def reaching(server: str) -> Iterator[None]:
    """Turns a broken connection into ServerGone."""
    import httpx

    try:
        yield
    except (httpx.TransportError, ConnectionError, ValueError) as problem:
        if isinstance(problem, ValueError) and "connect" not in str(problem):
            raise
        raise gone(server) from problem


def gone(server: str) -> ServerGone:
    return ServerGone(
        f"{GONE} at {server}. Start it again (chroma run --path …) and run the same command: what was "
        "written is kept, the rest is done then."
    )


def cut(row: dict[str, Any], root: str) -> list[dict[str, str]]:
    """The chunks of a file below ``root``; one row with a ``problem`` where it is no page of text."""
    page = row["path"].removeprefix(root).lstrip("/")
    try:
        text = row["bytes"].decode("utf-8-sig")
    except UnicodeDecodeError:
        return [_row(Chunk("", page, "", "", ""), f"{page} is not UTF-8 text: left out.")]
    return [_row(chunk) for chunk in chunk_page(page, text)]


def _row(chunk: Chunk, problem: str = "") -> dict[str, str]:
    about = {"page": chunk.page, "title": chunk.title, "heading": chunk.heading}
    return {"id": chunk.id, "text": chunk.text, **about, "problem": problem}


class IndexBatch:
    """Embeds the chunks of a batch that the server lacks, and writes them. One instance a worker.

    Returns one row a batch: the ids it is about, how many were embedded, when it began and ended (seconds
    since 1970) and how much of that was writing, the Ray node it ran on, and problems with pages.
    """

    def __init__(
        self,
        server: str,
        collection: str,
        embedder: Callable[[], Encoder] = lambda: load_embedder(cache=False),
    ) -> None:
        self._server, self._embedder = server, embedder()
        self._collection = collection_of(server, collection, self._embedder.fingerprint)

    def __call__(self, batch: pa.Table) -> pa.Table:
        import pyarrow as pa

        began, rows = time.time(), batch.to_pylist()
        chunks = {
            row["id"]: row for row in rows if row["id"]
        }  # an id twice in one call is an error of Chroma
        with reaching(self._server):
            stored = set(self._collection.get(ids=list(chunks), include=[])["ids"]) if chunks else set()
        new = [row for id, row in chunks.items() if id not in stored]
        written = self._write(new) if new else 0.0
        problems = [row["problem"] for row in rows if row["problem"]]
        return pa.table(
            {
                "ids": pa.array([list(chunks)], pa.list_(pa.string())),
                "embedded": [len(new)],
                "began": [began],
                "ended": [time.time()],
                "writing_s": [written],
                "node": [_node()],
                "problems": pa.array([problems], pa.list_(pa.string())),
            }
        )

    def _write(self, rows: list[dict[str, str]]) -> float:
        vectors = self._embedder.encode([row["text"] for row in rows])
        start = time.perf_counter()
        with reaching(self._server):
            self._collection.upsert(
                ids=[row["id"] for row in rows],
                embeddings=list(vectors),
                documents=[row["text"] for row in rows],
                metadatas=[{name: row[name] for name in ("page", "title", "heading")} for row in rows],
            )
        return time.perf_counter() - start


def _node() -> str:
    """The id of the Ray node that this process works on; "" without Ray."""
    ray = sys.modules.get("ray")
    return ray.get_runtime_context().get_node_id() if ray and ray.is_initialized() else ""


@dataclass
class Indexed:
    """What a run did. ``batches``: rows of IndexBatch without ids and problems."""

    ids: set[str] = field(default_factory=set)
    batches: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    deleted: int = 0

    def add(self, row: dict[str, Any]) -> None:
        self.ids.update(row.pop("ids"))
        self.problems += row.pop("problems")
        self.batches.append(row)

    @property
    def embedded(self) -> int:
        return sum(batch["embedded"] for batch in self.batches)

    def __str__(self) -> str:
        rest = len(self.ids) - self.embedded
        return (
            f"{len(self.ids):,} chunks: {self.embedded:,} embedded and written, {rest:,} there already; "
            f"{self.deleted:,} that no page has any more deleted"
        )


def index_pages(
    pages: str,
    server: str = CHROMA,
    collection: str = COLLECTION,
    workers: int = 2,
    step: Callable[[Indexed], None] = lambda done: None,
) -> Indexed:
    """Makes ``collection`` equal to the pages below ``pages``, a folder or an address such as s3://….

    On a cluster every node has to see ``pages`` under this name. ``step`` is called after each batch. Raises
    ServerGone, AnotherModel, FileNotFoundError.
    """
    target = collection_of(server, collection, Embedder.fingerprint)  # say at once if it cannot be
    start_ray(workers)
    from ray.data import ActorPoolStrategy, DataContext, read_binary_files

    context = DataContext.get_current()
    context.retried_map_errors, context.max_map_retries = [GONE], _RETRIES
    context.enable_progress_bars = False
    where = pages if "://" in pages else os.path.abspath(pages)
    root = where.partition("://")[2] or where  # Ray names files without the s3://
    files = read_binary_files(where, include_paths=True, file_extensions=[s[1:] for s in SUFFIXES])
    batches = files.flat_map(cut, fn_args=[root]).map_batches(
        IndexBatch,
        fn_constructor_args=[server, collection],
        batch_size=BATCH,
        batch_format="pyarrow",
        # Not `size=workers`: on a cluster with too few cores they would leave none for reading, for ever.
        compute=ActorPoolStrategy(min_size=1, max_size=workers),
        num_cpus=1,
    )
    done = Indexed()
    with explained(server):
        for row in batches.iter_rows():
            done.add(row)
            step(done)
    with reaching(server):
        old = sorted(stored_ids(target) - done.ids)
        for at in range(0, len(old), _IDS):
            target.delete(ids=old[at : at + _IDS])
    done.deleted = len(old)
    return done


def start_ray(workers: int) -> None:
    """Joins the cluster that RAY_ADDRESS names, else starts Ray here; nothing to do where it runs already."""
    try:
        import ray.data  # sets up its own logging, which is why ours comes after it
    except ModuleNotFoundError:
        raise SystemExit("Ray is not installed here: pip install -e '.[scale]' in the repository.") from None
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what it says of a fault is raised, too
    if not ray.is_initialized():
        # Here one core more than there may be: reading needs one beside the workers, and little of it.
        here = {} if "RAY_ADDRESS" in os.environ else {"num_cpus": workers + 1, "include_dashboard": False}
        ray.init(logging_level="warning", log_to_driver=False, **here)


def stored_ids(collection: Any) -> set[str]:
    """The ids of all rows of a collection."""
    ids: set[str] = set()
    for at in range(0, collection.count(), _IDS):
        ids.update(collection.get(include=[], limit=_IDS, offset=at)["ids"])
    return ids


@contextmanager
def explained(server: str) -> Iterator[None]:
    """Turns an error of Ray's that tells of a server that is gone into ServerGone."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as problem:
        if GONE in str(problem):
            raise gone(server) from None
        raise


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m examples.scale.index", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "pages", help="a folder with .md and .txt files, or an address such as s3://bucket/notes"
    )
    parser.add_argument("--chroma", default=CHROMA, help=f"the server ({CHROMA})")
    parser.add_argument("--collection", default=COLLECTION, help=f"({COLLECTION})")
    parser.add_argument("--workers", type=int, default=2, help="embedding processes, one core each (2)")
    options = parser.parse_args()
    try:
        done = index_pages(options.pages, options.chroma, options.collection, options.workers, show)
    except (ServerGone, AnotherModel, FileNotFoundError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    print(f"\n{done}", *done.problems, sep="\n")
    return 0


def show(done: Indexed) -> None:
    print(f"\r{len(done.ids):,} chunks", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
