"""pyproject.toml, environment.yml, binder/ and the Makefile tell the same story."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib

import pytest
import yaml

from tools.notebooks.catalogue import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CPU_INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu"


def conda(path):
    """(Python version, pip's lines) of a conda environment file."""
    dependencies = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))["dependencies"]
    [pip] = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    [python] = [entry.removeprefix("python=") for entry in dependencies if str(entry).startswith("python=")]
    return python, pip


def test_conda_installs_the_course_itself_and_so_its_versions():
    _, pip = conda("environment.yml")
    assert pip == [CPU_INDEX, "-e .[offline]"]


def test_binder_repeats_exactly_the_versions_of_pyproject():
    _, pip = conda("binder/environment.yml")
    assert pip[0] == CPU_INDEX
    extras = PROJECT["optional-dependencies"]
    assert pip[1:] == PROJECT["dependencies"] + extras["offline"] + extras["hub"]


def test_both_name_the_same_python_inside_the_supported_range():
    from packaging.specifiers import SpecifierSet

    (root, _), (binder, _) = conda("environment.yml"), conda("binder/environment.yml")
    assert root == binder
    assert root in SpecifierSet(PROJECT["requires-python"])


def test_direct_dependencies_are_pinned_exactly_or_say_why_not():
    source = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in PROJECT["dependencies"]:
        if "==" not in requirement:
            assert re.search(re.escape(f'"{requirement}",') + r"  # \w+", source), requirement


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_binder_scripts_can_be_run(name):
    script = ROOT / "binder" / name
    assert script.stat().st_mode & stat.S_IXUSR
    text = script.read_bytes()
    assert text.startswith(b"#!/bin/bash\n") and b"\r" not in text
    subprocess.run(["bash", "-n", script], check=True)


SERVER = """
from jupyter_server.serverapp import ServerApp
server = ServerApp()
server.initialize([], find_extensions=False)
kernels = server.kernel_manager
print(kernels.cull_idle_timeout, kernels.cull_interval, kernels.cull_connected, kernels.cull_busy)
"""


def test_a_server_on_binder_shuts_idle_kernels_down_also_connected_ones(tmp_path):
    """Started as Binder starts it, through binder/start, with a hub's own configuration beside it."""
    hub = tmp_path / "hub"
    hub.mkdir()
    (hub / "jupyter_server_config.json").write_text('{"MappingKernelManager": {"cull_idle_timeout": 600}}')
    ours = {"HOME": str(tmp_path), "JUPYTER_CONFIG_PATH": str(hub), "JUPYTER_PLATFORM_DIRS": "1"}
    done = subprocess.run(
        [ROOT / "binder" / "start", sys.executable, "-c", SERVER],
        cwd=tmp_path, capture_output=True, text=True, env=os.environ | ours,
    )  # fmt: skip
    assert done.stdout.split() == ["300", "60", "True", "False"], done.stderr[-2000:]


@pytest.mark.slow
def test_repo2docker_renders_the_image_from_our_files(tmp_path):
    """Without Docker: it only writes the Dockerfile it would build."""
    for folder in ("binder", "lessons"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)})
    rendered = done.stdout + done.stderr
    assert done.returncode == 0, rendered[-2000:]
    python, _ = conda("binder/environment.yml")
    assert f"Building conda environment for python={python}\n" in rendered
    assert '--file "binder/environment.yml"' in rendered
    assert "RUN ./binder/postBuild" in rendered
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in rendered


def test_make_alone_explains_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    explained = dict(re.findall(r"^  make (\S+) +(\S.*)$", shown, re.MULTILINE))
    assert targets == phony == set(explained)


def test_every_module_the_makefile_runs_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for module in re.findall(r"\$\(RUN\) ([\w.]+)", makefile):
        if module != "pytest":
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_ci_runs_the_readmes_test_command():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert script.read_text(encoding="utf-8").rstrip().splitlines()[-1].startswith("make test")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", script], check=True)
