"""With smol, which is too slow to run all lessons with: lesson 02, whose promise depends on its reader.

The other solutions are run with it whenever they are built, and their assertions with them; that they were
built with the reader that comes with the course is a part of the drift test (test_infra_lessons). Skipped
where smol's weights are not at hand, unless STALE_PRICES_REQUIRE_SMOL=1, as in CI.
"""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils import models
from course_utils.models import lanes
from tests.notebooks.isolation import CACHE_VARIABLE, HOME_VARIABLE
from tools.notebooks.catalogue import ROOT

TIMEOUT = 1200  # seconds for a cell, on one thread and with other notebooks running beside this one


@pytest.fixture
def smol() -> str:
    try:
        return models.choose(models.SMOL).name
    except models.ModelError as problem:
        if os.environ.get("STALE_PRICES_REQUIRE_SMOL") == "1":
            pytest.fail(str(problem), pytrace=False)
        pytest.skip("the weights of smol are not on this machine")


@pytest.mark.slow
def test_retrieval_keeps_its_promise_with_smol(smol, tmp_path):
    (tmp_path / "cache").symlink_to(os.environ[CACHE_VARIABLE], target_is_directory=True)
    client = NotebookClient(
        nbformat.read(ROOT / "solutions" / "02_rag_fix.ipynb", as_version=4),
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT / "solutions")}},
    )
    client.execute(env={**os.environ, HOME_VARIABLE: str(tmp_path), lanes.VARIABLE: smol})
