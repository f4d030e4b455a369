"""The pages of the site, from what the repository holds; standard library only, and nothing is executed.

* the home page is README;
* a lesson's page is its solution with the outputs that were kept. Where the learner is to write, it shows
  what the lesson shows, and the answer folded away. Left out: instructors' cells, the first cell for Colab;
* docs/ as it is; the calculators as pictures with their tables.

Links to what is no page lead to the repository.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from course_utils.widgets.tree import DECISION
from course_utils.widgets.views import VIEWS
from tools.notebooks.catalogue import ROOT, Catalogue, Lesson, load

LINK_OR_CODE = re.compile(
    r"^```.*?^```"
    r"|(?P<before>!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()(?P<target>[^()\s]+)(?P<after>\))"
    r"|`[^`\n]+`",
    re.MULTILINE | re.DOTALL,
)
BADGE = re.compile(r"\[!\[(Open in \w+)\]\([^)]*\)\]")
LINKED_IMAGE = re.compile(r'<a href="([^"]+)"><img src="([^"]+)"[^>]*? alt="([^"]*)"[^>]*></a>')
LEFT_OUT = {"instructor"}
CALCULATORS = "calculators"


class PageError(Exception):
    """A page that cannot be made; the message names it and what is wrong."""


def assemble(target: Path, root: Path = ROOT) -> list[str]:
    """Write every page below ``target``, which is emptied first; the names of the pages."""
    catalogue = load(root / "lessons" / "catalogue.toml")
    docs = sorted(path.relative_to(root).as_posix() for path in (root / "docs").glob("*.md"))
    published = {"README.md", *docs, *(f"lessons/{lesson.name}.ipynb" for lesson in catalogue.ready())}
    shutil.rmtree(target, ignore_errors=True)

    def write(name: str, text: str) -> None:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")

    def linked(text: str, page: str) -> str:
        return relinked(text, page, published, catalogue, root)

    for lesson in catalogue.ready():
        for folder in ("lessons", "solutions"):
            kept = target / "notebooks" / folder
            kept.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / folder / f"{lesson.name}.ipynb", kept)
        page = f"lessons/{lesson.name}.ipynb"
        notebook = lesson_page(lesson, catalogue, root)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = linked(cell["source"], page)
        write(page, json.dumps(notebook, ensure_ascii=False))
    for page in docs:
        write(page, linked((root / page).read_text(encoding="utf-8"), page))
    for path in (root / "docs").glob("*.png"):
        shutil.copy(path, target / "docs")
    for name, text in calculators():
        write(name, text)
    readme = BADGE.sub(r"[\1]", (root / "README.md").read_text(encoding="utf-8"))
    readme = LINKED_IMAGE.sub(r"[![\3](\2)](\1)", readme)  # as Markdown, so that its links are followed
    write("index.md", f"{linked(readme, 'README.md')}\n{contents(catalogue, docs)}")
    return sorted(published - {"README.md"} | {"index.md", f"{CALCULATORS}.md"})


def contents(catalogue: Catalogue, docs: list[str]) -> str:
    """The site's contents, as the sidebar shows them."""
    lessons = [f"lessons/{lesson.name}" for lesson in catalogue.ready()]
    reference = [CALCULATORS, *(page.removesuffix(".md") for page in docs)]
    tree = "```{{toctree}}\n:hidden:\n:caption: {}\n\n{}\n```\n"
    return tree.format("Lessons", "\n".join(lessons)) + "\n" + tree.format("Reference", "\n".join(reference))


def relinked(text: str, page: str, published: set[str], catalogue: Catalogue, root: Path) -> str:
    """``text`` of ``page`` with each relative link kept if it leads to a page, else to the repository.

    Raises PageError for a link to what does not exist.
    """

    def moved(match: re.Match) -> str:
        target, hash_, anchor = (match["target"] or "").partition("#")  # what is code is no link
        if not target or re.match(r"[a-z]+:", target):
            return match[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        twin = f"lessons/{posixpath.basename(file)}"
        file = twin if file.startswith("solutions/") and twin in published else file
        if not (root / file).exists():
            raise PageError(f"{page}: the link to {match['target']} leads nowhere.")
        if file == "README.md":
            new = posixpath.relpath("index.md", posixpath.dirname(page) or ".")
        elif file in published or file.endswith(".png"):
            new = posixpath.relpath(file, posixpath.dirname(page) or ".")
        else:
            kind = "tree" if (root / file).is_dir() else "blob"
            new = f"{catalogue.repository_url()}/{kind}/{catalogue.branch}/{file}"
        return f"{match['before']}{new}{hash_}{anchor}{match['after']}"

    return LINK_OR_CODE.sub(moved, text)


def lesson_page(lesson: Lesson, catalogue: Catalogue, root: Path = ROOT) -> dict:
    """The notebook that becomes the page of ``lesson``: its solution, made to be read."""
    solution, stubs = (_read(root / folder / f"{lesson.name}.ipynb") for folder in ("solutions", "lessons"))
    shown = [cell for cell in solution["cells"] if not LEFT_OUT & set(cell["metadata"].get("tags", []))]
    asked = iter(stubs["cells"])
    cells = []
    for cell in shown:
        own = "solution" in cell["metadata"].get("tags", [])
        stub = None if own else next(asked)
        if cell["cell_type"] == "code" and (own or cell["source"] != stub["source"]):
            if stub:
                cells.append(_prose(f"```python\n{stub['source']}\n```"))
            cell["metadata"] = _folded(cell["metadata"])
        cells.append(cell)
    # In place of what the builder puts there: a card with badges, and the cell for Colab.
    cells[1:3] = [_prose(card(lesson, catalogue))]
    for cell in cells:
        words = _alternative_text(cell)
        if words:
            cell["metadata"].setdefault("mystnb", {})["image"] = {"alt": words}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return solution | {"cells": cells, "metadata": {"kernelspec": solution["metadata"]["kernelspec"]}}


def card(lesson: Lesson, catalogue: Catalogue) -> str:
    """What stands under the title: the question, the frame, and where to do it oneself."""
    path = f"lessons/{lesson.name}.ipynb"
    return f"""\
> **{lesson.question}**
>
> | time | level | hardware | cost |
> |---|---|---|---|
> | {lesson.minutes} minutes | {lesson.level} | {lesson.hardware} | {lesson.cost} |

**Do it yourself:** [open in Colab]({catalogue.colab_url(path)}) ·
[open in Binder]({catalogue.binder_url(path)}) ·
{{download}}`download the lesson <../notebooks/{path}>` ·
{{download}}`its solution <../notebooks/solutions/{lesson.name}.ipynb>`

This page is for reading: the lesson as it was run when it was last built. Answers to exercises are folded."""


def calculators() -> Iterator[tuple[str, str]]:
    """The files of the page with all calculators: name and text."""
    parts = [
        "# Calculators\n\nThe calculators at their first preset; `make app` opens them to move. The lessons"
        " on [costs](lessons/06_costs.ipynb) and [decisions](lessons/07_decide.ipynb) explain them."
    ]
    for view in (*VIEWS, DECISION):
        shown = view.render(view.default)
        yield f"{CALCULATORS}/{view.key}.svg", shown.svg
        picture = f"![{view.title}: {shown.answer}]({CALCULATORS}/{view.key}.svg)"
        parts.append(f"## {view.title}\n\n*{view.question}*\n\n{picture}\n\n{shown.markdown()}")
    yield f"{CALCULATORS}.md", "\n\n".join(parts) + "\n"


def _read(path: Path) -> dict:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def _alternative_text(cell: dict) -> str:
    """What the cell's pictures show, in words; the builder keeps it beside each picture."""
    abouts = (about for output in cell.get("outputs", []) for about in output.get("metadata", {}).values())
    return next((about["alt"] for about in abouts if isinstance(about, dict) and "alt" in about), "")


def _prose(text: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _folded(metadata: dict) -> dict:
    prompts = {"code_prompt_show": "Show an answer", "code_prompt_hide": "Hide the answer"}
    return metadata | {"tags": [*metadata.get("tags", []), "hide-input"], "mystnb": prompts}
