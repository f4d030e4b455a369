"""Reading a version of the documents: a folder, or a revision of a git repository. Nothing is written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from course_utils.retrieval.folder import TOO_LARGE, Pages

from .errors import NoDocuments

MARKDOWN, HTML, TEXT = (".md", ".markdown"), (".html", ".htm"), (".txt", ".rst")
SUFFIXES = (*MARKDOWN, *HTML, *TEXT)


def read_folder(folder: str | os.PathLike[str]) -> Pages:
    """Every Markdown, HTML and text file below ``folder``: relative path -> text.

    Hidden files and folders and links to folders are passed over. A file that cannot be used (empty, binary,
    not UTF-8, over 10 MB) is left out and named in ``problems``. Raises NoDocuments if nothing is left.
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        what = "is a file, not a folder" if root.is_file() else "does not exist"
        raise NoDocuments(f"{folder} {what}. Give the folder that holds this version of your documents.")
    problems: list[str] = []
    return _readable(_files(root, problems), problems, str(folder))


def read_revision(repository: str | os.PathLike[str], revision: str, below: str = "") -> Pages:
    """The same for a revision (branch, tag, commit) of a git repository; ``below``: a folder in it.

    The working tree is not touched. Raises NoDocuments for an unknown revision, or without git.
    """
    where = f"{repository} at {revision}" + (f", below {below}" if below else "")
    commit = _git(repository, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    listed = _git(repository, "ls-tree", "-r", "-z", commit.decode().strip())
    wanted: list[tuple[str, str]] = []
    inside = PurePosixPath(below)
    for entry in filter(None, listed.split(b"\0")):
        about, _, raw = entry.partition(b"\t")
        mode, kind, blob = about.decode().split()
        name = PurePosixPath(raw.decode(errors="replace"))
        if kind == "blob" and mode != "120000" and name.is_relative_to(inside):
            name = name.relative_to(inside)
            if _is_document(name.name) and not any(part.startswith(".") for part in name.parts):
                wanted.append((name.as_posix(), blob))
    problems: list[str] = []
    return _readable(_blobs(repository, wanted), problems, where)


def _readable(files: Iterable[tuple[str, bytes]], problems: list[str], where: str) -> Pages:
    pages: dict[str, str] = {}
    for name, data in files:
        try:
            pages[name] = _decoded(name, data)
        except ValueError as reason:
            problems.append(str(reason))
    if not pages:
        reasons = " " + " ".join(problems[:3]) if problems else ""
        more = f" And {len(problems) - 3} more." if len(problems) > 3 else ""
        raise NoDocuments(
            f"{where} holds no document to compare.{reasons}{more} Documents are files whose names end in "
            f"{', '.join(SUFFIXES)}."
        )
    return Pages(pages, problems)


def _is_document(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _decoded(name: str, data: bytes) -> str:
    """Raises ValueError with a sentence on why the file is left out."""
    if len(data) > TOO_LARGE:
        size, most = len(data) / 1e6, TOO_LARGE / 1e6
        raise ValueError(f"{name} has {size:.0f} MB, and a page may have {most:.0f}: left out. Split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not UTF-8 text: left out. Save it again as UTF-8.") from None
    if "\0" in text:
        raise ValueError(f"{name} is not text (it holds zero bytes): left out.")
    if not text.strip():
        raise ValueError(f"{name} is empty: left out.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _files(root: Path, problems: list[str]) -> Iterator[tuple[str, bytes]]:
    def unreadable(error: OSError) -> None:
        problems.append(f"The folder {error.filename} cannot be opened ({error.strerror}): left out.")

    for parent, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in (Path(parent, name) for name in sorted(names) if _is_document(name)):
            name = file.relative_to(root).as_posix().encode(errors="replace").decode()
            try:
                if not file.is_file():  # reading a pipe would wait for ever
                    problems.append(f"{name} is not a file, or a link to one that is gone: left out.")
                    continue
                with file.open("rb") as stream:
                    yield name, stream.read(TOO_LARGE + 1)
            except OSError as error:
                problems.append(f"{name} cannot be read ({error.strerror}): left out.")


def _blobs(repository: str | os.PathLike[str], wanted: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    answer = _git(repository, "cat-file", "--batch", asks="".join(f"{blob}\n" for _, blob in wanted).encode())
    at = 0
    for name, _ in wanted:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[-1])
        yield name, answer[end + 1 : end + 1 + size]
        at = end + size + 2


def _git(repository: str | os.PathLike[str], *command: str, asks: bytes = b"") -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(repository), *command], input=asks, capture_output=True)
    except FileNotFoundError:
        raise NoDocuments("git is not installed here. Install it, or give two folders instead.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise NoDocuments(
            f"git cannot read {command[-1].removesuffix('^{commit}')} in {repository} ({said}). Check the "
            "folder after --repo, and that --old and --new are branches, tags or commits in it (a "
            "shallow clone may lack them: git fetch --unshallow)."
        )
    return done.stdout
