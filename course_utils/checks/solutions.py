"""``solution("01.2")``: the reference solution of one exercise, for those who want to see it."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from course_utils.paths import repo_dir

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"  # in the sources of the solutions
_CELL = re.compile(r"^# %%", re.MULTILINE)


def solution(exercise_id: str) -> None:
    """Print the reference solution of an exercise, or where to look for it. Never raises."""
    root = repo_dir()
    if root is None:
        print(
            "This installation came without the folder solutions; you find it beside the lessons, on GitHub."
        )
        return
    found = reference(root / "solutions", str(exercise_id))
    print(
        found or f"There is no exercise {exercise_id!r}; an exercise is called by its number, such as '01.2'."
    )


def reference(folder: Path, exercise_id: str) -> str:
    """The code of an exercise's solution, without the marks around it; empty when there is none."""
    lesson = re.fullmatch(r"(\d\d)\.\d", exercise_id)
    sources = sorted(folder.glob(f"{lesson[1]}_*.py")) if lesson else []
    if not sources:
        return ""
    cells = _CELL.split(sources[0].read_text(encoding="utf-8"))
    heading = f"# ### Exercise {exercise_id}"
    at = next((i for i, cell in enumerate(cells) if heading in cell), len(cells))
    code = next((cell for cell in cells[at + 1 :] if BEGIN in cell), "")
    lines = [line for line in code.splitlines()[1:] if line.strip() not in (BEGIN, END)]
    return textwrap.dedent("\n".join(lines)).strip()
