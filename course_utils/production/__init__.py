"""A system in production, release after release: what it is asked, what became of its answers, what it costs.

year = recorded.year("tiny")
late = System(lambda known, asked: year.verdicts("RAG", known, asked), late=7)
late.year()["stale"]                                # stale answers of a year, index renewed a week late
"""

from course_utils.production.canaries import canaries, days_until_read, unchanged
from course_utils.production.money import priced, spent
from course_utils.production.schedule import System, days_in, prices_won

__all__ = ["System", "canaries", "days_in", "days_until_read", "priced", "prices_won", "spent", "unchanged"]
