"""Everything that wants a GPU, in one command within 40 minutes of it: `make gpu-day`.

    python -m tools.gpu.day              on a machine with an NVIDIA GPU and Unsloth; records what it measures
    python -m tools.gpu.day --rehearse   all steps here, in small; records nothing

The steps are the table below. Each is a command with a budget; a step that fails, or is stopped at its
budget, stops no other, and is named at the end. A step that is done leaves a marker: run again, after a kill
or with a new machine's time, the day goes on with what is missing, and what a stopped step had trained is not
lost. Markers belong to the code: another commit begins a new day.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from course_utils import gpu_runs, lane
from course_utils.paths import write_whole
from tools.gpu import unsloth_on_cpu
from tools.notebooks.catalogue import ROOT

MINUTES = 40  # of a GPU, for all steps together
AS_ON_A_T4 = {lane.FLOAT16_VARIABLE: "1"}
SLOWER = 3  # a rehearsal may take so many times its step's budget
GRACE = 20  # seconds for a step that was told to stop


@dataclass(frozen=True)
class Step:
    """One command of the day, run by this interpreter in the repository's root."""

    name: str  # of its marker, too
    arguments: tuple[str, ...]  # of the interpreter
    seconds: int  # its budget
    environment: Mapping[str, str] = field(default_factory=dict)


def _recorded(name: str, words: str, seconds: int, environment: Mapping[str, str] = AS_ON_A_T4) -> Step:
    arguments = ("-m", "tools.gpu.record", "--only", *words.split())
    return Step(name, arguments, seconds, environment)


# First what tells most about the code, then speed, then the recipes, which use whatever time there is.
STEPS = (
    _recorded("lab-tiny", "lab tiny unsloth", 240),
    _recorded("lab-smol", "lab smol unsloth", 420),
    _recorded("engines-bundled", "bundled lora", 300),
    _recorded("engines-3b", "3B qlora", 300),
    _recorded("reader", "continue reader", 540, {}),
    _recorded("bundled-model", "continue bundled_model", 540, {}),
)


def rehearsal(step: Step) -> Step:
    """``step`` on this CPU, with Unsloth's backend for CPUs where `make test-unsloth` has put it."""
    path = os.pathsep.join([str(unsloth_on_cpu.FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    here = {lane.LANE_VARIABLE: "cpu", "HF_HUB_OFFLINE": "1", "PYTHONPATH": path}
    arguments = (*step.arguments, "--rehearse")
    return Step(step.name, arguments, SLOWER * step.seconds, {**step.environment, **here})


def run(steps: Sequence[Step], folder: Path) -> dict[str, str]:
    """Run the ``steps`` that have no marker in ``folder``; for each step "done" or what went wrong.

    Its output goes to ``folder/NAME.log``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for step in steps:
        marker = folder / f"{step.name}.done"
        if marker.is_file():
            found[step.name] = "done before"
            continue
        print(f"{step.name} (at most {step.seconds} s) …", flush=True)
        began = time.monotonic()
        problem = _carried_out(step, folder / f"{step.name}.log")
        took = f"{time.monotonic() - began:.0f} s"
        if problem is None:
            write_whole(marker, took)
        found[step.name] = f"done in {took}" if problem is None else f"{problem}, after {took}"
        print(f"   {found[step.name]}", flush=True)
    return found


def _carried_out(step: Step, log: Path) -> str | None:
    """None when the command ended well within its budget, else why not."""
    command = [sys.executable, *step.arguments]
    with log.open("a", encoding="utf-8") as output:
        # A session of its own, so that what it started (a kernel, a training) ends with it.
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | dict(step.environment), stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(step.seconds)
        except subprocess.TimeoutExpired:
            _stop(process)
            return "stopped at its budget"
        except BaseException:  # Ctrl+C: leave nothing running
            _stop(process)
            raise
    return None if code == 0 else f"failed with {code}, see {log.name}"


def _stop(process: subprocess.Popen) -> None:
    """End the process and all that it started: asked first, then made to."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(GRACE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def of_today(step: Step, session: Path, commit: str | None) -> Step:
    """``step`` writing into the day's one session."""
    named = ("--commit", commit) if commit else ()
    return replace(step, arguments=(*step.arguments, "--session", str(session), *named))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.gpu.day", description=__doc__.splitlines()[0])
    parser.add_argument("--rehearse", action="store_true", help="all steps on this CPU; nothing is recorded")
    parser.add_argument("--only", nargs="+", metavar="STEP", choices=[step.name for step in STEPS])
    parser.add_argument("--commit", help="the commit of the code, where there is no git checkout")
    options = parser.parse_args(arguments)
    steps = [step for step in STEPS if not options.only or step.name in options.only]
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    day = (options.commit or head or "unknown")[:12]
    if options.rehearse:
        folder, steps = ROOT / "work" / "gpu" / f"rehearsal-{day}", [rehearsal(step) for step in steps]
    elif lane.current().gpu is None:
        print("There is no NVIDIA GPU here; --rehearse tries the steps on the CPU.", file=sys.stderr)
        return 1
    else:
        folder = ROOT / "work" / "gpu" / f"day-{day}"
        session = gpu_runs.RUNS / f"{time.strftime('%Y-%m-%d', time.gmtime())}-{day}.json"
        steps = [of_today(step, session, options.commit) for step in steps]
    found = run(steps, folder)
    print("\n".join(f"{name:16} {outcome}" for name, outcome in found.items()))
    return 0 if all(outcome.startswith("done") for outcome in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
