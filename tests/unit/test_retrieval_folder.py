"""Reading a folder of pages: what is read, what is left out, and what is said about it."""

import os

import pytest

from course_utils.retrieval import NoPages, read_pages


@pytest.fixture
def folder(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    write("b.md", "# B\n\nbody")
    write("sub/a.MARKDOWN", "# A\n\nbody")
    write("sub/deep/notes.txt", "plain")
    return tmp_path, write


def test_pages_are_found_below_the_folder_in_order(folder):
    root, write = folder
    write("picture.png", b"\x89PNG")
    write("script.py", "print()")
    pages = read_pages(root)
    assert list(pages) == ["b.md", "sub/a.MARKDOWN", "sub/deep/notes.txt"]
    assert pages["b.md"] == "# B\n\nbody"
    assert pages.problems == []


def test_hidden_files_and_folders_are_passed_over(folder):
    root, write = folder
    write(".git/readme.md", "hidden")
    write(".ipynb_checkpoints/b-checkpoint.md", "hidden")
    write(".draft.md", "hidden")
    assert list(read_pages(root)) == ["b.md", "sub/a.MARKDOWN", "sub/deep/notes.txt"]


def test_links_in_circles_do_not_hang(folder):
    root, _ = folder
    (root / "sub" / "loop").symlink_to(root, target_is_directory=True)
    (root / "self.md").symlink_to(root / "self.md")
    pages = read_pages(root)
    assert len(pages) == 3
    assert len(pages.problems) == 1 and "self.md" in pages.problems[0]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("latin.md", "Preis: 49 €".encode("cp1252"), "latin.md is not UTF-8"),
        ("wide.md", "# Wide".encode("utf-16"), "wide.md is not UTF-8"),
        ("zero.txt", b"abc\0def", "zero.txt is not text"),
        ("empty.md", b"", "empty.md is empty"),
        ("blank.md", b"\xef\xbb\xbf \r\n\t\n", "blank.md is empty"),
        ("dump.md", b"x" * 10_000_001, "dump.md has 10 MB"),
    ],
)
def test_what_cannot_be_used_is_named_and_left_out(folder, name, content, says):
    root, write = folder
    write(name, content)
    pages = read_pages(root)
    assert len(pages) == 3 and name not in pages
    assert len(pages.problems) == 1
    assert pages.problems[0].startswith(says)
    assert "left out" in pages.problems[0]


def test_a_page_of_two_megabytes_is_used_and_noted(folder):
    root, write = folder
    write("long.md", "word " * 400_000)
    pages = read_pages(root)
    assert len(pages["long.md"]) == 2_000_000
    assert pages.problems == ["long.md has 2.0 MB: it is used, but indexing it takes a while."]


def test_a_byte_order_mark_is_dropped(folder):
    root, write = folder
    write("bom.md", b"\xef\xbb\xbf# Title")
    assert read_pages(root)["bom.md"] == "# Title"


def test_a_file_name_that_is_not_utf8(folder):
    root, _ = folder
    try:
        (root / os.fsdecode(b"caf\xe9.md")).write_text("text")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    problem = read_pages(root).problems[0]
    assert "not UTF-8" in problem and "Rename" in problem
    problem.encode()


def test_a_pipe_does_not_hang(folder):
    root, _ = folder
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(root / "pipe.md")
    assert "pipe.md is not a file" in read_pages(root).problems[0]


def test_an_unreadable_file_is_named_and_the_others_are_read(folder, monkeypatch):
    root, _ = folder
    read_bytes = type(root).read_bytes

    def refuse(path):
        if path.name == "b.md":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(type(root), "read_bytes", refuse)
    pages = read_pages(root)
    assert len(pages) == 2
    assert pages.problems == ["b.md cannot be read (Permission denied): left out."]


def test_an_unreadable_folder_is_named(folder, monkeypatch):
    root, _ = folder
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    pages = read_pages(root)
    assert list(pages) == ["b.md", "sub/a.MARKDOWN"]
    assert "deep" in pages.problems[0] and "Permission denied" in pages.problems[0]


def test_a_missing_folder(tmp_path):
    with pytest.raises(NoPages, match=r"nowhere does not exist\. Give the folder"):
        read_pages(tmp_path / "nowhere")


def test_a_file_instead_of_a_folder(tmp_path):
    (tmp_path / "page.md").write_text("text")
    with pytest.raises(NoPages, match="is a file, not a folder"):
        read_pages(tmp_path / "page.md")


def test_a_folder_without_pages(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"")
    with pytest.raises(NoPages, match=r"holds no page to index.*\.md"):
        read_pages(tmp_path)


def test_a_folder_of_unusable_pages_says_why(tmp_path):
    (tmp_path / "empty.md").write_text("")
    with pytest.raises(NoPages, match=r"empty\.md is empty"):
        read_pages(tmp_path)


def test_the_folder_is_not_changed(folder):
    root, _ = folder
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in root.rglob("*")}
    read_pages(root)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in root.rglob("*")} == before
