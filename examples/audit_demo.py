"""Audit a service twice, with an index left behind and with one brought up to date: ``make audit-demo``.

The service is examples/rag_server.py over the course's handbook. Started on January's pages it is asked for
what changed until February; then it is started again on February's. Reports: work/audit_demo/*.html
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course_utils.audit.cli import FINE, TOO_STALE
from course_utils.audit.cli import main as audit
from course_utils.company import write_handbook
from course_utils.paths import work_dir

OLD, NEW = "2026-01", "2026-02"
ALLOWED = "10%"


@contextmanager
def service(pages: Path, index: Path) -> Iterator[str]:
    """Starts the service over ``pages`` and yields its address. Raises SystemExit where it does not start."""
    command = [sys.executable, "-m", "examples.rag_server", str(pages), "--index", str(index), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as running:
        try:
            for line in running.stdout:
                print(line, end="", flush=True)
                if address := re.search(r"http://\S+", line):
                    break
            else:
                raise SystemExit("The service did not start (see above).")
            yield address[0]
        finally:
            running.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.audit_demo", description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=int, default=25, help="changed facts asked for, twice each (25)")
    options = parser.parse_args()
    folder = work_dir("audit_demo")
    for release in (OLD, NEW):
        write_handbook(release, folder / release, say=lambda said: None)
    codes = []
    for release, state in ((OLD, "left_behind"), (NEW, "up_to_date")):
        print(f"\n== The service's index: {release}. The documents: {NEW}. ==", flush=True)
        report = folder / f"{state}.html"
        with service(folder / release, folder / "index") as address:
            question = ["--old", str(folder / OLD), "--new", str(folder / NEW), "--endpoint", address]
            how = ["--limit", str(options.limit), "--max-stale", ALLOWED, "--html", str(report)]
            codes.append(audit([*question, *how]))
    if codes != [TOO_STALE, FINE]:
        print("Expected: more stale answers than allowed, then fewer. See the reports.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
