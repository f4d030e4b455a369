"""Prompts, citations, and the generation of many answers, with a tiny random model and the bundled one."""

import pytest

from course_utils import bundled_model
from course_utils.answering import (
    abstained,
    ask,
    citations,
    generate,
    generation,
    prompts,
    without_citations,
    without_memo,
)


@pytest.fixture(scope="module")
def bundled():
    return bundled_model.load()


def test_chunks_are_numbered_from_one_before_the_question():
    text = prompts.user_message("How much?", ["A > Price\n$1", "B > Price\n$2"])
    assert text == "[1] A > Price\n$1\n\n[2] B > Price\n$2\n\nQuestion: How much?"
    assert prompts.user_message("How much?") == "Question: How much?"


def test_citing_is_asked_for_only_when_there_are_pages():
    assert prompts.CITE in prompts.messages("Q", ["page"])[0]["content"]
    assert prompts.CITE not in prompts.messages("Q")[0]["content"]
    assert prompts.messages("Q", system="Be brief.")[0]["content"] == "Be brief."


def test_citations():
    assert citations("It costs $9. [2]") == [2]
    assert citations("A [1] and B [3].") == [1, 3]
    assert citations("I don't know.") == []
    assert without_citations("It costs $9. [2]") == "It costs $9."


@pytest.mark.parametrize(
    ("answer", "silent"), [("I don't know.", True), ("i don't know", True), ("It costs $9.", False)]
)
def test_abstention(answer, silent):
    assert abstained(answer) is silent


def test_answers_keep_the_order_of_the_chats_and_do_not_depend_on_the_batch(bundled):
    page = "Zarnik Gold > Price\nZarnik Gold costs ${} per user per month."
    chats = [
        prompts.messages("How much is Zarnik Gold?", [page.format(n)] * (1 + n % 3))
        for n in (12, 345, 67, 8, 90)
    ]
    together = generate(*bundled, chats, batch_size=3)
    assert together == [generate(*bundled, [chat])[0] for chat in chats]


def test_a_long_common_beginning_is_read_once_and_changes_no_answer(bundled, monkeypatch):
    page = "Zarnik Gold > Price\nZarnik Gold costs ${} per user per month."
    shared = "Ovelle > Support\nOvelle answers by e-mail within two days, and by phone on weekdays. " * 6
    chats = [
        prompts.messages("How much is Zarnik Gold?", [shared, *[page.format(n)] * (1 + n % 3)])
        for n in (12, 345, 67, 8, 90)
    ]
    read, really = [], generation._read
    monkeypatch.setattr(generation, "_read", lambda m, shared: read.append(len(shared)) or really(m, shared))
    with without_memo():
        once = generate(*bundled, chats, batch_size=3)
        monkeypatch.setattr(generation, "SHARED_TOKENS", 10**6)
        each = generate(*bundled, chats, batch_size=3)
    assert once == each and read[0] > 64 and read[1] == 0


@pytest.mark.parametrize(
    ("prompts", "length"),
    [
        ([(1, 2, 3), (1, 2, 4)], 2),
        ([(1, 2, 3), (1, 2, 3, 4), (1, 2)], 1),  # a token of every prompt is left to read
        ([(1, 2), (3, 4)], 0),
        ([(1, 2, 3)], 0),
        ([], 0),
    ],
)
def test_what_prompts_share(prompts, length, monkeypatch):
    monkeypatch.setattr(generation, "SHARED_TOKENS", 1)
    assert generation.shared_prefix(prompts) == (prompts[0][:length] if prompts else ())


def test_a_page_written_by_hand_is_read(bundled):
    hand = (
        "Zarnik > News\nDear all, starting this week Zarnik Gold will be just $321 per user per month. Enjoy!"
    )
    assert "$321" in ask(*bundled, "what does zarnik gold cost", [hand])


def test_a_context_that_does_not_fit_is_an_error_that_says_what_to_do(bundled):
    with pytest.raises(ValueError, match="retrieve fewer"):
        ask(*bundled, "How much?", ["word " * 4000])


def test_an_empty_question_is_refused(bundled):
    with pytest.raises(ValueError, match="empty"):
        ask(*bundled, "  ")


def test_no_chats_no_answers(bundled):
    assert generate(*bundled, []) == []
