"""Slides of every lesson, by rule, from its solution: nbconvert and reveal.js, nothing from elsewhere.

    python -m tools.teaching.slides                every lesson that is ready
    python -m tools.teaching.slides 02_rag_fix     only this one

The rules: each `##` begins a slide. On it stand the sentences with something in bold, the questions, tables,
drawings, formulas, exercises and pictures, and the points of the recap; what has no room stands on another
slide below it. Code is left out, but for its pictures; all prose is in the speaker's notes (press S). Written
to build/teaching/slides, with a copy of reveal.js that npm fetches once. A Chromium looks whether all fits.
"""

from __future__ import annotations

import argparse
import base64
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import nbformat
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode

from course_utils import published
from course_utils.paths import shown, write_whole
from tests.browser.driver import find_browser, open_page
from tools.notebooks import alt_text
from tools.notebooks.catalogue import ROOT, Lesson, load
from tools.teaching.outline import HEADING
from tools.teaching.pages import BUILD

SLIDES = BUILD / "slides"
REVEAL = "reveal.js-5.2.1"
REVEAL_SHA256 = "359b575dd51bbda32f89b2fd4c7dc46ad7389a805572158916c29252f7a27333"
SIZE = {"width": 1280, "height": 720}  # pixels
WORDS = 100  # that fit on a slide
PICTURE = 0.65  # of a slide
EVERY_POINT = ("Recap", "What could go stale here")  # sections whose lists stand on their slides
SENTENCE = re.compile(r"(?<=[.?!])\s+|(?<=[.?!]\*\*)\s+|(?<=[.?!]\))\s+")
SYMBOL = re.compile(r"\$(?=[A-Za-z(])([^$\s]{1,20})\$")  # mathematics within a sentence; prices stay
EXERCISE = re.compile(r"^### Exercise (\d\d\.\d)[:· ]*(.*)$")
# What does not fit on its slide, by number; every slide is shown in turn.
OVERFLOWING = """() => {
    const { width, height } = Reveal.getConfig();
    return Reveal.getSlides().flatMap((slide, at) => {
        const { h, v } = Reveal.getIndices(slide);
        Reveal.slide(h, v);
        const fits = slide.scrollHeight <= height && slide.scrollWidth <= width;
        return fits ? [] : [`${at + 1} (${slide.scrollWidth} × ${slide.scrollHeight})`];
    });
}"""


class SlidesError(Exception):
    """The slides cannot be made or do not fit; the message says what to do."""


# --- by rule ------------------------------------------------------------------------------------------


@dataclass
class Slide:
    """A slide of a section: what stands on it, and what the teacher may say."""

    title: str
    first: bool = False  # of its section
    items: list[str] = field(default_factory=list)  # Markdown
    room: float = 1.0  # what is left of it
    notes: list[str] = field(default_factory=list)


def deck(lesson: Lesson, notebook: NotebookNode) -> NotebookNode:
    """The slides of an executed solution, as the notebook that nbconvert makes slides of."""
    front = Slide("", items=[f"# {lesson.number} · {lesson.title}", lesson.question], first=True)
    slides = [front]
    for at, cell in enumerate(notebook.cells):
        if "instructor" in cell.metadata.get("tags", []):
            slides[-1].notes.append(cell.source)
        elif cell.cell_type == "markdown" and at > 1:  # title and card are on the first slide
            _prose(SYMBOL.sub(r"*\1*", alt_text.FOLDED.sub("", cell.source)), slides)
        elif cell.cell_type == "code":
            for picture in _pictures(cell):
                _put(slides, picture, PICTURE)
    cells = [made for slide in slides for made in _cells(slide)]
    made = nbformat.v4.new_notebook(cells=cells, metadata={"title": f"{lesson.number} · {lesson.title}"})
    for number, cell in enumerate(made.cells):
        cell.id = str(number)
    return made


def _cells(slide: Slide) -> Iterator[NotebookNode]:
    text = "\n\n".join(slide.items)
    if slide.title:
        text = f"{'##' if slide.first else '###'} {slide.title}\n\n{text}"
    kind = "slide" if slide.first else "subslide"
    yield nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}})
    if slide.notes:
        notes = "\n\n".join(slide.notes)
        yield nbformat.v4.new_markdown_cell(notes, metadata={"slideshow": {"slide_type": "notes"}})


def _put(slides: list[Slide], item: str, share: float) -> None:
    """Put ``item``, which takes this share of a slide, on the last one, or on a new one of its section."""
    if slides[-1].room < share and slides[-1].items:
        slides.append(Slide(slides[-1].title))
    slides[-1].items.append(item)
    slides[-1].room -= share


def _prose(text: str, slides: list[Slide]) -> None:
    """Add one cell of prose to the slides."""
    for part in re.split(r"^(?=## )", text, flags=re.MULTILINE):
        heading = HEADING.match(part)
        if heading:
            slides.append(Slide(heading["title"], first=True))
        exercise = ""
        for block in _blocks(part[heading.end() :] if heading else part):
            if found := EXERCISE.match(block):
                exercise = f"**Exercise {found[1]}, {found[2]}** "
            elif block.startswith("|"):
                _put(slides, block, 0.1 + 0.08 * block.count("\n"))
            elif block.startswith("```"):
                if not block.startswith("```python"):
                    _put(slides, block, 0.05 * block.count("\n"))
            elif block.startswith("$$"):
                _put(slides, _formula(block.strip("$ \n")), 0.2)
            elif re.match(r"(\*|\d+\.) ", block):
                slides[-1].notes.append(block)
                items = re.split(r"^(?:\*|\d+\.) ", block, flags=re.MULTILINE)[1:]
                for item in items if slides[-1].title.startswith(EVERY_POINT) else ():
                    _put(slides, f"* {' '.join(item.split())}", len(item.split()) / WORDS)
            else:
                slides[-1].notes.append(block)
                if exercise:
                    _put(slides, exercise + block, len(block.split()) / WORDS)
                    exercise = ""
                    continue
                for sentence in _sentences(block):
                    if "**" in sentence or sentence.endswith("?"):
                        _put(slides, f"* {sentence}", 0.05 + len(sentence.split()) / WORDS)
        if heading and not any(slide.items for slide in slides if slide.title == heading["title"]):
            lead = _sentences(slides[-1].notes[0])[0] if slides[-1].notes else ""
            _put(slides, lead, len(lead.split()) / WORDS)


def _blocks(text: str) -> list[str]:
    """Paragraphs, lists, tables and fenced blocks; a heading of an exercise is a block."""
    blocks: list[str] = []
    for number, part in enumerate(re.split(r"^(```[^`]*^```)$", text, flags=re.MULTILINE)):
        apart = (
            [part] if number % 2 else re.split(r"\n\s*\n", re.sub(r"^(### .*)$", r"\n\1\n", part, flags=re.M))
        )
        blocks += [block.strip("\n") for block in apart if block.strip()]
    return blocks


def _sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph; one whose bold begins in it and ends in the next takes the next along."""
    sentences: list[str] = []
    for piece in SENTENCE.split(" ".join(paragraph.split())):
        if sentences and (
            sentences[-1].count("**") % 2 or sentences[-1].count("(") > sentences[-1].count(")")
        ):
            sentences[-1] += f" {piece}"
        else:
            sentences.append(piece)
    return sentences


def _pictures(cell: NotebookNode) -> Iterator[str]:
    """The pictures that a cell shows, each with its alternative text."""
    for output in cell.outputs:
        data = output.get("data", {})
        kind = next((kind for kind in ("image/png", "image/svg+xml") if kind in data), None)
        if kind:
            picture = "".join(data[kind])
            code = picture.replace("\n", "") if kind == "image/png" else _encoded(picture.encode())
            yield _image(kind, code, output.metadata.get(kind, {}).get("alt", ""))


def _encoded(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def _formula(tex: str) -> str:
    """A formula as a picture, by matplotlib, so that no page needs MathJax."""
    from matplotlib import mathtext

    drawn = io.BytesIO()
    spaced = re.sub(r"\\text\{([^}]*)\}", lambda words: f"\\mathrm{{{words[1]}}}".replace(" ", r"\ "), tex)
    plain = " ".join(spaced.replace(r"\,", r"\ ").split()).rstrip(".")
    mathtext.math_to_image(f"${plain}$", drawn, format="svg")
    return _image("image/svg+xml", _encoded(drawn.getvalue()), tex, "formula")


def _image(kind: str, code: str, alternative: str, style: str = "plot") -> str:
    text = escape(" ".join(alternative.split()), quote=True)
    return f'<img class="{style}" src="data:{kind};base64,{code}" alt="{text}">'


# --- as a page ----------------------------------------------------------------------------------------


def reveal(folder: Path = SLIDES) -> None:
    """Fetch reveal.js into ``folder``, once, and compare it. Raises SlidesError where npm cannot."""
    if (folder / "reveal.js" / "dist" / "reveal.js").is_file():
        return
    with tempfile.TemporaryDirectory() as where:
        wanted = REVEAL.replace("-", "@")
        try:
            fetched = subprocess.run(["npm", "pack", wanted], cwd=where, capture_output=True, text=True)
        except FileNotFoundError as problem:
            raise SlidesError(
                "npm is missing; it comes with Node.js, on Debian: apt-get install npm"
            ) from problem
        archive = Path(where, f"{REVEAL}.tgz")
        if fetched.returncode or not archive.is_file():
            raise SlidesError(f"npm did not fetch {wanted}: {fetched.stderr.strip()[-300:]}")
        if published.sha256_of(archive) != REVEAL_SHA256:
            raise SlidesError(f"{archive.name} is not the published one: its sha256 differs.")
        with tarfile.open(archive) as packed:
            packed.extractall(where, filter="data")
        folder.mkdir(parents=True, exist_ok=True)
        Path(where, "package").rename(folder / "reveal.js")


def html(slides: NotebookNode) -> str:
    """The page of a deck; it finds reveal.js in the folder beside it."""
    exporter = SlidesExporter(
        extra_template_basedirs=[str(Path(__file__).parent / "templates")],
        template_name="deck",
        reveal_url_prefix="reveal.js",
        reveal_theme="white",  # others load fonts from elsewhere
        reveal_width=str(SIZE["width"]),
        reveal_height=str(SIZE["height"]),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    page, _ = exporter.from_notebook_node(slides, {"metadata": {"name": slides.metadata.title}})
    return page


def overflowing(page_file: Path, browser: str) -> list[str]:
    """The slides that do not fit. Raises SlidesError when the page asks another host for anything."""
    with open_page(browser, **SIZE) as tab:
        tab.goto(page_file.as_uri())
        tab.wait_for_function("() => window.Reveal && Reveal.isReady()")
        found = tab.evaluate(OVERFLOWING)
        if elsewhere := [url for url in tab.asked_for if url.startswith("http")]:
            raise SlidesError(f"{page_file.name} asks for {elsewhere[0]}")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.teaching.slides", description=__doc__.splitlines()[0]
    )
    parser.add_argument("lessons", nargs="*", metavar="NN_name", help="default: every lesson that is ready")
    options = parser.parse_args(arguments)
    catalogue = load()
    browser = find_browser()
    bad = []
    try:
        reveal()
        for lesson in [catalogue.by_name(name) for name in options.lessons] or catalogue.ready():
            notebook = nbformat.read(ROOT / "solutions" / f"{lesson.name}.ipynb", as_version=4)
            target = SLIDES / f"{lesson.name}.html"
            write_whole(target, html(deck(lesson, notebook)))
            print(f"wrote {shown(target)}")
            if browser:
                bad += [f"{lesson.name}: slide {slide}" for slide in overflowing(target, browser)]
        if bad:
            raise SlidesError("What is on these slides does not fit:\n" + "\n".join(bad))
    except SlidesError as problem:
        print(problem, file=sys.stderr)
        return 1
    print("Every slide fits." if browser else "No Chromium found: nobody looked whether every slide fits.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
