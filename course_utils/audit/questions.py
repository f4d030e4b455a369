"""Questions about changed facts, made without a model: a sentence with a blank, and a plain question.

No question holds the old or the new value: an answer that repeats it would be judged by its echo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from course_utils.evaluation import states

from . import values
from .changes import ChangedFact

FORMS = ("plain", "cloze")
_BLANK = "____"
_HOW_MUCH = {"price": "how much", "date": "what date", "version": "which version", "number": "what number",
             "name": "what"}  # fmt: skip
# "Tallyport Team allows 20 requests" -> "How many requests does Tallyport Team allow?"
_VERBS = {
    "costs": "cost", "allows": "allow", "includes": "include", "has": "have", "offers": "offer",
    "keeps": "keep", "requires": "require", "needs": "need", "supports": "support", "takes": "take",
    "covers": "cover", "lasts": "last", "provides": "provide",
    "accepts": "accept", "uses": "use", "contains": "contain",
    "gives": "give", "holds": "hold", "stores": "store", "receives": "receive", "pays": "pay",
}  # fmt: skip
_PRONOUNS = r"(?:You|We|They|I|Customers|Users)"
_CLAUSE = re.compile(r"[,;:]\s.*$")


@dataclass(frozen=True)
class Question:
    fact: ChangedFact
    form: str  # plain or cloze
    text: str


def questions_about(fact: ChangedFact, forms: Iterable[str] = FORMS) -> list[Question]:
    """The questions of these forms that do not give the answer away; maybe none."""
    made = {"plain": _plain, "cloze": _cloze}
    found = [Question(fact, form, made[form](fact)) for form in forms]
    return [question for question in found if not _gives_away(question)]


def _gives_away(question: Question) -> bool:
    if question.fact.kind == "flag":
        return False  # "Yes" and "No" are in many a sentence; the questions for them hold neither alone
    text = values.normal(question.text)
    return any(states(text, values.normal(value)) for value in (question.fact.old, question.fact.new))


def _cloze(fact: ChangedFact) -> str:
    kind = "row of a table" if fact.column or fact.row else "sentence"
    return (
        f"This {kind} is from the documentation, {_place(fact)}. Which value belongs where {_BLANK} stands? "
        f"Answer with the value alone, or say that you do not know.\n\n{fact.with_blank(_BLANK)}"
    )


def _plain(fact: ChangedFact) -> str:
    if fact.row:
        column = f", what is “{fact.column}”" if fact.column else ", what is the value"
        return f"For “{fact.row}” ({_place(fact)}){column}?"
    asked = _asked(fact)
    return asked if _names_its_subject(fact) else f"{_place(fact)[:1].upper()}{_place(fact)[1:]}: {asked}"


def _place(fact: ChangedFact) -> str:
    return f"page “{fact.title}”" + (f", section “{fact.heading}”" if fact.heading else "")


def _names_its_subject(fact: ChangedFact) -> bool:
    title = {word.casefold() for word in re.findall(r"\w{3,}", fact.title)}
    return bool(title) and title <= {word.casefold() for word in re.findall(r"\w{3,}", fact.after)}


def _asked(fact: ChangedFact) -> str:
    """The sentence as a question: turned round where its grammar is plain, else asked as it stands."""
    sentence = fact.with_blank(_BLANK).rstrip(" .!?;:")
    before, after = sentence.split(_BLANK, 1)
    wh, after = _wh(fact, after)
    short = _CLAUSE.sub("", after)
    verbs = "|".join(_VERBS)
    if turned := re.fullmatch(rf"([A-Z][^,;:]*?) ({verbs}) ", before):
        subject, verb = turned[1], _VERBS[turned[2]]
        return f"{_upper(wh)} does {_lower(subject)} {verb}{short}?"
    if turned := re.fullmatch(rf"({_PRONOUNS}) (\w+) ", before):
        return f"{_upper(wh)} do {turned[1].lower()} {turned[2]}{short}?"
    if (turned := re.fullmatch(r"([A-Z][^,;:]*?) (is|are|was|were) ", before)) and not short.strip():
        return f"What {turned[2]} {_lower(turned[1])}?"
    return f"{_upper(before)}{wh}{after}?".replace("  ", " ")


def _wh(fact: ChangedFact, after: str) -> tuple[str, str]:
    """ "how much", "how many requests": what stands for the value, and the rest of the sentence."""
    number = fact.kind == "number"
    if number and "%" in fact.new:
        return "what percentage", after
    if number and fact.new.isdigit() and (counted := re.match(r" ((?:[a-z]+ )?[a-z]+s)\b", after)):
        return f"how many{counted[0]}", after[counted.end() :]
    return _HOW_MUCH[fact.kind], after


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(subject: str) -> str:
    """A subject inside a sentence: "The plan" becomes "the plan", a name stays."""
    first = subject.split()[0]
    small = {"The", "A", "An", "Your", "Our", "Each", "Every", "This", "All", "Storage"}
    return subject[:1].lower() + subject[1:] if first in small else subject
