"""What can go wrong in an audit. Every message says what to do next."""

from __future__ import annotations


class AuditError(Exception):
    """The audit cannot start: documents, settings or the system are not as they must be."""


class NoDocuments(AuditError):
    """A folder or a revision is missing, or holds no page that can be read."""


class AskFailed(Exception):
    """One question got no answer. ``hopeless``: the next one would fail in the same way, so stop asking."""

    def __init__(self, message: str, hopeless: bool = False) -> None:
        super().__init__(message)
        self.hopeless = hopeless
