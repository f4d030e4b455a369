"""What the browser tests share: servers to start, a notebook to open and run, what a page asked for."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools.notebooks.catalogue import ROOT

TOKEN = "stale-prices-browser-test"
PATIENCE = 180  # seconds for each step, on a machine that is busy with other tests
BADGES = {"colab.research.google.com", "mybinder.org"}
ARTIFACTS = ROOT / "test-artifacts"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# JupyterLab draws only the cells in view, so the tests ask the notebook behind the page.
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
# Bring the cell whose code holds a text to the top of the window.
SCROLL_TO = """async text => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const index = notebook.widgets.findIndex(cell => cell.model.sharedModel.source.includes(text));
    if (index < 0) throw new Error(`no cell with ${text}`);
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'start');
}"""
# What is written beside a control and does not fit there.
CUT_OFF = """() => Array.from(document.querySelectorAll('.jupyter-widgets .widget-label'))
    .filter(label => label.offsetWidth && label.scrollWidth > label.clientWidth + 1)
    .map(label => label.textContent)"""


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def open_page(browser_path: str, *, width: int, height: int) -> Iterator:
    """A page of a fresh browser; ``page.asked_for`` lists the addresses it requests."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=[*QUIET, *sandbox])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE * 1000)
        page.asked_for = []
        page.on("request", lambda request: page.asked_for.append(request.url))
        yield page
        browser.close()


def picture(name: str) -> Path:
    """Where a screenshot goes."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS / f"{name}.png"


def hosts(page) -> set[str]:
    """The hosts other than this machine from which the page asked for something."""
    return {urlsplit(url).hostname for url in page.asked_for if url.startswith("http")} - {"127.0.0.1"}


# --- servers ------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def surroundings(home: Path) -> dict[str, str]:
    """Environment variables that keep a server's configuration, files and results below ``home``."""
    return {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "STALE_PRICES_HOME": str(home / "stale-prices"),
        "STALE_PRICES_LANE": "cpu",
    }


@contextmanager
def serving(command: list[str], address: str, log: Path, **options) -> Iterator[None]:
    """Run a server until the block ends; wait until it answers at ``address``."""
    with log.open("w") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        _wait_for(address, server, log)
        yield
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"The server stopped:\n{log.read_text()[-2000:]}", pytrace=False)
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError:
            return  # "not found" is an answer, too
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"The server did not answer within {PATIENCE} s:\n{log.read_text()[-2000:]}", pytrace=False)


# --- JupyterLab ---------------------------------------------------------------------------------------


def run_all(page, lab: str, notebook: str) -> dict:
    """Open a notebook, run all its cells, and return its outputs once all have run or one has failed."""
    page.goto(f"{lab}/doc/tree/{notebook}?token={TOKEN}&reset")
    page.wait_for_function(KERNEL_IS_READY)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = page.evaluate(OUTPUTS)
        if found["errors"] or (found["cells"] and not found["waiting"]):
            page.wait_for_timeout(500)  # the last output may arrive after the last number
            return page.evaluate(OUTPUTS)
        page.wait_for_timeout(500)
    pytest.fail(f"{found['waiting']} cells did not finish within {PATIENCE} s", pytrace=False)
