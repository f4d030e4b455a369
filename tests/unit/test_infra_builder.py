"""The builder: markers, stubs, dropped cells, ids, executed solutions."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.models import prepared
from tools.notebooks import alt_text
from tools.notebooks import build as builder
from tools.notebooks.catalogue import Catalogue, Lesson, load

SOURCE = Path("solutions/99_test.py")
TITLE = "# %% [markdown]\n# # 99 · Test\n\n"
LESSON = Lesson("99", "test", "Test", "Why?", 10, "beginner", "any", "nothing", "ready")
CATALOGUE = Catalogue("owner/name", "main", (LESSON,))


def lesson(text: str) -> list[str]:
    return [cell.source for cell in builder.lesson_notebook(TITLE + text, SOURCE).cells[1:]]


def solution(text: str) -> list[str]:
    return [cell.source for cell in builder.solution_notebook(TITLE + text, SOURCE).cells[1:]]


INDENTED = """\
# %%
def price(page):
    # Find the price.
    ### BEGIN SOLUTION
    lines = page.split()

    return lines[0]
    ### END SOLUTION

print(price)
"""


def test_an_indented_solution_becomes_an_error_at_its_indentation():
    assert lesson(INDENTED) == [
        "def price(page):\n    # Find the price.\n"
        "    raise NotImplementedError  # TODO: your code here\n\nprint(price)"
    ]


def test_the_solution_loses_only_the_marker_lines():
    kept = [line for line in INDENTED.splitlines()[1:] if "SOLUTION" not in line]
    assert solution(INDENTED) == ["\n".join(kept)]


@pytest.mark.parametrize(
    ("code", "stub"),
    [
        ("answer = 42", ["answer"]),
        ("a, (b, *c) = f()", ["a", "b", "c"]),
        ("a = b = 1\na = 2", ["a", "b"]),
        ("n: int = 3", ["n"]),
        ("def f():\n    inside = 1\n    return inside", ["f"]),
        ("if x:\n    y = 1\nelse:\n    z = 2", ["y", "z"]),
        ("for i in range(3):\n    total = i", ["total"]),
        ("table['key'] = 1", []),
        ("print('hello')", []),
    ],
)
def test_a_solution_at_top_level_becomes_placeholders(code, stub):
    [cell] = lesson(f"# %%\n### BEGIN SOLUTION\n{code}\n### END SOLUTION\n")
    expected = "\n".join(f"{name} = ...  # TODO: your code here" for name in stub)
    assert cell == (expected or "# TODO: your code here")
    ast.parse(cell)


@pytest.mark.parametrize("tag", ["solution", "instructor"])
def test_tagged_cells_are_in_the_solution_only(tag):
    text = f'# %% tags=["{tag}"]\nsecret = 1\n\n# %%\nshown = 2\n\n# %% [markdown] tags=["{tag}"]\n# why\n'
    assert lesson(text) == ["shown = 2"]
    assert solution(text) == ["secret = 1", "shown = 2", "why"]


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("# %%\n### BEGIN SOLUTION\nx = 1\n", 5, "not closed in its cell"),
        ("# %%\n### BEGIN SOLUTION\nx = 1\n# %%\n### END SOLUTION\n", 5, "not closed in its cell"),
        ("# %%\nx = 1\n### END SOLUTION\n", 6, "without a '### BEGIN SOLUTION'"),
        ("# %%\n### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n", 6, "do not nest"),
        ("# %%\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n### END SOLUTION\n", 8, "without a"),
        ("# %%\n## BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", 5, "looks like a marker"),
        ("# %%\n### begin solution\nx = 1\n", 5, "looks like a marker"),
        ("# %%\n### BEGIN SOLUTION\nx = (\n### END SOLUTION\n", 6, "plain Python"),
        ("# %%\n### BEGIN SOLUTION\nx = 1\n%matplotlib inline\n### END SOLUTION\n", 7, "plain Python"),
    ],
)
def test_wrong_markers_are_errors_that_name_file_and_line(body, line, words):
    with pytest.raises(builder.SourceError, match=re.escape(words)) as caught:
        builder.lesson_notebook(TITLE + body, SOURCE)
    assert str(caught.value).startswith(f"{SOURCE}:{line}: ")


def test_a_source_starts_with_its_title():
    with pytest.raises(builder.SourceError, match="title"):
        builder.lesson_notebook("# %%\nx = 1\n", SOURCE)


def test_nbval_skip_is_honoured_by_nbclient_too():
    notebook = builder.lesson_notebook(TITLE + '# %% tags=["nbval-skip"]\nx = 1\n', SOURCE)
    assert notebook.cells[1].metadata == {"tags": ["nbval-skip", "skip-execution"]}


def test_the_card_stands_under_the_title_and_leads_to_colab_binder_and_the_twin():
    front = builder.front_cells(LESSON, CATALOGUE, "lessons/99_test.ipynb")
    cells = builder.lesson_notebook(TITLE + "# %%\nx = 1\n", SOURCE, front).cells
    assert [cell.cell_type for cell in cells] == ["markdown", "markdown", "code", "code"]
    assert "colab.prepare" in cells[2].source
    for words in ("Why?", "10 minutes", "owner/name/blob/main/lessons/99_test.ipynb", "gh/owner/name/main?"):
        assert words in cells[1].source
    assert "(../solutions/99_test.ipynb)" in cells[1].source


def test_a_lesson_ends_with_the_way_to_the_next_and_its_solution_does_not():
    after = replace(LESSON, number="98", slug="before")
    catalogue = Catalogue("owner/name", "main", (after, LESSON))
    for lesson, onward in ((after, "(99_test.ipynb)"), (LESSON, "Shut Down")):
        last = builder.lesson_notebook(TITLE, SOURCE, end=builder.end_cells(lesson, catalogue)).cells[-1]
        assert last.source.startswith(builder.END_MARK) and onward in last.source
    assert "**Next:**" not in last.source, "nothing follows the last lesson"


DRAWN = TITLE + "# %%\ndraw()\n\n# %% [markdown]\n# *Picture:* a *long* bar\n# and a short one.\n#\n# Look!\n"


def test_the_words_of_a_picture_are_folded_and_become_its_alternative_text():
    notebook = builder.solution_notebook(DRAWN, SOURCE)
    assert notebook.cells[2].source.startswith(
        f"{alt_text.SUMMARY}\n\na *long* bar\nand a short one.\n\n</det"
    )
    assert notebook.cells[2].source.endswith("</details>\n\nLook!")
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", {"image/png": "AA==", "text/plain": "<Figure>"}),
        nbformat.v4.new_output("stream", text="drawn"),
    ]
    alt_text.describe(notebook)
    assert notebook.cells[1].outputs[0].metadata == {"image/png": {"alt": "a long bar and a short one."}}
    nbformat.validate(notebook)


def test_prose_without_a_picture_stays_as_it_is():
    text = "A *Picture:* inside a line.\n\nMore."
    assert alt_text.fold(text) == text


# --- properties ---------------------------------------------------------------------------------------

names = st.from_regex(r"[a-z]{1,6}_v", fullmatch=True)
plain = st.builds("{} = {}".format, names, st.integers(0, 999))
block = st.lists(st.builds("SECRET_{} = {}".format, names, st.integers(0, 999)), min_size=1, max_size=3)


@st.composite
def sources(draw) -> str:
    """A source of several cells: prose, code, solution blocks at top level and inside functions."""
    text = TITLE
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["prose", "code", "top", "function", "dropped"]))
        lines = draw(st.lists(plain, max_size=3))
        hidden = draw(block)
        if kind == "prose":
            text += "# %% [markdown]\n" + "".join(f"# {line}\n" for line in lines or ["words"]) + "\n"
            continue
        text += "# %%" + (' tags=["solution"]' if kind == "dropped" else "") + "\n"
        text += "".join(line + "\n" for line in lines)
        if kind == "top":
            text += "\n".join([builder.BEGIN, *hidden, builder.END]) + "\n"
        elif kind == "function":
            body = [builder.BEGIN, *hidden, "", "return SECRET_value", builder.END]
            text += f"def f{number}():\n" + "".join(f"    {line}".rstrip() + "\n" for line in body)
        elif kind == "dropped":
            text += "".join(line + "\n" for line in hidden)
        elif not lines:
            text += "pass\n"
        text += "\n"
    return text


@settings(max_examples=60, deadline=None)
@given(sources())
def test_round_trip(text):
    handed_out = builder.lesson_notebook(text, SOURCE)
    solved = builder.solution_notebook(text, SOURCE)

    for notebook in (handed_out, solved):
        ids = [cell.id for cell in notebook.cells]
        assert len(ids) == len(set(ids))
        assert "SOLUTION" not in "".join(cell.source for cell in notebook.cells)
        nbformat.validate(notebook)

    code = [cell.source for cell in handed_out.cells if cell.cell_type == "code"]
    for cell in code:
        ast.parse(cell)
        assert not re.search(r"SECRET_\w+ = \d", cell)  # the names stay as placeholders, the values do not
    unmarked = [line for line in text.splitlines() if line.strip() not in (builder.BEGIN, builder.END)]
    assert builder.solution_text(text, SOURCE).splitlines() == unmarked

    assert builder.serialise(builder.lesson_notebook(text, SOURCE)) == builder.serialise(handed_out)


@settings(max_examples=30, deadline=None)
@given(sources(), plain)
def test_a_new_cell_leaves_the_ids_of_the_others_alone(text, line):
    before = {cell.id for cell in builder.solution_notebook(text, SOURCE).cells}
    after = {cell.id for cell in builder.solution_notebook(text + f"# %%\n{line}\n", SOURCE).cells}
    assert before < after


# --- building and executing ---------------------------------------------------------------------------

RUNNABLE = TITLE + (
    "# %% [markdown]\n# Prose.\n\n"
    "# %%\nimport os, sys\nfrom pathlib import Path\nprint(sys.prefix)\n"
    "print(Path(os.environ['STALE_PRICES_HOME'], 'work', '99'))\n\n"
    "# %%\n### BEGIN SOLUTION\nanswer = 6 * 7\n### END SOLUTION\nanswer\n\n"
    "# %%\nfrom course_utils import results\nresults.record('99', answer=42)\nresults.recorded('01')\n"
)


@pytest.fixture
def repository(tmp_path):
    for folder in ("lessons", "solutions"):
        (tmp_path / folder).mkdir()
    (tmp_path / "solutions" / "99_test.py").write_text(RUNNABLE, encoding="utf-8")
    earlier = nbformat.v4.new_notebook(metadata=builder.METADATA | {builder.RESULTS: '{"stale": 3}'})
    nbformat.write(earlier, tmp_path / "solutions" / "01_earlier.ipynb")
    return tmp_path


def build(root, **options):
    return builder.build(LESSON, CATALOGUE, root, **options)


@pytest.mark.slow
def test_building_executes_the_solution_once_and_then_changes_nothing(repository, monkeypatch):
    both = ["lessons/99_test.ipynb", "solutions/99_test.ipynb"]
    assert build(repository, check=True) == both
    assert build(repository) == both
    bytes_before = [(repository / path).read_bytes() for path in both]

    handed_out, solved = (nbformat.read(repository / path, as_version=4) for path in both)
    assert not any(cell.get("outputs") for cell in handed_out.cells)
    assert handed_out.cells[-3].source == "answer = ...  # TODO: your code here\nanswer"
    printed = solved.cells[4].outputs[0].text
    assert printed.splitlines() == [".venv", "work/99"], "no path of this machine is stored"
    assert solved.cells[5].outputs[0].data["text/plain"] == "42"
    assert solved.cells[6].outputs[0].data["text/plain"] == "{'stale': 3}", "it finds what lesson 01 recorded"
    assert solved.metadata == builder.METADATA | {builder.RESULTS: '{"answer": 42}'}

    monkeypatch.setattr(builder, "execute", lambda *_: pytest.fail("executed again without need"))
    assert build(repository) == []
    assert build(repository, check=True) == []
    assert [(repository / path).read_bytes() for path in both] == bytes_before

    source = repository / "solutions" / "99_test.py"  # prose changed: outputs are kept, nothing runs
    source.write_text(RUNNABLE.replace("Prose.", "Better prose."), encoding="utf-8")
    assert build(repository, check=True) == both
    assert build(repository) == both
    assert nbformat.read(repository / both[1], as_version=4).cells[5].outputs[0].data["text/plain"] == "42"


def test_a_solution_that_was_not_executed_is_out_of_date(repository):
    build(repository, run=False)
    assert build(repository, check=True) == ["solutions/99_test.ipynb"]


def test_a_missing_source_is_named(repository):
    (repository / "solutions" / "99_test.py").unlink()
    with pytest.raises(builder.SourceError, match=r"99_test\.py:1: missing"):
        build(repository)


@pytest.mark.slow
def test_a_solution_that_fails_leaves_the_old_notebook_whole(repository):
    build(repository, run=False)
    target = repository / "solutions" / "99_test.ipynb"
    before = target.read_bytes()
    (repository / "solutions" / "99_test.py").write_text(TITLE + "# %%\n1 / 0\n", encoding="utf-8")
    with pytest.raises(builder.CellExecutionError, match="ZeroDivisionError"):
        build(repository)
    assert target.read_bytes() == before


# --- outputs that stay --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "reader", "stays"),
    [
        ("model = models.load()", prepared.expected(), True),
        ("model = models.load()", "smollm2@sha256:another", False),
        ("model = models.load()", None, False),
        ("print(1)", None, True),
    ],
)
def test_outputs_stay_while_code_and_reader_are_the_same(source, reader, stays):
    old, new = (nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]) for _ in range(2))
    old.cells[0].execution_count = 1
    if reader:
        old.metadata[builder.READER] = reader
    assert builder.carry_outputs(old, new) is stays
    assert new.metadata.get(builder.READER) == (reader if stays else None)
    assert new.cells[0].execution_count == (1 if stays else None)
    new.cells[0].source += " "
    assert not builder.carry_outputs(old, new)


def test_a_fork_or_another_version_keeps_all_outputs():
    """The generated first cell names both; it decides nothing about what a lesson shows."""
    first = "# On Google Colab: fetch {} …"
    cells = [
        [nbformat.v4.new_code_cell(first.format(name)), nbformat.v4.new_code_cell("1 + 1")] for name in "ab"
    ]
    old, new = (nbformat.v4.new_notebook(cells=made) for made in cells)
    old.cells[1].execution_count = 2
    assert builder.carry_outputs(old, new) and new.cells[1].execution_count == 2
    assert new.cells[0].source == first.format("b")


@pytest.mark.parametrize("gpu", ["", "T4"])
def test_colab_is_told_which_card_a_lesson_wants(gpu):
    lesson = replace(load().by_name("00_start_here"), gpu=gpu)
    made = builder.metadata(lesson)
    assert ("accelerator" in made) is bool(gpu)
    assert made.get("colab", {}).get("gpuType", "") == gpu
