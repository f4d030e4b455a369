"""``make app`` in a real browser: the calculators without code cells, with the numbers of the functions.

Screenshots land in test-artifacts/.
"""

import sys

import pytest

from course_utils.costs import Comparison
from course_utils.widgets.panel import stops
from course_utils.widgets.tree import DECISION
from course_utils.widgets.views import TOTAL_COST, VIEWS
from tests.browser.driver import CUT_OFF, free_port, hosts, picture, serving, surroundings
from tools import app
from tools.notebooks.catalogue import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLIDER = Comparison.label("tuning_usd_per_update")


@pytest.fixture
def address(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "tools.app", f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1"]
    address = f"http://127.0.0.1:{port}"
    # Asking for the page itself would start a kernel that nobody uses.
    log, environment = tmp_path / "app.log", surroundings(tmp_path)
    with serving(command, f"{address}/no-such-page", log, cwd=ROOT, env=environment):
        yield address


def test_the_app_shows_what_the_functions_say(page, address):
    from playwright.sync_api import expect

    page.goto(address)
    expect(page.get_by_role("heading", name=app.TITLE)).to_be_visible()
    for view in (*VIEWS, DECISION):
        panel = page.locator("[cell-index]").filter(has_text=view.title)
        rendering = view.render(view.default)
        expect(panel.get_by_role("status").first).to_have_text(rendering.answer)
        for cell in rendering.table[1][-1]:
            expect(panel.locator("table").last).to_contain_text(cell)
        panel.scroll_into_view_if_needed()
        chart = panel.locator("svg[role=img]").first
        expect(chart).to_be_visible()
        box = chart.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1024, view.key
        panel.screenshot(path=picture(f"app_{view.key}"))
    assert page.evaluate(CUT_OFF) == []
    assert page.locator(".jp-CodeCell .jp-InputArea:visible").count() == 0, "no code is shown"
    assert "widgets." not in page.locator("#rendered_cells").inner_text()

    # --- a slider by keyboard, a typed value, a preset
    panel = page.locator("[cell-index]").filter(has_text=TOTAL_COST.title)
    panel.locator(".widget-slider").filter(has_text=SLIDER).locator(".noUi-handle").focus()
    knob = next(knob for knob in TOTAL_COST.knobs if knob.name == "tuning_usd_per_update")
    values = stops(knob)
    for _ in range(values.index(500) - values.index(15)):
        page.keyboard.press("ArrowLeft")
    status = panel.get_by_role("status").first
    expect(status).to_have_text(Comparison(tuning_usd_per_update=15).verdict())
    volume = panel.get_by_role("spinbutton", name=Comparison.label("queries_per_day"))
    volume.fill("400")
    volume.press("Tab")
    expect(status).to_have_text(Comparison(tuning_usd_per_update=15, queries_per_day=400).verdict())
    preset = list(TOTAL_COST.presets())[1]
    panel.get_by_role("combobox", name="start from").select_option(preset)
    expect(status).to_have_text(TOTAL_COST.presets()[preset].verdict())
    page.get_by_role("heading", name=app.TITLE).scroll_into_view_if_needed()
    page.screenshot(path=picture("app"))
    assert hosts(page) == set(), "the app asks for nothing from the network"
