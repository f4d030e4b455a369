"""The handbook of a release as files in a folder that the learner can open and edit.

A small manifest, `.handbook.json` in the folder, records a hash of each page this module wrote. It is
how a page the learner edited is told from a page that is merely older:

- a page as we wrote it is updated, or deleted when the release has retired it;
- a page the learner **edited** stays as it is while the release has the same text for it as the last one;
- a page the learner edited that the new release **changes or retires** is moved to `<page>.mine` beside
  it (then `.mine-2`, …), so that nothing is lost, and the release's page takes its place. Files that end
  in `.mine` are not Markdown, so an index of the folder leaves them out;
- pages the learner **added** are never touched; one that stands where the release has a page is treated
  as edited;
- a page that was deleted by hand comes back. Deleting an edited page is the way to undo the edit.
"""

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from course_utils.company.catalogue import check_release
from course_utils.company.rendering import pages

MANIFEST = ".handbook.json"


class HandbookError(OSError):
    """The handbook could not be written; the message says what to do."""


def write_handbook(release: str, folder: str | Path, say: Callable[[str], None] = print) -> Path:
    """Make *folder* hold the handbook of *release*, writing only what differs, and return its path.

    What was done goes to *say*, one line and one more for each page of the learner's. Stopped half-way,
    it can simply be called again. Raises UnknownRelease, or HandbookError when the folder cannot be written.
    """
    check_release(release)
    folder = Path(folder)
    try:
        _Folder(folder, say).update(release, pages(release))
    except OSError as error:
        if isinstance(error, HandbookError):
            raise
        raise HandbookError(
            f"cannot write the handbook to {folder}: {error.strerror or error} ({error.filename}). Choose a "
            f"folder you may write to, or free some space, then call write_handbook again; it goes on where "
            f"it stopped."
        ) from error
    return folder


class _Folder:
    """A folder with a handbook in it, and what this run does to it."""

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self.root = root
        self.say = say
        self.written = self.updated = self.retired = 0
        self.kept: list[str] = []
        self.moved: list[str] = []

    def update(self, release: str, wanted: dict[str, str]) -> None:
        """Bring the folder to *release*."""
        self.root.mkdir(parents=True, exist_ok=True)
        ours = self._read_manifest()
        new = {path: _hash(text) for path, text in wanted.items()}
        # Both the old and the new text count as ours until the run is through: a run that was stopped
        # half-way must not make the next one take half of the pages for the learner's.
        both = {path: [*ours.get(path, []), *([new[path]] if path in new else [])] for path in ours | new}
        self._write_manifest(release, both)
        for path, text in wanted.items():
            self._place(path, text, new[path], ours.get(path, []))
        for path in ours.keys() - new.keys():
            self._retire(path, ours[path])
        self._write_manifest(release, {path: [digest] for path, digest in new.items()})
        self._report(release, len(wanted))

    def _place(self, path: str, text: str, digest: str, ours: list[str]) -> None:
        file = self.root / path
        if file.is_dir():
            raise HandbookError(
                f"{file} is a folder, but a handbook page has that name: rename or remove the folder"
            )
        if file.exists():
            present = _hash(file.read_bytes())
            if present == digest:
                return
            if present not in ours:
                if ours == [digest]:
                    self.kept.append(path)
                    return
                self._set_aside(file)
            self.updated += 1
        else:
            self.written += 1
        _write(file, text)

    def _retire(self, path: str, ours: list[str]) -> None:
        file = self.root / path
        if not file.is_file():
            return
        if _hash(file.read_bytes()) in ours:
            file.unlink()
        else:
            self._set_aside(file)
        self.retired += 1
        for parent in file.relative_to(self.root).parents:
            place = self.root / parent
            if place == self.root or any(place.iterdir()):
                break
            place.rmdir()

    def _set_aside(self, file: Path) -> None:
        number = 1
        while (aside := file.with_name(f"{file.name}.mine" + (f"-{number}" if number > 1 else ""))).exists():
            number += 1
        file.rename(aside)
        self.moved.append(aside.relative_to(self.root).as_posix())

    def _read_manifest(self) -> dict[str, list[str]]:
        try:
            pages = json.loads((self.root / MANIFEST).read_text(encoding="utf-8"))["pages"]
            return {str(path): [str(digest) for digest in digests] for path, digests in pages.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, AttributeError, TypeError):
            self.say(f"{MANIFEST} could not be read; pages that differ from the release are kept as .mine")
            return {}

    def _write_manifest(self, release: str, ours: dict[str, list[str]]) -> None:
        _write(
            self.root / MANIFEST,
            json.dumps({"release": release, "pages": dict(sorted(ours.items()))}, indent=0),
        )

    def _report(self, release: str, count: int) -> None:
        changed = self.written + self.updated + self.retired
        self.say(
            f"Handbook {release}: {count} pages in {self.root}, {self.written} new, {self.updated} updated, "
            f"{self.retired} retired."
            if changed
            else f"Handbook {release}: {count} pages in {self.root}, nothing to do."
        )
        for path in self.kept:
            self.say(f"  kept your edit of {path}")
        for path in self.moved:
            self.say(f"  the release has another text for a page you edited: yours is now {path}")


def _hash(content: str | bytes) -> str:
    """A short hash of a page. Editors on Windows change the line ends; that is not an edit."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    return sha256(raw.replace(b"\r\n", b"\n")).hexdigest()[:20]


def _write(file: Path, text: str) -> None:
    """Write a file so that it is either the old or the new one, never half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
