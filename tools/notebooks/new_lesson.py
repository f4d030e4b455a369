"""Begin a lesson: its source, its checks and its entry in the catalogue, as a skeleton that builds and runs.

    make new-lesson NN=11 NAME=my_lesson TITLE='My lesson'

The skeleton has the shape that the tests ask of a lesson. Replace each TODO; then write ``status = "ready"``
into the catalogue and run `make lessons`. Nothing that exists is overwritten.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from string import Template

from course_utils.paths import write_whole
from tools.notebooks.catalogue import ROOT, CatalogueError, load

TEMPLATES = Path(__file__).parent / "template"


class NewLessonError(Exception):
    """The lesson cannot be begun; the message says what to do."""


def begin(number: str, slug: str, title: str | None = None, root: Path = ROOT) -> list[Path]:
    """Write the skeleton of a lesson; the paths written. Raises NewLessonError before it writes anything."""
    catalogue_file = root / "lessons" / "catalogue.toml"
    due = f"{len(load(catalogue_file).lessons):02d}"
    if number != due:
        raise NewLessonError(f"The next lesson is {due}, not {number or 'nothing'}: NN={due}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", slug):
        raise NewLessonError(f"{slug!r} is no file name: small letters, digits and _, as in NAME=my_lesson")
    title = title or slug.replace("_", " ").capitalize()
    if '"' in title or "\\" in title:
        raise NewLessonError("A title has neither quotation marks nor backslashes.")
    targets = {
        root / "solutions" / f"{number}_{slug}.py": "lesson.py.txt",
        root / "course_utils" / "checks" / f"lesson_{number}.py": "checks.py.txt",
    }
    for path in targets:
        if path.exists():
            raise NewLessonError(f"{path.relative_to(root)} is there already; move it away first.")
    for path, template in targets.items():
        write_whole(path, _filled(template, number, slug, title))
    entry = _filled("catalogue.toml.txt", number, slug, title)
    write_whole(catalogue_file, catalogue_file.read_text(encoding="utf-8").rstrip("\n") + "\n" + entry)
    return [*targets, catalogue_file]


def _filled(template: str, number: str, slug: str, title: str) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return Template(text).substitute(number=number, slug=slug, title=title)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.notebooks.new_lesson", description=__doc__.splitlines()[0]
    )
    parser.add_argument("number", metavar="NN")
    parser.add_argument("slug", metavar="name")
    parser.add_argument("--title", help="default: the name in words")
    options = parser.parse_args(arguments)
    try:
        for path in begin(options.number, options.slug, options.title):
            print(f"wrote {path.relative_to(ROOT)}")
    except (NewLessonError, CatalogueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print('Replace each TODO, set status = "ready" in the catalogue, and run `make lessons`.')
    return 0


if __name__ == "__main__":
    sys.exit(main())
