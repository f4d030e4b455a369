"""What a reader of a Markdown page sees, and the descriptions of installed packages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.retrieval import chunk_page, installed_docs, read_pages
from course_utils.retrieval.cleaning import readable

WORDS = st.text("abc XYZ019.,$€%|-#*_()\n", max_size=200)


@given(WORDS)
def test_text_without_unseen_lines_stays_as_it_is(text):
    assert readable(text) == text


@given(st.text("ab<>!-[]() /=\"'\n`#", max_size=80))
def test_cleaning_never_fails_and_never_adds(text):
    assert len(readable(text)) <= len(text)


@pytest.mark.parametrize(
    "written, seen",
    [
        ("A <b>bold</b> word<br/>and more.", "A bold wordand more."),
        ("![The logo](logo.png) is blue.", "The logo is blue."),
        ("[![build](badge.svg)](https://ci)\nText.", "[build](https://ci)\nText."),
        ("<p align='center'>\n    <img src='x' alt='A fox'>\n</p>", "A fox"),
        ("Before <!-- a\nnote --> after.", "Before  after."),
        ("import Tabs from '@theme/Tabs'\n\n<Tabs>\n\nText.\n\n</Tabs>", "Text."),
        ("<style>\np { color: red }\n</style>\n\nText.", "Text."),
        ("Type `<your key>` here.", "Type `<your key>` here."),
        ("See <https://example.org>.", "See <https://example.org>."),
    ],
)
def test_what_goes_and_what_stays(written, seen):
    assert readable(written).strip() == seen


def test_code_and_tables_are_left_alone():
    text = (
        "```html\n<b>import x from 'y'</b>\n```\n\n    <i>indented</i>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    assert readable(text) == text


def test_what_was_indented_in_html_does_not_become_code():
    chunks = chunk_page("a.md", readable("# A\n\n<div>\n        <p>Open at nine.</p>\n</div>\n"))
    assert [chunk.body for chunk in chunks] == ["Open at nine."]


def test_front_matter_goes_and_leaves_its_title():
    front = "---\ntitle: Parking\nsidebar: 3\n---\n"
    assert readable(front + "It is free.") == "# Parking\n\nIt is free."
    assert readable(front + "# Cars\n\nIt is free.") == "# Cars\n\nIt is free."


def test_a_folder_is_read_as_a_reader_sees_it(tmp_path):
    (tmp_path / "a.md").write_text("# A\n\n<i>Open</i>")
    (tmp_path / "b.txt").write_text("x <i>y</i>")
    assert read_pages(tmp_path) == {"a.md": "# A\n\nOpen", "b.txt": "x <i>y</i>"}


def test_the_descriptions_of_what_the_course_needs():
    pages = installed_docs()
    assert {"chromadb.md", "trl.md", "peft.md"} <= set(pages)
    assert all("</" not in line for line in pages["trl.md"].split("```")[0].splitlines())
    assert any("pydantic" in problem and "characters" in problem for problem in pages.problems)


def test_a_package_that_is_not_installed_is_named():
    pages = installed_docs(["no-such-package-here", "chromadb"])
    assert list(pages) == ["chromadb.md"]
    assert pages.problems == ["no-such-package-here is not installed: left out."]
