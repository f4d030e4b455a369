"""The decision tree: widget, static rendering and function agree on every situation and in both orders."""

import re
from html.parser import HTMLParser

import pytest

from course_utils import paths
from course_utils.costs.inputs import markdown_table
from course_utils.decisions import (
    ARTICLE,
    CASES,
    CHARITABLE,
    EVIDENCE,
    MEASURE_NEXT,
    QUESTIONS,
    TOOLS,
    decide,
    every_situation,
)
from course_utils.widgets import tree
from course_utils.widgets.panel import WIDGET_VIEW
from course_utils.widgets.tree import ARTICLES_ASSISTANT, Answers, decision_tree, render, starts

BOTH = pytest.mark.parametrize("order", [EVIDENCE, CHARITABLE, ARTICLE], ids=lambda order: order.name)
TAKEN = "fill='#222222' stroke"  # a tool that the way arrives at is drawn black


class Drawing(HTMLParser):
    """What a drawing says: its texts in order, and the label that a screen reader reads."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self.texts, self.label, self._inside = [], "", False
        self.feed(svg)

    def handle_starttag(self, tag, attrs):
        self._inside = tag == "text"
        self.label = self.label or dict(attrs).get("aria-label", "")

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.texts.append(data)


def visible(panel) -> set[str]:
    shown = {key for key, menu in panel.menus.items() if menu.layout.display != "none"} - {"order"}
    rows = panel.number_rows()
    assert len(rows) == 2 and len({row.layout.display for row in rows}) == 1
    if rows[0].layout.display != "none":
        shown.add("size")
    return shown


# --- parity -------------------------------------------------------------------------------------------


@BOTH
def test_sentence_table_and_drawing_say_what_the_function_decides(order):
    for situation in every_situation():
        decision = decide(situation, order)
        shown = render(Answers.of(situation, order.name))
        drawn = Drawing(shown.svg)
        assert shown.svg.count(TAKEN) == sum(step.tool is not None for step in decision.steps)
        assert shown.answer in drawn.label
        _, rows = shown.table
        asked = rows[: len(decision.steps)]
        assert [row[0] for row in asked] == [step.question.text for step in decision.steps]
        assert [row[1].startswith("yes") for row in asked] == [step.answer for step in decision.steps]
        assert [row[2] for row in asked] == [step.because for step in decision.steps]
        assert [(row[1], row[3]) for row in rows[len(asked) :]] == [
            (tool, MEASURE_NEXT[tool]) for tool in decision.tools
        ]
        for tool in TOOLS:
            assert (tool in shown.answer) == (tool in decision.tools)
        for branches in order.branches.values():
            assert all(branch.tool is None or branch.tool in drawn.texts for branch in branches)


@pytest.mark.parametrize("name", starts())
def test_the_live_panel_and_its_static_twin_show_the_same(name):
    panel = decision_tree()
    panel.use(name)
    picture, numbers = panel.bundles()
    expected = render(starts()[name])
    assert panel.chart.value == picture["image/svg+xml"] == expected.svg
    assert expected.answer in panel.answer.value.replace("&#x27;", "'")
    assert numbers["text/markdown"] == f"{expected.answer}\n\n{markdown_table(expected.table)}"
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", panel.numbers.value)]
    assert [cell.replace("&#x27;", "'") for cell in cells] == [c for row in expected.table[1] for c in row]
    assert WIDGET_VIEW in picture and WIDGET_VIEW in numbers


def test_the_first_state_is_the_articles_assistant():
    """Its form and tone are not told, so the tree stops there and says what to measure."""
    panel = decision_tree()
    assert panel.inputs == ARTICLES_ASSISTANT
    assert panel.rendering.answer.startswith(
        "So far: long context with caching. Open: Is what is wrong the form"
    )
    assert QUESTIONS["form"].measure in panel.rendering.answer
    assert "200,000 of 200,000 tokens" in panel.numbers.value
    assert "stroke-dasharray='6 4'" in panel.chart.value, "the open question is dashed"


# --- answering ----------------------------------------------------------------------------------------


def test_the_tree_asks_one_question_after_the_other():
    panel = decision_tree(Answers())
    assert visible(panel) == {"prompt"} and QUESTIONS["prompt"].measure in panel.rendering.answer
    panel.menus["prompt"].value = "no"
    assert visible(panel) == {"prompt", "data"}
    panel.menus["data"].value = "yes"
    panel.menus["row"].value = "no"
    assert visible(panel) == {"prompt", "data", "row", "size"}
    panel.boxes["knowledge_tokens"].value = 5_000
    assert "long context" in panel.rendering.answer and visible(panel) >= {"size", "form"}
    panel.boxes["limit_tokens"].value = 2_048
    assert "retrieval (RAG)" in panel.rendering.answer and "long context" not in panel.rendering.answer
    panel.menus["form"].value = "yes"
    panel.menus["behaviour"].value = "no"
    assert panel.rendering.answer == "Use retrieval (RAG) and constrained decoding."
    assert panel.inputs.decision().open is None
    panel.menus["prompt"].value = "yes"  # an earlier answer changes what is asked at all
    assert visible(panel) == {"prompt"} and panel.rendering.answer == "Use a better prompt."


def test_the_other_order_asks_other_questions():
    panel = decision_tree()
    panel.menus["order"].value = ARTICLE.name
    assert visible(panel) == {"prompt", "data", "size", "behaviour"}
    assert "So far: retrieval (RAG) and long context with caching." in panel.rendering.answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.number))
def test_each_case_can_be_loaded(case):
    panel = decision_tree()
    panel.preset_menu.value = f"case {case.number}: {case.title}"
    assert panel.inputs.decision().tools == decide(case.situation).tools
    assert panel.inputs.decision().open is None


def test_no_failure_no_tool():
    answers = Answers.of(CASES[10].situation)
    assert render(answers).answer == "Nothing to build: no failure has been named. Measure one first."


# --- sharing, saving, controls ------------------------------------------------------------------------


def test_answers_are_shared_as_a_line():
    panel = decision_tree()
    other = Answers(prompt="no", data="yes", row="yes", form="no", behaviour="no")
    panel.preset_text.value = other.share()
    assert panel.inputs == other and panel.rendering.answer == "Use a lookup (tool call)."
    panel.preset_text.value = other.share().replace("prompt=no", "prompt=maybe")
    assert "prompt must be one of" in panel.message.value and panel.inputs == other


def test_saving_goes_into_this_lessons_folder(monkeypatch, tmp_path):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    panel = decision_tree()
    assert panel.save("md") == "work/07/decision.md"
    panel._saved("csv")
    assert "work/07/decision.csv" in panel.saved.value
    assert "long context with caching" in (tmp_path / "work/07/decision.md").read_text(encoding="utf-8")


def test_every_control_has_a_name_and_every_question_a_control():
    panel = decision_tree()
    assert set(panel.menus) - {"order"} | {"size"} == set(QUESTIONS)
    assert all(menu.description and menu.options for menu in panel.menus.values())
    assert set(panel.sliders) == set(tree.NUMBERS)


def test_situations_survive_the_way_through_the_answers():
    for situation in every_situation():
        assert Answers.of(situation).situation == situation
