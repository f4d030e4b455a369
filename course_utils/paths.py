"""Where the course's files live: the repository, a cache per user, a work folder per lesson.

The environment variable ``STALE_PRICES_HOME`` moves everything the course writes below one folder
(``cache/`` and ``work/`` in it); the tests use it to keep notebooks apart that run side by side.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

HOME_VARIABLE = "STALE_PRICES_HOME"


class PathsError(Exception):
    """No folder can be written to; the message says what to do."""


def repo_dir() -> Path | None:
    """The checkout this package is imported from, or None when it was installed without one."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "lessons" / "catalogue.toml").is_file() else None


def cache_dir() -> Path:
    """The folder for what lessons share and may be deleted at any time. Created on first use.

    Raises PathsError when it cannot be written.
    """
    folder = _cache_location()
    if not _writable(folder):
        raise PathsError(
            f"The cache folder {folder} cannot be written. Set the environment variable {HOME_VARIABLE} "
            "to a folder of yours and start again."
        )
    return folder


def work_dir(lesson: str) -> Path:
    """The folder for one lesson's own files, such as ``work_dir("02")``. Created on first use.

    ``work/<lesson>`` in the repository, so that a learner can open it next to the notebook; in the cache
    when the repository is read-only. Raises PathsError when neither can be written.
    """
    if not re.fullmatch(r"[\w-]+", lesson):
        raise ValueError(f"A lesson's folder is a plain name such as '02', not {lesson!r}.")
    if HOME_VARIABLE in os.environ:
        candidates = [_home() / "work" / lesson]
    else:
        beside = repo_dir() or Path.cwd()
        candidates = [beside / "work" / lesson, _cache_location() / "work" / lesson]
    for folder in candidates:
        if _writable(folder):
            return folder
    raise PathsError(
        "This lesson needs a folder to write to, and neither of these can be written: "
        + ", ".join(map(str, candidates))
        + f". Set the environment variable {HOME_VARIABLE} to a folder of yours and start again."
    )


def shown(path: Path | str) -> str:
    """``path`` as a learner should read it: relative to the repository, the home folder or the work place."""
    path = Path(path).absolute()
    bases = [_home()] if HOME_VARIABLE in os.environ else []
    bases += [base for base in (repo_dir(), Path.cwd()) if base is not None]
    for base in bases:
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return f"~/{path.relative_to(Path.home()).as_posix()}" if path.is_relative_to(Path.home()) else str(path)


def write_whole(file: Path, text: str) -> None:
    """Write ``text`` to ``file``, whole or not at all: a kill or a second writer leaves no half of it."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _home() -> Path:
    return Path(os.environ[HOME_VARIABLE]).expanduser().absolute()


def _cache_location() -> Path:
    if HOME_VARIABLE in os.environ:
        return _home() / "cache"
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "stale-prices"


def _writable(folder: Path) -> bool:
    """Create ``folder`` and prove by writing that it takes files (permission bits lie on network disks)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
