"""The audit against a server that many people run: ``transformers serve`` with smol behind it.

The model gets no page, so it cannot know the new values; what is tested is the conversation with the server.
Skipped where smol's weights are not at hand, unless STALE_PRICES_REQUIRE_SMOL=1, as in CI.
"""

import json
import os
import sys
from pathlib import Path

import pytest

from course_utils import models
from course_utils.audit.cli import main
from course_utils.models import prepared
from tests.browser.driver import free_port, serving

TIMEOUT = "120"  # seconds for one answer, on a busy machine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def smol() -> str:
    try:
        return str(prepared.folder())
    except models.ModelError as problem:
        if os.environ.get("STALE_PRICES_REQUIRE_SMOL") == "1":
            pytest.fail(str(problem), pytrace=False)
        pytest.skip("the weights of smol are not on this machine")


@pytest.fixture(scope="module")
def server(smol, tmp_path_factory):
    """The address of ``transformers serve``, pinned to smol."""
    port, log = free_port(), tmp_path_factory.mktemp("serve") / "log.txt"
    program = str(Path(sys.executable).with_name("transformers"))
    command = [program, "serve", smol, "--host", "127.0.0.1", "--port", str(port)]
    with serving(command, f"http://127.0.0.1:{port}/health", log):
        yield f"http://127.0.0.1:{port}/v1"


@pytest.fixture
def versions(tmp_path):
    for name, price in (("old", "$49"), ("new", "$55")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "team.md").write_text(f"# Team\n\nTeam costs {price} a month.\n", encoding="utf-8")
    return ["--old", str(tmp_path / "old"), "--new", str(tmp_path / "new"), "--timeout", TIMEOUT]


def test_every_question_gets_an_answer(server, smol, versions, tmp_path):
    report = tmp_path / "report.json"
    asked = [*versions, "--endpoint", server, "--model", smol, "--json", str(report)]
    assert main([*asked, "--max-stale", "0%"]) == 0
    record = json.loads(report.read_text(encoding="utf-8"))
    assert len(record["answers"]) == 2 and all(answer["answer"].strip() for answer in record["answers"])
    # Nobody has told the model either price.
    assert {answer["verdict"] for answer in record["answers"]} <= {"other", "silent"}


def test_a_model_that_the_server_does_not_have_is_told(server, versions, capsys):
    assert main([*versions, "--endpoint", server, "--model", "another", "--retries", "0"]) == 2
    shown = capsys.readouterr()
    assert "answers 400" in shown.out + shown.err and "--model" in shown.out + shown.err
