"""Systems against columns: an exam in two months, and what each answer to it is worth.

    january = cases(JANUARY, repeat=0, search=index.search)     # questions with retrieved passages
    outcomes = [outcome(text, case) for text, case in zip(texts, january)]
    print(table({"RAG": [outcomes]}))

The arms themselves stand in lesson 05, their pictures in :mod:`course_utils.plots`.
"""

from course_utils.grid.exam import (
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
from course_utils.grid.scoring import (
    COLUMNS,
    PARTS,
    Outcome,
    even_share,
    hits,
    outcome,
    pooled,
    price_verdict,
    price_verdicts,
    rate,
    spread,
    spreads,
    summary,
    table,
)

__all__ = [
    "COLUMNS", "FEBRUARY", "JANUARY", "MONTHS", "PARTS", "PRODUCTS", "REPEATS", "Case", "Outcome", "cases",
    "desk_pages", "even_share", "hits", "outcome", "pooled", "price_keys", "price_verdict", "price_verdicts",
    "questions", "rate", "spread", "spreads", "summary", "table",
]  # fmt: skip
