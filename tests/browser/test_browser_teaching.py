"""The teacher's papers in a real browser: the handout is one page, the guide a PDF that loads nothing."""

import pytest

from tests.browser.driver import hosts
from tools.teaching import guide, handout, pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(autouse=True)
def build(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "BUILD", tmp_path)


def test_the_handout_is_one_page(chromium):
    assert handout.number_of_pages(pages.printed(handout.handout())) == 1


def test_the_guide_prints(chromium):
    assert handout.number_of_pages(pages.printed(guide.guide())) > 20


def test_the_guide_asks_nobody_and_fits(page):
    page.goto(guide.guide().as_uri())
    assert page.get_by_role("heading", name="Catching up").is_visible() and not hosts(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
