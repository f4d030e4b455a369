"""`make gpu-day`: its steps fit the time, and what is killed, fails or takes too long stops nothing else."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tools.gpu import day, record
from tools.gpu.day import Step


def python(name: str, code: str, seconds: int = 60, **environment: str) -> Step:
    return Step(name, ("-c", code), seconds, environment)


def test_the_steps_fit_into_the_time_and_each_finds_something_to_do():
    assert sum(step.seconds for step in day.STEPS) <= 60 * day.MINUTES
    assert len({step.name for step in day.STEPS}) == len(day.STEPS)
    for step in day.STEPS:
        words = step.arguments[3:]
        assert any(all(word in plan.name for word in words) for plan in record.plans()), step.name
    [reader] = [step for step in day.STEPS if step.name == "reader"]
    assert reader.seconds > 60 * record.MINUTES, "time to load, to score and to save, too"


def test_a_failing_step_stops_no_other_and_is_named(tmp_path, capsys):
    steps = [python("good", "print('hello')"), python("bad", "raise SystemExit(3)"), python("last", "pass")]
    found = day.run(steps, tmp_path)
    assert [outcome.split(",")[0].split(" in ")[0] for outcome in found.values()] == [
        "done", "failed with 3", "done",
    ]  # fmt: skip
    assert "see bad.log" in found["bad"] and "failed with 3" in capsys.readouterr().out
    assert (tmp_path / "good.log").read_text() == "hello\n"


def test_run_again_only_what_is_missing_is_done(tmp_path):
    count = "open('{}', 'a').write('x'); raise SystemExit({})"
    ran = [tmp_path / name for name in ("good.count", "bad.count")]
    for status in (1, 0):
        steps = [
            python("good", count.format(ran[0], 0)),
            python("bad", count.format(ran[1], status)),
        ]
        found = day.run(steps, tmp_path / "day")
    assert found["good"] == "done before" and found["bad"].startswith("done in")
    assert [file.read_text() for file in ran] == ["x", "xx"]


def test_a_step_past_its_budget_is_stopped_with_all_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(day, "GRACE", 1)
    child = "import time; open(r'{}', 'w').write('here'); time.sleep(600)"
    started = tmp_path / "child"
    code = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"  # one that does not listen
        f"subprocess.Popen([sys.executable, '-c', {child.format(started)!r}]).wait()"
    )
    found = day.run([python("slow", code, seconds=3), python("next", "pass")], tmp_path / "day")
    assert found["slow"].startswith("stopped at its budget") and found["next"].startswith("done")
    assert started.is_file() and not (tmp_path / "day" / "slow.done").exists()
    left = subprocess.run(["pgrep", "-f", str(started)], capture_output=True, text=True).stdout.split()
    assert not left, "what it had started runs on"


def test_a_day_that_is_killed_goes_on_where_it_was(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tools.gpu import day\n"
        "wait = 'import time; time.sleep(600)' if sys.argv[2] == 'first' else 'pass'\n"
        "steps = [day.Step('one', ('-c', 'pass'), 60), day.Step('two', ('-c', wait), 600)]\n"
        "print(day.run(steps, Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    first = subprocess.Popen([*command, "first"], stdout=subprocess.DEVNULL)
    for _ in range(600):
        if (tmp_path / "two.log").is_file():
            break
        time.sleep(0.1)
    first.send_signal(signal.SIGINT)
    first.wait()
    again = subprocess.run([*command, "again"], capture_output=True, text=True).stdout
    assert "'one': 'done before'" in again and "'two': 'done in" in again


def test_steps_get_their_environment_and_a_rehearsal_stays_on_the_cpu(tmp_path):
    look = "import os; raise SystemExit(os.environ['STALE_PRICES_FLOAT16'] != '1')"
    assert day.run([python("env", look, **day.AS_ON_A_T4)], tmp_path)["env"].startswith("done")
    for step in day.STEPS:
        rehearsed = day.rehearsal(step)
        assert rehearsed.arguments == (*step.arguments, "--rehearse")
        assert rehearsed.environment["STALE_PRICES_LANE"] == "cpu"
        assert str(day.unsloth_on_cpu.FOLDER) in rehearsed.environment["PYTHONPATH"].split(os.pathsep)


def test_every_step_of_a_day_writes_into_one_session(tmp_path):
    named = [day.of_today(step, tmp_path / "a.json", "c" * 40).arguments for step in day.STEPS]
    assert all(words[-4:] == ("--session", str(tmp_path / "a.json"), "--commit", "c" * 40) for words in named)
    assert day.of_today(day.STEPS[0], tmp_path / "a.json", None).arguments[-2] == "--session"


@pytest.mark.skipif(day.lane.current().gpu is not None, reason="there is a GPU")
def test_without_a_gpu_it_says_so(capsys):
    assert day.main([]) == 1
    assert "--rehearse" in capsys.readouterr().err
