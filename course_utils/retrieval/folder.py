"""Reading a folder of Markdown or text pages. The folder is only ever read."""

from __future__ import annotations

import os
from pathlib import Path

from .cleaning import readable
from .errors import NoPages

SUFFIXES = (".md", ".markdown", ".txt")
LARGE = 1_000_000  # bytes; indexing more than this takes half a minute or longer for one page: worth a word
TOO_LARGE = 10_000_000  # bytes; hardly a page: a log, a dump, a concatenation


class Pages(dict[str, str]):
    """Relative path -> text of each page. ``problems`` holds a sentence on everything left out or odd."""

    problems: list[str]

    def __init__(self, pages: dict[str, str], problems: list[str]) -> None:
        super().__init__(pages)
        self.problems = problems


def read_pages(folder: str | os.PathLike[str]) -> Pages:
    """Reads every .md, .markdown and .txt file below ``folder``, in the order of their paths.

    Of Markdown it keeps what a reader of the page sees (``readable``). Hidden files and folders are passed
    over, and so are links to folders (they may run in circles). A page that cannot be used (empty, not UTF-8,
    over 10 MB, unreadable) is left out and named in ``problems``; the others are read all the same.
    Raises NoPages if the folder is missing or no page is left.
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        what = "is a file, not a folder" if root.is_file() else "does not exist"
        raise NoPages(f"{root.absolute()} {what}. Give the folder that holds your pages.")
    pages: dict[str, str] = {}
    problems: list[str] = []
    for path in _page_files(root, problems):
        name = path.relative_to(root).as_posix()
        try:
            pages[name] = _read(path, name, problems)
        except _Unusable as reason:
            problems.append(str(reason))
    if not pages:
        found = " " + " ".join(problems) if problems else ""
        raise NoPages(
            f"{root.absolute()} holds no page to index.{found} Pages are files whose names end in "
            f"{', '.join(SUFFIXES)}, in this folder or below it."
        )
    return Pages(pages, problems)


class _Unusable(Exception):
    """Why a page is left out, in a sentence."""


def _page_files(root: Path, problems: list[str]) -> list[Path]:
    def unreadable(error: OSError) -> None:
        problems.append(f"The folder {error.filename} cannot be opened ({error.strerror}): left out.")

    files = []
    for parent, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [
            Path(parent, name)
            for name in names
            if name.lower().endswith(SUFFIXES) and not name.startswith(".")
        ]
    return sorted(files, key=lambda path: path.as_posix())


def _read(path: Path, name: str, problems: list[str]) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise _Unusable(f"{name!r} has a name that is not UTF-8: left out. Rename the file.") from None
    try:
        if not path.is_file():
            raise _Unusable(f"{name} is not a file, or a link to one that is gone: left out.")
        size = path.stat().st_size
        if size > TOO_LARGE:
            raise _Unusable(
                f"{name} has {size / 1e6:.0f} MB, more than the {TOO_LARGE / 1e6:.0f} MB a page may have: "
                "left out. Split it into several pages."
            )
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _Unusable(f"{name} cannot be read ({error.strerror}): left out.") from error
    except UnicodeDecodeError:
        raise _Unusable(
            f"{name} is not UTF-8 text: left out. Save it again with the encoding UTF-8."
        ) from None
    if "\0" in text:
        raise _Unusable(f"{name} is not text (it holds zero bytes): left out.")
    if not text.strip():
        raise _Unusable(f"{name} is empty: left out.")
    if size >= LARGE:
        problems.append(f"{name} has {size / 1e6:.1f} MB: it is used, but indexing it takes a while.")
    return text if name.lower().endswith(".txt") else readable(text)
