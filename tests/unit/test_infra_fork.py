"""A fork's address: in the catalogue and in all that is generated from it, without executing a notebook."""

import json
import shutil
import subprocess
import sys

import pytest

from tools import fork
from tools.notebooks import build, readme
from tools.notebooks.catalogue import ROOT, load

NEW = "jane-doe/my.course_2"


@pytest.fixture
def copy(tmp_path):
    """What of the repository the address stands in, and what the tool needs."""
    for folder in ("lessons", "solutions", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "CITATION.cff"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def contents(root):
    files = [p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def outputs(root):
    """Every output and execution count, and what a lesson recorded."""
    notebooks = {p.name: json.loads(p.read_text("utf-8")) for p in sorted(root.glob("solutions/*.ipynb"))}
    return {
        name: (
            notebook["metadata"],
            [(c.get("outputs"), c.get("execution_count")) for c in notebook["cells"]],
        )
        for name, notebook in notebooks.items()
    }


def test_after_it_nothing_is_out_of_date_and_every_output_is_kept(copy, monkeypatch):
    monkeypatch.setattr(build, "execute", lambda *_: pytest.fail("executed a notebook"))
    before, kept = contents(copy), outputs(copy)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {RUN}", NEW],
        cwd=copy, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    catalogue = load(copy / "lessons" / "catalogue.toml")
    assert catalogue.repository == NEW and catalogue.lessons == load().lessons
    assert outputs(copy) == kept
    stale = [
        path for lesson in catalogue.ready() for path in build.build(lesson, catalogue, copy, check=True)
    ]
    assert stale == drifted_before(), "what `make lessons` would write differs"
    text = (copy / "README.md").read_text(encoding="utf-8")
    assert readme.generated(text, catalogue) == readme.generated(before["README.md"].decode(), catalogue)
    assert f"git clone https://github.com/{NEW} && cd my.course_2" in text
    old = load().repository
    for path in [*copy.glob("*/*.ipynb"), copy / "README.md"]:
        assert f"/{old}" not in path.read_text(encoding="utf-8"), path.name

    after = contents(copy)
    assert fork.fork(NEW, copy) == [] and contents(copy) == after, "again: nothing"
    fork.fork(old, copy)
    assert contents(copy) == before, "and back"


RUN = "import tools.fork; sys.exit(tools.fork.main())"


def drifted_before():
    """What is out of date already, without any fork: another test's matter."""
    catalogue = load()
    return [path for lesson in catalogue.ready() for path in build.build(lesson, catalogue, check=True)]


@pytest.mark.parametrize(
    "owner",
    ["", "name", "name/", "/repo", "a/b/c", "-a/b", "a-/b", "a--b/c", "a b/c", "a/b c", "ä/b", "a/..",
     "a/b.git", "https://github.com/a/b", "a/$(id)", "a" * 40 + "/b"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_sentence_and_nothing_changes(copy, owner, capsys):
    before = contents(copy)
    with pytest.raises(fork.ForkError, match=r"no address on GitHub.*make fork OWNER=name/repo"):
        fork.fork(owner, copy)
    assert contents(copy) == before
    assert fork.main([owner]) == 1 and "no address" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["github.com/a/bc", "github.com/a/b-c", "github.com/a/b.c", "x/a/b"])
def test_another_repository_whose_name_begins_alike_stays(text):
    assert fork.moved(text, "a/b", NEW) == text


def test_a_link_at_the_end_of_a_sentence_is_moved():
    assert fork.moved("See https://github.com/a/b.", "a/b", NEW) == f"See https://github.com/{NEW}."


def test_a_catalogue_without_an_address_is_named(copy):
    (copy / "lessons" / "catalogue.toml").write_text("[course]\n")
    with pytest.raises(fork.ForkError, match="has no line repository"):
        fork.fork(NEW, copy)
