"""Index many pages on a Ray cluster of two nodes on this machine, and break it on purpose: ``make scale``.

1. The same pages by one process without Ray, by Ray with one worker and with two: chunks a second.
2. All pages: the Chroma server is killed in the middle, is started again, and the same command run again.
3. In the middle of that second run a whole node is killed, with its worker. What is in the server at the end
   is compared with what should be: nothing lost, nothing doubled, or this program ends with an error.

``--record`` keeps the result in examples/scale/measured.json and docs/scale.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from course_utils.paths import write_whole
from course_utils.retrieval import Chunk, chunk_page, read_pages
from course_utils.retrieval.embeddings import Embedder

from .chroma import chroma_server, free_port
from .index import BATCH, IndexBatch, Indexed, ServerGone, collection_of, cut, index_pages, stored_ids
from .pages import write_pages
from .report import RECORD, as_markdown, write_docs

NODE_CPUS = 2  # one for a worker, one for reading
OBJECT_STORE = 150 * 2**20  # bytes a node, for what lies between the steps


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m examples.scale.measure", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--pages", type=int, default=1000, help="in all (1000)")
    parser.add_argument("--sample", type=int, default=100, help="of them, for the comparison of speeds (100)")
    parser.add_argument("--record", action="store_true", help="keep the result in the repository")
    options = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with tempfile.TemporaryDirectory(prefix="stale-prices-scale-") as folder:
        record = measured(Path(folder), options.pages, options.sample)
    print(f"\n{as_markdown(record)}")
    if options.record:
        write_whole(RECORD, json.dumps(record, indent=1) + "\n")
        write_docs()
    return 0


def measured(folder: Path, pages: int, sample: int) -> dict[str, Any]:
    """Everything, as it is recorded. Raises SystemExit where something was lost or doubled."""
    say(f"writing {pages:,} pages")
    write_pages(folder / "pages", pages)
    write_pages(folder / "sample", sample)
    wanted = {chunk.id for chunk in chunks_of(folder / "pages")}
    port = free_port()
    server = f"http://127.0.0.1:{port}"
    with cluster_of_two() as (cluster, second):
        with chroma_server(folder / "store", port) as chroma:
            speeds = compare_speeds(folder / "sample", server)
            say("all pages; the server is killed in the middle")
            gone = until_it_is_gone(folder / "pages", server, chroma, after=len(wanted) // 4)
        with chroma_server(folder / "store", port):
            say("the same again; a node is killed in the middle")
            there = len(stored_ids(collection_of(server, "pages", Embedder.fingerprint)))
            fault = Fault(
                lambda: cluster.remove_node(second, allow_graceful=False),
                lambda done: len(done.ids) > len(wanted) // 2 and second.node_id in nodes_of(done),
            )
            started = time.perf_counter()
            done = index_pages(str(folder / "pages"), server, workers=2, step=fault)
            seconds = time.perf_counter() - started
            rows = collection_of(server, "pages", Embedder.fingerprint)
            stored, count = stored_ids(rows), rows.count()
        size = sum(file.stat().st_size for file in (folder / "store").rglob("*") if file.is_file())
    if stored != wanted or count != len(wanted) or not fault.struck:
        raise SystemExit(
            f"Wanted: {len(wanted):,} chunks. {len(wanted - stored):,} are lost, {len(stored - wanted):,} "
            f"too many, {count - len(stored):,} doubled; the node was killed: {fault.struck}."
        )
    text = [chunk.text for chunk in chunks_of(folder / "sample")]
    return {
        "date": str(dt.date.today()),
        "machine": f"{os.cpu_count()} CPU cores, shared with other work",
        "versions": {name: importlib.metadata.version(name) for name in ("ray", "chromadb", "torch")},
        "pages": pages,
        "chunks": len(wanted),
        "characters_a_chunk": sum(map(len, text)) / len(text),
        "speeds": speeds,
        "server_killed": {"chunks_there_after": there, "said": gone},
        "node_killed": {
            "after_chunks": fault.struck,
            "embedded": done.embedded,
            "seconds": seconds,
            "lost": len(wanted - stored),
            "doubled": count - len(stored),
        },
        "rows_written_a_second": done.embedded / sum(batch["writing_s"] for batch in done.batches),
        "disk_bytes_a_chunk": size / (len(wanted) + sum(speed["chunks"] for speed in speeds)),
    }


class Fault:
    """Strikes once, as soon as the run is ``due``; ``struck``: the chunks that were done then."""

    def __init__(self, strike: Callable[[], Any], due: Callable[[Indexed], bool]) -> None:
        self._strike, self._due, self.struck = strike, due, 0

    def __call__(self, done: Indexed) -> None:
        if not self.struck and self._due(done):
            self.struck = len(done.ids)
            say(f"now, after {self.struck:,} chunks")
            self._strike()


def until_it_is_gone(pages: Path, server: str, chroma: subprocess.Popen, after: int) -> str:
    """What indexing says when the server is killed."""
    try:
        index_pages(
            str(pages), server, workers=2, step=Fault(chroma.kill, lambda done: len(done.ids) > after)
        )
    except ServerGone as problem:
        return str(problem).replace(server, "…")
    raise SystemExit("The run was over before the server was killed: give more --pages.")


@contextmanager
def cluster_of_two() -> Iterator[tuple[Any, Any]]:
    """A Ray cluster of two nodes in processes of this machine, and its second node."""
    import ray
    from ray.cluster_utils import Cluster

    say("starting a Ray cluster of two nodes")
    node = {"num_cpus": NODE_CPUS, "object_store_memory": OBJECT_STORE}
    cluster = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    try:
        second = cluster.add_node(**node)
        os.environ["RAY_ADDRESS"] = cluster.address  # index_pages joins it, as it would any cluster
        yield cluster, second
    finally:
        ray.shutdown()
        cluster.shutdown()


def compare_speeds(pages: Path, server: str) -> list[dict[str, Any]]:
    """The same pages by one process, and by Ray with one worker and two; each into its own collection."""
    speeds = []
    for name, workers in (("one process, no Ray", 0), ("Ray, one worker", 1), ("Ray, two workers", 2)):
        say(name)
        started = time.perf_counter()
        run = partial(index_pages, str(pages), workers=workers) if workers else partial(alone, pages)
        done = run(server=server, collection=f"speed-{workers}")
        busy = max(b["ended"] for b in done.batches) - min(b["began"] for b in done.batches)
        seconds, chunks = time.perf_counter() - started, len(done.ids)
        speed = {"chunks": chunks, "seconds": seconds, "chunks_a_second": chunks / busy}
        speeds.append({"name": name, "workers": max(1, workers)} | speed)
    return speeds


def alone(pages: Path, server: str, collection: str) -> Indexed:
    """What index_pages does, by this process alone and on one core."""
    import pyarrow as pa
    import torch

    torch.set_num_threads(1)
    work, done = IndexBatch(server, collection), Indexed()
    files = [{"path": f"/{path}", "bytes": text.encode()} for path, text in read_pages(pages).items()]
    rows = [row for file in files for row in cut(file, "/")]
    for at in range(0, len(rows), BATCH):
        done.add(work(pa.Table.from_pylist(rows[at : at + BATCH])).to_pylist()[0])
    return done


def chunks_of(folder: Path) -> list[Chunk]:
    return [chunk for page in read_pages(folder).items() for chunk in chunk_page(*page)]


def nodes_of(done: Indexed) -> set[str]:
    return {batch["node"] for batch in done.batches}


def say(what: str) -> None:
    print(f"[{dt.datetime.now():%H:%M:%S}] {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
