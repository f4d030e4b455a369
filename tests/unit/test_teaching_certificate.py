"""A certificate is made from saved notebooks and recorded results, or says what is missing."""

import nbformat
import pytest

from course_utils import results
from course_utils.checks.engine import lesson_exercises
from course_utils.evaluation import Rate
from tools.notebooks.catalogue import load
from tools.teaching import certificate, pages

READY = {lesson.number: lesson for lesson in load().ready()}
EXERCISES = {number: len(lesson_exercises(number)) for number in READY}
MEASURED = "✔ Measured. 2 more than you expected."
CORRECT, NOT_YET, OPEN = "✔ Correct. Well done.", "✘ Not yet: look again.", "… Not attempted yet."


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pages, "BUILD", tmp_path / "build")


def save(folder, number: str, said: list[str | None], records: bool = True) -> None:
    """A learner's notebook in which the checks said this; None: the cell was not run."""
    cells = [nbformat.v4.new_code_cell(f'results.record("{number}", rate=rate)')] * records
    for at, text in enumerate(said, 1):
        outputs = [nbformat.v4.new_output("stream", text=f"{text}\n")] if text else []
        cells.append(nbformat.v4.new_code_cell(f'check("{number}.{at}", answer)', outputs=outputs))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{READY[number].name}.ipynb")


def run(folder, *arguments: str) -> int:
    return certificate.main(["--name", "Ada & Co", "--folder", str(folder), *arguments])


def test_complete_lessons_get_one_with_what_was_measured(tmp_path, capsys):
    save(tmp_path, "00", [CORRECT] * EXERCISES["00"], records=False)
    save(tmp_path, "01", [*[CORRECT] * (EXERCISES["01"] - 1), MEASURED])
    results.record("01", rate=Rate(39, 40))
    assert run(tmp_path, "--lessons", "00", "01") == 0
    page = (pages.BUILD / "certificate.html").read_text(encoding="utf-8")
    assert (
        "Ada &amp; Co" in page and f"all {EXERCISES['00'] + EXERCISES['01']} exercises of 2 lessons" in page
    )
    assert "97.5 %" in page and "01.4" in page and "src=" not in page
    assert "certificate.html" in capsys.readouterr().out


def test_what_is_missing_is_listed_and_nothing_is_written(tmp_path, capsys):
    save(tmp_path, "01", [CORRECT, NOT_YET, OPEN, None])
    save(tmp_path, "02", [CORRECT] * 3)  # the fourth check was deleted
    (tmp_path / f"{READY['03'].name}.ipynb").write_text("no notebook", encoding="utf-8")
    results.record("02", rate=Rate(1, 2))
    assert run(tmp_path, "--lessons", "00", "01", "02", "03") == 1
    said = capsys.readouterr().err
    for line in (
        "00: 00_start_here.ipynb cannot be read",
        "exercise 01.2 is not right yet",
        "exercise 01.3 is not attempted",
        "exercise 01.4 was not run",
        "01: nothing was measured",
        "exercise 02.4 was not run",
        "03: 03_behaviour_gap.ipynb cannot be read",
    ):
        assert line in said, line
    assert "01.1" not in said and "02.1" not in said and "02: nothing" not in said
    assert not (pages.BUILD / "certificate.html").exists()


@pytest.mark.parametrize("arguments", [["--lessons", "77"], ["--name", "  "]])
def test_wrong_usage_is_refused(tmp_path, arguments):
    with pytest.raises(SystemExit):
        run(tmp_path, *arguments)
