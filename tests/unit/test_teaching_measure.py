"""What a notebook needs is measured on a real kernel, and kept."""

import json

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tools.teaching import measure
from tools.teaching.measure import Measured, Run


def notebook(*cells: str) -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    return made


def test_seconds_and_memory_of_every_cell(tmp_path):
    held = notebook(
        "import time; time.sleep(0.5)", "data = bytearray(200 * 2**20); time.sleep(0.5)", "len(data)"
    )
    run = measure.run(held, tmp_path, {"STALE_PRICES_HOME": str(tmp_path)})
    assert list(run.seconds) == [cell.id for cell in held.cells]
    assert all(seconds >= 0.5 for seconds in list(run.seconds.values())[:2])
    assert run.peak > 0.2 and run.start > 0 and run.total > 1


def test_a_cell_that_fails_is_an_error(tmp_path):
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        measure.run(notebook("1 / 0"), tmp_path, {})


def test_what_was_measured_is_kept_by_model_and_lesson(tmp_path):
    file = tmp_path / "measured.json"
    assert measure.kept("tiny", file) == {} and measure.where("tiny", file) == ""
    first, again = Run(1.5, {"a": 2.0, "b": 3.5}, 0.75), Run(1.0, {"a": 0.5, "b": 0.5}, 0.7)
    measure.keep("tiny", "02", Measured(first, again), "a machine", file)
    measure.keep("tiny", "01", Measured(again, again), "another machine", file)
    measure.keep("smol", "01", Measured(first, first), "a third", file)
    assert measure.kept("tiny", file) == {"01": Measured(again, again), "02": Measured(first, again)}
    assert measure.where("tiny", file) == "another machine" and measure.where("smol", file) == "a third"
    assert measure.needs("tiny", file) == {"01": (2.0, 0.7), "02": (7.0, 0.75)}
    assert list(json.loads(file.read_text(encoding="utf-8"))["tiny"]["lessons"]) == ["01", "02"]


def test_what_the_repository_keeps_can_be_read():
    for first, again in ((two.first, two.again) for two in measure.kept("tiny").values()):
        assert first.seconds.keys() == again.seconds.keys()
        assert 0 < first.peak < 4 and first.total > 0
