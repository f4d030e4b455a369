"""The browser of the system, and a JupyterLab on a copy of the lessons."""

import json
import os
import shutil
import sys

import pytest

from tests.browser.driver import TOKEN, find_browser, free_port, open_page, serving, surroundings
from tools.notebooks.catalogue import ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    found = find_browser()
    if found is None and os.environ.get("STALE_PRICES_REQUIRE_BROWSER") == "1":
        pytest.fail("No Chromium found; on Debian: apt-get install chromium", pytrace=False)
    if found is None:
        pytest.skip("no Chromium found")
    return found


@pytest.fixture
def page(chromium):
    """A page as wide as a projector's."""
    with open_page(chromium, width=1024, height=1300) as page:
        yield page


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> str:
    """The address of a JupyterLab on a copy of the repository's lessons, with a configuration of its own."""
    home = tmp_path_factory.mktemp("lab")
    root = home / "course"
    shutil.copytree(ROOT / "lessons", root / "lessons")  # a copy: opening a notebook may save it
    config = home / "config" / "labconfig"
    config.mkdir(parents=True)
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (config / "page_config.json").write_text(json.dumps(news))
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--port={port}", "--ServerApp.port_retries=0", "--ip=127.0.0.1", f"--ServerApp.root_dir={root}"),
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",  # lets the tests read the notebook's outputs
    ]
    status, log = f"{address}/api/status?token={TOKEN}", home / "lab.log"
    with serving(command, status, log, cwd=root, env=surroundings(home)):
        yield address
