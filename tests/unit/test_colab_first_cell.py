"""The generated first cell, run in a simulated Colab, and what it installs there.

The simulation: the marks that Colab leaves in the environment, a stub of google.colab, all that Colab
really shipped (the lists in `colab/`), git over a local copy of the repository, and a pip that writes down
what it is asked. With a real pip, and so the network, `make drift` tries the same lists. What Colab itself
does with it has to be tried by hand.
"""

import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from course_utils import colab, lane, paths
from tools import colab as lists
from tools.notebooks.catalogue import Catalogue
from tools.notebooks.first_cell import course_version, first_cell

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = lists.kept_lists()
COLAB = dict(SHIPPED[0].packages)
PROJECT = colab.tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CATALOGUE = Catalogue("owner/name", "main", ())
T4 = lane.Lane("cuda", "Tesla T4, 15 GiB", lane.Gpu("Tesla T4", 14.7, bf16=False))
CPU = lane.Lane("cpu", "no NVIDIA GPU found")


def names(requirements):
    return {colab._name(text) for text in requirements}


# --- the plan -----------------------------------------------------------------------------------------


@pytest.fixture(params=SHIPPED, ids=lambda shipped: shipped.name)
def shipped(request):
    return request.param


def test_the_lists_are_whole_and_of_the_pythons_that_colab_runs():
    assert [shipped.python for shipped in SHIPPED] == ["3.12", "3.13"]
    for shipped in SHIPPED:
        assert len(shipped.packages) > 700
        names_there = set(shipped.packages)
        assert names_there >= set(colab.KEPT) - {"jupyterlab"}, "Colab has it all but JupyterLab"
        assert names_there >= lists.IN_KERNEL, "a name is misspelled"
    assert [shipped.packages["numpy"] for shipped in SHIPPED] == ["2.0.2", "2.1.3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("numpy==2.0.2\n", "does not say its Python"), ("# Python 3.12\nnumpy\n", "lists no package")],
)
def test_a_list_that_is_none_is_refused(text, words):
    with pytest.raises(lists.ListError, match=f"mine {words}"):
        lists.read(text, "mine")


def test_a_published_list_is_read_with_its_python(tmp_path):
    (tmp_path / "pip-freeze.gpu.txt").write_text("# made\nNumPy==2.1.3\nx @ https://example.org/x.whl\n")
    (tmp_path / "os-info-gpu.txt").write_text("Ubuntu 22.04.5 LTS\nPython 3.13.5\n")
    found = lists.newest(tmp_path.as_uri())
    assert (found.python, found.packages) == ("3.13", {"numpy": "2.1.3"})
    with pytest.raises(OSError):
        lists.newest((tmp_path / "nowhere").as_uri())


def test_pip_sees_the_stand_ins_as_installed(tmp_path):
    lists.stand_ins({"numpy": "2.0.2", "jaraco-classes": "3.4.0"}, tmp_path)
    found = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions(path=[str(tmp_path)])}
    assert found == {"numpy": "2.0.2", "jaraco-classes": "3.4.0"}


def test_a_python_that_is_not_here_is_no_failure(capsys, monkeypatch):
    monkeypatch.setattr(lists, "interpreter", lambda _: None)
    assert lists.report(SHIPPED[0]) and "not checked" in capsys.readouterr().out


def test_what_does_not_resolve_is_a_failure(capsys, monkeypatch):
    def impossible(*_):
        raise colab.ColabError("does not resolve: ResolutionImpossible")

    monkeypatch.setattr(lists, "interpreter", lambda _: "python")
    monkeypatch.setattr(lists, "dry_run", impossible)
    assert not lists.report(SHIPPED[0]) and "ResolutionImpossible" in capsys.readouterr().out


def test_what_colab_lacks_or_has_in_another_version_is_installed_at_our_pins(shipped):
    made = colab.plan(shipped.packages, PROJECT, gpu=False)
    assert {"trl", "chromadb", "bitsandbytes", "transformers", "peft", "datasets"} <= names(made.install)
    assert set(made.install) <= set(PROJECT["dependencies"]), "one place for the pins"


@pytest.mark.parametrize("gpu", [False, True])
def test_nothing_of_colabs_own_is_asked_for_and_all_of_it_is_held(gpu, shipped):
    made = colab.plan(shipped.packages, PROJECT, gpu)
    assert not names(made.install + made.alone) & set(colab.KEPT)
    assert "torch==2.11.0+cu128" in made.constraints
    assert f"numpy=={shipped.packages['numpy']}" in made.constraints
    assert {text.split("==")[0] for text in made.constraints} == set(colab.KEPT) & set(shipped.packages)


def test_unsloth_comes_only_with_a_gpu_and_without_its_dependencies():
    assert "unsloth" not in names(colab.plan(COLAB, PROJECT, gpu=False).alone)
    made = colab.plan(COLAB, PROJECT, gpu=True)
    assert {"unsloth", "unsloth-zoo"} <= names(made.alone)
    assert not {"unsloth", "unsloth-zoo"} & names(made.install)


@pytest.mark.parametrize(
    ("there", "expected"), [("0.10.0", True), ("0.16.0", False), ("0.18.0", False), (None, False)]
)
def test_torchao_is_replaced_where_it_is_there_and_too_old_for_peft(there, expected):
    installed = {name: version for name, version in COLAB.items() if name != "torchao"}
    made = colab.plan(installed | ({"torchao": there} if there else {}), PROJECT, gpu=False)
    assert ("torchao==0.17.0" in made.alone) is expected


def test_the_torchao_we_take_is_one_that_peft_accepts():
    import peft.import_utils

    source = Path(peft.import_utils.__file__).read_text(encoding="utf-8")
    floor = re.search(r'TORCHAO_MINIMUM_VERSION = packaging\.version\.parse\("([\d.]+)"\)', source)[1]
    [(_, ours, wanted, _)] = colab.MENDED
    assert colab._meets(floor, f"=={ours}") and colab._meets(wanted, f">={floor}")


def test_a_machine_that_has_it_all_needs_nothing():
    complete = COLAB | {"torchao": "0.17.0"}
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["gpu"]:
        requirement = Requirement(text)
        pinned = str(requirement.specifier).removeprefix("==")
        if "==" in str(requirement.specifier):
            complete[colab.spelled(requirement.name)] = pinned
    made = colab.plan(complete, PROJECT, gpu=True)
    assert (made.install, made.alone) == ((), ())


def test_every_package_that_is_kept_or_mended_says_why():
    assert all(len(reason) > 20 for reason in colab.KEPT.values())
    assert all(len(reason) > 20 for *_, reason in colab.MENDED)
    assert names(PROJECT["dependencies"]) & set(colab.KEPT), "the names are spelled as in pyproject.toml"


def test_our_pins_can_stand_beside_what_colab_holds(shipped):
    """Whatever our packages, and what these bring, ask of a package that is held: Colab's version will do."""
    there, python = shipped.packages, shipped.python
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    pinned = names(PROJECT["dependencies"])
    waiting, seen, compared = [*names(colab.plan(there, PROJECT, gpu=False).install)], set(), 0
    while waiting:
        name = waiting.pop()
        if name in seen or name in colab.KEPT:
            continue
        seen.add(name)
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, requires):
            if requirement.marker is not None and not requirement.marker.evaluate(environment):
                continue
            other = colab.spelled(requirement.name)
            # What is not pinned asks this in its newest version; pip may take an older one.
            held = set(colab.KEPT) | (lists.IN_KERNEL if name in pinned else set())
            if other in held and other in there:
                compared += 1
                assert requirement.specifier.contains(there[other].split("+")[0]), (
                    f"{name} needs {requirement}"
                )
            waiting.append(other)
    assert compared > 15


def test_unsloth_can_stand_beside_colabs_torch():
    recorded = json.loads((Path(__file__).with_name("interfaces.json")).read_text(encoding="utf-8"))
    for package in ("unsloth", "unsloth_zoo"):
        for requirement in map(Requirement, recorded[package]["requires"]):
            if requirement.name == "torch":
                assert requirement.specifier.contains("2.11.0"), requirement


# --- preparing ----------------------------------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch):
    """A Colab that has what it ships, with a kernel that has loaded nothing of it; what pip is asked."""
    asked = []
    monkeypatch.setattr(colab, "installed_packages", lambda: dict(COLAB))
    monkeypatch.setattr(colab, "loaded", lambda _: set())
    monkeypatch.setattr(lane, "current", lambda: T4)

    def pip(command, **_):
        held = [Path(command[i + 1]).read_text() for i, word in enumerate(command) if word == "--constraint"]
        asked.append((command[command.index("install") + 1 :], *held))
        return types.SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(colab.subprocess, "run", pip)
    return asked


def test_it_holds_colabs_packages_installs_the_rest_and_prints_one_line(machine, capsys):
    colab.prepare(PROJECT["version"], unsloth=True)
    (first, held), (second,), (smol,), (third,) = machine
    assert "transformers==5.17.0" in first and "torch==2.11.0+cu128" in held.splitlines()
    assert "--no-deps" not in first and "--no-deps" in second and "unsloth==2026.10.9" in second
    assert smol[-2:] == ["--no-deps", *PROJECT["optional-dependencies"]["smol"]]
    assert third[-3:] == ["--no-deps", "--editable", str(ROOT)]
    assert all("--upgrade" not in words for words, *_ in machine)
    assert (
        capsys.readouterr().out
        == f"Ready: Stale Prices {PROJECT['version']}, cuda lane (Tesla T4, 15 GiB).\n"
    )


def test_a_lesson_that_trains_no_large_model_does_without_unsloth(machine):
    colab.prepare(PROJECT["version"])
    assert not any("unsloth" in word for words, *_ in machine for word in words)


def test_the_lessons_that_want_a_gpu_ask_for_unsloth():
    assert "unsloth=True" in first_cell(CATALOGUE, gpu=True).source
    assert "unsloth" not in first_cell(CATALOGUE).source


def test_the_second_time_it_does_nothing(machine, monkeypatch, capsys):
    complete = COLAB | {"torchao": "0.17.0", "stale-prices": PROJECT["version"]}
    extras = PROJECT["optional-dependencies"]
    for text in PROJECT["dependencies"] + extras["gpu"] + extras["smol"]:
        if "==" in text:
            complete[colab._name(text)] = text.split("==")[1]
    monkeypatch.setattr(colab, "installed_packages", lambda: complete)
    colab.prepare(PROJECT["version"])
    assert machine == [] and capsys.readouterr().out.count("\n") == 1


def test_a_notebook_of_another_version_is_told_so(machine):
    with pytest.raises(colab.ColabError, match=r"belongs to version 0\.0\.9 .* Open the lesson again"):
        colab.prepare("0.0.9")
    assert machine == []


def kernel(monkeypatch, in_use, pip, changes):
    """A kernel that has loaded the packages ``in_use``, and a pip after which ``changes`` are installed."""
    there = dict(COLAB)

    def installing(arguments):
        pip(arguments)
        there.update(changes)

    monkeypatch.setattr(colab, "loaded", lambda _: set(in_use))
    monkeypatch.setattr(colab, "installed_packages", lambda: dict(there))
    monkeypatch.setattr(colab, "_pip", installing)


def test_what_the_kernel_has_loaded_is_held_too(machine, monkeypatch):
    kernel(monkeypatch, {"pandas", "numpy", "not-there"}, colab._pip, {"trl": "1.14.1"})
    colab.prepare(PROJECT["version"])
    held = machine[0][1].splitlines()
    assert "pandas==2.2.2" in held and held.count("numpy==2.0.2") == 1
    assert not [line for line in held if line.startswith("not-there")]


def test_where_that_does_not_resolve_it_is_replaced_and_one_restart_asked_for(machine, monkeypatch):
    """Whatever was replaced, our own or a dependency of ours, is compared before and after."""
    pip = colab._pip

    def resolver(arguments):
        if "--constraint" in arguments and "transformers==5.9" in Path(arguments[1]).read_text():
            raise colab.ColabError("ResolutionImpossible")
        pip(arguments)

    monkeypatch.setitem(COLAB, "transformers", "5.9.0")
    kernel(monkeypatch, {"transformers", "pandas"}, resolver, {"transformers": "5.17.0", "einops": "9"})
    with pytest.raises(colab.ColabError, match=r"older versions of transformers before.*Restart session"):
        colab.prepare(PROJECT["version"])
    assert "torch==2.11.0+cu128" in machine[0][1] and "pandas" not in machine[0][1]


def test_a_dependency_that_was_replaced_behind_our_back_is_named(machine, monkeypatch):
    kernel(monkeypatch, {"pandas"}, colab._pip, {"pandas": "3.0"})
    with pytest.raises(colab.ColabError, match="older versions of pandas before"):
        colab.prepare(PROJECT["version"])


def test_what_is_loaded_is_told_from_what_only_shares_a_name(tmp_path, monkeypatch):
    for name, files in {
        "google-auth": "google/auth/__init__.py",
        "protobuf": "google/protobuf/__init__.py",
        "Python_dateutil": "dateutil/tz.py",
    }.items():
        about = tmp_path / f"{name.replace('-', '_')}-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (about / "RECORD").write_text(f"{files},,\n")
        (about / "top_level.txt").write_text(files.split("/")[0] + "\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert colab.loaded({"google", "google.auth", "dateutil"}) == {"google-auth", "python-dateutil"}
    assert colab.loaded({"json"}) == set()


def test_weights_that_cannot_be_had_are_one_more_line(machine, monkeypatch, capsys):
    pip = colab._pip

    def without_weights(arguments):
        if any("smollm2" in word for word in arguments):
            raise colab.ColabError("No matching distribution")
        pip(arguments)

    monkeypatch.setattr(colab, "_pip", without_weights)
    colab.prepare(PROJECT["version"])
    said, ready = capsys.readouterr().out.splitlines()
    assert "go on with the tiny model" in said and ready.startswith("Ready")


def test_a_failing_pip_is_quoted(machine, monkeypatch):
    failing = types.SimpleNamespace(returncode=1, stderr="ERROR: No matching distribution found for trl")
    monkeypatch.setattr(colab.subprocess, "run", lambda *_, **__: failing)
    with pytest.raises(
        colab.ColabError, match=r"Run this cell again.*\n.*No matching distribution found for trl"
    ):
        colab.prepare(PROJECT["version"])


def test_a_course_without_its_repository_is_said_so(machine, monkeypatch):
    monkeypatch.setattr(paths, "repo_dir", lambda: None)
    with pytest.raises(colab.ColabError, match="not fetched as a whole"):
        colab.prepare(PROJECT["version"])


def test_results_are_kept_in_drive_only_when_asked(machine, monkeypatch, tmp_path):
    mounted, root = [], tmp_path / "course"
    drive = types.SimpleNamespace(mount=mounted.append)
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(drive=drive))
    monkeypatch.setattr(colab, "MOUNTED_AT", str(tmp_path / "drive"))
    monkeypatch.setattr(paths, "repo_dir", lambda: root)
    (root / "work" / "01").mkdir(parents=True)
    (root / "work" / "01" / "results.json").write_text("{}")
    shutil.copy(ROOT / "pyproject.toml", root)
    colab.prepare(PROJECT["version"])
    assert not mounted and not (root / "work").is_symlink()
    for _ in range(2):  # the cell may be run twice
        colab.prepare(PROJECT["version"], drive=True)
    kept = tmp_path / "drive" / "MyDrive" / "stale-prices" / "work"
    assert mounted == [colab.MOUNTED_AT] * 2 and (root / "work").resolve() == kept
    assert (kept / "01" / "results.json").read_text() == "{}", "what was there before moves along"
    assert paths.work_dir("02") == root / "work" / "02" and (kept / "02").is_dir()

    def refused(_):
        raise ValueError("mount failed")

    drive.mount = refused
    with pytest.raises(colab.ColabError, match=r"not mounted.*drive=False"):
        colab.prepare(PROJECT["version"], drive=True)


# --- the cell -----------------------------------------------------------------------------------------


def source():
    return first_cell(CATALOGUE).source


def test_the_cell_is_short_and_generated_from_one_place():
    lines = source().splitlines()
    assert max(map(len, lines)) <= 110
    assert sum(bool(line.strip()) and not line.startswith("#") for line in lines) <= 21
    assert course_version() == PROJECT["version"] == __import__("course_utils").__version__
    assert f'"v{PROJECT["version"]}"' in source() and "https://github.com/owner/name" in source()
    ast.parse(source())


def test_it_imports_nothing_but_the_standard_library_before_the_course_is_there():
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(ast.parse(source()))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert imported <= sys.stdlib_module_names
    assert "google" not in source(), "the environment tells; importing google.colab elsewhere would fail"


def run_cell(folder, **environment):
    """Run the cell in a fresh interpreter; (return code, stdout, stderr)."""
    (folder / "stub" / "google").mkdir(parents=True, exist_ok=True)
    (folder / "stub" / "google" / "colab.py").write_text("")
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("COLAB_", "STALE_PRICES_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", source()],
        cwd=folder,
        capture_output=True,
        text=True,
        env=clean | {"PYTHONPATH": str(folder / "stub"), "PYTHONSAFEPATH": "1", **environment},
    )
    return done.returncode, done.stdout, done.stderr


def test_elsewhere_the_cell_does_nothing(tmp_path):
    assert run_cell(tmp_path) == (0, "", "")
    assert {path.name for path in tmp_path.iterdir()} == {"stub"}


COLAB_MARKS = {"COLAB_RELEASE_TAG": "release-colab_2026", "COLAB_GPU": "", "COLAB_BACKEND_VERSION": "next"}
STAND_IN = """
def prepare(version, drive):
    assert drive is False
    print("prepared", version, "{ref}")
"""


@pytest.fixture
def github(tmp_path):
    """A repository with a branch and, after ``tag()``, a release; git is told that GitHub is there."""
    origin = tmp_path / "github" / "owner" / "name"
    (origin / "course_utils").mkdir(parents=True)

    def version(text):
        (origin / "pyproject.toml").write_text(f'[project]\nversion = "{text}"\n', encoding="utf-8")

    version(PROJECT["version"])

    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, "-C", str(origin), *words], check=True, capture_output=True)

    def commit(ref):
        (origin / "course_utils" / "__init__.py").write_text("")
        (origin / "course_utils" / "colab.py").write_text(STAND_IN.format(ref=ref))
        git("add", "-A")
        git("commit", "-q", "-m", ref)

    git("init", "-q", "-b", "main")
    commit("the release")

    def tag(goes_on_as="99.0"):
        git("tag", f"v{PROJECT['version']}")
        version(goes_on_as)
        commit("the branch")

    redirect = {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/github/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "GIT_CONFIG_KEY_1": "protocol.file.allow",
        "GIT_CONFIG_VALUE_1": "always",
    }
    work = tmp_path / "content"
    work.mkdir()
    return types.SimpleNamespace(work=work, tag=tag, commit=commit, environment=COLAB_MARKS | redirect)


def test_a_tag_does_not_hide_the_commits_after_it(github):
    """A fork with copied tags, or a branch whose version stayed: the package is as new as the notebook."""
    github.tag(goes_on_as=PROJECT["version"])
    code, out, err = run_cell(github.work, **github.environment)
    assert (code, out) == (0, f"prepared {PROJECT['version']} the branch\n"), err


def test_on_colab_the_release_of_the_notebook_is_fetched(github):
    github.tag()
    code, out, err = run_cell(github.work, **github.environment)
    assert (code, out) == (0, f"prepared {PROJECT['version']} the release\n"), err


def test_before_a_release_is_tagged_the_branch_is_fetched(github):
    github.commit("the branch")
    code, out, err = run_cell(github.work, **github.environment)
    assert (code, out) == (0, f"prepared {PROJECT['version']} the branch\n"), err


def test_the_course_is_fetched_once(github):
    github.tag()
    run_cell(github.work, **github.environment)
    mine = github.work / "stale-prices" / "mine.md"
    mine.write_text("a page that the learner edited")
    assert run_cell(github.work, **github.environment)[0] == 0
    assert mine.exists()


def test_a_course_that_cannot_be_fetched_is_said_so(github):
    nowhere = github.environment | {"GIT_CONFIG_KEY_0": f"url.file://{github.work}/nowhere/.insteadOf"}
    code, _, err = run_cell(github.work, **nowhere)
    assert (
        code == 1
        and "https://github.com/owner/name was not fetched. Is it public?" in err
        and "nowhere" in err
    )


def test_what_an_interrupted_fetch_left_is_not_taken_for_the_course(github):
    github.tag()
    (github.work / "stale-prices" / ".git").mkdir(parents=True)
    code, out, err = run_cell(github.work, **github.environment)
    assert (code, out) == (0, f"prepared {PROJECT['version']} the release\n"), err


def test_a_kernel_without_the_course_says_so_in_one_line(tmp_path):
    script = tmp_path / "cell.py"
    script.write_text(first_cell(CATALOGUE).source, encoding="utf-8")
    ran = subprocess.run([sys.executable, "-S", str(script)], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr == "This kernel has no course: choose the kernel of .venv (`make setup` makes it).\n"


# --- badges -------------------------------------------------------------------------------------------


def test_the_cell_and_the_badges_lead_to_the_same_repository():
    from tools.notebooks.catalogue import load

    catalogue = load()
    cell = first_cell(catalogue).source
    assert f'"{catalogue.repository_url()}"' in cell and f'"{catalogue.branch}"' in cell
    for lesson in catalogue.lessons:
        url = catalogue.colab_url(f"lessons/{lesson.name}.ipynb")
        assert f"/github/{catalogue.repository}/blob/{catalogue.branch}/lessons/" in url
        if lesson.ready:
            assert (ROOT / "lessons" / f"{lesson.name}.ipynb").is_file()
