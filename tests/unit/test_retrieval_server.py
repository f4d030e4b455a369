"""`chroma run`: two processes write to one server at once, and no row is lost."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

WRITER = """
import sys, chromadb
client = chromadb.HttpClient(host="127.0.0.1", port=int(sys.argv[1]))
pages = client.get_or_create_collection("pages", embedding_function=None)
for batch in range(10):
    ids = [f"{sys.argv[2]}-{batch}-{i}" for i in range(20)]
    pages.upsert(ids=ids, embeddings=[[batch + 1.0, i + 1.0, 1.0] for i in range(20)], documents=ids)
"""


@pytest.fixture
def server(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chroma = Path(sys.executable).with_name("chroma")
    command = [chroma, "run", "--path", tmp_path / "store", "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, running)
            yield port
        finally:
            running.terminate()
            assert running.wait(timeout=30) is not None


def _wait_for(port: int, running: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.poll() is None:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server did not start")


def test_two_writers_at_once_lose_nothing(server):
    import chromadb

    client = chromadb.HttpClient(host="127.0.0.1", port=server)
    client.get_or_create_collection("pages", embedding_function=None)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(server), name]) for name in ("one", "two")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    pages = client.get_collection("pages", embedding_function=None)
    assert pages.count() == 400
    found = pages.query(query_embeddings=[[3.0, 7.0, 1.0]], n_results=2)
    assert sorted(found["ids"][0]) == ["one-2-6", "two-2-6"]
