"""Chunking: what a page is cut into, and that nothing of it is lost."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.retrieval import chunk_page

PAGE = """# Tallyport Team plan

What a team gets.

## Price

The Team plan costs $49 a month.

### Paid yearly

Two months are free.

## Limits

| limit | value |
|---|---|
| users | 10 |
"""


def bodies(text, path="page.md", **options):
    return [chunk.body for chunk in chunk_page(path, text, **options)]


def headings(text, path="page.md"):
    return [(chunk.title, chunk.heading) for chunk in chunk_page(path, text)]


def test_a_chunk_is_a_section_under_its_title_and_headings():
    chunks = chunk_page("plans/team.md", PAGE)
    assert [chunk.text.split("\n")[0] for chunk in chunks] == [
        "Tallyport Team plan",
        "Tallyport Team plan > Price",
        "Tallyport Team plan > Price > Paid yearly",
        "Tallyport Team plan > Limits",
    ]
    assert chunks[1].text == "Tallyport Team plan > Price\nThe Team plan costs $49 a month."
    assert {chunk.page for chunk in chunks} == {"plans/team.md"}


def test_ids_are_unique_and_change_with_the_text_only():
    text = "## Same\n\nthe same words\n\n## Same\n\nthe same words"
    first, second = chunk_page("a.md", text)
    assert first.id != second.id
    assert [c.id for c in chunk_page("a.md", text)] == [first.id, second.id]
    assert chunk_page("b.md", text)[0].id != first.id
    changed = chunk_page("a.md", text.replace("words", "word", 1))
    assert changed[0].id != first.id
    assert changed[1].id == second.id


def test_the_heading_is_part_of_what_an_id_stands_for():
    assert chunk_page("a.md", "## May\n\n$49")[0].id != chunk_page("a.md", "## June\n\n$49")[0].id


@pytest.mark.parametrize(
    ("path", "text", "title"),
    [
        ("a.md", "# Prices\n\nbody", "Prices"),
        ("a.md", "Prices\n======\n\nbody", "Prices"),
        ("a.md", "# Prices #\n\nbody", "Prices"),
        ("notes/team_plan-2.md", "no heading here", "team plan 2"),
        ("a.md", "---\ntitle: 'From the front'\ntags:\n  - x\n---\nbody", "From the front"),
        ("a.md", "---\ntitle: front\n---\n# The heading wins\n\nbody", "The heading wins"),
        ("readme.txt", "# not a heading\n\nbody", "readme"),
    ],
)
def test_title(path, text, title):
    assert {chunk.title for chunk in chunk_page(path, text)} == {title}


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference():
    windows = "\ufeff" + PAGE.replace("\n", "\r\n")
    assert chunk_page("a.md", windows) == chunk_page("a.md", PAGE)


def test_a_hash_in_a_code_block_is_no_heading():
    text = "# Title\n\n## Setup\n\n```sh\n# install first\nmake lab\n```\n\n    # indented code too\n"
    assert headings(text) == [("Title", "Setup")]
    assert "# install first\nmake lab" in bodies(text)[0]


def test_a_plain_text_file_has_paragraphs_and_no_headings():
    text = "First.\n\n# a comment\n\n" + "word " * 120
    chunks = chunk_page("notes.txt", text)
    assert chunks[0].body == "First.\n\n# a comment"
    assert {chunk.heading for chunk in chunks} == {""}


def test_front_matter_is_kept():
    assert "region: EU" in bodies("---\nregion: EU\n---\n# Title\n\nbody")[0]


def test_a_rule_on_the_first_line_is_not_front_matter():
    text = "---\n\nSome prose.\n\n## Section\n\nbody\n\n---\n"
    assert headings(text) == [("page", ""), ("page", "Section")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title", [("Title", "")]),
        ("# Title\n\n## A\n\n## B", [("Title", "A"), ("Title", "B")]),
        ("# Title\n\n## A\n\n### A1\n\n## B\n\nbody", [("Title", "A > A1"), ("Title", "B")]),
        ("", []),
        (" \n\t\n", []),
    ],
)
def test_headings_without_text(text, expected):
    assert headings(text) == expected


def test_a_split_table_repeats_its_header():
    rows = [f"| plan {i} | ${i} a month |" for i in range(60)]
    pieces = bodies("## Prices\n\n| plan | price |\n|:--|--:|\n" + "\n".join(rows))
    assert len(pieces) > 2
    assert all(piece.startswith("| plan | price |\n|:--|--:|\n| plan ") for piece in pieces)
    assert [row for piece in pieces for row in piece.split("\n")[2:]] == rows


def test_a_long_list_is_split_between_items():
    items = [f"- item {i}: " + "words " * 8 + "\n  its second line" for i in range(30)]
    pieces = bodies("## List\n\n" + "\n".join(items))
    assert len(pieces) > 2
    assert all(re.match(r"- item", piece) and piece.endswith("second line") for piece in pieces)


def test_long_prose_is_split_between_paragraphs_then_sentences():
    paragraphs = [f"This is a sentence of some length, number {i}. " * 3 for i in range(12)]
    pieces = bodies("## Prose\n\n" + "\n\n".join(paragraphs))
    assert all(piece.startswith("This is") and piece.endswith(".") for piece in pieces)
    single = bodies("## Prose\n\n" + " ".join(paragraphs))
    assert all(piece.startswith("This is") and piece.endswith(".") for piece in single)


def test_one_gigantic_line_and_one_gigantic_word():
    words = " ".join(f"w{i}" for i in range(200_000))
    assert " ".join(bodies(words)).split() == words.split()
    word = "x" * 2_000_000
    assert "".join(bodies(word)) == word


def test_a_heading_too_long_to_repeat_moves_into_the_body():
    heading = "very " * 100 + "long"
    chunk = chunk_page("a.md", f"## {heading}\n\nbody")[0]
    assert len(chunk.heading) <= 120
    assert heading[:480].strip() in chunk.body


def test_a_page_of_two_megabytes():
    page = PAGE * (2_000_000 // len(PAGE))
    chunks = chunk_page("big.md", page)
    assert len({chunk.id for chunk in chunks}) == len(chunks) > 10_000


def test_blank_lines_that_look_like_front_matter_take_no_time():
    assert chunk_page("a.md", "---\n" + " \n" * 5000 + "x")


def test_half_a_surrogate_pair_is_replaced():
    assert chunk_page("a.md", "price \ud83d now")[0].body == "price ? now"


def test_a_limit_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        chunk_page("a.md", "text", max_chars=0)


# --- any page at all ----------------------------------------------------------------------------------------

MARKDOWN = """# Top|## Section|### Sub|Set\n===|Ext\n---|---|***|```|~~~sh|- item|  - nested|1. first|> quote|
    code|[ref]: http://example.org|<div>|</div>|title: x|\t- tab|#no heading|#|##|<!--|-->|<pre>"""
LINES = st.one_of(
    st.sampled_from(["", " ", "| a | b |", "|---|---|", "| 1 | 2 |", "long " * 30, "a sentence. " * 20]),
    st.sampled_from(MARKDOWN.replace("|\n", "|").split("|")),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60),
)
TEXTS = st.lists(LINES, max_size=40).map("\n".join)


def squeezed(text):
    return " ".join(text.split())


def markup_only(line):
    """Underlines, rules and bare hashes: what makes a heading, not what it says."""
    return re.fullmatch(r"[\s>]*(#+|=+|-+)?\s*", line)


@given(TEXTS, st.sampled_from(["page.md", "page.txt"]), st.sampled_from([60, 480]))
def test_every_line_is_in_some_chunk(text, path, limit):
    found = [squeezed(chunk.text) for chunk in chunk_page(path, text, limit)]
    everything = "".join("".join(found).split())
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        if markup_only(line):
            continue
        said = squeezed(re.sub(r"^\s*#+\s|\s#+\s*$", "", line)) if path.endswith(".md") else squeezed(line)
        if len(line) <= limit:
            assert any(said in chunk for chunk in found), line
        else:  # cut into pieces: its words are all there
            assert all("".join(word.split()) in everything for word in said.split() if len(word) <= limit), (
                line
            )


@given(TEXTS, st.integers(1, 200))
def test_no_body_is_longer_than_the_limit_and_no_id_comes_twice(text, limit):
    chunks = chunk_page("page.md", text, limit)
    assert all(len(chunk.body) <= limit for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == len(chunks)


def test_random_bytes_as_text():
    rng = random.Random(0)
    for _ in range(50):
        text = bytes(rng.randrange(256) for _ in range(2000)).decode("latin-1")
        assert all(len(chunk.body) <= 480 for chunk in chunk_page("noise.md", text))
