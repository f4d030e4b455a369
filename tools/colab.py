"""Try what a lesson's first cell would install beside all that Colab ships, without Colab: ``make drift``.

A virtual environment of Colab's Python gets an empty stand-in for each package of Colab's published list,
then the real pip resolves the real plan there, without installing anything. So it says what it would replace,
and whether everything can be held that the kernel has loaded.

    python -m tools.colab              every list that the repository keeps, and the newest one published
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from course_utils import colab
from tools.notebooks.catalogue import ROOT

LISTS = ROOT / "tests" / "unit" / "colab"
PUBLISHED = "https://raw.githubusercontent.com/googlecolab/backend-info/main"
# What a kernel there has loaded before the first cell runs: what was in sys.modules after Colab's versions of
# ipykernel, IPython and Jupyter's client had started a kernel on 3.12, and it had imported what google.colab
# imports (numpy, PIL, psutil, httplib2, portpicker, pexpect); Colab goes without jedi …
STARTED = """
backcall certifi debugpy decorator defusedxml entrypoints httplib2 ipykernel ipython jupyter-client
jupyter-core numpy packaging parso pexpect pickleshare pillow platformdirs portpicker prompt-toolkit psutil
ptyprocess pygments pyparsing python-dateutil pyzmq setuptools tornado traitlets wcwidth
"""
# … and what a learner's earlier cell may well have imported.
LIKELY = """
charset-normalizer google-auth idna ipywidgets matplotlib matplotlib-inline pandas pytz pyyaml requests six
tzdata urllib3
"""
IN_KERNEL = frozenset((STARTED + LIKELY).split())


class ListError(Exception):
    """A list of packages that cannot be used; the message names it."""


@dataclass(frozen=True)
class Shipped:
    """What a runtime of Colab ships: its Python, as ``"3.12"``, and every package with its version."""

    name: str
    python: str
    packages: Mapping[str, str]


def read(text: str, name: str, python: str | None = None, folder: Path = LISTS) -> Shipped:
    """The list in ``text``, as pip freezes it. Packages that were installed from an address say no version.

    ``# Python 3.13`` names its Python, ``# Based on FILE`` the list that it only changes.
    """
    stated = re.search(r"^# Python (3\.\d+)$", text, re.MULTILINE)
    python = python or (stated and stated[1])
    if not python:
        raise ListError(f"{name} does not say its Python: add a line '# Python 3.12'.")
    base = re.search(r"^# Based on (\S+)$", text, re.MULTILINE)
    packages = dict(load(folder / base[1]).packages) if base else {}
    pins = re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE)
    if not pins:
        raise ListError(f"{name} lists no package: is it what `pip freeze` prints?")
    packages |= {colab.spelled(package): version for package, version in pins}
    return Shipped(name, python, packages)


def load(path: Path) -> Shipped:
    return read(path.read_text(encoding="utf-8"), path.stem, folder=path.parent)


def kept_lists() -> list[Shipped]:
    """The lists that the repository keeps, oldest first."""
    return [load(path) for path in sorted(LISTS.glob("*.txt"))]


def newest(address: str = PUBLISHED) -> Shipped:
    """The list of Colab's GPU runtime as it is published now. Raises OSError where it cannot be reached."""
    packages, system = (_get(f"{address}/{file}") for file in ("pip-freeze.gpu.txt", "os-info-gpu.txt"))
    stated = re.search(r"^Python (3\.\d+)", system, re.MULTILINE)
    return read(packages, "newest", stated and stated[1])


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode("utf-8")


def interpreter(python: str) -> str | None:
    """A Python of that version on this machine, one that starts."""
    found = shutil.which(f"python{python}")
    if found and subprocess.run([found, "--version"], capture_output=True).returncode == 0:
        return found
    return None


def dry_run(shipped: Shipped, python: str, gpu: bool = True) -> dict[str, str]:
    """What pip would install at which version, of the plan for ``shipped``; all of IN_KERNEL is held.

    Raises ColabError when that does not resolve; the message ends with what pip said.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plan = colab.plan(shipped.packages, project, gpu)
    held = colab.held(plan.constraints, IN_KERNEL, shipped.packages)
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder, "env")
        subprocess.run([python, "-m", "venv", str(environment)], check=True)
        inside = environment / "bin" / "python"
        stand_ins(shipped.packages, environment / "lib" / f"python{shipped.python}" / "site-packages")
        Path(folder, "held.txt").write_text("\n".join(held) + "\n", encoding="utf-8")
        report = Path(folder, "report.json")
        command = [str(inside), "-m", "pip", "install", "--dry-run", "--quiet", "--disable-pip-version-check"]
        command += ["--report", str(report), "--constraint", str(Path(folder, "held.txt")), *plan.install]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise colab.ColabError(f"{shipped.name} does not resolve:\n{done.stderr.strip()[-1500:]}")
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    about = (package["metadata"] for package in found)
    return {colab.spelled(one["name"]): one["version"] for one in about}


def stand_ins(packages: Mapping[str, str], folder: Path) -> None:
    """For each package a description without files, which is all that pip looks at before it installs."""
    for name, version in packages.items():
        about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        if name != "pip":  # the real one is there
            about.mkdir(exist_ok=True)
            (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            (about / "INSTALLER").write_text("pip\n")
            (about / "RECORD").write_text("")


def report(shipped: Shipped) -> bool:
    """Print what the plan would change beside ``shipped``; False if it does not resolve."""
    head = f"{shipped.name} (Python {shipped.python}, {len(shipped.packages)} packages)"
    python = interpreter(shipped.python)
    if python is None:
        print(f"{head}: not checked, there is no python{shipped.python} here.")
        return True
    try:
        installed = dry_run(shipped, python)
    except colab.ColabError as problem:
        print(f"{head}: {problem}")
        return False
    replaced = sorted(name for name in installed if name in shipped.packages)
    print(f"{head}: resolves with all held that the kernel has loaded; {len(installed)} to install,")
    changes = (f"{name} {shipped.packages[name]} → {installed[name]}" for name in replaced)
    print(f"  of which {len(replaced)} replace another version: {', '.join(changes)}")
    return True


def main() -> int:
    lists = kept_lists()
    try:
        lists.append(newest())
    except (urllib.error.URLError, OSError) as problem:
        print(f"The newest list was not reached ({problem}); only the kept ones are tried.")
    return 0 if all([report(shipped) for shipped in lists]) else 1


if __name__ == "__main__":
    sys.exit(main())
