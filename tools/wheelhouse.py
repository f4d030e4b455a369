"""Collect everything the set-up installs in one folder, for a room without a network: `make wheelhouse`.

    python3 -m tools.wheelhouse                                     for machines like this one
    python3 -m tools.wheelhouse --target windows:3.12 macos:3.13    for others, into the same folder
    python3 -m tools.wheelhouse --prove                             set up from it and use it, without network

There, with this repository and the folder on a stick: `make lab WHEELHOUSE=folder`, or without make
`python3 tools/setup_env.py --wheelhouse folder`. Nothing is fetched: torch (the CPU build), the course's
packages, what builds the course itself, the embedding weights and smol's weights all lie in the folder, and
SHA256SUMS with them. Running it again fetches only what is missing.

A wheelhouse fits one system, processor and Python version. For those of this machine pip resolves; for others
uv does (`pip install uv`), because pip asks the machine it runs on which packages another system needs.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tools import setup_env
from tools.setup_env import CPU_INDEX, ROOT, SetupError, say

FOLDER = ROOT / "build" / "wheelhouse"
# Target to uv's name of the platform and the tags, newest first, under which its wheels are published.
PLATFORMS = {
    "linux": (
        "x86_64-manylinux_2_28",
        [f"manylinux_2_{n}_x86_64" for n in range(28, 4, -1)] + ["manylinux2014_x86_64"],
    ),
    "linux-arm": (
        "aarch64-manylinux_2_28",
        [f"manylinux_2_{n}_aarch64" for n in range(28, 16, -1)] + ["manylinux2014_aarch64"],
    ),
    "macos": (
        "aarch64-apple-darwin",
        [f"macosx_{n}_0_{cpu}" for n in range(14, 10, -1) for cpu in ("arm64", "universal2")],
    ),
    "windows": ("x86_64-pc-windows-msvc", ["win_amd64"]),
}


@dataclass(frozen=True)
class Target:
    system: str  # a key of PLATFORMS
    python: str  # "3.12"

    def __str__(self) -> str:
        return f"{self.system}:{self.python}"


def target(text: str) -> Target:
    """``windows:3.12`` as a Target. Raises SetupError that names what there is."""
    found = re.fullmatch(r"([a-z-]+):(3\.\d+)", text)
    if not found or found[1] not in PLATFORMS:
        raise SetupError(
            f"{text!r} is no target. Write system:python, such as windows:3.12; the systems are "
            f"{', '.join(PLATFORMS)}."
        )
    return Target(*found.groups())


def wanted(project: dict) -> list[str]:
    """The requirements of a learner's set-up, and of building the course in it; smol's come alone."""
    return [
        *project["dependencies"],
        *setup_env.read_pyproject("build-system")["requires"],
        *project["optional-dependencies"]["offline"],
    ]


def collect_here(folder: Path, project: dict) -> None:
    """What this machine's kind needs, resolved by pip."""
    fetch = [sys.executable, "-m", "pip", "download", *setup_env.PIP_OPTIONS, "--quiet"]
    fetch += ["--only-binary=:all:", "--dest", str(folder), "--find-links", folder.as_uri()]
    if setup_env.cpu_build_wanted(platform.system(), has_nvidia=False):
        version = setup_env.pin(project["dependencies"], "torch")
        setup_env.run([*fetch, "--no-deps", *setup_env.torch_within_reach(sys.executable, version)])
    setup_env.run([*fetch, *wanted(project)])
    setup_env.run([*fetch, "--no-deps", *project["optional-dependencies"]["smol"]])


def collect_for(to: Target, folder: Path, project: dict) -> None:
    """What another kind of machine needs, resolved by uv and fetched by pip."""
    uv = shutil.which("uv")
    if uv is None:
        raise SetupError(f"A wheelhouse for {to} needs uv, which resolves for other systems: pip install uv")
    uv_name, tags = PLATFORMS[to.system]
    os.environ.setdefault(
        "MACOSX_DEPLOYMENT_TARGET", "14.0"
    )  # the oldest that torch is built for; uv's is 13
    lines = wanted(project)
    index = []
    if to.system.startswith("linux"):  # the default build brings gigabytes of CUDA
        version = setup_env.pin(lines, "torch")
        lines = [f"torch=={version}+cpu" if line == f"torch=={version}" else line for line in lines]
        index = ["--extra-index-url", CPU_INDEX]
    with tempfile.TemporaryDirectory() as scratch:
        asked, pinned = Path(scratch, "asked.txt"), Path(scratch, "pinned.txt")
        asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
        resolve = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--only-binary", ":all:"]
        resolve += ["--python-platform", uv_name, "--python-version", to.python, "--find-links", str(folder)]
        resolve += ["--index-strategy", "unsafe-best-match", *index] if index else []
        setup_env.run([*resolve, "--output-file", pinned, asked])
        smol = project["optional-dependencies"]["smol"]
        pinned.write_text("\n".join([pinned.read_text(encoding="utf-8"), *smol]), encoding="utf-8")
        fetch = [sys.executable, "-m", "pip", "download", *setup_env.PIP_OPTIONS, "--quiet", "--no-deps"]
        fetch += ["--only-binary=:all:", "--dest", folder, "--find-links", folder.as_uri(), *index]
        abi = f"cp{to.python.replace('.', '')}"
        fetch += ["--python-version", to.python, "--implementation", "cp"]
        fetch += [f"--abi={name}" for name in (abi, "abi3", "none")] + [f"--platform={tag}" for tag in tags]
        setup_env.run([*fetch, "--requirement", pinned])


def write_sums(folder: Path) -> int:
    """SHA256SUMS of every file in ``folder``, as ``sha256sum --check`` reads it; how many bytes they are."""
    files = sorted(file for file in folder.iterdir() if file.name != setup_env.SUMS)
    lines = [f"{setup_env.sha256(file)}  {file.name}\n" for file in files]
    (folder / setup_env.SUMS).write_text("".join(lines), encoding="utf-8")
    return sum(file.stat().st_size for file in files)


# What --prove runs with the new environment's Python: lesson 02 up to the first search in the handbook.
FIRST_CELLS = """
import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

notebook = nbformat.read("lessons/02_rag_fix.ipynb", as_version=4)
stop = next(i for i, cell in enumerate(notebook.cells) if "def retrieve(" in cell.source)
notebook.cells = notebook.cells[: stop + 1]
kernel = AsyncKernelManager(kernel_name="python3", transport="ipc")  # there is no loopback either
NotebookClient(notebook, km=kernel, timeout=900).execute()
for cell in notebook.cells:
    print(*(output.get("text", "") for output in cell.get("outputs", [])), sep="", end="")
"""


def prove(folder: Path) -> None:
    """Set up a new environment from ``folder`` and use it, where there is no network at all (Linux)."""
    alone = ["unshare", "--map-root-user", "--net"]
    if not setup_env.succeeds([*alone, "true"]):
        raise SetupError("Proving it needs Linux, and leave to make a network namespace: unshare --net")
    with tempfile.TemporaryDirectory(prefix="stale-prices-offline-") as scratch:
        # Nothing that earlier runs left in a cache may help.
        home = [f"{name}={scratch}/home" for name in ("STALE_PRICES_HOME", "HF_HOME", "XDG_CACHE_HOME")]
        venv = Path(scratch, "venv")
        python = [*alone, "env", *home, "STALE_PRICES_MODEL=tiny", setup_env.venv_python(venv)]
        set_up = [sys.executable, ROOT / "tools" / "setup_env.py", "--wheelhouse", folder, "--venv", venv]
        start = time.monotonic()
        setup_env.run([*alone, *set_up])
        say(f"set up without a network in {time.monotonic() - start:.0f} s")
        setup_env.run([*python, "-m", "course_utils.doctor"])
        setup_env.run([*python, "-c", FIRST_CELLS])
        say(f"set-up, doctor and lesson 02's first cells in {time.monotonic() - start:.0f} s")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: build/wheelhouse")
    parser.add_argument("--target", nargs="+", metavar="SYSTEM:PYTHON", help="default: this machine's")
    parser.add_argument("--prove", action="store_true", help="collect nothing: set up from it, offline")
    options = parser.parse_args(arguments)
    folder = options.folder.absolute()
    try:
        if options.prove:
            prove(folder)
            return 0
        targets = [target(text) for text in options.target or []]
        project = setup_env.read_pyproject()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / setup_env.SUMS).unlink(missing_ok=True)  # until the end is reached, it is not whole
        for one in targets:
            say(f"collecting for {one}")
            collect_for(one, folder, project)
        if not targets:
            say(
                f"collecting for {platform.system()} {platform.machine()}, Python {platform.python_version()}"
            )
            collect_here(folder, project)
        size = write_sums(folder)
    except SetupError as problem:
        print(f"[set-up] {problem}", file=sys.stderr)
        return 1
    say(f"{folder} is whole: {len(list(folder.iterdir())) - 1} files, {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
