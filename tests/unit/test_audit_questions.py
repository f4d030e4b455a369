"""The audit's questions and verdicts: nothing is given away, and each answer is judged by rule."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.audit import find_changes, judge, questions_about
from course_utils.audit.judging import VERDICTS
from course_utils.company import pages
from course_utils.evaluation import states


def facts(old, new, title="Team"):
    return find_changes({"a.md": f"# {title}\n\n{old}"}, {"a.md": f"# {title}\n\n{new}"}).facts


def fact(old, new):
    [only] = facts(old, new)
    return only


@pytest.mark.parametrize(
    ("old", "new", "question"),
    [
        ("Team costs $5 per user.", "Team costs $6 per user.", "How much does Team cost per user?"),
        ("Team allows 20 requests per minute.", "Team allows 30 requests per minute.",
         "How many requests does Team allow per minute?"),
        ("You pay $5 a month for Team.", "You pay $6 a month for Team.",
         "How much do you pay a month for Team?"),
        ("The price of Team is $5.", "The price of Team is $6.", "What is the price of Team?"),
        ("With Team you get 5 users.", "With Team you get 6 users.", "With Team you get how many users?"),
        ("Uptime of Team is at 99.5% now.", "Uptime of Team is at 99.9% now.",
         "Uptime of Team is at what percentage now?"),
        ("Data is kept for 5 days.", "Data is kept for 6 days.",
         "Page “Team”: Data is kept for how many days?"),
    ],
)  # fmt: skip
def test_plain_questions(old, new, question):
    assert questions_about(fact(old, new), ["plain"])[0].text == question


def test_a_table_cell_is_asked_for_by_row_and_column():
    table = "| Plan | Price |\n|--|--|\n| Team | {} |"
    plain, cloze = questions_about(fact(table.format("$5"), table.format("$6")))
    assert plain.text == "For “Team” (page “Team”), what is “Price”?"
    assert cloze.text.endswith("Plan: Team | Price: ____")


def test_no_question_gives_its_answer_away():
    changed = find_changes(pages("2026-01"), pages("2026-06")).facts
    questions = [question for one in changed for question in questions_about(one)]
    assert len(questions) > 1.9 * len(changed)
    for question in questions:
        assert not states(question.text, question.fact.new) and not states(question.text, question.fact.old)


def test_a_question_that_would_give_it_away_is_not_asked():
    [one] = facts("The limit of rows is 5 here.", "The limit of rows is 6 here.", title="Limits: 6 rows")
    assert questions_about(one) == []


PRICE = fact("Team costs $49 per user.", "Team costs $55 per user.")
DAYS = fact("Data is kept for 5 days.", "Data is kept for 10 days.")
USERS = fact("The plan begins with a minimum of 1 user.", "The plan begins with a minimum of 2 users.")
NAME = replace(
    fact("Please ask on Gitter for help.", "Please ask on Slack for help."), old="Team", new="Team Plus"
)
DATE = fact("Support ends on 1 January 2026 for all.", "Support ends on 1 March 2026 for all.")
SHARE = fact("We promise an uptime of 99.5% a year.", "We promise an uptime of 99.9% a year.")
FLAG = fact("| Plan | SSO |\n|--|--|\n| Team | no |", "| Plan | SSO |\n|--|--|\n| Team | yes |")


@pytest.mark.parametrize(
    ("one", "answer", "verdict"),
    [
        (PRICE, "It costs $55 per user.", "current"),
        (PRICE, "$55.00", "current"),
        (PRICE, "55 dollars", "current"),
        (PRICE, "USD 55", "current"),
        (PRICE, "55", "current"),
        (PRICE, "It is $49.", "stale"),
        (PRICE, "It was $49 and is $55 now.", "other"),
        (PRICE, "It costs $550.", "other"),
        (PRICE, "About fifty.", "other"),
        (PRICE, "I don't know.", "silent"),
        (PRICE, "I'm sorry, the price is not mentioned.", "silent"),
        (PRICE, "", "silent"),
        (PRICE, " … ", "silent"),
        (PRICE, "I am not sure, but I think it is $49.", "stale"),
        (DAYS, "ten days", "current"),
        (DAYS, "5", "stale"),
        (DAYS, "5 days, on all 10 plans", "stale"),
        (DAYS, "15 days", "other"),
        (USERS, "2", "current"),
        (USERS, "1 user", "stale"),
        (NAME, "On Team Plus.", "current"),
        (NAME, "Ask on team.", "stale"),
        (DATE, "1 Mar 2026", "current"),
        (DATE, "On 1 January 2026", "stale"),
        (SHARE, "99.9 percent", "current"),
        (SHARE, "99.5 %", "stale"),
        (FLAG, "Yes, it has.", "current"),
        (FLAG, "No.", "stale"),
        (FLAG, "I do not know.", "silent"),
    ],
)
def test_verdicts(one, answer, verdict):
    assert judge(answer, one) == verdict


@given(st.text())
def test_any_answer_has_a_verdict(answer):
    for one in (PRICE, DAYS, NAME, DATE, SHARE, FLAG):
        assert judge(answer, one) in VERDICTS


def test_the_handbooks_own_sentences_are_judged_right():
    for one in find_changes(pages("2026-01"), pages("2026-02")).facts:
        assert judge(one.new, one) == "current"
        assert judge(one.old, one) == "stale"
