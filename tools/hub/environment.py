"""The programs of a real JupyterHub, in build/hub: the course's own environment needs none of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.notebooks.catalogue import ROOT
from tools.setup_env import pin, read_pyproject

FOLDER = ROOT / "build" / "hub"
JUPYTERHUB = "5.5.4"  # not 6: The Littlest JupyterHub asks for < 6, Zero to JupyterHub ships 5.5
PROXY = "configurable-http-proxy@5.3.0"


class HubError(Exception):
    """The hub cannot be set up or does not answer; the message says what to do."""


def program(name: str) -> Path:
    """A program of the hub's own Python environment."""
    return FOLDER / "venv" / "bin" / name


def proxy() -> Path:
    return FOLDER / "node" / "node_modules" / ".bin" / "configurable-http-proxy"


def requirements() -> list[str]:
    project = read_pyproject()
    nbgitpuller = project["optional-dependencies"]["hub"]
    return [
        f"jupyterhub=={JUPYTERHUB}",
        f"jupyterlab=={pin(project['dependencies'], 'jupyterlab')}",
        *nbgitpuller,
    ]


def ensure() -> None:
    """JupyterHub, JupyterLab, nbgitpuller and the proxy in build/hub; nothing to do when they are there."""
    stamp, wanted = FOLDER / "installed.txt", [*requirements(), PROXY]
    if stamp.is_file() and stamp.read_text(encoding="utf-8").split() == wanted:
        return
    if shutil.which("npm") is None:
        raise HubError(
            "The proxy is a Node.js program: install Node.js 20 or newer with npm, and run this again."
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    venv = [sys.executable, "-m", "venv", FOLDER / "venv"]
    pip = [
        program("python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        *requirements(),
    ]
    npm = ["npm", "install", "--silent", "--no-fund", "--prefix", FOLDER / "node", PROXY]
    for command in (venv, pip, npm):
        if subprocess.run(list(map(str, command))).returncode:
            raise HubError(
                "The hub's programs could not be installed (see above); this needs package indexes."
            )
    stamp.write_text("\n".join(wanted), encoding="utf-8")
