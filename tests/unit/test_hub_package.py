"""On a hub nobody may write to the course: lessons 00 to 02 still start, and write to the home."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tools.notebooks.catalogue import ROOT

# The cells up to the one that holds the words run as one program, in the student's home.
UNTIL = {
    "00_start_here": "write_handbook(",
    "01_stale_prices": "models.load()",
    "02_rag_fix": "create_collection(",
}
SHOW = """
from pathlib import Path
import course_utils
from course_utils import paths
print("package", Path(course_utils.__file__).parent, "work", paths.work_dir("07"))
"""


def first_cells(lesson):
    cells = json.loads((ROOT / "lessons" / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    last = next(number for number, source in enumerate(sources) if UNTIL[lesson] in source)
    return "\n\n".join(sources[: last + 1])


def snapshot(folder):
    return {str(file): file.stat().st_mtime_ns for file in folder.rglob("*")}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The checkout as an image has it in /srv/course, with every write bit taken away."""
    course = tmp_path_factory.mktemp("srv") / "course"
    leave_out = shutil.ignore_patterns("__pycache__")
    for name in ("course_utils", "lessons"):
        shutil.copytree(ROOT / name, course / name, ignore=leave_out)
    for path in [course, *course.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    yield course
    for path in [course, *course.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", UNTIL)
def test_a_lesson_starts_from_a_course_it_may_not_write_to(course, lesson, tmp_path):
    """Root may write anywhere, so that nothing was written is looked at afterwards."""
    before = snapshot(course)
    home = tmp_path / "home"
    home.mkdir()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("STALE_PRICES", "XDG_"))
    }
    hub = {"HOME": str(home), "PYTHONPATH": str(course), "STALE_PRICES_HOME": "~/stale-prices-files",
           "STALE_PRICES_MODEL": "tiny", "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", f"{first_cells(lesson)}\n{SHOW}"], cwd=home, capture_output=True, text=True,
        env=kept | hub,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    shown = done.stdout.splitlines()[-1]
    assert shown == f"package {course / 'course_utils'} work {home / 'stale-prices-files' / 'work' / '07'}"
    if lesson != "01_stale_prices":  # its first cells write nothing yet
        assert any((home / "stale-prices-files" / "work" / lesson[:2]).iterdir())
    assert snapshot(course) == before, "the course's own folder was written to"
