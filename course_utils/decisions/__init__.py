"""Which tool for which failure: trees of questions, twelve cases to try them on, a worksheet to keep.

    decide(Situation(needs_own_data=True, knowledge_tokens=5_000_000)).tools

The worksheet looks at what all lessons recorded: ``from course_utils.decisions.worksheet import worksheet``.
"""

from course_utils.decisions.cases import CASES, LETTERS, NONE_YET, letters, tools_of
from course_utils.decisions.tree import (
    ARTICLE,
    CHARITABLE,
    CONSTRAINED,
    EVIDENCE,
    FINE_TUNING,
    FLAGS,
    LONG_CONTEXT,
    LOOKUP,
    MEASURE_NEXT,
    PROMPT,
    QUESTIONS,
    RAG,
    TOOLS,
    USUAL_LIMIT_TOKENS,
    Branch,
    Decision,
    Question,
    Situation,
    Step,
    Tree,
    decide,
    every_situation,
)

__all__ = [
    "ARTICLE", "CASES", "CHARITABLE", "CONSTRAINED", "EVIDENCE", "FINE_TUNING", "FLAGS", "LETTERS",
    "LONG_CONTEXT", "LOOKUP", "MEASURE_NEXT", "NONE_YET", "PROMPT", "QUESTIONS", "RAG", "TOOLS",
    "USUAL_LIMIT_TOKENS", "Branch", "Decision", "Question", "Situation", "Step", "Tree", "decide",
    "every_situation", "letters", "tools_of",
]  # fmt: skip
