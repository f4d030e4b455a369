"""The handbook of a release, as Markdown text by relative path."""

from functools import lru_cache
from types import MappingProxyType

from course_utils.company.catalogue import check_release, products
from course_utils.company.company_pages import company_pages
from course_utils.company.guide_pages import guide_pages
from course_utils.company.page import Page, page_kind
from course_utils.company.plan_pages import plan_pages
from course_utils.company.timeline import facts


def pages(release: str) -> dict[str, str]:
    """Relative path -> Markdown text of every page of *release*, 500 in January. Raises UnknownRelease."""
    return {path: page.text for path, page in _written(check_release(release)).items()}


def where_stated(release: str) -> dict[str, tuple[str, ...]]:
    """Fact key -> paths of the pages that state it, the page made for it first.

    Plan, price and policy pages are written before the pages that repeat their facts; only the facts of a
    feature are stated on plan pages before the feature's own page is written.
    """
    stated: dict[str, list[str]] = {}
    for path, page in _written(check_release(release)).items():
        for key in sorted(page.states):
            stated.setdefault(key, []).append(path)
    for key, paths in stated.items():
        if ".feature." in key:
            paths.sort(key=lambda path: page_kind(path) != "feature")
    return {key: tuple(paths) for key, paths in stated.items()}


@lru_cache
def _written(release: str) -> MappingProxyType[str, Page]:
    known = facts(release)
    written: dict[str, Page] = {}
    for product in products(release):
        # Plan, price and feature pages come before the pages that repeat their facts.
        for page in (*plan_pages(product, release, known), *guide_pages(product, release, known)):
            written[page.path] = page
    for page in company_pages(release, known):
        written[page.path] = page
    return MappingProxyType(written)
