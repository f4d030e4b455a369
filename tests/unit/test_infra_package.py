"""paths and lane, and that importing the package costs nothing."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import course_utils
from course_utils import lane, paths

HEAVY = {
    "torch", "transformers", "trl", "peft", "datasets", "accelerate", "bitsandbytes", "sentence_transformers",
    "chromadb", "matplotlib", "pandas", "scipy", "sklearn", "IPython", "ipywidgets",
}  # fmt: skip


def light_modules() -> list[str]:
    """Every module of the package."""
    walked = pkgutil.walk_packages(course_utils.__path__, "course_utils.")
    return ["course_utils", *(module.name for module in walked)]


def test_importing_the_package_loads_nothing_heavy():
    code = (
        f"import importlib, sys\nfor name in {light_modules()!r}:\n    importlib.import_module(name)\n"
        f"    heavy = {HEAVY!r} & {{m.split('.')[0] for m in sys.modules}}\n"
        "    assert not heavy, f'{name} imports {heavy}; import them inside the functions that use them'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def no_home(monkeypatch):
    monkeypatch.delenv(paths.HOME_VARIABLE, raising=False)


def test_one_variable_moves_everything(monkeypatch, tmp_path):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "elsewhere"))
    assert paths.cache_dir() == tmp_path / "elsewhere" / "cache"
    assert paths.work_dir("02") == tmp_path / "elsewhere" / "work" / "02"
    assert paths.work_dir("02").is_dir()
    assert paths.shown(paths.work_dir("02") / "handbook") == "work/02/handbook"


def test_a_lessons_files_lie_beside_the_lessons(monkeypatch, tmp_path, no_home):
    monkeypatch.setattr(paths, "repo_dir", lambda: tmp_path)
    assert paths.work_dir("01") == tmp_path / "work" / "01"
    assert paths.shown(tmp_path / "work" / "01" / "a.md") == "work/01/a.md"


def test_a_read_only_checkout_falls_back_to_the_cache(monkeypatch, tmp_path, no_home):
    cache = tmp_path / "cache"
    monkeypatch.setattr(paths, "repo_dir", lambda: tmp_path / "read-only")
    monkeypatch.setattr(paths, "_cache_location", lambda: cache)
    real = paths._writable
    monkeypatch.setattr(paths, "_writable", lambda folder: "read-only" not in folder.parts and real(folder))
    assert paths.work_dir("01") == cache / "work" / "01"


def test_nowhere_to_write_is_said_in_one_sentence(monkeypatch, no_home):
    monkeypatch.setattr(paths, "_writable", lambda _: False)
    with pytest.raises(paths.PathsError, match=paths.HOME_VARIABLE):
        paths.work_dir("01")
    with pytest.raises(paths.PathsError, match=paths.HOME_VARIABLE):
        paths.cache_dir()


def test_a_file_in_the_way_is_not_writable(tmp_path):
    (tmp_path / "work").write_text("in the way")
    assert not paths._writable(tmp_path / "work" / "01")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    paths.write_whole(file, "old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        paths.write_whole(file, "new")
    assert file.read_text() == "old"


@pytest.mark.parametrize("name", ["", "..", "a/b", "/tmp/x"])
def test_a_lessons_folder_is_a_plain_name(name):
    with pytest.raises(ValueError, match="plain name"):
        paths.work_dir(name)


def test_paths_elsewhere_are_shown_from_the_home_folder(monkeypatch, no_home):
    assert paths.shown(Path.home() / "docs" / "a.md") == "~/docs/a.md"


T4 = lane.Gpu("Tesla T4", 14.7, bf16=False)


@pytest.mark.parametrize(
    ("wanted", "gpu", "name"),
    [("", None, "cpu"), ("", T4, "cuda"), ("cpu", T4, "cpu"), (" CUDA ", T4, "cuda"), ("cpu", None, "cpu")],
)
def test_the_lane(wanted, gpu, name):
    chosen = lane.choose(wanted, gpu)
    assert (chosen.name, chosen.device) == (name, name)
    assert (chosen.gpu is not None) == (name == "cuda")
    assert chosen.why in str(chosen)


@pytest.mark.parametrize(
    ("wanted", "words"), [("cuda", "finds no NVIDIA GPU"), ("tpu", "can be 'cpu' or 'cuda'")]
)
def test_a_lane_that_cannot_be_had_says_what_to_do(wanted, words):
    with pytest.raises(lane.LaneError, match=words):
        lane.choose(wanted, None)


def test_the_lane_follows_the_environment(monkeypatch):
    monkeypatch.setenv(lane.LANE_VARIABLE, "cpu")
    monkeypatch.setattr(lane, "find_gpu", lambda: T4)
    lane.current.cache_clear()
    assert lane.current().name == "cpu"
    lane.current.cache_clear()
