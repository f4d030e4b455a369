"""Lesson 00 in a real browser: open it in JupyterLab as `make lab` does, run all cells, look for errors.

Uses the system's Chromium. Skipped where none is found, unless STALE_PRICES_REQUIRE_BROWSER=1, as in CI.
The screenshot lands in test-artifacts/.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools.catalogue import ROOT, load

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = f"lessons/{load().lessons[0].name}.ipynb"
TOKEN = "stale-prices-browser-test"
PATIENCE = 180  # seconds for each step, on a machine that is busy with other tests
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BADGES = {"colab.research.google.com", "mybinder.org"}
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# JupyterLab draws only the cells in view, so the test asks the notebook behind the page.
KERNEL_IS_READY = """() => {
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
    const kernel = session?.session?.kernel;
    return Boolean(session?.isReady && kernel?.connectionStatus === 'connected' && kernel.status === 'idle');
}"""
OUTPUTS = """() => {
    const model = window.jupyterapp.shell.currentWidget.content.model;
    const cells = Array.from(model.cells).filter(c => c.type === 'code' && c.sharedModel.source.trim());
    const outputs = cells.flatMap(cell => cell.outputs.toJSON());
    const whole = text => Array.isArray(text) ? text.join('') : (text || '');
    return {
        cells: cells.length,
        waiting: cells.filter(cell => !Number.isInteger(cell.executionCount)).length,
        errors: outputs.filter(o => o.output_type === 'error').map(o => `${o.ename}: ${o.evalue}`),
        text: outputs.map(o => whole(o.text)).join(''),
        images: outputs.filter(o => o.data && o.data['image/png']).length,
    };
}"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and os.environ.get("STALE_PRICES_REQUIRE_BROWSER") == "1":
        pytest.fail("No Chromium found; on Debian: apt-get install chromium", pytrace=False)
    if found is None:
        pytest.skip("no Chromium found")
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> str:
    """The address of a JupyterLab on a copy of the repository's lessons, with a configuration of its own."""
    home = tmp_path_factory.mktemp("lab")
    root = home / "course"
    shutil.copytree(ROOT / "lessons", root / "lessons")  # a copy: opening a notebook may save it
    config = home / "config" / "labconfig"
    config.mkdir(parents=True)
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (config / "page_config.json").write_text(json.dumps(news))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--port={port}", "--ServerApp.port_retries=0", "--ip=127.0.0.1", f"--ServerApp.root_dir={root}"),
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",  # lets the test read the notebook's outputs
    ]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "STALE_PRICES_HOME": str(home / "stale-prices"),
        "STALE_PRICES_LANE": "cpu",
    }
    log = home / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"JupyterLab stopped:\n{log.read_text()[-2000:]}", pytrace=False)
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"JupyterLab did not answer within {PATIENCE} s:\n{log.read_text()[-2000:]}", pytrace=False)


def test_lesson_00_runs_in_jupyterlab(chromium, lab):
    from playwright.sync_api import sync_playwright

    folder = ROOT / "test-artifacts"
    folder.mkdir(exist_ok=True)
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *sandbox])
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.set_default_timeout(PATIENCE * 1000)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        try:
            page.goto(f"{lab}/doc/tree/{LESSON}?token={TOKEN}&reset")
            page.wait_for_function(KERNEL_IS_READY)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            outputs = finished_outputs(page)
        finally:
            page.screenshot(path=folder / "lesson_00.png")
            browser.close()
    assert outputs["errors"] == []
    assert "[OK]" in outputs["text"] and "[FAIL]" not in outputs["text"]
    assert outputs["text"].count("Not attempted yet") >= 2, "Run All goes on past unattempted exercises"
    assert outputs["images"] >= 1
    elsewhere = {urlsplit(url).hostname for url in requests if url.startswith("http")} - {"127.0.0.1"}
    assert elsewhere <= BADGES, "the lesson asks for nothing from the network but its badges"


def finished_outputs(page) -> dict:
    """The notebook's outputs, once every code cell has run or one has failed."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = page.evaluate(OUTPUTS)
        if found["errors"] or (found["cells"] and not found["waiting"]):
            page.wait_for_timeout(500)  # the last output may arrive after the last number
            return page.evaluate(OUTPUTS)
        page.wait_for_timeout(500)
    pytest.fail(f"{found['waiting']} cells did not finish within {PATIENCE} s", pytrace=False)
