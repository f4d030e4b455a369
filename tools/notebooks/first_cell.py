"""The first code cell of every notebook, generated: on Google Colab it makes the notebook ready.

Elsewhere it looks whether the kernel has the course, and says so when it has not.

It carries the version of the course that the notebook was made for and fetches the branch that the badges
point to, so that notebook and package are of one commit, in a fork with copied tags, too. A notebook that was
kept while the branch went on to another version gets its release's tag; `colab.prepare` refuses any other.
All that it does apart from fetching is in ``course_utils/colab.py``.
"""

from __future__ import annotations

import tomllib

import nbformat
from nbformat import NotebookNode

from tools.notebooks.catalogue import ROOT, Catalogue

MARK = "# On Google Colab: "  # how the cell begins, and no other
SOURCE = """\
# On Google Colab: fetch the course at this notebook's version and install what is missing (two minutes).
# Anywhere else this cell only looks whether the kernel has the course.
import importlib.util
import os
import shutil
import subprocess
import sys

if "COLAB_RELEASE_TAG" in os.environ:
    url = "{url}"
    if not os.path.isfile("stale-prices/pyproject.toml"):
        shutil.rmtree("stale-prices", ignore_errors=True)  # what an interrupted try left
        clone = ["git", "clone", "--quiet", "--depth=1", "--branch", "{branch}", url, "stale-prices"]
        fetched = subprocess.run(clone, capture_output=True, text=True)
        if fetched.returncode:
            raise SystemExit(f"{{url}} was not fetched. Is it public? Was it renamed? {{fetched.stderr}}")
    if 'version = "{version}"' not in open("stale-prices/pyproject.toml").read():  # the branch went on
        for step in (["fetch", "--depth=1", "origin", "tag", "v{version}"], ["checkout", "v{version}"]):
            subprocess.run(["git", "-C", "stale-prices", *step], capture_output=True)
    sys.path.insert(0, os.path.abspath("stale-prices"))
    from course_utils import colab

    colab.prepare("{version}", drive=False{unsloth})  # drive=True keeps your results in your Google Drive
elif importlib.util.find_spec("course_utils") is None:
    raise SystemExit("This kernel has no course: choose the kernel of .venv (`make setup` makes it).")"""


def course_version() -> str:
    """The course's version, from pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def first_cell(catalogue: Catalogue, gpu: bool = False) -> NotebookNode:
    """The generated cell for a notebook of this catalogue; ``gpu``: of a lesson that wants one."""
    source = SOURCE.format(
        url=catalogue.repository_url(),
        branch=catalogue.branch,
        version=course_version(),
        unsloth=", unsloth=True" if gpu else "",
    )
    return nbformat.v4.new_code_cell(source)
