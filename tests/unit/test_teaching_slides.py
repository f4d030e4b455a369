"""Slides by rule: what stands on a slide, what is said, what is left out, and that nothing is fetched."""

import base64
import re

import nbformat
import pytest

from tools.notebooks import alt_text
from tools.notebooks.catalogue import Lesson
from tools.teaching import slides

LESSON = Lesson("07", "toy", "Toy", "Why?", 5, "beginner", "any", "nothing", "ready")
PNG = base64.b64encode(b"picture").decode()
TEXT = """\
Some **words of the cell above**.
## 1 · First (3 min)
A sentence. **Bold begins. And ends.** What then? Nothing (but this. is it?) and so on.
Where is $p$, from $15 to $20?

* a point

| a | b |
|---|---|
| 1 | 2 |

```
a drawing

of two parts
```

```python
code = "is left out"
```

$$1 - e^{-k\\,s/365} \\times \\text{a b}.$$
### Exercise 07.1: try it?
Write `it`.
"""


def markdown(text: str, **metadata) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(alt_text.fold(text), metadata=metadata)


def code(*outputs: dict) -> nbformat.NotebookNode:
    shown = [nbformat.v4.new_output("display_data", data) for data in outputs]
    return nbformat.v4.new_code_cell("secret_code()", outputs=shown)


@pytest.fixture
def deck() -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(
        cells=[
            markdown("# 07 · Toy"),
            markdown("> card"),
            markdown(TEXT),
            code({"text/plain": "printed"}),
            code({"image/png": PNG}, {"image/svg+xml": "<svg/>"}),
            markdown("*Picture:* bars & lines.\n\nAfter it."),
            markdown("Tell them.", tags=["instructor"]),
            markdown("## Recap (1 min)\n\n* one\n* two"),
            markdown("## Nothing bold (1 min)\n\nThe lead. More."),
        ]
    )
    alt_text.describe(notebook)
    return slides.deck(LESSON, notebook)


def of(deck, kind: str) -> str:
    return "\n".join(cell.source for cell in deck.cells if cell.metadata.slideshow.slide_type == kind)


def test_every_section_is_a_slide(deck):
    starts = [c.source.splitlines()[0] for c in deck.cells if c.metadata.slideshow.slide_type == "slide"]
    assert starts == ["# 07 · Toy", "## First", "## Recap", "## Nothing bold"]


def test_what_stands_on_slides(deck):
    shown = of(deck, "slide") + of(deck, "subslide")
    for wanted in (
        "* **Bold begins. And ends.**",
        "* What then?",
        "* Where is *p*, from $15 to $20?",
        "| 1 | 2 |",
        "a drawing\n\nof two parts",
        "**Exercise 07.1, try it?** Write `it`.",
        "* one",
        "* two",
        "The lead.",
        "Why?",
        f"data:image/png;base64,{PNG}",
        base64.b64encode(b"<svg/>").decode(),
        'alt="bars &amp; lines."',
    ):
        assert wanted in shown, wanted
    for unwanted in ("secret_code", "is left out", "printed", "A sentence.", "card", "After it", "More."):
        assert unwanted not in shown, unwanted


def test_prose_and_the_teachers_cells_are_in_the_notes(deck):
    said = of(deck, "notes")
    for wanted in ("A sentence.", "Write `it`.", "Tell them.", "After it.", "a point", "More."):
        assert wanted in said, wanted
    assert "bars & lines" not in said and "<details>" not in said


def test_a_full_slide_is_followed_by_another(deck):
    full = [slides.Slide("Long", first=True)]
    for number in range(5):
        slides._put(full, f"* point {number}", 0.4)
    assert [len(slide.items) for slide in full] == [2, 2, 1] and {slide.title for slide in full} == {"Long"}


def test_the_page_loads_reveal_from_its_own_folder_and_nothing_else(deck):
    page = slides.html(deck)
    loaded = re.findall(r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="([^"]*)"', page)
    assert {address.partition("/")[0] for address in loaded if not address.startswith("data:")} == {
        "reveal.js"
    }
    assert "reveal.js/dist/reveal.js" in loaded and not re.search(
        r"url\(['\"]?https?:|import .*https?:", page
    )
    assert "require(" not in page and "MathJax.Hub" not in page
    assert page.count("<section") == 2 * 4 + page.count('data-type="subslide"') or "aside" in page


def test_reveal_that_is_not_the_published_one_is_refused(tmp_path, monkeypatch):
    def fetched(command, cwd, **_):
        (slides.Path(cwd) / f"{slides.REVEAL}.tgz").write_bytes(b"something else")
        return slides.subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(slides.subprocess, "run", fetched)
    with pytest.raises(slides.SlidesError, match="sha256 differs"):
        slides.reveal(tmp_path)
    assert not (tmp_path / "reveal.js").exists()


@pytest.mark.parametrize("problem", [FileNotFoundError("npm"), None])
def test_without_npm_or_network_it_says_so(tmp_path, monkeypatch, problem):
    def fails(command, **_):
        if problem:
            raise problem
        return slides.subprocess.CompletedProcess(command, 1, "", "ENOTFOUND registry")

    monkeypatch.setattr(slides.subprocess, "run", fails)
    with pytest.raises(slides.SlidesError, match="npm is missing" if problem else "ENOTFOUND"):
        slides.reveal(tmp_path)
