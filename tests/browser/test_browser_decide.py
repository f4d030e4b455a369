"""Lesson 07 in JupyterLab: run all, then walk down the decision tree with the keyboard alone.

The screenshots land in test-artifacts/.
"""

import pytest

from course_utils.decisions import ARTICLE, EVIDENCE
from course_utils.widgets.tree import ARTICLES_ASSISTANT, DECISION, Answers, render
from tests.browser.driver import BADGES, CUT_OFF, SCROLL_TO, hosts, picture, run_all
from tools.notebooks.catalogue import load

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = next(f"lessons/{lesson.name}.ipynb" for lesson in load().lessons if lesson.number == "07")


def choose(page, *arrows: str) -> None:
    """Choose another entry of the menu that has the focus."""
    for key in ("Space", *arrows, "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(200)


def test_the_tree_by_keyboard(page, lab):
    from playwright.sync_api import expect

    outputs = run_all(page, lab, LESSON)
    assert outputs["errors"] == []
    assert outputs["text"].count("Not attempted yet") == 4 and outputs["images"] == 2
    page.evaluate(SCROLL_TO, "decision_tree()")
    panel = page.locator(".jp-Cell").filter(has_text=DECISION.question)
    status = panel.get_by_role("status").first
    expect(status).to_have_text(DECISION.render(DECISION.default).answer)
    questions = panel.get_by_role("combobox")
    shown = questions.count()
    page.screenshot(path=picture("decide"))

    # Tab leads from one menu to the next. The space bar opens one (the notebook keeps bare arrow keys for
    # itself), arrow keys and Enter choose.
    prompt = panel.get_by_role("combobox", name=Answers.label("prompt"))
    prompt.focus()
    page.keyboard.press("Tab")
    expect(panel.get_by_role("combobox", name=Answers.label("data"))).to_be_focused()
    prompt.focus()
    choose(page, "ArrowUp")  # from "no" to "yes"
    expect(status).to_have_text("Use a better prompt.")
    assert questions.count() < shown, "what is no longer asked is no longer shown"
    choose(page, "ArrowDown")
    expect(status).to_have_text(render(ARTICLES_ASSISTANT).answer)

    # One page more than fits, typed; then the form, by keyboard.
    tokens = panel.get_by_role("spinbutton", name=Answers.label("knowledge_tokens"))
    tokens.fill("200400")
    tokens.press("Tab")
    expect(status).to_contain_text("So far: retrieval (RAG).")
    form = panel.get_by_role("combobox", name=Answers.label("form"))
    form.focus()
    choose(page, "ArrowUp", "ArrowUp")  # from "not measured yet" over "no" to "yes"
    expect(status).to_contain_text("So far: retrieval (RAG) and constrained decoding.")
    order = panel.get_by_role("combobox", name=Answers.label("order"))
    order.focus()
    choose(page, "ArrowDown")
    answers = ARTICLES_ASSISTANT.changed(order=ARTICLE.name, knowledge_tokens=200_400, form="yes")
    expect(status).to_have_text(render(answers).answer)
    assert render(answers).answer != render(answers.changed(order=EVIDENCE.name)).answer

    panel.get_by_role("combobox", name="start from").select_option("nothing measured")
    expect(status).to_have_text(render(Answers()).answer)
    panel.screenshot(path=picture("decide_blank"))
    assert page.evaluate(CUT_OFF) == []
    assert hosts(page) <= BADGES, "the lesson asks for nothing from the network but its badges"
