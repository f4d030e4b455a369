"""The site in a real browser, after `make site`: search, lessons on a phone, nothing from elsewhere.

Screenshots land in test-artifacts/.
"""

import functools
import http.server
import os
import threading

import pytest

from tests.browser.driver import hosts, open_page, picture
from tools.notebooks.catalogue import ROOT, load

pytestmark = pytest.mark.browser

HTML = ROOT / "build" / "site" / "html"
LESSONS = load().ready()
# What sticks out of a page on a phone, but for what scrolls by itself.
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def address():
    """Where the built site is served."""
    if not (HTML / "index.html").is_file():
        if os.environ.get("STALE_PRICES_REQUIRE_SITE") == "1":
            pytest.fail("There is no site: run `make site` first.", pytrace=False)
        pytest.skip("no site here: `make site` builds it")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=str(HTML))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_search_finds_the_lesson(page, address):
    from playwright.sync_api import expect

    page.goto(address)
    expect(page.get_by_role("heading", name="Stale Prices", exact=False).first).to_be_visible()
    page.screenshot(path=picture("site_home"))
    page.goto(f"{address}/search.html?q=stale")
    found = page.locator("#search-results a", has_text="01 · Stale prices")
    expect(found.first).to_be_visible()
    page.screenshot(path=picture("site_search"))
    found.first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("01 · Stale prices")
    assert hosts(page) == set(), "the site asks for nothing from the network"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_reads_well_on_a_phone(chromium, address, lesson):
    with open_page(chromium, width=390, height=844) as page:
        page.goto(f"{address}/lessons/{lesson.name}.html")
        assert page.evaluate(TOO_WIDE) <= 0, "the page itself scrolls sideways"
        shown = page.evaluate("() => Array.from(document.images).map(i => [i.src, i.naturalWidth, i.alt])")
        assert all(width > 0 for _, width, _ in shown), shown
        page.screenshot(path=picture(f"site_phone_{lesson.number}"))
        assert hosts(page) == set()


def test_an_answer_is_shown_when_it_is_asked_for(page, address):
    from playwright.sync_api import expect

    page.goto(f"{address}/lessons/01_stale_prices.html")
    page.screenshot(path=picture("site_lesson"))
    answer = page.locator("details").filter(has_text="return [question for question in exam").first
    code = answer.locator("pre")
    expect(code).to_be_hidden()
    answer.locator("summary").click()
    expect(code).to_be_visible()
    page.wait_for_timeout(1000)  # it fades in
    page.screenshot(path=picture("site_answer"))
