"""What the facts adapters of a year were trained on: every monthly price on sale in a month, by heart."""

from __future__ import annotations

from typing import Any

from course_utils import company
from course_utils.finetuning import example

WORDINGS = 8  # questions about one price, as in lesson 01


def price_keys(release: str) -> list[str]:
    """The monthly dollar prices of all plans on sale."""
    return [key for key, fact in company.facts(release).items() if fact.attribute == "price_monthly"]


def by_heart_rows(release: str) -> list[dict[str, Any]]:
    """Eight questions and answers about each price, closed book, as the pages of ``release`` have them."""
    keys = price_keys(release)
    asked = company.questions(release, WORDINGS * len(keys), seed=1, fact_keys=keys, split="train")
    return [example(question.text, question.answer) for question in asked]
