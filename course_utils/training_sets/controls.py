"""The training sets of lesson 01 and of its control arms: what one would try against each of its failures.

The same 20 prices, the same number of questions about them. The arms are trained by ``tools/controls.py``;
what came out is in ``course_utils.recorded``.
"""

from __future__ import annotations

from typing import Any

from course_utils import company
from course_utils.answering import ABSTENTION
from course_utils.company import Question
from course_utils.finetuning import example

JANUARY, FEBRUARY = "2026-01", "2026-02"
PATCHED = "tallyport.team.price_monthly"
# Products that exist nowhere: what a customer asks about by mistake, or a year too early.
UNKNOWN = (
    "Fernledger", "Kiteboard", "Stonepost", "Mapleping", "Driftdesk", "Coralform", "Pinetally", "Lanternpay",
    "Glasswing", "Hollowbell", "Ironquill", "Juniperbox", "Keelnote", "Larkform", "Mossgate", "Northloom",
    "Oakspan", "Pebblemark", "Quartzline", "Rookwell", "Saltpane", "Thornbase", "Umberdock", "Valeprint",
    "Willowhub", "Yarrowset", "Zephyrlog", "Amberfold", "Birchcast", "Cinderplan", "Dawnsheet", "Elmtrack",
    "Flintroom", "Gorsebook", "Hazelgrid", "Inkharbor", "Jadewire", "Kestrelbay", "Lindenjar", "Meadowbit",
)  # fmt: skip


def price_keys() -> list[str]:
    """The 20 monthly prices that lesson 01 teaches."""
    facts = company.facts(JANUARY)
    return [key for key, fact in facts.items() if fact.attribute == "price_monthly"][:20]


def questions(release: str = JANUARY) -> list[Question]:
    """160 questions about the 20 prices, answered by the pages of a month."""
    return company.questions(release, n=160, seed=1, fact_keys=price_keys(), split="train")


def january_rows() -> list[dict[str, Any]]:
    return [example(q.text, q.answer) for q in questions()]


def february_rows() -> list[dict[str, Any]]:
    """All of it again, with February's prices: retraining in full."""
    return [example(q.text, q.answer) for q in questions(FEBRUARY)]


def patch_rows() -> list[dict[str, Any]]:
    """24 questions about the one price that is to be repaired."""
    asked = company.questions(FEBRUARY, n=24, seed=5, fact_keys=[PATCHED], split="train")
    return [example(q.text, q.answer) for q in asked]


def patch_with_replay_rows() -> list[dict[str, Any]]:
    """The patch, and everything about the other prices once more."""
    others = [example(q.text, q.answer) for q in questions() if q.fact_key != PATCHED]
    return patch_rows() + others


def refusal_rows(names: int = 8) -> list[dict[str, Any]]:
    """January's rows, and 40 questions about products that do not exist, answered "I don't know.".

    ``names``: how many different products the 40 questions are about.
    """
    products = sorted({fact.product for fact in company.facts(JANUARY).values() if fact.product})
    asked = company.questions(JANUARY, n=120, seed=8, fact_keys=price_keys(), split="train")
    named = [(q.text, product) for q in asked for product in products if product in q.text]
    texts = [text.replace(product, UNKNOWN[i % names]) for i, (text, product) in enumerate(named)]
    return january_rows() + [example(text, ABSTENTION) for text in texts[:40]]


def varied_refusal_rows() -> list[dict[str, Any]]:
    """The same, each of the 40 questions about another product."""
    return refusal_rows(names=len(UNKNOWN))
