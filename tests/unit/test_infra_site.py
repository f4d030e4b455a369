"""The site before Sphinx: its pages, what they show and hide, where links lead; the checks of finished HTML.

`make site` builds it; tests/browser/test_site.py looks at it in a browser.
"""

import json
import re

import pytest

from course_utils.widgets.tree import DECISION
from course_utils.widgets.views import VIEWS
from tools.notebooks.catalogue import ROOT, load
from tools.website import links, pages

CATALOGUE = load()
LESSONS = [pytest.param(lesson, id=lesson.name) for lesson in CATALOGUE.ready()]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    target = tmp_path_factory.mktemp("site") / "pages"
    pages.assemble(target)
    return target


def cells(folder, lesson):
    notebook = json.loads((folder / "lessons" / f"{lesson.name}.ipynb").read_text(encoding="utf-8"))
    return [cell | {"source": "".join(cell["source"])} for cell in notebook["cells"]]


def test_there_is_a_page_for_all_that_is_read(site):
    found = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    docs = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    lessons = {f"lessons/{lesson.name}.ipynb" for lesson in CATALOGUE.ready()}
    assert {"index.md", "calculators.md"} | docs | lessons <= found
    assert {f"notebooks/{path}" for path in lessons} <= found, "to download"
    home = (site / "index.md").read_text(encoding="utf-8")
    for page in [*docs, *lessons, "calculators.md"]:
        assert f"\n{page.rpartition('.')[0]}\n" in home, f"{page} is not in the contents"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lessons_page_folds_the_answers_and_keeps_the_rest(site, lesson):
    shown, learners = cells(site, lesson), cells(ROOT, lesson)
    folded = [c["source"] for c in shown if "hide-input" in c["metadata"].get("tags", [])]
    code = {c["source"] for c in learners if c["cell_type"] == "code"}
    assert len(folded) >= 2 and not set(folded) & code, "what the learner is given is no answer"
    open_code = [c["source"] for c in shown if c["cell_type"] == "code" and c["source"] not in folded]
    assert set(open_code) <= code, "an answer stands open on the page"
    stubs = [
        c["source"] for c in learners if c["cell_type"] == "code" and "TODO: your code here" in c["source"]
    ]
    prose = "\n".join(c["source"] for c in shown if c["cell_type"] == "markdown")
    assert stubs and all(f"```python\n{stub}\n```" in prose for stub in stubs)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lessons_page_says_where_to_do_it_oneself(site, lesson):
    shown = cells(site, lesson)
    assert shown[0]["source"].startswith(f"# {lesson.number} · {lesson.title}")
    path = f"lessons/{lesson.name}.ipynb"
    for address in (CATALOGUE.colab_url(path), CATALOGUE.binder_url(path), f"<../notebooks/{path}>"):
        assert address in shown[1]["source"]
    text = "\n".join(c["source"] for c in shown)
    assert "COLAB_RELEASE_TAG" not in text and "badge.svg" not in text
    assert any(c.get("outputs") for c in shown), "the outputs that the repository keeps"
    assert len({c["id"] for c in shown}) == len(shown)


def test_instructors_cells_are_not_published(site):
    source = (ROOT / "solutions" / "00_start_here.py").read_text(encoding="utf-8")
    [cell] = re.findall(
        r'^# %% \[markdown\] tags=\["instructor"\]\n(.*?)^# %%', source + "\n# %%", re.M | re.S
    )[:1]
    sentence = cell.strip().splitlines()[-1].lstrip("# ")
    lesson = CATALOGUE.ready()[0]
    assert len(sentence) > 20 and all(sentence not in c["source"] for c in cells(site, lesson))


def test_words_for_a_picture_are_its_alternative_text():
    output = {
        "output_type": "display_data",
        "data": {"image/png": "…"},
        "metadata": {"image/png": {"alt": "two bars"}},
    }
    assert (
        pages._alternative_text({"outputs": [{"output_type": "stream", "text": "1"}, output]}) == "two bars"
    )
    assert pages._alternative_text({"outputs": [output | {"metadata": {}}]}) == ""
    assert pages._alternative_text({"source": "prose"}) == ""


def test_every_calculator_has_its_picture_sentence_and_table(site):
    page = (site / "calculators.md").read_text(encoding="utf-8")
    for view in (*VIEWS, DECISION):
        shown = view.render(view.default)
        assert f"## {view.title}" in page and shown.answer in page
        assert (site / "calculators" / f"{view.key}.svg").read_text(encoding="utf-8") == shown.svg


# --- links --------------------------------------------------------------------------------------------

PUBLISHED = {"README.md", "docs/FAQ.md", "lessons/01_stale_prices.ipynb"}


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("README.md", "[a](docs/FAQ.md#gpu)", "[a](docs/FAQ.md#gpu)"),
        ("docs/FAQ.md", "[home](../README.md)", "[home](../index.md)"),
        ("docs/FAQ.md", "[`x`](../pyproject.toml)", "[`x`]({here}/blob/{branch}/pyproject.toml)"),
        ("README.md", "[all](solutions)", "[all]({here}/tree/{branch}/solutions)"),
        ("README.md", "[s](solutions/01_stale_prices.ipynb)", "[s](lessons/01_stale_prices.ipynb)"),
        ("README.md", "[![p](docs/stale_prices.png)](LICENSE)",
         "[![p](docs/stale_prices.png)]({here}/blob/{branch}/LICENSE)"),
        ("README.md", "[w](https://example.org) [m](mailto:a@b)", "[w](https://example.org) [m](mailto:a@b)"),
        ("README.md", "`[no](link)`\n```\n[no](link)\n```\n", "`[no](link)`\n```\n[no](link)\n```\n"),
        ("README.md", "[below](#here)", "[below](#here)"),
    ],
)  # fmt: skip
def test_a_link_leads_to_the_page_or_to_the_repository(page, text, expected):
    expected = expected.replace("{here}", CATALOGUE.repository_url()).replace("{branch}", CATALOGUE.branch)
    assert pages.relinked(text, page, PUBLISHED, CATALOGUE, ROOT) == expected


def test_a_link_that_leads_nowhere_stops_the_build():
    with pytest.raises(pages.PageError, match=r"README\.md: the link to docs/none\.md leads nowhere"):
        pages.relinked("[a](docs/none.md)", "README.md", PUBLISHED, CATALOGUE, ROOT)


# --- the finished HTML --------------------------------------------------------------------------------

GOOD = {
    "index.html": '<a href="b/two.html#here">x</a><img src="p.png"><a href="https://example.org"></a>'
    '<a href="#top"></a>'
    '<i id="top"></i>',
    "b/two.html": '<h1 id="here"></h1><a href="../index.html">x</a><a href="../">x</a>'
    '<link rel="stylesheet" href="../s.css">',
    "p.png": "",
    "s.css": "body { background: url(p.png) }",
}


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("index.html", '<a href="none.html">x</a>', "index.html: none.html leads nowhere"),
        ("index.html", '<a href="b/two.html#there">x</a>', "b/two.html#there leads nowhere"),
        ("index.html", '<img src="none.png">', "none.png leads nowhere"),
        ("index.html", '<script src="https://cdn.example.org/x.js"></script>', "loads https://cdn"),
        ("b/two.html", '<h1 id="here"><link rel="stylesheet" href="//fonts.example.org/f">', "loads //fonts"),
        ("s.css", "@import 'https://fonts.example.org/f'", "s.css loads something from elsewhere"),
        ("s.css", "b { background: url( 'https://example.org/f' ) }", "s.css loads something from elsewhere"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_built_site_is_said(tmp_path, file, text, words):
    for name, content in (GOOD | {file: text}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    [fault] = links.faults(tmp_path)
    assert words in fault


def test_a_site_that_holds_together_has_no_faults(tmp_path):
    for name, content in GOOD.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert links.faults(tmp_path) == []
