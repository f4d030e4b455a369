"""The audit as a command: its reports, its exit codes, and bad documents."""

import json
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from course_utils.audit.cli import main, share
from tests.unit import audit_servers as servers

OLD = "# Team\n\nTeam costs $49 a month.\n\nData of Team is kept for 30 days.\n"
NEW = "# Team\n\nTeam costs $55 a month.\n\nData of Team is kept for 60 days.\n"


@pytest.fixture
def versions(tmp_path):
    """Arguments for two folders with two changed facts; ``versions.write`` adds files to both."""
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "team.md").write_text(text, encoding="utf-8")
    return ["--old", str(tmp_path / "old"), "--new", str(tmp_path / "new"), "--retries", "0"]


def from_page(text):
    """A server that knows a version of the page: it answers from the page's sentences."""

    def reply(handler, message):
        asked = message["messages"][0]["content"]
        handler.answer(re.findall(r"\$\d+|\d+ days", text)["Data" in asked])

    return reply


# --- the whole way -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knows", "allowed", "code", "headline"),
    [
        (NEW, "2%", 0, "0 % of the answers"),
        (OLD, "2%", 1, "100 % of the answers"),
        (OLD, "100%", 0, "100 % of the answers"),
        (OLD, None, 0, "100 % of the answers"),
    ],
)
def test_exit_code_and_reports(versions, tmp_path, capsys, knows, allowed, code, headline):
    files = {name: tmp_path / f"report.{name}" for name in ("json", "junit", "html")}
    arguments = [part for name, file in files.items() for part in (f"--{name}", str(file))]
    arguments += ["--max-stale", allowed] if allowed else []
    with servers.serving(from_page(knows), models=("bot",)) as server:
        assert main([*versions, "--endpoint", server.url, *arguments]) == code
    shown = capsys.readouterr().out
    assert "2 changed facts" in shown and headline in shown

    record = json.loads(files["json"].read_text(encoding="utf-8"))
    stale = 4 if knows == OLD else 0
    assert record["rates"]["stale"]["hits"] == stale and record["rates"]["stale"]["n"] == 4
    assert record["changed_facts"] == record["asked_about"] == record["rates"]["stale"]["facts"] == 2
    assert {answer["verdict"] for answer in record["answers"]} == {"stale" if stale else "current"}
    assert all(answer["fact"] in record["facts"] for answer in record["answers"])
    assert record["system"].endswith("(bot)")

    suite = ElementTree.parse(files["junit"]).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", str(stale), "0")
    assert len(suite.findall("testcase/failure")) == stale

    page = files["html"].read_text(encoding="utf-8")
    assert headline in page and ("$49 → $55" in page) == bool(stale)
    assert not re.search(r"<(?:script|link|img|iframe)|url\(|@import|\b(?:src|href)=", page)
    assert "prefers-color-scheme: dark" in page


def test_the_html_page_is_well_formed_and_escapes_what_it_shows(versions, tmp_path):
    class Tags(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open_tags = []

        def handle_starttag(self, tag, attributes):
            assert tag != "b" or not attributes
            if tag not in ("meta", "br", "line", "circle"):
                self.open_tags.append(tag)

        def handle_startendtag(self, tag, attributes):
            pass

        def handle_endtag(self, tag):
            assert self.open_tags.pop() == tag

    nasty = '</dd><script>alert("x")</script> & \ud800'
    html = tmp_path / "r.html"
    with servers.serving(servers.says(nasty)) as server:
        main([*versions, "--endpoint", server.url, "--html", str(html), "--junit", str(tmp_path / "r.xml")])
    page = html.read_text(encoding="utf-8")
    Tags().feed(page)
    assert "<script" not in page and "&lt;script&gt;" in page
    ElementTree.parse(tmp_path / "r.xml")


def test_a_command_and_nothing_at_all(versions, capsys):
    answer = shlex.join([sys.executable, "-c", "print('$49 and 30 days')"])
    assert main([*versions, "--command", answer, "--max-stale", "0"]) == 1
    assert main(versions) == 0
    shown = capsys.readouterr().out
    assert "$49 → $55" in shown and "Nothing is asked: add --endpoint" in shown


def test_a_key_is_nowhere(versions, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-very-secret")

    def echo(handler, _):
        handler.answer(f"{handler.headers['Authorization']} says $49")

    reports = [part for kind in ("json", "junit", "html") for part in (f"--{kind}", str(tmp_path / kind))]
    with servers.serving(echo) as server:
        main([*versions, "--endpoint", server.url, "--key-env", "MY_KEY", *reports])
        assert server.seen[0][1]["Authorization"] == "Bearer sk-very-secret"
        monkeypatch.delenv("MY_KEY")
        assert main([*versions, "--endpoint", server.url, "--key-env", "MY_KEY"]) == 2
    shown = capsys.readouterr()
    everything = (
        shown.out + shown.err + "".join((tmp_path / kind).read_text() for kind in ("json", "junit", "html"))
    )
    assert "very-secret" not in everything and "MY_KEY is empty" in shown.err


def test_another_key_of_this_machine_is_not_sent(versions, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-another-server")
    with servers.serving(servers.says("$49")) as server:
        main([*versions, "--endpoint", server.url])
        assert "Authorization" not in server.seen[0][1]


# --- trouble -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble", [servers.hang, servers.status(500), servers.status(401), servers.garbage, servers.half]
)
def test_a_system_that_answers_nothing_is_exit_code_2(versions, tmp_path, capsys, trouble):
    report = tmp_path / "r.json"
    with servers.serving(trouble) as server:
        arguments = ["--endpoint", server.url, "--timeout", "0.3", "--json", str(report), "--max-stale", "2%"]
        assert main([*versions, *arguments]) == 2
    assert "too few to judge" in capsys.readouterr().err
    record = json.loads(report.read_text())
    assert record["errors"] >= 1 and record["ended_early"] and record["rates"] == {}


def test_answers_before_a_breakdown_are_reported(versions, tmp_path, capsys):
    replies = [servers.says("$49")] * 3 + [servers.status(404)]
    with servers.serving(servers.first(*replies)) as server:
        arguments = ["--endpoint", server.url, "--junit", str(tmp_path / "r.xml"), "--max-stale", "2%"]
        assert main([*versions, *arguments]) == 1
    assert "n = 3" in capsys.readouterr().out
    assert ElementTree.parse(tmp_path / "r.xml").getroot().get("errors") == "1"


def test_two_equal_versions(versions, tmp_path, capsys):
    with servers.serving(servers.says("x")) as server:
        code = main(["--old", versions[1], "--new", versions[1], "--endpoint", server.url, "--max-stale", "0",
                     "--html", str(tmp_path / "r.html")])  # fmt: skip
        assert not server.seen
    assert code == 0
    assert "identical: there is nothing to ask" in capsys.readouterr().out
    assert "nothing to ask" in (tmp_path / "r.html").read_text()


def test_many_changed_facts_are_sampled_and_it_is_said(tmp_path, capsys):
    for name, price in (("old", 4), ("new", 5)):
        (tmp_path / name).mkdir()
        rows = "\n\n".join(f"The item {'x'.join(str(i))}x costs ${price} a month." for i in range(10_000))
        (tmp_path / name / "all.md").write_text(rows)
    arguments = ["--old", str(tmp_path / "old"), "--new", str(tmp_path / "new"), "--forms", "plain"]
    with servers.serving(servers.says("$4")) as server:
        assert main([*arguments, "--endpoint", server.url, "--limit", "7", "--seed", "3"]) == 0
        assert len(server.seen) == 7
    assert "Asked about 7 of 10,000 changed facts, drawn by chance (seed 3)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, r"holds no document to compare.*\.html"),
        ({"a.png": b"\x89PNG"}, "holds no document to compare"),
        ({"a.md": b"\xff\xfe\0x"}, r"a\.md is not UTF-8 text: left out"),
        ({"a.md": b"a\0b", "b.txt": b" \n"}, r"a\.md is not text.*b\.txt is empty"),
        ({"other.md": b"text"}, "no page in common"),
    ],
)
def test_documents_that_are_none(versions, tmp_path, capsys, files, says):
    (tmp_path / "bad").mkdir()
    for name, content in files.items():
        (tmp_path / "bad" / name).write_bytes(content)
    assert main([versions[0], versions[1], "--new", str(tmp_path / "bad")]) == 2
    assert re.search(says, capsys.readouterr().err)


def test_a_missing_folder_and_a_report_that_cannot_be_written(versions, tmp_path, capsys):
    assert main(["--old", str(tmp_path / "nowhere"), *versions[2:]]) == 2
    with servers.serving(servers.says("x")) as server:
        arguments = ["--endpoint", server.url, "--json", str(tmp_path / "nowhere" / "r.json")]
        assert main([*versions, *arguments]) == 2
        assert not server.seen
    said = capsys.readouterr().err
    assert "does not exist. Give the folder" in said and "create its folder first" in said


def test_two_revisions_of_a_repository(tmp_path, capsys):
    def git(*command):
        settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *settings, *command], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "docs").mkdir()
    for number, text in enumerate((OLD, NEW), 1):
        (tmp_path / "docs" / "team ü.md").write_text(text, encoding="utf-8")
        (tmp_path / "readme.md").write_text(f"The readme has {number} as its value.")
        git("add", ".")
        git("commit", "-q", "-m", "x")
        git("tag", f"v{number}")
    (tmp_path / "docs" / "team ü.md").unlink()  # the working tree does not matter
    arguments = ["--repo", str(tmp_path), "--old", "v1", "--new", "v2"]
    assert main(arguments) == 0
    assert main([*arguments, "--below", "docs"]) == 0
    shown = capsys.readouterr().out
    assert "3 changed facts" in shown and "2 changed facts" in shown and "team ü.md" in shown
    for wrong in ("v3", "--upload-pack=x"):
        assert main(["--repo", str(tmp_path), "--old", "v1", f"--new={wrong}"]) == 2
    assert main(["--repo", str(tmp_path / "docs" / "no"), "--old", "v1", "--new", "v2"]) == 2
    assert "branches, tags or commits" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "value"), [("2%", 0.02), ("0.02", 0.02), ("0", 0), ("100 %", 1), ("2.5%", 0.025)]
)
def test_shares(text, value):
    assert share(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--max-stale", "2"],
        ["--limit", "-1"],
        ["--timeout", "0"],
        ["--parallel", "0"],
        ["--command", "x", "--self"],
        ["--rate", "nan"],
    ],
)
def test_wrong_usage_is_exit_code_2(versions, wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*versions, *wrong])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_the_command_is_installed_by_its_name():
    from tools.notebooks.catalogue import ROOT

    assert 'stale-prices-audit = "course_utils.audit.cli:main"' in (ROOT / "pyproject.toml").read_text(
        "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "course_utils.audit", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0 and "--max-stale 2%" in done.stdout
