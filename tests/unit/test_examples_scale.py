"""Indexing at scale, without Ray: what a worker does, against a real server that is killed."""

import shlex
import subprocess
import sys
import tomllib

import numpy as np
import pyarrow as pa
import pytest
import yaml

from course_utils.retrieval import chunk_page
from examples.scale import index, report
from examples.scale.chroma import chroma_server, free_port
from examples.scale.evaluate import SYSTEMS, Evaluate, asked, behind, table
from examples.scale.pages import write_pages
from tools.notebooks.catalogue import ROOT

PAGES = {f"page-{i}.md": f"# Page {i}\n\nIt costs ${i}.\n\n## Limits\n\n{i} users." for i in range(40)}


class StandIn:
    """An embedding model that gives every text a random direction of its own, and counts."""

    fingerprint = "a stand-in of 8 dimensions"
    embedded = 0

    def encode(self, texts):
        StandIn.embedded += len(texts)
        return np.array([np.random.default_rng(list(text.encode())).normal(size=8) for text in texts], "f4")


def batches(pages=PAGES, size=16):
    files = [{"path": f"bucket/notes/{path}", "bytes": text.encode()} for path, text in pages.items()]
    rows = [row for file in files for row in index.cut(file, "bucket/notes/")]
    return [pa.Table.from_pylist(rows[at : at + size]) for at in range(0, len(rows), size)]


def wanted(pages=PAGES):
    return {chunk.id for item in pages.items() for chunk in chunk_page(*item)}


def rows_of(server, name="pages"):
    return index.collection_of(server, name, StandIn.fingerprint)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    port = free_port()
    with chroma_server(tmp_path_factory.mktemp("store"), port):
        yield f"http://127.0.0.1:{port}"


# --- a worker ----------------------------------------------------------------------------------------------


def test_a_server_killed_in_the_middle_is_said_and_running_again_completes(tmp_path):
    store, port = tmp_path / "store", free_port()
    server = f"http://127.0.0.1:{port}"
    with chroma_server(store, port) as running:
        work, done = index.IndexBatch(server, "pages", StandIn), index.Indexed()
        for batch in batches()[:2]:
            done.add(work(batch).to_pylist()[0])
        running.kill()
        running.wait()
        with pytest.raises(index.ServerGone, match=r"Start it again.*same command"):
            work(batches()[2])
        with pytest.raises(index.ServerGone):
            index.IndexBatch(server, "pages", StandIn)
    StandIn.embedded, again = 0, index.Indexed()
    with chroma_server(store, port):
        work = index.IndexBatch(server, "pages", StandIn)
        for batch in [*batches(), batches()[0]]:  # the first once more, as Ray does when a worker was lost
            again.add(work(batch).to_pylist()[0])
        assert index.stored_ids(rows_of(server)) == again.ids == wanted()
        assert rows_of(server).count() == len(wanted())
    assert done.embedded == 32 and StandIn.embedded == again.embedded == len(wanted()) - 32
    assert f"{len(wanted()) - 32} embedded and written, 32 there already" in str(again)


def test_two_at_once_on_the_same_pages_lose_and_double_nothing(server):
    program = """
import sys
from tests.unit.test_examples_scale import StandIn, batches, index
work = index.IndexBatch(sys.argv[1], "two", StandIn)
for batch in batches()[:: int(sys.argv[2])]:
    work(batch)
"""
    command = [sys.executable, "-c", program, server]
    both = [subprocess.Popen([*command, step], cwd=ROOT) for step in ("1", "-1")]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert rows_of(server, "two").count() == len(wanted())
    assert index.stored_ids(rows_of(server, "two")) == wanted()


def test_a_collection_of_another_model_is_refused(server):
    index.collection_of(server, "other", "another model")
    with pytest.raises(index.AnotherModel, match=r"another model.*--collection"):
        index.IndexBatch(server, "other", StandIn)


def test_ids_come_in_pieces(server, monkeypatch):
    monkeypatch.setattr(index, "_IDS", 7)
    index.IndexBatch(server, "pieces", StandIn)(batches(size=100)[0])
    assert index.stored_ids(rows_of(server, "pieces")) == wanted()


def test_what_is_no_page_is_named():
    assert index.cut({"path": "/a/notes/b.md", "bytes": b"\xff\xfe"}, "/a/notes")[0]["problem"] == (
        "b.md is not UTF-8 text: left out."
    )
    [first, *_] = index.cut({"path": "/a/notes/b.md", "bytes": b"# B\n\nText."}, "/a/notes")
    assert (first["page"], first["title"], first["problem"]) == ("b.md", "B", "")


def test_no_server_is_said_at_once():
    with pytest.raises(index.ServerGone, match="does not answer at http://127"):
        index.collection_of(f"http://127.0.0.1:{free_port()}", "pages", StandIn.fingerprint)


# --- pages, evaluation -------------------------------------------------------------------------------------


def test_pages_of_copies_are_about_other_products(tmp_path):
    write_pages(tmp_path, 503)
    files = sorted(tmp_path.rglob("*.md"))
    assert len(files) == 503 and len({file.read_bytes() for file in files}) == 503
    assert any(" 2" in file.read_text("utf-8") for file in (tmp_path / "copy-2").rglob("*.md"))


def test_questions_and_table_of_an_evaluation():
    assert behind("2026-02", 1) == behind("2026-01", 1) == "2026-01"
    questions = asked("2026-02", 5, 8)
    assert questions == asked("2026-02", 5, 8) and all(q.value for q in questions)
    rows = [
        {"system": system, "release": release, "fact": str(i), "found": found, "right": False}
        for system in SYSTEMS
        for release in ("2026-01", "2026-02")
        for i, found in enumerate([True, True, system != "BM25"])
    ]
    shown = table(rows)
    assert "| recall@3 | 2026-01 | 2026-02 |" in shown and shown.count("| 100.0 %") == 6
    assert shown.count("| 66.7 %") == 2 and "right answers" in table(rows, "tiny")


def test_a_batch_is_answered_in_its_order(monkeypatch):
    class Library:
        def __init__(self, release, embedder):
            self.release = release

        def by_words(self, questions):
            pages = [q.pages[0] for q in asked(self.release, 6, 8)]
            return [[chunk_page(page, f"# {q}")[0]] for page, q in zip(pages, questions, strict=False)]

        dense = fused = by_words

    monkeypatch.setattr("examples.scale.evaluate.load_embedder", lambda: None)
    monkeypatch.setattr("examples.scale.evaluate.Library", Library)
    rows = [
        {"system": system, "release": "2026-02", "question": i}
        for system in ("BM25", "fused, one release behind")
        for i in range(6)
    ]
    done = Evaluate(6, 8, "")(pa.Table.from_pylist(rows)).to_pylist()
    assert [(row["system"], row["id"]) for row in done] == [
        (row["system"], asked("2026-02", 6, 8)[row["question"]].id) for row in rows
    ]


# --- the record and what is written of it ------------------------------------------------------------------


def test_the_manual_shows_the_record():
    text = report.DOCS.read_text(encoding="utf-8")
    assert text == report.between(text, report.shown())


RECORD = {
    "date": "2026-01-31", "machine": "a machine", "versions": {"ray": "1.2"},
    "pages": 100, "chunks": 700, "characters_a_chunk": 400,
    "speeds": [
        {"name": "one process", "workers": 1, "chunks": 60, "seconds": 2, "chunks_a_second": 30},
        {"name": "two workers", "workers": 2, "chunks": 60, "seconds": 9, "chunks_a_second": 50},
    ],
    "server_killed": {"chunks_there_after": 128, "said": "It is gone."},
    "node_killed": {"after_chunks": 300, "embedded": 572, "seconds": 20, "lost": 0, "doubled": 0},
    "rows_written_a_second": 1000, "disk_bytes_a_chunk": 8000,
}  # fmt: skip


def test_a_record_in_words():
    text = report.as_markdown(RECORD)
    for said in (
        "100 pages, 700 chunks of 400 characters",
        "| two workers | 60 | 50.0 | 1.67 | 9 s |",
        "50,000 chunks take 17 minutes on such a machine, and 50,000 pages 1.9 hours",
        "*It is gone.* 128 chunks were written",
        "killed after 300 chunks | 572 chunks reported as embedded in 20 s; of the 700 that",
        "0 are lost, 0 doubled",
        "2 workers were 1.7 times as fast as one process",
        "**On paper: 10,000,000 pages**",
    ):
        assert said in text, said


def test_workers_that_bring_nothing_are_said_to_bring_nothing():
    one, *_, two = RECORD["speeds"]
    slow = RECORD | {"speeds": [one, two | {"chunks_a_second": one["chunks_a_second"]}]}
    assert "**No gain in speed here**" in report.as_markdown(slow)


def test_ten_million_pages_by_proportion(monkeypatch):
    monkeypatch.setattr(report, "bytes_a_chunk", lambda: (50_000, 4000))
    paper = report.plan(RECORD)
    assert paper.chunks == pytest.approx(70e6)
    assert paper.core_hours == pytest.approx(70e6 / 25 / 3600)
    assert paper.embedding_hours == pytest.approx(paper.core_hours / report.WORKERS)
    assert paper.writing_hours == pytest.approx(70e6 / 1000 / 3600)
    assert (paper.memory_gb, paper.disk_gb) == pytest.approx((280, 560))
    assert paper.usd_by_service == pytest.approx(70e6 * 100 / 1e6 * 0.02)
    assert paper.pages_that_fit == pytest.approx(10e6 * 64 / 280)


# --- the cluster -------------------------------------------------------------------------------------------

MANIFESTS = list(yaml.safe_load_all((ROOT / "examples/scale/kuberay.yaml").read_text(encoding="utf-8")))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def manifest(kind):
    return next(one for one in MANIFESTS if one["kind"] == kind)


def pinned(name, requirements):
    return next(r.partition("==")[2] for r in requirements if r.startswith(name))


def test_the_manifest_names_the_versions_of_the_course():
    ray = pinned("ray[data]==", PROJECT["optional-dependencies"]["scale"])
    dockerfile = (ROOT / "examples/scale/Dockerfile").read_text(encoding="utf-8")
    assert manifest("RayJob")["spec"]["rayClusterSpec"]["rayVersion"] == ray
    assert f"FROM rayproject/ray:{ray}-py311-cpu\n" in dockerfile
    assert f"torch=={pinned('torch==', PROJECT['dependencies'])} " in dockerfile
    [server] = manifest("StatefulSet")["spec"]["template"]["spec"]["containers"]
    assert server["image"] == f"chromadb/chroma:{pinned('chromadb==', PROJECT['dependencies'])}"


def test_the_job_runs_the_script_with_the_server_and_the_cores_of_the_manifest(monkeypatch):
    spec = manifest("RayJob")["spec"]
    python, _, module, *arguments = shlex.split(spec["entrypoint"])
    assert (python, module) == ("python", "examples.scale.index")
    asked_for = {}
    monkeypatch.setattr(sys, "argv", [module, *arguments])
    monkeypatch.setattr(index, "index_pages", lambda *given: asked_for.update(given=given) or index.Indexed())
    assert index.main() == 0
    pages, server, _, workers, _ = asked_for["given"]
    assert pages.startswith("s3://")
    service = manifest("Service")
    assert server == f"http://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    assert service["spec"]["selector"] == manifest("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    cluster = spec["rayClusterSpec"]
    [group] = cluster["workerGroupSpecs"]
    cores = group["replicas"] * int(containers(group)[0]["resources"]["requests"]["cpu"])
    assert workers < cores, "reading needs a core, too"
    assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]
    images = {
        container["image"] for part in (group, cluster["headGroupSpec"]) for container in containers(part)
    }
    assert len(images) == 1


def containers(group):
    return group["template"]["spec"]["containers"]


def test_everything_in_the_cluster_says_what_it_needs():
    spec = manifest("RayJob")["spec"]["rayClusterSpec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"], manifest("StatefulSet")["spec"]]
    for container in [container for group in groups for container in containers(group)]:
        resources = container["resources"]
        assert {"cpu", "memory"} <= set(resources["requests"]) and "memory" in resources["limits"]


def test_without_ray_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SystemExit, match=r"Ray is not installed here: pip install -e '\.\[scale\]'"):
        index.start_ray(2)
