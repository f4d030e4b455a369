"""The lessons as files: catalogue, README, drift from their sources, structure, what the plugin checks."""

import html
import re
import statistics
import subprocess
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

from course_utils.evaluation import Rate
from tests.notebooks.isolation import broken_promise
from tools.notebooks import alt_text, build, first_cell, glossary, picture, readme
from tools.notebooks.catalogue import ROOT, CatalogueError, load

CATALOGUE = load()
READY = [pytest.param(lesson, id=lesson.name) for lesson in CATALOGUE.ready()]
HEADING = re.compile(r"^## (?P<title>.*?)(?: \((?P<minutes>\d+) min\))?$", re.MULTILINE)
IMAGE_KINDS = set(alt_text.IMAGES)


def notebook(folder: str, lesson) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / folder / f"{lesson.name}.ipynb", as_version=4)


# --- generated files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", READY)
def test_notebooks_are_what_their_source_says(lesson):
    assert build.build(lesson, CATALOGUE, check=True) == [], "run `make lessons`"


def test_no_notebook_without_a_ready_lesson():
    names = {lesson.name for lesson in CATALOGUE.ready()}
    for folder in ("lessons", "solutions"):
        assert {path.stem for path in (ROOT / folder).glob("*.ipynb")} <= names
    # A planned lesson may have its source already, as a draft; its notebooks come when it is ready.
    planned = {lesson.name for lesson in CATALOGUE.lessons}
    assert {path.stem for path in (ROOT / "solutions").glob("*.py")} <= planned


def test_readme_is_up_to_date(capsys):
    assert readme.main(["--check"]) == 0, capsys.readouterr().out


def test_picture_is_up_to_date(capsys):
    assert picture.main(["--check"]) == 0, capsys.readouterr().out


def four_systems(**stale: int) -> dict[str, dict]:
    """Results as lesson 05 records them: four answers a system, so many of them stale in February."""
    names = ("base", "FT-facts", "RAG", "hybrid", "another arm")
    after = {n: ["stale"] * stale.get(n, 0) + ["current"] * (4 - stale.get(n, 0)) for n in names}
    scores = {name: {"valid ticket": Rate(1, 4), "usable": Rate(1, 4)} for name in names}
    verdicts = {"January": {name: ["current"] * 4 for name in names}, "February": after}
    return {"05": {"verdicts": verdicts, "scores": {"January": scores, "February": scores}}}


def test_picture_follows_the_recorded_results(tmp_path):
    target = tmp_path / "picture.png"
    assert picture.up_to_date({}, target) and picture.rates({}, "stale") == {}
    recorded = four_systems(base=3)
    assert not picture.up_to_date(recorded, target)
    picture.draw(recorded, target)
    assert picture.up_to_date(recorded, target)
    assert not picture.up_to_date(four_systems(base=3, hybrid=1), target)
    assert not picture.up_to_date({}, target)
    stale = picture.rates(four_systems(base=3, hybrid=1), "stale")
    assert [(rate.hits, rate.n) for rate in stale.values()] == [(3, 4), (0, 4), (0, 4), (1, 4)]
    assert {rate.hits for rate in picture.rates(recorded, "stale", "January").values()} == {0}


def test_readme_says_so_when_it_is_not(tmp_path, capsys):
    old = tmp_path / "README.md"
    old.write_text(
        (ROOT / "README.md").read_text(encoding="utf-8").replace(" hours in all", ""), encoding="utf-8"
    )
    assert readme.main(["--check"], old) == 1
    assert "make lessons" in capsys.readouterr().out
    assert readme.main([], old) == 0
    assert old.read_text(encoding="utf-8") == (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_without_markers_is_an_error():
    with pytest.raises(readme.ReadmeError, match="generated: badges"):
        readme.generated("# Stale Prices", CATALOGUE)


def test_readme_fits_one_screen_and_its_links_lead_somewhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_citation_is_of_this_version_and_this_repository():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= set(cited)  # what the format requires
    assert cited["version"] == project["version"]
    assert cited["repository-code"] == CATALOGUE.repository_url()


GLOSSARY_LINK = re.compile(r'\(\.\./docs/glossary\.md "([^"]*)"\)')


@pytest.mark.parametrize("folder", ["lessons", "solutions"])
def test_the_words_of_the_glossary_are_links_where_their_lesson_first_uses_them(folder):
    linked = []
    for lesson in CATALOGUE.ready():
        prose = [c.source for c in notebook(folder, lesson).cells if c.cell_type == "markdown"]
        linked += [(lesson.number, html.unescape(m)) for text in prose for m in GLOSSARY_LINK.findall(text)]
    known = [(word.lesson, word.meaning) for word in glossary.words()]
    assert len(linked) == len(set(linked)) and set(linked) <= set(known)
    assert len(linked) >= 0.8 * len(known), "the others stand in headings, tables and code alone"


def linked(text: str, lesson: str = "01") -> str:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    glossary.link(made, lesson)
    return made.cells[0].source


def test_a_link_says_what_the_word_means():
    assert re.match(
        r'An \*\[adapter\]\(\.\./docs/glossary\.md "A small .*"\)\* and an adapter\.$',
        linked("An *adapter* and an adapter."),
    )


@pytest.mark.parametrize(
    "text",
    ["## The adapter", "| adapter |", "> adapter", "`adapter`", "```\nan adapter\n```", "[adapter](x.md)",
     '<img alt="an adapter">', "<details>an\n\nadapter</details>", "https://a.b/adapter", "adapting"],
)  # fmt: skip
def test_a_word_is_no_link_where_none_can_stand(text):
    assert linked(text) == text


def test_only_the_lesson_that_explains_a_word_links_it():
    assert linked("An adapter.", "02") == "An adapter."


def test_the_glossary_is_up_to_date_and_every_word_is_in_its_lesson():
    assert glossary.main(["--check"]) == 0
    words = glossary.words()
    assert len(words) >= 40
    for word in words:
        [lesson] = [lesson for lesson in CATALOGUE.lessons if lesson.number == word.lesson]
        prose = " ".join(c.source for c in notebook("lessons", lesson).cells if c.cell_type == "markdown")
        prose = GLOSSARY_LINK.sub("", prose)
        assert re.search(word.written, prose, re.IGNORECASE), f"{word.word}: not in lesson {word.lesson}"
        assert word.meaning.endswith(".") and len(word.meaning) <= 220, word.word
    assert [word.word.lower() for word in words] == sorted({word.word.lower() for word in words})


def test_badges_lead_to_files_that_exist():
    for path in [*ROOT.glob("lessons/*.ipynb"), *ROOT.glob("solutions/*.ipynb"), ROOT / "README.md"]:
        text = path.read_text(encoding="utf-8")
        for pattern in (r"/blob/main/([\w./-]+\.ipynb)", r"lab/tree/([\w./-]+\.ipynb)"):
            for target in re.findall(pattern, text):
                assert (ROOT / target).is_file(), f"{path.name}: {target}"


# --- the catalogue ------------------------------------------------------------------------------------


def test_the_catalogue_numbers_its_lessons_from_00():
    numbers = [lesson.number for lesson in CATALOGUE.lessons]
    assert numbers == [f"{n:02d}" for n in range(len(numbers))] and len(numbers) >= 11


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('number = "03"', 'number = "04"', "where 03 belongs"),
        ('status = "ready"', 'status = "soon"', "'ready' or 'planned'"),
        (f"minutes = {CATALOGUE.lessons[3].minutes}\n", "minutes = 0\n", "above 0"),
        ('level = "beginner"\n', "", "level"),
        ("[course]", "[cours]", "course"),
        ("[course]", "[course", "line"),
    ],
)
def test_mistakes_in_the_catalogue_are_named(tmp_path, old, new, words):
    text = (ROOT / "lessons" / "catalogue.toml").read_text(encoding="utf-8")
    broken = tmp_path / "catalogue.toml"
    broken.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError, match=words):
        load(broken)


def test_an_unknown_lesson_is_named():
    with pytest.raises(CatalogueError, match="no lesson '42_answer'"):
        CATALOGUE.by_name("42_answer")


# --- the shape of a lesson ----------------------------------------------------------------------------


# 04 and 10 spell a training out, with both libraries, where other lessons call it: longer cells, and more.
LONG = {"04", "10"}
KNOB = re.compile(r"\s+\w+=.*,\s*#")  # an argument with its comment is read, not parsed


def code_lines(source: str) -> int:
    lines = [line for line in source.splitlines() if not KNOB.match(line)]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)


@pytest.mark.parametrize("lesson", READY)
class TestStructure:
    def test_cells(self, lesson):
        generated = (first_cell.MARK, build.END_MARK)
        cells = [c for c in notebook("lessons", lesson).cells if not c.source.startswith(generated)]
        prose = [cell for cell in cells if cell.cell_type == "markdown"]
        assert 30 <= len(cells) <= (78 if lesson.number in LONG else 60)
        assert len(prose) >= len(cells) / 2

    @pytest.mark.parametrize("folder", ["lessons", "solutions"])
    def test_code_is_short(self, lesson, folder):
        cells = [c for c in notebook(folder, lesson).cells if c.cell_type == "code"]
        lines = [code_lines(c.source) for c in cells if not c.source.startswith(first_cell.MARK)]
        assert statistics.median(lines) <= (10 if lesson.number in LONG else 6)
        assert statistics.quantiles(lines, n=10)[-1] <= 15
        assert max(lines) <= 25
        for cell in notebook(folder, lesson).cells:
            if cell.cell_type == "code":
                assert max(map(len, cell.source.splitlines()), default=0) <= 110, cell.source

    def test_title(self, lesson):
        first = notebook("lessons", lesson).cells[0].source
        assert first.splitlines()[0] == f"# {lesson.number} · {lesson.title}"

    def test_minutes_add_up(self, lesson):
        minutes = [int(heading["minutes"] or 0) for heading in headings(lesson)]
        assert sum(minutes) == lesson.minutes

    def test_it_ends_with_a_recap_and_what_could_go_stale(self, lesson):
        titles = [heading["title"] for heading in headings(lesson)]
        assert any("Recap" in title for title in titles[-3:])
        assert any("What could go stale here" in title for title in titles[-3:])

    def test_exercises(self, lesson):
        text = "\n".join(c.source for c in notebook("lessons", lesson).cells if c.cell_type == "code")
        exercises = re.findall(rf'^check\("({lesson.number}\.\d)"', text, re.MULTILINE)
        assert exercises == [f"{lesson.number}.{n}" for n in range(1, len(exercises) + 1)]
        assert 2 <= len(exercises) <= 4
        source = "\n".join(cell.source for cell in notebook("lessons", lesson).cells)
        for exercise in exercises:
            assert f'hint("{exercise}")' in source

    def test_pictures_have_alternative_text(self, lesson):
        cells = notebook("solutions", lesson).cells
        for cell, following in zip(cells, [*cells[1:], None], strict=True):
            if cell.cell_type == "code" and any(IMAGE_KINDS & set(o.get("data", {})) for o in cell.outputs):
                assert following is not None and following.cell_type == "markdown", cell.source
                assert alt_text.FOLDED.search(following.source), f"no words for:\n{cell.source}"
                for output in cell.outputs:
                    for kind in IMAGE_KINDS & set(output.get("data", {})):
                        assert output.metadata[kind]["alt"], cell.source

    def test_figures_are_stored_as_pictures(self, lesson):
        for cell in notebook("solutions", lesson).cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if data.get("text/plain", "").startswith("<Figure"):
                    assert IMAGE_KINDS & set(data), f"only the figure's name is shown:\n{cell.source}"

    def test_stored_outputs_are_clean(self, lesson):
        for cell in notebook("solutions", lesson).cells:
            for output in cell.get("outputs", []):
                for kind in IMAGE_KINDS & set(output.get("data", {})):
                    del output.data[kind]
            text = str(cell.get("outputs", ""))
            assert "Warning" not in text, f"a warning is stored:\n{cell.source}\n{text[:500]}"
            for folder in (str(ROOT), str(Path.home()) + "/", "/tmp/"):
                assert folder not in text, f"{folder} is stored:\n{cell.source}\n{text[:500]}"


def headings(lesson) -> list[re.Match]:
    text = "\n\n".join(c.source for c in notebook("lessons", lesson).cells if c.cell_type == "markdown")
    return list(HEADING.finditer(text))


# --- the notebook plugin ------------------------------------------------------------------------------


def printed(text: str) -> list[dict]:
    return [{"output_type": "stream", "name": "stdout", "text": text}]


@pytest.mark.parametrize(
    ("folder", "text", "kept"),
    [
        ("lessons", "… Not attempted yet.\n", True),
        ("lessons", "✔ Correct.\n", False),
        ("solutions", "✔ Correct. Well done.\n", True),
        ("solutions", "✔ Measured. Exactly as predicted.\n", True),
        ("solutions", "✘ Not yet: look again.\n", False),
        ("solutions", "… Not attempted yet.\n", False),
        ("elsewhere", "", True),
    ],
)
def test_what_a_check_must_say(folder, text, kept):
    assert (broken_promise(folder, 'check("00.1", answer)', printed(text)) is None) is kept


def test_every_check_in_a_cell_counts():
    source = 'check("00.1", a)\ncheck("00.2", b)'
    assert broken_promise("solutions", source, printed("✔ Correct.\n")) is not None
    assert broken_promise("solutions", source, printed("✔ Correct.\n✔ Correct.\n")) is None
    assert broken_promise("solutions", 'text = "check(1)"', []) is None


def test_a_cell_that_should_raise_must_raise():
    error = [{"output_type": "error"}]
    assert broken_promise("lessons", "1 / 0", error, must_raise=True) is None
    assert "nothing was raised" in broken_promise("lessons", "1", [], must_raise=True)


# --- what is committed --------------------------------------------------------------------------------


def test_nothing_committed_names_a_folder_of_one_machine():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    # A published image may name the home of its own user.
    pattern = re.compile(r"(?<![\w.:/-])/(?:work|root|home(?!/(?:jovyan|ray)\b)|Users)/\w")
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ipynb", ".json", ""} and path.is_file():
            if path == Path(__file__):
                continue
            hit = pattern.search(path.read_text(encoding="utf-8", errors="replace"))
            assert hit is None, f"{name}: {hit}"
