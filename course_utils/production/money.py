"""What a year of a system costs, month by month, from lesson 06's prices and measured tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from course_utils.company import RELEASES
from course_utils.costs import Scenario, System
from course_utils.costs.quantities import DAYS_PER_YEAR
from course_utils.production.schedule import days_in


def priced(
    tokens: Mapping[str, Mapping[str, float]], handbook: int, adapters: Iterable[str]
) -> dict[str, System]:
    """Lesson 06's systems under the names of the year's, with measured tokens.

    ``tokens``: of a ``prompt`` and an ``answer``, in the mean, of "adapter" (which sees no page), "RAG",
    "hybrid" and "prompt". ``handbook``: tokens of all pages. ``adapters``: names of calendars.
    """
    closed = tokens["adapter"]["prompt"]
    desk = {name: _scenario(found, closed, handbook) for name, found in tokens.items()}
    rag, page = desk["RAG"], desk["prompt"]
    long = rag.system("long context, cached")
    lookup_usd = rag.prompt_set_up_labour_hours * rag.usd_per_labour_hour
    return {
        "database row": System("database row", "a table that is there anyway", set_up_usd=lookup_usd),
        "prompt": replace(long, prefix=None, usd_per_query=page.rented_usd_per_query(page.retrieved_tokens)),
        "long context": long,
        "RAG, lag 1": rag.system("basic RAG"),
        "hybrid, lag 1": desk["hybrid"].system("fine-tuning + RAG"),
        **{f"adapter, {name}": desk["adapter"].system("fine-tuning") for name in adapters},
    }


def _scenario(tokens: Mapping[str, float], closed: float, handbook: int) -> Scenario:
    return Scenario(
        question_tokens=round(closed),
        instruction_tokens=0,
        retrieved_tokens=max(0, round(tokens["prompt"] - closed)),
        answer_tokens=round(tokens["answer"]),
        knowledge_tokens=handbook,
    )


def spent(system: System, renewed: Sequence[str], queries_per_day: float) -> list[float]:
    """USD from the start to the end of each month: set-up, answers, hosting, each renewal but the first."""
    daily = queries_per_day * system.usd_per_answer(queries_per_day=queries_per_day)
    daily += system.hosting_usd_per_year / DAYS_PER_YEAR
    usd, line = system.set_up_usd, []
    for month in RELEASES:
        usd += days_in(month) * daily + (month in renewed[1:]) * system.update.total_usd
        line.append(usd)
    return line
