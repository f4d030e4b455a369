"""The RAG service to copy: what it answers, what it refuses, and that the audit sees an index left behind."""

import json
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import urlopen

import pytest

from course_utils import company, models
from course_utils.audit.cli import main as audit
from course_utils.retrieval import PageIndex, load_embedder
from examples.rag_server import Rag, RagServer
from tools.notebooks.catalogue import ROOT

# Plan pages of products whose prices changed in February, and nothing else: seconds, not minutes.
PAGES = [f"products/{name}/plans/team.md" for name in ("meetfern", "pingrove", "shiftlane", "mailhaven")]


def handbook(release):
    pages = company.pages(release)
    return {path: pages[path] for path in PAGES}


@contextmanager
def serving(folder, release):
    """The service in this process over one release, on a free port."""
    with PageIndex(folder, load_embedder()) as index:
        index.sync(handbook(release))
        server = RagServer(("127.0.0.1", 0))
        rag = Rag(index, *models.load("tiny"), name="rag-tiny")
        server.open(rag)
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("index"), "2026-02") as running:
        yield running


def post(server, message, path="/v1/chat/completions"):
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    connection.request("POST", path, body)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def ask(server, content, **more):
    return post(server, {"messages": [{"role": "user", "content": content}], **more})


# --- what it answers ---------------------------------------------------------------------------------------


def test_an_answer_from_the_pages_and_where_it_is_from(server):
    price = company.facts("2026-02")["meetfern.team.price_monthly"].value
    for content in ("How much is Meetfern Team?", [{"type": "text", "text": "How much is Meetfern Team?"}]):
        status, answer = ask(server, content)
        assert status == 200 and price in answer["choices"][0]["message"]["content"]
        assert answer["pages"][0] == "products/meetfern/plans/team.md"
        assert answer["object"] == "chat.completion" and answer["model"] == "rag-tiny"


def test_questions_at_the_same_time_wait_for_each_other(server):
    answers = [None] * 6

    def work(i):
        answers[i] = ask(server, "How much is Meetfern Team?")[1]["choices"]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(answers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [answers[0]] * 6 and answers[0]


def test_the_model_and_the_health(server):
    assert json.load(urlopen(f"{server.url}/v1/models"))["data"] == [{"id": "rag-tiny", "object": "model"}]
    assert json.load(urlopen(f"{server.url}/health")) == {"status": "ok"}


# --- what it refuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "status", "says"),
    [
        (b"{", 400, "no JSON"),
        (b"\xff\xfe", 400, "no JSON"),
        ([1], 400, "JSON object"),
        ({}, 400, "needs one such as"),
        ({"messages": []}, 400, "needs one such as"),
        ({"messages": [{"role": "system", "content": "x"}]}, 400, "needs one such as"),
        ({"messages": [{"role": "user", "content": 7}]}, 400, "needs one such as"),
        ({"messages": [{"role": "user", "content": " "}]}, 400, "empty"),
        ({"messages": [{"role": "user", "content": "x"}], "stream": True}, 400, "does not stream"),
        ({"messages": [{"role": "user", "content": "word " * 5000}]}, 400, "do not fit"),
    ],
)
def test_bad_requests_get_a_sentence_and_the_service_goes_on(server, message, status, says):
    got, answer = post(server, message)
    assert got == status and says in answer["error"]["message"]
    assert ask(server, "How much is Meetfern Team?")[0] == 200


@pytest.mark.parametrize(("length", "status"), [("1000001", 413), ("-1", 411), ("many", 411)])
def test_bodies_that_are_not_read(server, length, status):
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    assert connection.getresponse().status == status


def test_other_addresses(server):
    assert post(server, {}, "/v1/completions")[0] == 404
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.request("GET", "/favicon.ico")
    assert connection.getresponse().status == 404


# --- the audit ---------------------------------------------------------------------------------------------


@pytest.fixture
def versions(tmp_path):
    for release in ("2026-01", "2026-02"):
        for path, text in handbook(release).items():
            (tmp_path / release / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / release / path).write_text(text, encoding="utf-8")
    return tmp_path


def audited(versions, url, *more):
    report = versions / "report.json"
    folders = ["--old", str(versions / "2026-01"), "--new", str(versions / "2026-02")]
    code = audit([*folders, "--endpoint", url, "--forms", "plain", "--json", str(report), *more])
    return code, json.loads(report.read_text(encoding="utf-8"))["rates"]


def test_the_audit_finds_an_up_to_date_index_fresh(server, versions):
    code, rates = audited(versions, server.url, "--max-stale", "2%")
    assert code == 0 and rates["stale"]["hits"] == 0
    assert rates["current"]["hits"] >= 0.6 * rates["current"]["n"] >= 4


def test_the_audit_finds_an_index_left_behind_from_the_command_line(versions):
    """The index is January's: the service was started, then the pages were updated."""
    command = [sys.executable, "-m", "examples.rag_server", str(versions / "2026-01"), "--port", "0"]
    command += ["--index", str(versions / "index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        try:
            said = [running.stdout.readline() for _ in range(2)]
            url = re.search(r"http://\S+", said[1])[0]
            code, rates = audited(versions, url, "--max-stale", "2%")
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 0
    assert said[0].startswith(f"pages: {len(PAGES)} added")
    assert code == 1 and rates["current"]["hits"] == 0
    assert rates["stale"]["hits"] >= 0.6 * rates["stale"]["n"] >= 4


@pytest.mark.parametrize(
    ("arguments", "says"), [(["nowhere"], "does not exist"), ([".", "--port", "1000000"], "cannot be used")]
)
def test_what_keeps_it_from_starting(tmp_path, arguments, says):
    (tmp_path / "a.md").write_text("# A page\n\nIt costs $5.", encoding="utf-8")
    where = Path(arguments[0]) if arguments[0] != "." else tmp_path
    command = [sys.executable, "-m", "examples.rag_server", str(where), *arguments[1:]]
    command += ["--index", str(tmp_path / "index")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and says in done.stderr and "Traceback" not in done.stderr
