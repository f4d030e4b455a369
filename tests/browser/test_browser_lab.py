"""Lesson 00 in a real browser: open it in JupyterLab as `make lab` does, run all cells, look for errors.

Uses the system's Chromium. Skipped where none is found, unless STALE_PRICES_REQUIRE_BROWSER=1, as in CI.
The screenshot lands in test-artifacts/.
"""

import pytest

from tests.browser.driver import BADGES, hosts, picture, run_all
from tools.notebooks.catalogue import load

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = f"lessons/{load().lessons[0].name}.ipynb"


def test_lesson_00_runs_in_jupyterlab(page, lab):
    page.set_viewport_size({"width": 1280, "height": 1600})
    try:
        outputs = run_all(page, lab, LESSON)
    finally:
        page.screenshot(path=picture("lesson_00"))
    assert outputs["errors"] == []
    assert "[OK]" in outputs["text"] and "[FAIL]" not in outputs["text"]
    assert outputs["text"].count("Not attempted yet") >= 2, "Run All goes on past unattempted exercises"
    assert outputs["images"] >= 1
    assert hosts(page) <= BADGES, "the lesson asks for nothing from the network but its badges"
