"""Larkmoor, a company that does not exist: its facts, its handbook, its releases and its customers.

from course_utils.company import changes, facts, pages, questions, write_handbook

facts("2026-01")["tallyport.team.price_monthly"].value     # "$49"
write_handbook("2026-01", "work/handbook")                  # 500 Markdown pages
questions("2026-02", 200, intents=("price",))               # with gold answers and gold pages
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
