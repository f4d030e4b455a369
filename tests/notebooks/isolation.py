"""How the notebooks are tested: nbval runs every cell of every lesson and solution; this plugin adds

* a home of its own for each notebook, so that notebooks running side by side share no work folder; only the
  cache of vectors, kept by content, is one for the whole run, as it is for a learner;
* what a self-check must say: "not attempted yet" in a lesson as it is handed out, "correct" in its solution;
* that a cell tagged ``raises-exception`` does raise (nbval itself is content when it does not);
* the order: what takes longest first.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell

HOME_VARIABLE = "STALE_PRICES_HOME"
CACHE_VARIABLE = "STALE_PRICES_TEST_CACHE"
CHECK_CALL = re.compile(r"^check\(", re.MULTILINE)
LONGEST = ("test_infra_twice.py", "test_infra_smol.py")
EXPECTED_VERDICT = {"lessons": ("… Not attempted yet.",), "solutions": ("✔ Correct.", "✔ Measured.")}

_homes = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    if CACHE_VARIABLE not in os.environ:  # workers inherit their controller's
        os.environ[CACHE_VARIABLE] = tempfile.mkdtemp(prefix="stale-prices-cache-")
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(CACHE_VARIABLE), ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest first, so that no core is idle at the end: both runs of every solution (one
    file, so one worker), then the notebooks, the later lessons first of all."""

    def place(item: pytest.Item) -> int:
        if isinstance(item, IPyNbCell):
            return -int(item.path.name[:2])
        return -100 if item.path.name in LONGEST else 1

    items.sort(key=place)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[_homes] = Path(tempfile.mkdtemp(prefix="stale-prices-notebooks-"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    shutil.rmtree(session.config.stash[_homes], ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item):
    """Name the home when nbval starts a notebook's kernel: in the set-up of its first cell."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    home = item.session.config.stash[_homes] / item.path.parent.name / item.path.stem
    home.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):  # it is there already, or this system allows no links
        (home / "cache").symlink_to(os.environ[CACHE_VARIABLE], target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, HOME_VARIABLE, str(home))
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    result = yield
    if isinstance(item, IPyNbCell):
        problem = broken_promise(
            item.path.parent.name,
            item.cell.source,
            item.test_outputs or [],
            must_raise=item.options["check_exception"],
        )
        if problem:
            pytest.fail(f"{item.name}: {problem}", pytrace=False)
    return result


def broken_promise(folder: str, source: str, outputs: list, must_raise: bool = False) -> str | None:
    """What a cell in ``folder`` with these outputs should have done and did not; None when all is well."""
    if must_raise and not any(output["output_type"] == "error" for output in outputs):
        return "is tagged raises-exception, but nothing was raised."
    calls = len(CHECK_CALL.findall(source))
    verdicts = EXPECTED_VERDICT.get(folder)
    if not calls or verdicts is None:
        return None
    printed = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    if sum(map(printed.count, verdicts)) < calls:
        wanted = " or ".join(f"'{verdict}'" for verdict in verdicts)
        return f"a self-check in {folder}/ should say {wanted}, but this was printed:\n{printed}"
    return None
