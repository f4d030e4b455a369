"""Processes that are killed, and processes that share an index: nothing lost, nothing mixed.

The processes are real ones; the embedding model is a stand-in, so that most of the time is spent where a kill
hurts: in Chroma's writing.
"""

import hashlib
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from course_utils.retrieval import IndexNotReady, PageIndex, chunk_page


class StandIn:
    """An embedding model that gives every text a random direction of its own."""

    fingerprint = "a stand-in of 32 dimensions"

    def encode(self, texts):
        seeds = [list(hashlib.sha256(text.encode()).digest()) for text in texts]
        vectors = np.stack([np.random.default_rng(seed).standard_normal(32) for seed in seeds])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def handbook(release, pages):
    """Three chunks a page. Every fifth page is in odd releases only; every price names its release."""
    return {
        f"page-{i}.md": f"# Page {i}\n\nIntroduction to {i}.\n\n"
        f"## Price\n\nIn release {release} it costs ${1000 * release + i}.\n\n## Limits\n\n{i} users."
        for i in range(pages)
        if i % 5 or release % 2
    }


def start(program, folder, *arguments):
    """Runs ``program`` in another process, with this file's names, ``folder`` and ``arguments`` at hand."""
    source = f"""
        import sys, time
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from course_utils.retrieval import *
        from test_retrieval_recovery import StandIn, handbook
        folder, *arguments = sys.argv[1:]
    """
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(source) + textwrap.dedent(program),
            folder,
            *map(str, arguments),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    output, errors = process.communicate(timeout=900)
    assert process.returncode == 0, errors
    return output


def kill(process):
    process.kill()
    return process.communicate()[0]


def assert_equals_a_fresh_index(folder, pages):
    """Every chunk of ``pages`` is in the index with its text and its vector, and nothing else is."""
    expected = {chunk.id: chunk.text for path, text in pages.items() for chunk in chunk_page(path, text)}
    with PageIndex(folder, StandIn()) as index, index._locked() as collection:
        rows = collection.get(include=["documents", "embeddings"])
        assert dict(zip(rows["ids"], rows["documents"], strict=True)) == expected
        vectors = StandIn().encode(rows["documents"])
        assert np.allclose(rows["embeddings"], vectors, atol=1e-6)
        # Rows and graph are different files: ask the graph for every chunk by the chunk's own vector.
        found = collection.query(query_embeddings=vectors, n_results=1)["ids"]
        assert [ids[0] for ids in found] == rows["ids"]


def test_a_kill_at_any_moment_of_a_sync_is_repaired_by_the_next(tmp_path):
    sync = """
        index = PageIndex(folder, StandIn())
        print("open", flush=True)
        started = time.perf_counter()
        index.sync(handbook(int(arguments[0]), pages=500))
        print(time.perf_counter() - started, flush=True)
    """
    seconds = float(finish(start(sync, tmp_path, 0)).split()[1])
    rng = random.Random(0)
    broken_off = 0
    for release in range(1, 13):
        if release > 6 and broken_off >= 3:
            break
        process = start(sync, tmp_path, release)
        assert process.stdout.readline() == "open\n"
        time.sleep(rng.uniform(0, seconds))
        finished = bool(kill(process))
        if finished:  # too late: the machine was busier when the time was taken
            seconds /= 2
        index = PageIndex(tmp_path, StandIn(), timeout=5)  # the dead process holds no lock
        try:
            texts = [hit.chunk.text for hit in index.search("price", k=2000)]
            releases = {text.split("In release ")[1].split()[0] for text in texts if "In release " in text}
            assert len(releases) == 1
            assert releases == {str(release)} or not finished
        except IndexNotReady as reason:
            assert "Run sync first" in str(reason)
            broken_off += 1
        if release % 3 == 0:  # and sometimes not, so that the next kill hits the repair
            index.sync(handbook(release, pages=500))
            assert_equals_a_fresh_index(tmp_path, handbook(release, pages=500))
        index.close()
    assert broken_off >= 3, "the kills came too late to test anything"
    with PageIndex(tmp_path, StandIn()) as index:
        index.sync(handbook(7, pages=500))
    assert_equals_a_fresh_index(tmp_path, handbook(7, pages=500))


def test_a_kill_in_the_middle_of_reset_leaves_an_index_that_works(tmp_path):
    again_and_again = """
        while True:
            print("reset", flush=True)
            PageIndex(folder, StandIn(), reset=True).sync(handbook(1, pages=20))
    """
    rng = random.Random(1)
    for _ in range(3):
        process = start(again_and_again, tmp_path)
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.5))
        kill(process)
        with PageIndex(tmp_path, StandIn(), timeout=5) as index:
            index.sync(handbook(2, pages=20))
        assert_equals_a_fresh_index(tmp_path, handbook(2, pages=20))
    PageIndex(tmp_path, StandIn(), reset=True)
    names = {path.name for path in tmp_path.iterdir()}
    assert names - {"pages.state.new"} == {"pages.chroma", "pages.lock", "pages.state.json"}


def test_two_notebooks_that_write_and_search_at_once_lose_nothing(tmp_path):
    """Both keep the index open, so that each works with a client that the other makes out of date."""
    work = """
        index = PageIndex(folder, StandIn(), timeout=600)
        for turn in range(4):
            index.sync(handbook(1 + turn % 2, pages=250))
            hits = index.search("a question", k=1000)
            assert len({hit.chunk.body.split()[2] for hit in hits if hit.chunk.heading == "Price"}) == 1
    """
    for process in [start(work, tmp_path) for _ in range(2)]:
        finish(process)
    assert_equals_a_fresh_index(tmp_path, handbook(2, pages=250))


def test_notebooks_that_create_the_same_index_at_once(tmp_path):
    create = "PageIndex(folder, StandIn(), timeout=600).sync(handbook(1, pages=50))"
    for process in [start(create, tmp_path) for _ in range(3)]:
        finish(process)
    assert_equals_a_fresh_index(tmp_path, handbook(1, pages=50))


def test_a_notebook_sees_what_another_one_wrote(tmp_path):
    index = PageIndex(tmp_path, StandIn())
    index.sync(handbook(1, pages=20))
    index.search("price")
    finish(start("PageIndex(folder, StandIn()).sync(handbook(3, pages=20))", tmp_path))
    prices = [hit.chunk.body for hit in index.search("price", k=60) if hit.chunk.heading == "Price"]
    assert len(prices) == 20 and all("release 3" in price for price in prices)
    finish(start("PageIndex(folder, StandIn(), reset=True)", tmp_path))
    with pytest.raises(IndexNotReady, match="is empty"):
        index.search("price")
    index.sync(handbook(3, pages=20))
    assert_equals_a_fresh_index(tmp_path, handbook(3, pages=20))


def test_a_busy_index_says_so_and_is_free_once_its_holder_is_killed(tmp_path):
    hold = """
        with PageIndex(folder, StandIn())._locked():
            print("held", flush=True)
            time.sleep(300)
    """
    holder = start(hold, tmp_path)
    assert holder.stdout.readline() == "held\n"
    wait = """
        try:
            PageIndex(folder, StandIn(), timeout=0.3)
        except IndexBusy as error:
            print(error)
    """
    assert "Another notebook or program" in finish(start(wait, tmp_path))
    kill(holder)
    assert PageIndex(tmp_path, StandIn(), timeout=1).count() == 0
