"""The grid of lesson 05: an exam in two months, training sets with and without passages, scores, pictures.

    january = cases(JANUARY, repeat=0, search=index.search)     # questions with retrieved passages
    outcomes = [outcome(text, case) for text, case in zip(texts, january)]
    print(table({"RAG": [outcomes]}))

The arms themselves stand in the lesson.
"""

from course_utils.hybrid.exam import (
    FEBRUARY,
    JANUARY,
    MONTHS,
    PRODUCTS,
    REPEATS,
    Case,
    cases,
    desk_pages,
    price_keys,
    questions,
)
from course_utils.hybrid.scoring import (
    COLUMNS,
    Outcome,
    discordant,
    outcome,
    pooled,
    price_verdict,
    price_verdicts,
    rate,
    sign_test,
    spread,
    spreads,
    summary,
    table,
)

__all__ = [
    "COLUMNS", "FEBRUARY", "JANUARY", "MONTHS", "PRODUCTS", "REPEATS", "Case", "Outcome", "cases",
    "desk_pages", "discordant", "outcome", "pooled", "price_keys", "price_verdict", "price_verdicts",
    "questions", "rate", "sign_test", "spread", "spreads", "summary", "table",
]  # fmt: skip
