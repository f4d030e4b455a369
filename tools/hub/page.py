"""Write what was measured, and what follows for a class of 30, into docs/hub.md, between its markers.

python -m tools.hub.page    after `make hub-test` has recorded hub/measured.json anew
"""

from __future__ import annotations

import json
import re
import sys

from course_utils.paths import write_whole
from tools.hub.load import RECORD
from tools.notebooks.catalogue import ROOT

PAGE = ROOT / "docs" / "hub.md"
BASE_GIB = 2.0  # for the system, hub and proxy; assumed, not measured
SPARE = 1.2  # a fifth to spare
STUDENTS = 30
CORES = (4, 8, 16)
PART = re.compile(r"(<!-- generated: measured -->\n).*?(<!-- end: measured -->)", re.DOTALL)


def peak(measured: dict) -> float:
    """The most that one student's server and kernel took together, MiB."""
    return max(most for rung in measured["ladder"] for most in rung["peak_pss_mib_each"])


def processor_seconds(measured: dict) -> float:
    """What one run of the lesson takes of one core, on average over all that were run."""
    each = [seconds for rung in measured["ladder"] for seconds in rung["processor_seconds_each"]]
    return sum(each) / len(each)


def memory_needed(measured: dict, students: int, at_once: int) -> float:
    """GiB for ``students``, of whom ``at_once`` run the lesson; the others have a server only."""
    idle = measured["idle_server_pss_mib"]["mean"]
    return BASE_GIB + (students * idle + at_once * (peak(measured) - idle)) / 1024


def seconds_needed(measured: dict, at_once: int, cores: int) -> float:
    """How long the lesson's cells take when so many run them at the same moment on so many cores."""
    alone = processor_seconds(measured)
    return max(alone, at_once * alone / cores)


def part(measured: dict) -> str:
    """The generated part of the page, as Markdown."""
    machine, versions = measured["machine"], measured["versions"]
    spawn, idle, top = measured["spawn_seconds"], measured["idle_server_pss_mib"], peak(measured)
    alone, proxy = processor_seconds(measured), versions["proxy"].replace("@", " ")
    lines = [
        f"Measured on {measured['date']} ({machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']:.0f} GiB; JupyterHub {versions['jupyterhub']}, {proxy}, "
        f"Python {versions['python']}): {measured['students']} students logged in, "
        f"{measured['logging_in_at_once']} at the same moment, and ran lesson 02 with the model "
        f"{measured['model']}, everybody in an empty home.",
        "",
        "| | |",
        "|---|---|",
        f"| a server without a kernel | {idle['mean']} MiB (the largest {idle['most']}) |",
        f"| a server and lesson 02, at its peak | {top:.0f} MiB |",
        f"| processor for all cells of lesson 02 | {alone:.0f} s of one core |",
        f"| from the click to a server | {spawn['median']} s (median), {spawn['p95']} s (p95) |",
        "",
        "| at work at once | seconds each, fastest to slowest | cells that failed |",
        "|---|---|---|",
    ]
    for rung in measured["ladder"]:
        low, high = min(rung["seconds_each"]), max(rung["seconds_each"])
        lines.append(f"| {rung['at_once']} | {low:.0f} to {high:.0f} | {len(rung['failures'])} |")
    base = f"{BASE_GIB:.0f} GiB"
    lines += [
        "",
        "Memory is the proportional set size: what several processes share counts once. The rest is "
        "arithmetic, not measurement:",
        "",
        f"* memory = {base} for the machine itself + students × {idle['mean']} MiB "
        f"+ students at work × {top - idle['mean']:.0f} MiB, and a fifth to spare;",
        f"* time for the cells = the larger of {alone:.0f} s and students at work × {alone:.0f} s / cores.",
        "",
        f"| of {STUDENTS} students, at work at once | memory | "
        + " | ".join(f"{n} cores" for n in CORES)
        + " |",
        "|---|---|" + "---|" * len(CORES),
    ]
    for at_once in (STUDENTS, STUDENTS // 2, STUDENTS // 5):
        memory = SPARE * memory_needed(measured, STUDENTS, at_once)
        times = " | ".join(f"{seconds_needed(measured, at_once, cores) / 60:.0f} min" for cores in CORES)
        lines.append(f"| {at_once} | {memory:.0f} GiB | {times} |")
    return "\n".join(lines)


def generated(text: str) -> str:
    """``text`` with the part between its markers made anew from hub/measured.json."""
    measured = json.loads(RECORD.read_text(encoding="utf-8"))
    return PART.sub(lambda found: f"{found[1]}{part(measured)}\n{found[2]}", text)


def main() -> int:
    write_whole(PAGE, generated(PAGE.read_text(encoding="utf-8")))
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
