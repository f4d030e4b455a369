"""Judging an answer without a judge: does it state the new value, the old one, another, or nothing?"""

from __future__ import annotations

import re

from course_utils.evaluation import states

from . import values
from .changes import YES_NO, ChangedFact

VERDICTS = ("current", "stale", "other", "silent")
ERROR = "error"

_SILENT = re.compile(
    r"\b(?:(?:do|does|did|can|could)(?: not|n't) (?:know|find|say|tell|answer|determine|have|provide|see|"
    r"confirm|specify|mention|contain|include)|cannot (?:find|say|tell|answer|determine|provide|confirm)|"
    r"not (?:sure|certain|known|specified|mentioned|stated|provided|available|aware|given|able)|"
    r"unable to|unknown|no (?:information|answer|idea|data|such|mention))\b",
    re.IGNORECASE,
)
_CURRENCY = {"$": r"(?:usd|us\$|dollars?|bucks)", "€": r"(?:eur|euros?)", "£": r"(?:gbp|pounds?)",
             "¥": r"(?:jpy|yen)"}  # fmt: skip


def judge(answer: str, fact: ChangedFact) -> str:
    """One of ``VERDICTS``.

    An answer that states both values is "other", unless just one of them stands before the unit that follows
    it in the sentence: "5 days for the 10 plan" is about the 5 where the sentence says "5 days".
    """
    text = values.normal(answer)
    if not re.search(r"\w", text):
        return "silent"
    if fact.kind == "flag":
        return _judge_flag(text, fact)
    new, old = values.normal(fact.new), values.normal(fact.old)
    has_new, has_old = _holds(text, new, old), _holds(text, old, new)
    if has_new and has_old and (unit := _unit(fact)):
        by_unit = [states(text, f"{value} {unit}") for value in (new, old)]
        has_new, has_old = by_unit if any(by_unit) else (True, True)
    if has_new != has_old:
        return "current" if has_new else "stale"
    return "other" if has_new or not _SILENT.search(text) else "silent"


def _judge_flag(text: str, fact: ChangedFact) -> str:
    if _SILENT.search(text) and not re.match(r"(?:yes|no)\b", text):
        return "silent"
    new, old = (YES_NO[value.casefold().strip(" .`")] for value in (fact.new, fact.old))
    found = [_holds(text, one, other) for one, other in ((new, old), (old, new))]
    return "other" if found[0] == found[1] else "current" if found[0] else "stale"


def _holds(text: str, value: str, other: str) -> bool:
    """Whether ``value`` is in ``text``, not counting where it is a part of the longer ``other``."""
    if value in other:
        text = text.replace(other, " ")
    if states(text, value):
        return True
    if money := re.fullmatch(r"([$€£¥])([\d.]+)", value):
        amount = re.escape(money[2])
        named = (
            rf"(?<![\w.,]){amount}\s?{_CURRENCY[money[1]]}\b|\b{_CURRENCY[money[1]]}\s?{amount}(?![\w.]\d|\d)"
        )
        alone = rf"\W*{amount}(?:\.0+)?\W*"  # a blank after "$" may be filled with the number alone
        return bool(re.search(named, text) or re.fullmatch(alone, text))
    if (number := re.fullmatch(r"(-?[\d.]+)\s?([a-z%µ]+)", value)) and " " not in value:
        spaced = rf"(?<![\w.,]){re.escape(number[1])}\s*{re.escape(number[2])}(?!\w)"
        percent = rf"(?<![\w.,]){re.escape(number[1])} per ?cent\b"
        return bool(re.search(spaced, text) or (number[2] == "%" and re.search(percent, text)))
    counted = re.fullmatch(r"(-?[\d.]+) [a-z]+", value)  # "2 users" may be answered with "2"
    return bool(counted and re.fullmatch(rf"\W*{re.escape(counted[1])}\W*", text))


def _unit(fact: ChangedFact) -> str:
    """The word behind the value in the sentence: "days"."""
    following = re.match(r"\s([^\W\d_]+)", fact.after[fact.start + len(fact.new) :])
    return following[1].casefold() if following and fact.kind == "number" else ""
