"""`make new-lesson`: a skeleton that builds, runs, proves its checks and has the shape of a lesson."""

import importlib.util
import shutil
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils.checks import engine
from tests.unit import test_infra_lessons as lint
from tools.notebooks import build
from tools.notebooks.catalogue import ROOT, load
from tools.notebooks.new_lesson import NewLessonError, begin

DUE = f"{len(load().lessons):02d}"


@pytest.fixture
def copy(tmp_path):
    """What of the repository a new lesson touches."""
    for folder in ("lessons", "solutions", "course_utils/checks"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "lessons" / "catalogue.toml", tmp_path / "lessons")
    return tmp_path


def files(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def begun(copy, monkeypatch):
    """A new lesson, called ready and built; its checks are found as those of any other."""
    _, checks, catalogue_file = begin(DUE, "my_lesson", root=copy)
    text = catalogue_file.read_text(encoding="utf-8")
    head, _, entry = text.rpartition("[[lesson]]")
    entry = entry.replace('"planned"', '"ready"')
    catalogue_file.write_text(f"{head}[[lesson]]{entry}", encoding="utf-8")
    catalogue = load(catalogue_file)
    lesson = catalogue.by_name(f"{DUE}_my_lesson")
    assert build.build(lesson, catalogue, copy, run=False) != []
    name = f"course_utils.checks.lesson_{DUE}"
    spec = importlib.util.spec_from_file_location(name, checks)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(lint, "ROOT", copy)
    monkeypatch.setattr(lint, "CATALOGUE", catalogue)
    return copy, lesson, module


def test_the_skeleton_has_the_shape_of_a_lesson(begun):
    _, lesson, _ = begun
    structure = lint.TestStructure()
    tests = [name for name in dir(structure) if name.startswith("test_")]
    assert len(tests) >= 8
    for name in tests:
        for folder in ("lessons", "solutions") if name == "test_code_is_short" else (None,):
            getattr(structure, name)(lesson, *filter(None, [folder]))


def test_its_checks_are_proven(begun):
    _, _, module = begun
    for exercise in module.EXERCISES:
        for answer in exercise.right():
            assert engine.judge(exercise.id, answer).status is engine.Status.CORRECT
        wrong = list(exercise.wrong())
        assert len(wrong) >= 2
        for answer, words in wrong:
            verdict = engine.judge(exercise.id, answer)
            assert verdict.status is engine.Status.NOT_YET and words in verdict.message


@pytest.mark.parametrize(
    ("folder", "said"), [("lessons", ("Not attempted",)), ("solutions", ("✔ Correct.", "✔ Measured."))]
)
def test_it_runs_from_top_to_bottom(begun, folder, said, tmp_path, monkeypatch):
    copy, lesson, module = begun
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path / "home"))
    made = nbformat.read(copy / folder / f"{lesson.name}.ipynb", as_version=4)
    begin_with = (  # the kernel's course is the installed one, which has no such lesson
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location({module.__name__!r}, {module.__file__!r})\n"
        "sys.modules[spec.name] = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(sys.modules[spec.name])"
    )
    made.cells.insert(0, nbformat.v4.new_code_cell(begin_with))
    NotebookClient(made, timeout=60, kernel_name="python3").execute()
    outputs = [output.get("text", "") for cell in made.cells for output in cell.get("outputs", [])]
    assert sum(any(words in text for words in said) for text in outputs) == 2, outputs


@pytest.mark.parametrize(
    ("number", "slug", "title", "words"),
    [
        ("03", "mine", None, f"next lesson is {DUE}"),
        ("", "mine", None, f"NN={DUE}"),
        (DUE, "", None, "no file name"),
        (DUE, "My lesson", None, "no file name"),
        (DUE, "../mine", None, "no file name"),
        (DUE, "mine", 'a "title"', "quotation marks"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(copy, number, slug, title, words):
    before = files(copy)
    with pytest.raises(NewLessonError, match=words):
        begin(number, slug, title, root=copy)
    assert files(copy) == before


def test_nothing_is_overwritten(copy):
    mine = copy / "course_utils" / "checks" / f"lesson_{DUE}.py"
    mine.write_text("mine")
    before = files(copy)
    with pytest.raises(NewLessonError, match="there already"):
        begin(DUE, "my_lesson", root=copy)
    assert files(copy) == before
