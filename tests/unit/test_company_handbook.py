"""The handbook as files: what write_handbook writes, keeps, moves aside and refuses."""

import errno
import json
from pathlib import Path

import pytest

from course_utils.company import HandbookError, UnknownRelease, handbook, pages, write_handbook

TEAM = "products/tallyport/plans/team.md"  # changes in February
GLOSSARY = "products/tallyport/reference/glossary.md"  # the same in both releases
RETIRED = "products/tallyport/integrations/oldgate-books.md"  # gone in February


@pytest.fixture(autouse=True)
def small_handbook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tallyport's pages stand for all 500, which keeps these tests quick."""
    real = {r: {p: t for p, t in pages(r).items() if "/tallyport/" in p} for r in ("2026-01", "2026-02")}
    monkeypatch.setattr(handbook, "pages", lambda release: real[release])


class Said(list):
    """Collects what write_handbook says."""

    def __call__(self, line: str) -> None:
        self.append(line)


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != handbook.MANIFEST
    }


def test_a_release_lands_as_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_handbook("2026-01", tmp_path / "new" / "handbook")
    assert folder == tmp_path / "new" / "handbook"
    assert files(folder) == handbook.pages("2026-01")
    assert b"\r" not in (folder / TEAM).read_bytes()
    assert "47 new, 0 updated, 0 retired" in capsys.readouterr().out


def test_writing_twice_touches_nothing(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    said = Said()
    write_handbook("2026-01", tmp_path, said)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")} == before
    assert said == [f"Handbook 2026-01: 47 pages in {tmp_path}, nothing to do."]


def test_the_next_release_updates_and_retires(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    untouched = (tmp_path / GLOSSARY).stat().st_mtime_ns
    write_handbook("2026-02", tmp_path, Said())
    assert files(tmp_path) == handbook.pages("2026-02")
    assert not (tmp_path / RETIRED).exists()
    assert (tmp_path / GLOSSARY).stat().st_mtime_ns == untouched
    write_handbook("2026-01", tmp_path, Said())
    assert files(tmp_path) == handbook.pages("2026-01")


def test_an_edited_page_is_kept_while_the_release_does_not_change_it(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    for path in (TEAM, GLOSSARY):
        (tmp_path / path).write_text("# Mine\n", encoding="utf-8")
    said = Said()
    write_handbook("2026-01", tmp_path, said)
    write_handbook("2026-01", tmp_path, Said())
    assert (tmp_path / TEAM).read_text() == (tmp_path / GLOSSARY).read_text() == "# Mine\n"
    assert f"  kept your edit of {TEAM}" in said
    said.clear()
    write_handbook("2026-02", tmp_path, said)
    assert (tmp_path / GLOSSARY).read_text() == "# Mine\n"
    assert f"  kept your edit of {GLOSSARY}" in said


def test_an_edited_page_that_the_release_changes_moves_aside(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    for release, mine in (("2026-02", "first"), ("2026-01", "second")):
        (tmp_path / TEAM).write_text(mine, encoding="utf-8")
        said = Said()
        write_handbook(release, tmp_path, said)
        assert (tmp_path / TEAM).read_text(encoding="utf-8") == handbook.pages(release)[TEAM]
        assert any(".mine" in line and "page you edited" in line for line in said)
    assert (tmp_path / f"{TEAM}.mine").read_text() == "first"
    assert (tmp_path / f"{TEAM}.mine-2").read_text() == "second"


def test_an_edited_page_that_the_release_retires_moves_aside(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    (tmp_path / RETIRED).write_text("mine", encoding="utf-8")
    write_handbook("2026-02", tmp_path, Said())
    assert not (tmp_path / RETIRED).exists()
    assert (tmp_path / f"{RETIRED}.mine").read_text() == "mine"


def test_added_pages_are_never_touched(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    (tmp_path / "products/tallyport/notes.md").write_text("mine", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    write_handbook("2026-02", tmp_path, Said())
    assert (tmp_path / "products/tallyport/notes.md").read_text() == "mine"
    assert (tmp_path / "picture.png").read_bytes() == b"\x89PNG\xff"


def test_a_learners_page_in_the_place_of_a_new_one_moves_aside(tmp_path: Path) -> None:
    (tmp_path / TEAM).parent.mkdir(parents=True)
    (tmp_path / TEAM).write_bytes(b"\xff\xfe not UTF-8")
    write_handbook("2026-01", tmp_path, Said())
    assert (tmp_path / f"{TEAM}.mine").read_bytes() == b"\xff\xfe not UTF-8"
    assert (tmp_path / TEAM).read_text(encoding="utf-8") == handbook.pages("2026-01")[TEAM]


def test_a_deleted_page_comes_back(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    (tmp_path / TEAM).unlink()
    write_handbook("2026-01", tmp_path, Said())
    assert files(tmp_path) == handbook.pages("2026-01")


def test_windows_line_ends_are_no_edit(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    (tmp_path / TEAM).write_bytes((tmp_path / TEAM).read_bytes().replace(b"\n", b"\r\n"))
    said = Said()
    write_handbook("2026-02", tmp_path, said)
    assert len(said) == 1
    assert files(tmp_path) == handbook.pages("2026-02")


def test_emptied_folders_disappear_but_not_the_learners(tmp_path: Path) -> None:
    write_handbook("2026-01", tmp_path, Said())
    only = tmp_path / "company/extra/only.md"
    _pretend_we_wrote(tmp_path, only)
    write_handbook("2026-02", tmp_path, Said())
    assert not (tmp_path / "company").exists()
    _pretend_we_wrote(tmp_path, only)
    (only.parent / "mine.md").write_text("mine", encoding="utf-8")
    write_handbook("2026-02", tmp_path, Said())
    assert not only.exists() and (only.parent / "mine.md").exists()


def _pretend_we_wrote(folder: Path, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("ours", encoding="utf-8")
    manifest = json.loads((folder / handbook.MANIFEST).read_text())
    manifest["pages"][file.relative_to(folder).as_posix()] = [handbook._hash("ours")]
    (folder / handbook.MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pages": 3}', '{"release": "2026-01"}'])
def test_without_a_readable_manifest_nothing_is_lost(tmp_path: Path, content: str) -> None:
    write_handbook("2026-01", tmp_path, Said())
    (tmp_path / TEAM).write_text("mine", encoding="utf-8")
    (tmp_path / handbook.MANIFEST).write_text(content)
    said = Said()
    write_handbook("2026-01", tmp_path, said)
    assert "could not be read" in said[0]
    assert (tmp_path / f"{TEAM}.mine").read_text() == "mine"
    assert files(tmp_path).keys() - {f"{TEAM}.mine"} == handbook.pages("2026-01").keys()


@pytest.mark.parametrize("stop_after", [0, 1, 2, 5, 8])
def test_stopped_half_way_the_next_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    """Whichever release comes next, no page of ours is taken for the learner's, and no edit is lost."""
    write_handbook("2026-01", tmp_path, Said())
    (tmp_path / TEAM).write_text("mine", encoding="utf-8")
    real, count = handbook._write, iter(range(10**6))

    def write(file: Path, text: str) -> None:
        if next(count) >= stop_after:
            raise KeyboardInterrupt
        real(file, text)

    monkeypatch.setattr(handbook, "_write", write)
    with pytest.raises(KeyboardInterrupt):
        write_handbook("2026-02", tmp_path, Said())
    monkeypatch.setattr(handbook, "_write", real)
    for release in ("2026-02", "2026-01"):
        write_handbook(release, tmp_path, Said())
        now = files(tmp_path)
        assert now.pop(f"{TEAM}.mine") == "mine"
        assert now == handbook.pages(release)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EROFS, "Read-only file system"), (errno.EACCES, "denied"), (errno.ENOSPC, "space")],
)
def test_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    write_handbook("2026-01", tmp_path, Said())

    def refuse(source: Path, target: Path) -> None:
        import os

        raise OSError(number, os.strerror(number), str(target))

    monkeypatch.setattr(handbook.os, "replace", refuse)
    with pytest.raises(HandbookError, match=rf"(?s)cannot write the handbook to .*{words}.*Choose a folder"):
        write_handbook("2026-02", tmp_path, Said())
    assert files(tmp_path) == handbook.pages("2026-01"), "no half-written file is left behind"


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "handbook").write_text("a file")
    with pytest.raises(HandbookError, match="cannot write the handbook to"):
        write_handbook("2026-01", tmp_path / "handbook", Said())
    (tmp_path / "other" / TEAM).mkdir(parents=True)
    with pytest.raises(HandbookError, match="is a folder, but a handbook page has that name"):
        write_handbook("2026-01", tmp_path / "other", Said())


def test_unknown_release_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnknownRelease, match="unknown release '2026-13': choose one of 2026-01"):
        write_handbook("2026-13", tmp_path / "handbook", Said())
    assert not (tmp_path / "handbook").exists()
