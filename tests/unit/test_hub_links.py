"""Links that put a lesson into a student's home, and what a second click leaves alone."""

import json
import os
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from tools.hub import environment, links
from tools.notebooks.catalogue import ROOT, load

HUB = "https://hub.example.org/"


def test_one_link_for_every_lesson_that_is_ready():
    catalogue = load()
    lines = links.lines(HUB, catalogue)
    assert len(lines) == len(catalogue.ready())
    for line, lesson in zip(lines, catalogue.ready(), strict=True):
        url = urlsplit(line.partition("](")[2].removesuffix(")"))
        query = {name: value for name, [value] in parse_qs(url.query, strict_parsing=True).items()}
        assert url.netloc == "hub.example.org" and url.path == "/hub/user-redirect/git-pull"
        assert query["repo"] == catalogue.repository_url()
        assert query["branch"] == catalogue.branch  # never left to nbgitpuller's own idea of a default
        folder, _, path = query["urlpath"].removeprefix("lab/tree/").partition("/")
        assert folder == catalogue.repository.rpartition("/")[2]  # where nbgitpuller puts it
        assert (ROOT / path).is_file() and lesson.name in path


def test_a_hub_without_a_scheme_is_refused(capsys):
    assert links.main(["hub.example.org"]) == 2
    assert "https://" in capsys.readouterr().err


@pytest.fixture
def gitpuller():
    program = environment.program("gitpuller")
    if not program.is_file():
        if os.environ.get("STALE_PRICES_REQUIRE_HUB") == "1":
            pytest.fail(f"{program} is missing")
        pytest.skip("nbgitpuller is not in the course's environment: make hub-test")
    return program


def test_a_students_edit_survives_a_change_of_the_lesson(gitpuller, tmp_path):
    """The real nbgitpuller, twice, over an origin that changes between the clicks."""
    origin, home = tmp_path / "origin", tmp_path / "home"
    who = {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "none"),
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": str(tmp_path),
    }
    who |= {
        f"GIT_{role}_{part}": "teacher@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }

    def git(*arguments):
        subprocess.run(
            ["git", "-C", origin, *arguments], check=True, capture_output=True, env=os.environ | who
        )

    def publish(name, **cells):
        cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "id": key,
                  "source": source} for key, source in cells.items()]  # fmt: skip
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (origin / name).write_text(json.dumps(notebook, indent=1), encoding="utf-8")
        git("add", ".")
        git("commit", "--message", "lesson")

    def click():
        command = [gitpuller, f"file://{origin}", load().branch, home]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | who, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr

    origin.mkdir()
    git("init", "--initial-branch", load().branch)
    publish("edited.ipynb", a="price = 49", b="# your code here")
    publish("untouched.ipynb", a="price = 49")
    click()
    lesson = home / "edited.ipynb"
    lesson.write_text(
        lesson.read_text(encoding="utf-8").replace("# your code here", "my_answer = 42"), encoding="utf-8"
    )
    (home / "notes.txt").write_text("mine", encoding="utf-8")

    publish("edited.ipynb", a="price = 55", b="# your code here, please")
    publish("untouched.ipynb", a="price = 55")
    publish("new.ipynb", a="a lesson of the second day")
    click()
    assert "my_answer = 42" in lesson.read_text(encoding="utf-8")  # where both changed, the student's stays
    assert "price = 55" in (home / "untouched.ipynb").read_text(encoding="utf-8")
    assert (home / "new.ipynb").is_file() and (home / "notes.txt").read_text(encoding="utf-8") == "mine"
