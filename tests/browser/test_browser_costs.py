"""Lesson 06 in a real browser, 1024 px wide: run all, move the calculators by keyboard, read the numbers.

The numbers that it expects are those of ``course_utils.costs``. Screenshots land in test-artifacts/.
"""

import pytest

from course_utils.costs import Comparison
from course_utils.widgets.panel import stops
from course_utils.widgets.views import BREAK_EVEN, TOTAL_COST, VIEWS
from tests.browser.driver import BADGES, CUT_OFF, SCROLL_TO, hosts, picture, run_all
from tools.notebooks.catalogue import load

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = f"lessons/{load().by_name('06_costs').name}.ipynb"
SLIDER = Comparison.label("tuning_usd_per_update")


def test_the_conclusion_flips_by_keyboard(page, lab):
    from playwright.sync_api import expect

    outputs = run_all(page, lab, LESSON)
    assert outputs["errors"] == []
    assert outputs["text"].count("Not attempted yet") == 4, "Run All goes on past unattempted exercises"

    # --- the slider, by keyboard: from 500 to 15 dollars a retraining
    page.evaluate(SCROLL_TO, "widgets.break_even()")
    panel = page.locator(".jp-OutputArea").filter(has_text=BREAK_EVEN.title).first
    expect(panel).to_contain_text(Comparison().verdict())
    row = panel.locator(".widget-slider").filter(has_text=SLIDER)
    row.locator(".noUi-handle").focus()
    values = stops(BREAK_EVEN.knobs[0])
    for _ in range(values.index(500) - values.index(15)):
        page.keyboard.press("ArrowLeft")
    flipped = Comparison(tuning_usd_per_update=15).verdict()
    assert "fine-tuning is cheaper: USD 180 a year against USD 1,095" in flipped
    expect(panel).to_contain_text(flipped)
    page.screenshot(path=picture("lesson_06_flipped"))

    # --- a typed value: the answer of exercise 06.1
    box = panel.get_by_role("spinbutton", name=SLIDER)
    box.fill("91.25")
    box.press("Tab")
    expect(panel).to_contain_text("both cost USD 1,095 a year")

    # --- a value that makes no sense is refused aloud, and the numbers stay
    box.fill("-5")
    box.press("Tab")
    expect(panel.get_by_role("alert")).to_contain_text("tuning_usd_per_update must be from 0 to")
    expect(panel).to_contain_text("both cost USD 1,095 a year")

    # --- each calculator as a picture, nothing wider than the window
    for view in (view for view in VIEWS if view is not TOTAL_COST):  # which is shown in the app alone
        page.evaluate(SCROLL_TO, f"widgets.{view.key}()")
        drawn = page.locator(".jp-OutputArea").filter(has_text=view.title).first
        chart = drawn.locator("svg[role=img]").first
        expect(chart).to_be_visible()
        width = chart.bounding_box()
        assert width["x"] >= 0 and width["x"] + width["width"] <= 1024, view.key
        assert page.evaluate(CUT_OFF) == [], view.key
        page.screenshot(path=picture(f"lesson_06_{view.key}"))
    assert hosts(page) <= BADGES, "the calculators ask for nothing from the network"
