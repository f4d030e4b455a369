"""The audit's finder: what is a changed fact, against the handbook's releases and on small pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.audit import find_changes
from course_utils.audit.blocks import read_page, sentences
from course_utils.audit.values import same
from course_utils.company import changes, pages, where_stated


def found(old, new, path="page.md"):
    """(old value, new value) of every changed fact of one page."""
    return [(fact.old, fact.new) for fact in find_changes({path: old}, {path: new}).facts]


# --- ground truth: the handbook --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"), [("2026-01", "2026-02"), ("2026-02", "2026-06"), ("2026-01", "2026-12")]
)
def test_the_handbooks_changes_are_found(old, new):
    """Recall 95 % (flags such as "is not included" are no values), precision 95 %, by its own facts."""
    facts = find_changes(pages(old), pages(new)).facts
    before, after = where_stated(old), where_stated(new)
    changed = [change for change in changes(old, new) if change.kind == "changed"]

    def belongs(fact, change):
        on_page = set(fact.pages) & set(before[change.key]) & set(after[change.key])
        return on_page and fact.old in change.old.value and fact.new in change.new.value

    recalled = [change for change in changed if any(belongs(fact, change) for fact in facts)]
    # "These prices apply from January 2026" is a change of fact, too, and not among the company's.
    mine = [fact for fact in facts if "prices apply from" not in fact.after]
    right = [fact for fact in mine if any(belongs(fact, change) for change in changed)]
    assert len(recalled) >= 0.95 * len(changed)
    assert len(right) >= 0.95 * len(mine)


# --- small pages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [
        ("The plan costs $49 a month.", "The plan costs $55 a month.", [("$49", "$55")]),
        ("Data is kept for 30 days.", "Data is kept for 6 weeks.", [("30 days", "6 weeks")]),
        ("It needs Python 3.9 or newer.", "It needs Python 3.10 or newer.", [("3.9", "3.10")]),
        ("Support ends on 1 May 2026.", "Support ends on 1 July 2027.", [("1 May 2026", "1 July 2027")]),
        ("The limit is set by `max_size` here.", "The limit is set by `max_bytes` here.",
         [("`max_size`", "`max_bytes`")]),
        ("Please write to us on Gitter for help.", "Please write to us on Slack for help.",
         [("Gitter", "Slack")]),
        ("Up to five users are free.", "Up to eight users are free.", [("five", "eight")]),
        ("It costs $9, or $7 when paid yearly.", "It costs $10, or $8 when paid yearly.",
         [("$9", "$10"), ("$7", "$8")]),
        ("| Plan | Price |\n|--|--|\n| Team | $4 |\n| Pro | $9 |",
         "| Plan | Price |\n|--|--|\n| Team | $5 |\n| Pro | $9 |",
         [("$4", "$5")]),
        ("| Plan | SSO |\n|--|--|\n| Team | no |",
         "| Plan | SSO |\n|--|--|\n| Team | yes |", [("no", "yes")]),
    ],
)  # fmt: skip
def test_a_changed_value_is_found(old, new, values):
    assert found(f"# Title\n\n{old}", f"# Title\n\n{new}") == values


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Up to 1000 rows are read.", "Up to 1,000 rows are read."),  # a spelling
        ("Ask us on Github for help.", "Ask us on GitHub for help."),
        ("Up to two users can log in.", "Up to 2 users can log in."),
        ("It is fast and free.", "It is quick and free."),  # a wording
        ("The Team plan is cheap. Call us.", "The plan for teams costs $5. Call us."),  # another sentence
        ("Copyright 2024 by the authors of this.", "Copyright 2025 by the authors of this."),
        ("Last updated on 4 May 2024 by us.", "Last updated on 5 May 2025 by us."),
        ("Get it from https://a.example/v1.2/x now.", "Get it from https://a.example/v1.3/x now."),
        ("It runs on Python 3.8, 3.9 and 3.10 here.", "It runs on Python 3.9, 3.10 and 3.11 here."),
        ("The digest is 3f2a9c81d4e5 of it all.", "The digest is 9b1c7d22aa01 of it all."),
        ("```\nthe limit is 5 rows\n```", "```\nthe limit is 6 rows\n```"),
        ("## Changelog\n\nFixed the bug in 3 places.", "## Changelog\n\nFixed the bug in 4 places."),
        ("## 1.2.0\n\nAdded 3 commands to it.", "## 1.3.0\n\nAdded 4 commands to it."),
        ("- Python 3.8\n- Python 3.9", "- Python 3.9\n- Python 3.10"),
        ("---\nversion: 1\n---\n\ntext", "---\nversion: 2\n---\n\ntext"),
        ("Same.", "Same."),
    ],
)
def test_what_is_no_change_of_fact_is_left_out(old, new):
    assert found(f"# Title\n\n{old}", f"# Title\n\n{new}") == []


def test_a_changelog_is_no_page_of_facts():
    one = {"docs/CHANGELOG.md": "The limit is 5 rows now."}
    two = {"docs/CHANGELOG.md": "The limit is 6 rows now."}
    result = find_changes(one, two)
    assert not result.facts and sum(result.left_out.values()) == 1


def test_values_of_different_sections_are_not_mixed_up():
    page = "# Plans\n\n## Team\n\nData is kept for {} days.\n\n## Pro\n\nData is kept for {} days.\n"
    assert found(page.format(30, 50), page.format(50, 70)) == [("30", "50"), ("50", "70")]


def test_the_same_change_on_many_pages_is_one_fact():
    def version(price):
        return {f"{i}.md": f"# Page\n\nEvery plan costs {price} a month." for i in range(30)}

    [fact] = find_changes(version("$5"), version("$6")).facts
    assert len(fact.pages) == 30


def test_the_same_row_below_other_headings_is_another_fact():
    page = "# P\n\n## {0}\n\n| Plan | Price |\n|--|--|\n| Team | {1} |\n"
    old = {"a.md": page.format("EU", "$5"), "b.md": page.format("UK", "$5")}
    new = {"a.md": page.format("EU", "$6"), "b.md": page.format("UK", "$6")}
    assert len(find_changes(old, new).facts) == 2


@pytest.mark.parametrize("path", ["page.md", "page.html", "page.txt", "page.rst"])
def test_html_and_text_say_the_same_as_markdown(path):
    body = {"md": "# T\n\n## Price\n\nIt costs {} a month.",
            "html": "<h1>T</h1><h2>Price</h2><p>It <b>costs</b> {} a"
            " month.</p>", "txt": "T\n===\n\nPrice\n-----\n\nIt costs {} a month."}  # fmt: skip
    text = body.get(path.rpartition(".")[2], body["txt"])
    [fact] = find_changes({path: text.format("$5")}, {path: text.format("$6")}).facts
    assert (fact.title, fact.heading, fact.old, fact.new) == ("T", "Price", "$5", "$6")
    assert fact.after == "It costs $6 a month."


def test_html_tables_have_rows_and_columns():
    head = "<script>x=5</script><table><tr><th>Plan</th><th>Price</th></tr>"
    table = head + "<tr><td>Team</td><td>{}</td></tr></table>"
    [fact] = find_changes({"p.html": table.format("$5")}, {"p.html": table.format("$6")}).facts
    assert (fact.row, fact.column, fact.after) == ("Team", "Price", "Plan: Team | Price: $6")


def test_a_blank_stands_for_the_value_and_dots_for_its_neighbours():
    facts = find_changes(
        {"a.md": "It costs $9, or $7 by the year."}, {"a.md": "It costs $10, or $8 by the year."}
    ).facts
    assert [fact.with_blank() for fact in facts] == [
        "It costs ____, or … by the year.",
        "It costs …, or ____ by the year.",
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It costs 5 $. Call us.", ["It costs 5 $.", "Call us."]),
        ("Use a limit, e.g. Team or 5. Then wait.", ["Use a limit, e.g. Team or 5.", "Then wait."]),
        ("Version 3.11 is new. It is fast", ["Version 3.11 is new.", "It is fast"]),
        ("", []),
    ],
)
def test_sentences(text, parts):
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [("$5.00", "$5", True), ("5", "five", True), ("Jan 2026", "January 2026", True), ("3.1", "3.10", False),
     ("foo", "foos", True), ("$5", "$50", False), ("v1", "v2", False)],
)  # fmt: skip
def test_spellings_of_one_value(a, b, alike):
    assert same(a, b) is alike


@given(st.text(), st.text(), st.sampled_from(["a.md", "a.html", "a.txt", "a.rst"]))
def test_any_two_pages_can_be_compared(old, new, path):
    for fact in find_changes({path: old}, {path: new}).facts:
        assert fact.new == fact.after[fact.start : fact.start + len(fact.new)]
        assert fact.old in fact.before
    assert not find_changes({path: new}, {path: new}).facts


@given(st.integers(2, 10**6), st.integers(2, 10**6))
def test_any_changed_number_is_found_as_it_stands(a, b):
    expected = [] if a == b else [(str(a), str(b))]
    text = "# T\n\nThe plan holds {} rows and no more."
    assert found(text.format(a), text.format(b)) == expected


def test_a_page_without_headings_has_its_file_name_for_title():
    assert read_page("docs/price-list.md", "text").title == "price list"
