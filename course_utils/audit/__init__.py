"""The audit: does a system know what changed between two versions of any documents?

found = find_changes(read_folder("docs-2025"), read_folder("docs-2026"))
questions = [question for fact in found.facts for question in questions_about(fact)]
answers, ended = ask_all(Endpoint("http://localhost:8000"), questions)

On the command line: ``stale-prices-audit --help``, or ``python -m course_utils.audit``. No model makes the
questions or judges the answers.
"""

from .asking import Answer, ask_all, sample
from .changes import ChangedFact, Changes, find_changes
from .documents import read_folder, read_revision
from .errors import AskFailed, AuditError, NoDocuments
from .judging import judge
from .questions import Question, questions_about
from .report import Report, as_json, as_junit, as_text
from .systems import Command, Endpoint, OwnRag, System

__all__ = [
    "Answer", "AskFailed", "AuditError", "ChangedFact", "Changes", "Command", "Endpoint", "NoDocuments",
    "OwnRag", "Question", "Report", "System", "as_json", "as_junit", "as_text", "ask_all", "find_changes",
    "judge", "questions_about", "read_folder", "read_revision", "sample",
]  # fmt: skip
