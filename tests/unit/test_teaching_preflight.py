"""The pre-flight, with a room made up: lessons that run or fail, ports, memory, links, the room's waits."""

import socket
from contextlib import nullcontext

import pytest
from nbclient.exceptions import CellExecutionError

from course_utils.doctor import Finding, Level
from tools.notebooks.catalogue import load
from tools.teaching import measure, preflight
from tools.teaching.measure import Measured, Run

CATALOGUE = load()
READY = {lesson.number: lesson for lesson in CATALOGUE.ready()}


def cells_of(number: str, seconds: float) -> Run:
    code = [c.id for c in measure.lesson_notebook(READY[number]).cells if c.cell_type == "code"]
    return Run(seconds, dict.fromkeys(code, seconds), 1.0)


@pytest.fixture
def room(monkeypatch):
    """A room where everything is well; a test changes what it is about."""
    monkeypatch.setattr(measure, "homes", lambda: nullcontext({}))
    monkeypatch.setattr(measure, "run", lambda notebook, folder, environment: Run(1.0, {"a": 2.0}, 0.9))
    monkeypatch.setattr(measure, "kept", lambda model: {})
    monkeypatch.setattr(preflight.doctor, "examine", lambda: [Finding(Level.OK, "Machine", "made up")])
    monkeypatch.setattr(preflight, "_status", lambda url: 200)
    monkeypatch.setattr(preflight, "_is_free", lambda port: True)
    return monkeypatch


def test_a_room_that_is_ready(room, capsys):
    assert preflight.main([]) == 0
    said = capsys.readouterr().out
    assert said.endswith("Ready.\n") and "[FAIL]" not in said and "[WARN]" not in said
    for words in ("Machine: made up", "Lesson 01: runs, 3 s", "Lesson 02", "Half a day", "If it fails"):
        assert words in said, words


def test_one_schedule_can_be_chosen(room, capsys):
    assert preflight.main(["--schedule", "90 minutes"]) == 0
    assert "Half a day" not in capsys.readouterr().out
    with pytest.raises(SystemExit):
        preflight.main(["--schedule", "a week"])
    with pytest.raises(SystemExit):
        preflight.main(["--learners", "0"])


def test_a_lesson_that_fails_stops_nothing_and_is_a_failure(room, capsys):
    def fails(notebook, folder, environment):
        raise CellExecutionError("Traceback …", "AssertionError", "no stale prices")

    room.setattr(measure, "run", fails)
    assert preflight.main([]) == 1
    said = capsys.readouterr().out
    assert said.count("stopped with AssertionError: no stale prices") == 2 and "Not ready: 2" in said


def test_a_slow_lesson_is_a_warning(room):
    room.setattr(measure, "run", lambda *_: Run(1.0, {"a": 400.0}, 0.9))
    runs: dict[str, Run] = {}
    [finding] = preflight.lessons_run({"01": READY["01"]}, "tiny", runs)
    assert finding.level is Level.WARN and "6 min 41 s" in finding.text and runs["01"].peak == 0.9


@pytest.mark.parametrize(
    ("status", "level", "words"),
    [(200, Level.OK, "github"), (404, Level.FAIL, "says 404"), (None, Level.WARN, "not checked")],
)
def test_links(room, status, level, words):
    room.setattr(preflight, "_status", lambda url: status)
    findings = list(preflight.links(CATALOGUE, READY["01"]))
    assert len(findings) == 4 and {finding.level for finding in findings} == {level}
    assert words in findings[0].text and "01_stale_prices.ipynb" in findings[1].text


def test_nobody_is_asked_where_no_server_answers(monkeypatch):
    monkeypatch.setattr(preflight.published, "answers", lambda url: False)
    assert preflight._status("https://example.org") is None


@pytest.mark.parametrize(
    ("learners", "available", "level", "words"),
    [(1, 3.0, Level.OK, "1 × 1.20"), (30, 40.0, Level.OK, "37.0"), (30, 16.0, Level.FAIL, "It carries 12")],
)
def test_memory_for_all(learners, available, level, words):
    finding = preflight.memory(learners, 1.2, available)
    assert finding.level is level and words in str(finding)


def test_a_port_that_is_taken_is_seen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not preflight._is_free(port)
        assert preflight.ports(range(port, port + 1)).level is Level.FAIL
    assert preflight._is_free(port)


def test_the_first_port_taken_is_a_warning(monkeypatch):
    monkeypatch.setattr(preflight, "_is_free", lambda port: port != 8888)
    finding = preflight.ports()
    assert finding.level is Level.WARN and "8889" in finding.remedy


def test_the_rooms_waits_are_measured_here_or_scaled():
    kept = {n: Measured(cells_of(n, 1.0), cells_of(n, 0.5)) for n in ("01", "02", "05")}
    here = {n: cells_of(n, 3.0) for n in ("01", "02")}
    room, ratio = preflight.in_this_room(kept, here)
    assert ratio == pytest.approx(3) and room["01"].first == here["01"]
    assert room["05"].first.total == pytest.approx(3 * kept["05"].first.total)
    assert preflight.in_this_room({}, here)[0].keys() == {"01", "02"}
    assert preflight.in_this_room({}, {}) == ({}, 1.0)
