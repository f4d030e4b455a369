"""Run the GPU lane's own code where there is no GPU, on Unsloth's CPU backend: `make test-unsloth`.

Unsloth patches transformers, TRL and PEFT as soon as it is imported, and installed with its dependencies it
would replace torch. So it stays out of the course's environment: it is put into a folder of its own,
without dependencies, and only this test's process sees it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.gpu.interfaces import pinned_gpu
from tools.notebooks.catalogue import ROOT

FOLDER = ROOT / "build" / "unsloth"
TEST = "tests/unit/test_finetuning_unsloth.py"


def install(folder: Path = FOLDER) -> None:
    """The pinned Unsloth in ``folder``; nothing to do when it is there already."""
    pins = [f"{name}=={version}" for name, version in sorted(pinned_gpu().items())]
    stamp = folder / "installed.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8").split() == pins:
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--upgrade", "--target", str(folder), *pins], check=True)
    stamp.write_text("\n".join(pins), encoding="utf-8")


def main() -> int:
    try:
        install()
    except subprocess.CalledProcessError:
        print("Unsloth could not be installed (see above); this test needs a package index.", file=sys.stderr)
        return 1
    path = os.pathsep.join([str(FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    # -p no:nbval and one process: the notebooks' plugin is not needed, and Unsloth has to be imported first.
    command = [sys.executable, "-m", "pytest", "-o", "addopts=-ra --strict-markers", "-p", "no:nbval"]
    command += ["--noconftest", TEST]
    # A missing Unsloth is a failure here, not a skip.
    wanted = {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "STALE_PRICES_REQUIRE_UNSLOTH": "1"}
    return subprocess.run(command, cwd=ROOT, env=os.environ | wanted).returncode


if __name__ == "__main__":
    sys.exit(main())
