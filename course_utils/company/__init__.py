"""Larkmoor, a company that does not exist: its facts, its handbook, its releases and its customers.

from course_utils.company import changes, facts, pages, questions, write_handbook

facts("2026-01")["tallyport.team.price_monthly"].value     # "$49"
write_handbook("2026-01", "work/handbook")                  # 500 Markdown pages
questions("2026-02", 200, intents=("price",))               # with gold answers and gold pages

What makes the handbook hard to search, on purpose:

- the four plan pages of a product are near-duplicates, and so are the pages of one kind across products;
- each price and limit stands on two or more pages (plan page and price table, say), with the same value;
- **closed plans** ("Tallyport Team (2024 plan, closed to new customers)") and **regional** price pages in
  euros and pounds hold other prices than the ordinary pages: `page_kind(path) in MISLEADING`;
- changelogs name what changed and state no value;
- prices stand in prose, tables with footnotes and lists; some questions have no answer on any page.

Everything else agrees with `facts(release)`; the tests read the pages to make sure.
"""

from course_utils.company.asking import MIX, Question, questions, wordings
from course_utils.company.catalogue import COMPANY, PLANS, RELEASES, UnknownRelease, brands, release_name
from course_utils.company.handbook import HandbookError, write_handbook
from course_utils.company.page import MISLEADING, page_kind
from course_utils.company.rendering import pages, where_stated
from course_utils.company.timeline import Change, Fact, changes, facts, price_key

__all__ = [
    "COMPANY",
    "MISLEADING",
    "MIX",
    "PLANS",
    "RELEASES",
    "Change",
    "Fact",
    "HandbookError",
    "Question",
    "UnknownRelease",
    "brands",
    "changes",
    "facts",
    "page_kind",
    "pages",
    "price_key",
    "questions",
    "release_name",
    "where_stated",
    "wordings",
    "write_handbook",
]
