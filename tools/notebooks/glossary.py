"""Write docs/glossary.md from lessons/glossary.toml: the course's words, and where each is explained.

In the notebooks :func:`link` makes each word a link where its lesson first uses it. The link's title is the
meaning: it shows under the pointer.

python -m tools.notebooks.glossary            rewrite docs/glossary.md if it is out of date
python -m tools.notebooks.glossary --check    change nothing; exit 1 if it is
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass

from nbformat import NotebookNode

from course_utils.paths import write_whole
from tools.notebooks.catalogue import ROOT, load

# Where no link can stand, or should: headings, tables, the card, code, links, tags, the words of a picture.
OUTSIDE = re.compile(
    r"^(?:#|\||>).*?$|```.*?```|`[^`]*`|\[[^\]]*\]\([^)]*\)|<details>.*?</details>|<[^>]*>|\bhttps?://\S+",
    re.DOTALL | re.MULTILINE,
)
SOURCE, PAGE = ROOT / "lessons" / "glossary.toml", ROOT / "docs" / "glossary.md"


@dataclass(frozen=True)
class Word:
    """A word, its meaning in a sentence or two, and the number of the lesson that explains it."""

    word: str
    lesson: str
    meaning: str
    form: str = ""  # how the lesson writes it, a regular expression, where that is not the word itself

    @property
    def written(self) -> str:
        return self.form or self.word


def words() -> list[Word]:
    """The words in the order of the file, which is the alphabet's."""
    table = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return [Word(word, **entry) for word, entry in table.items()]


def page() -> str:
    """The glossary as Markdown."""
    names = {lesson.number: lesson for lesson in load().lessons}
    lines = ["# Glossary", "", "The words of the course, and the lesson in which each is explained.", ""]
    for word in words():
        lesson = names[word.lesson]
        link = f"[{lesson.number}](../lessons/{lesson.name}.ipynb)" if lesson.ready else lesson.number
        lines += [f"**{word.word}** ({link}): {word.meaning}", ""]
    return "\n".join(lines)


def link(notebook: NotebookNode, lesson: str) -> None:
    """Link the words that ``lesson`` explains to the glossary where its prose first uses them, in place."""
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    for word in words():
        if word.lesson == lesson:
            next((True for cell in prose if _linked(cell, word)), None)


def _linked(cell: NotebookNode, word: Word) -> bool:
    """Whether the word stands in this prose where it can be a link; then it is one now."""
    taken = [found.span() for found in OUTSIDE.finditer(cell.source)]
    for found in re.finditer(rf"\b(?:{word.written})(?:e?[sd])?\b", cell.source, re.IGNORECASE):
        if any(begin < found.end() and found.start() < end for begin, end in taken):
            continue
        meaning = word.meaning.replace('"', "&quot;")
        made = f'[{found[0]}](../docs/glossary.md "{meaning}")'
        cell.source = cell.source[: found.start()] + made + cell.source[found.end() :]
        return True
    return False


def main(arguments: list[str] | None = None) -> int:
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    if check:
        print(f"{PAGE.name} is out of date: run `make lessons`.")
        return 1
    write_whole(PAGE, page())
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
