"""Run All twice in a row, in one kernel and one work folder, says the same twice."""

import copy
import os

import nbformat
import pytest
from nbclient import NotebookClient

from tools.notebooks.catalogue import ROOT, load

READY = [pytest.param(lesson, id=lesson.name) for lesson in load().ready()]
TIMEOUT = 600  # seconds for a cell, with other notebooks running beside this one


@pytest.mark.slow
@pytest.mark.parametrize("lesson", READY)
def test_a_solution_runs_twice_in_a_row(lesson, tmp_path):
    notebook = nbformat.read(ROOT / "solutions" / f"{lesson.name}.ipynb", as_version=4)
    again = copy.deepcopy(notebook.cells)
    for cell in again:
        cell.id = f"{cell.id}-again"
    once = len(notebook.cells)
    notebook.cells += again
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT / "solutions")}},
    )
    client.execute(env={**os.environ, "STALE_PRICES_HOME": str(tmp_path)})
    for first, second in zip(notebook.cells[:once], notebook.cells[once:], strict=True):
        if "nbval-check-output" in first.metadata.get("tags", []):
            assert shown(second) == shown(first), first.source


def shown(cell: nbformat.NotebookNode) -> str:
    """What a cell printed or returned, as text."""
    return "".join(
        output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )
