"""Make the course that of a fork: its address in the catalogue and in everything generated from it.

    make fork OWNER=name/repo

Needs Python's standard library only, executes no notebook and keeps every output. What it writes is what
`make lessons` would write with the new address (a test compares). Running it again changes nothing.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from tools.notebooks.cell_ids import cell_ids

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = "lessons/catalogue.toml"
# GitHub's own rules: an owner has single hyphens inside, a repository any of these characters.
ADDRESS = re.compile(
    r"(?!.*--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?/(?!\.{1,2}$)[\w.-]{1,100}", re.ASCII
)
ENTRY = re.compile(r'^(repository = ")([^"]+)(")', re.MULTILINE)
TEXTS = ("README.md", "CITATION.cff")  # beside the notebooks; the second where there is one


class ForkError(Exception):
    """The course cannot be made that of this fork; the message says what to do."""


def checked(owner: str) -> str:
    """``owner`` if it is an address on GitHub, name/repo. Raises ForkError otherwise."""
    if not ADDRESS.fullmatch(owner) or owner.endswith(".git"):
        raise ForkError(
            f"{owner!r} is no address on GitHub. Give the account and the repository's name: "
            "make fork OWNER=name/repo"
        )
    return owner


def moved(text: str, old: str, new: str) -> str:
    """``text`` with every link to the repository ``old``, and the folder that its clone makes, of ``new``."""
    links = rf"((?:github\.com|/github|/gh)/){re.escape(old)}(?![\w-]|\.\w)"
    text = re.sub(links, rf"\g<1>{new}", text)
    here, there = (f"{new} && cd {name.rpartition('/')[2]}" for name in (old, new))
    return re.sub(rf"{re.escape(here)}(?![\w.-])", there, text)


def moved_notebook(text: str, old: str, new: str) -> str:
    """The notebook ``text`` with its links moved: sources only, outputs as they are."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["source"] = moved("".join(cell["source"]), old, new).splitlines(keepends=True)
    kinds = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    for cell, made in zip(notebook["cells"], cell_ids(kinds), strict=True):
        cell["id"] = made
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"


def fork(owner: str, root: Path = ROOT) -> list[str]:
    """Make the course in ``root`` that of ``owner``; the paths that changed."""
    checked(owner)
    catalogue = (root / CATALOGUE).read_text(encoding="utf-8")
    found = ENTRY.search(catalogue)
    if found is None:
        raise ForkError(f'{CATALOGUE} has no line repository = "name/repo". Restore it and try again.')
    old = found[2]
    texts = {root / name: moved for name in TEXTS if (root / name).is_file()}
    notebooks = [
        path for folder in ("lessons", "solutions") for path in sorted((root / folder).glob("*.ipynb"))
    ]
    changed = []
    for path, change in (texts | dict.fromkeys(notebooks, moved_notebook)).items():
        was = path.read_text(encoding="utf-8")
        _write(path, was, change(was, old, owner), root, changed)
    # The catalogue last: until then a run that was cut short finds the old address, and goes on.
    _write(root / CATALOGUE, catalogue, ENTRY.sub(rf"\g<1>{owner}\g<3>", catalogue), root, changed)
    return changed


def _write(path: Path, was: str, now: str, root: Path, changed: list[str]) -> None:
    if now == was:
        return
    part = path.with_name(f".{path.name}.part")  # whole or not at all
    part.write_text(now, encoding="utf-8", newline="\n")
    part.replace(path)
    changed.append(path.relative_to(root).as_posix())


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        changed = fork(arguments[0] if len(arguments) == 1 else " ".join(arguments))
    except ForkError as problem:
        print(problem, file=sys.stderr)
        return 1
    for path in changed:
        print(f"wrote {path}")
    print("Look at `git diff --stat` and commit." if changed else "Nothing to change: it is so already.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
