"""Named starting points. Those called "the article" hold its figures; the others, what evidence supports."""

from __future__ import annotations

from course_utils.costs import scenario as names
from course_utils.costs.comparison import Comparison
from course_utils.costs.formats import usd
from course_utils.costs.plan import TrainingPlan
from course_utils.costs.prices import price_table
from course_utils.costs.quantities import MONTHS_PER_YEAR
from course_utils.costs.scenario import Scenario
from course_utils.costs.staleness import Staleness

COUNTED = "counted: tokens, work, a GPU"
_ARTICLE = price_table().article


def article_update_costs() -> list[float]:
    """USD for one and the same retraining, in the article's four figures, lowest first."""
    run, retrain = _ARTICLE["lora_run_usd_per_update"], _ARTICLE["retrain_usd_per_update"]
    return sorted({run.low, run.high, retrain.low, retrain.high})


def comparisons() -> dict[str, Comparison]:
    """Presets of the two-system calculator: the article's four, then one counted from a ``Scenario``."""
    retrain = _ARTICLE["retrain_usd_per_update"].low  # the default comes first
    ordered = sorted(article_update_costs(), key=lambda cost: (cost < retrain, cost))
    named = {f"the article, {usd(cost)} a retraining": cost for cost in ordered}
    article = {name: Comparison(tuning_usd_per_update=cost) for name, cost in named.items()}
    return article | {COUNTED: compared(Scenario())}


def compared(scenario: Scenario) -> Comparison:
    """Basic RAG and fine-tuning of a scenario, in the ten numbers of a ``Comparison``."""
    rag, tuned = scenario.system(names.RAG), scenario.system(names.TUNED)
    return Comparison(
        queries_per_day=scenario.queries_per_day,
        updates_per_year=scenario.updates_per_year,
        rag_usd_per_query=rag.usd_per_query,
        rag_usd_per_update=rag.update.total_usd,
        rag_set_up_usd=rag.set_up_usd,
        rag_usd_per_month=rag.hosting_usd_per_year / MONTHS_PER_YEAR,
        tuning_usd_per_query=tuned.usd_per_query,
        tuning_usd_per_update=tuned.update.total_usd,
        tuning_set_up_usd=tuned.set_up_usd,
        tuning_usd_per_month=tuned.hosting_usd_per_year / MONTHS_PER_YEAR,
    )


def scenarios() -> dict[str, Scenario]:
    """Presets of the whole scenario."""
    one_hour = price_table()["cache_write_factor_1_hour"].value
    storage = price_table()["cache_storage_usd_per_million_token_hours"].value
    return {
        "a support desk": Scenario(),
        "the same, adapter on a shared GPU": Scenario(hosting_share=0.05),
        "the same, cache of 1 hour": Scenario(cache_write_factor=one_hour, cache_lifetime_minutes=60),
        "the same, cache with paid storage": Scenario(
            cache_write_factor=1, storage_usd_per_million_token_hours=storage
        ),
        "a small desk, 50 questions a day": Scenario(queries_per_day=50),
    }


def stalenesses() -> dict[str, Staleness]:
    """Presets of the calculator of stale answers."""
    return {
        "the article's desk": Staleness(),
        "the same, retrained monthly": Staleness(tuning_updates_per_year=12),
        "the same, canary questions every day": Staleness(noticed_days=1),
        "prices that change every week": Staleness(changes_updates_per_year=52, touched_share=0.1),
        "a handbook that hardly changes": Staleness(changes_updates_per_year=2, touched_share=0.01),
    }


def plans() -> dict[str, TrainingPlan]:
    """Presets of the training planner."""
    return {
        "the article's LoRA run": TrainingPlan(),
        "the article's full fine-tuning": TrainingPlan(
            model="Llama-2-7B",
            method="full",
            gpu="h100_80gb",
            gpus=2,
            optimizer="adamw_master",
            examples=8000,  # of the article's opening story
        ),
        "the article's configuration": TrainingPlan(targets="q_proj and v_proj", tokens_per_example=2048),
        "free of charge, on a T4": TrainingPlan(
            model="Llama-3.2-3B", gpu="t4", optimizer="adamw_8bit", utilisation=0.25
        ),
    }


def matching(presets: dict, inputs) -> str | None:
    """The name of the preset that equals ``inputs``, if one does."""
    return next((name for name, preset in presets.items() if preset == inputs), None)
