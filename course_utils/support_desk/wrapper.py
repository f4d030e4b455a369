"""A ticket around RAG's sentence, by rules: no model writes it. Shown in lesson 03."""

from __future__ import annotations

from course_utils.answering import abstained, citations, without_citations
from course_utils.support_desk.ticket import GREETING, MAX_ANSWER, Ticket


def wrapped(question: str, text: str, n_passages: int) -> Ticket:
    """The ticket around ``text``, the model's sentence about ``n_passages`` passages.

    The page is the first citation of a passage, the plan the one that the question names; who does not know
    needs a colleague. Everything that is known is called "pricing".
    """
    silent = abstained(text)
    cited = [n for n in citations(text) if 1 <= n <= n_passages]
    # "Team" comes first, so that "Hello team, how much is Tallyport Starter?" is about Starter.
    named = [p for p in ("Team", "Starter", "Business", "Enterprise") if p.lower() in question.lower()]
    return Ticket(
        answer=f"{GREETING} {without_citations(text)}"[:MAX_ANSWER],
        category="other" if silent else "pricing",
        plan=named[-1] if named and not silent else None,
        page=cited[0] if cited and not silent else None,
        escalate=silent,
    )
