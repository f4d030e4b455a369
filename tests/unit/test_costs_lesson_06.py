"""What the prose of lesson 06 says about the calculators' first state, which is also what GitHub shows."""

import re
from pathlib import Path

from course_utils import costs
from course_utils.costs import presets
from course_utils.costs import scenario as names
from course_utils.costs.prices import FILE
from course_utils.widgets import views

SOURCE = (FILE.parents[2] / "solutions" / "06_costs.py").read_text(encoding="utf-8")
PROSE = " ".join(re.sub(r"^# ?", "", line) for line in SOURCE.splitlines() if line.startswith("#"))


def said(*words: str) -> bool:
    """Whether the lesson's prose holds these words; a test of a sentence must fall with the sentence."""
    return all(word in PROSE for word in words)


def test_two_of_the_articles_four_prices_lie_below_3000_questions_and_two_above():
    assert said("two of the four points lie below it, two above", "between 164 and 164,384 questions a day")
    prices = presets.article_update_costs()
    volumes = [costs.Comparison(tuning_usd_per_update=usd).crossing() for usd in prices]
    assert [crossing.queries_per_day > 3000 for crossing in volumes] == [False, False, True, True]
    assert [round(crossing.queries_per_day) for crossing in (volumes[0], volumes[-1])] == [164, 164_384]


def test_the_first_year_of_the_articles_example():
    answer = views.TOTAL_COST.render(views.TOTAL_COST.default).answer
    assert "RAG is cheaper: USD 1,095 a year against USD 6,000" in answer


def test_the_planners_bars():
    assert said("full fine-tuning is far beyond the line and QLoRA far below it")
    assert said("Weights are most of every short bar, optimizer states most of the long one")
    plan = views.TRAINING_PLANNER.default
    full, lora, qlora = (plan.memory_with(method) for method in ("full", "lora", "qlora"))
    assert plan.card.name == "RTX 4090"
    assert full.total_gib > 2 * plan.card.memory_gib and qlora.total_gib < plan.card.memory_gib / 2
    assert all(m.weights_gib > m.total_gib / 2 for m in (lora, qlora))
    assert full.optimizer_gib > full.total_gib / 2


def test_the_cached_handbook_costs_as_much_as_retrieval_at_20000_tokens():
    assert said("crosses the level one at about 20,000 tokens")
    scenario = views.TOKEN_PRICES.default
    for price in (scenario.input_usd_per_million_tokens, 1, 30):  # the price per token cancels
        other = scenario.changed(input_usd_per_million_tokens=price)
        shown = re.search(r"up to ([\d,]+) tokens", views.TOKEN_PRICES.render(other).answer)[1]
        assert abs(int(shown.replace(",", "")) - 20_000) < 50


def test_the_bars_of_a_year():
    assert said("basic RAG is the shortest of the bars that know the handbook, and building it is the")
    assert said("set-up and hosting are, and answers are next to nothing")
    years = views.A_YEAR.default.costs()
    knowing = {name: year for name, year in years.items() if name != names.PROMPT}
    assert min(knowing, key=lambda name: knowing[name].total_usd) == names.RAG
    rag = years[names.RAG].parts()
    assert max(rag, key=rag.get) == "set_up"
    for name in (names.TUNED, names.TUNED_RAG):
        parts = years[name].parts()
        assert set(sorted(parts, key=parts.get)[-2:]) == {"set_up", "hosting"}
        assert parts["answers"] < 0.001 * years[name].total_usd


def test_the_break_even_is_a_range_and_none_on_the_same_model():
    assert said("A factor of almost six", "tens of millions of questions a day")
    scenario = costs.Scenario()
    card = costs.price_table().gpus["rtx_4090"]
    assumed = [
        scenario,
        scenario.changed(hosting_share=0.05),
        scenario.changed(usd_per_gpu_hour=card.rent.value, gpu_tflops=card.peak_tflops),
        scenario.changed(input_usd_per_million_tokens=1, output_usd_per_million_tokens=5),
    ]
    found = [costs.crossings(s.system(names.RAG), s.system(names.TUNED))[0].queries_per_day for s in assumed]
    assert 5.5 < max(found) / min(found) < 6
    (same,) = costs.crossings(scenario.system(names.OWN_RAG), scenario.system(names.TUNED))
    assert 1e7 < same.queries_per_day < 1e8
    update = scenario.tuning_update
    assert update.compute_usd < 0.01 * update.total_usd, "not because of GPU time"


def test_on_the_same_model_the_hours_decide():
    assert said("hours on both sides fine-tuning is the cheaper one", "nearly the rent of the vector store")
    scenario = costs.Scenario()
    parts = ("set_up", "update", "evaluation", "release")
    as_rag = {f"tuning_{p}_labour_hours": getattr(scenario, f"rag_{p}_labour_hours") for p in parts}
    years = scenario.changed(**as_rag).costs()
    saved = years[names.OWN_RAG].total_usd - years[names.TUNED].total_usd
    store = 12 * scenario.vector_store_usd_per_month
    assert 0.9 * store < saved < store
    assert scenario.costs()[names.OWN_RAG].total_usd < scenario.costs()[names.TUNED].total_usd


def test_the_articles_table_pays_for_less_than_a_week():
    assert said("pays, at our wage, for less than one")
    scenario, claim = costs.Scenario(), costs.price_table().article["rag_set_up_usd"]
    assert claim.high / scenario.usd_per_labour_hour < 40 < scenario.rag_set_up_labour_hours
    assert "2 to 6" in scenario.source("rag_set_up_labour_hours")
    assert "4 to 12" in scenario.source("tuning_set_up_labour_hours")


def test_where_the_cheapest_way_to_keep_a_handbook_changes():
    assert said("at ten a day, no larger than the passages", "no cache, a cache left alone, or one kept warm")
    quiet = costs.Scenario(queries_per_day=10)
    assert abs(quiet.handbook_tokens_at_par - quiet.retrieved_tokens) < 1
    at_par = [costs.Scenario(queries_per_day=n).handbook_tokens_at_par for n in (10, 50, 100, 1000, 3000)]
    assert at_par == sorted(at_par)
    alone = costs.Scenario(queries_per_day=50).handbook
    hits = alone.hit_share(queries_per_day=50)
    left_alone = hits * alone.cache_read_factor + (1 - hits) * alone.cache_write_factor
    assert alone.usd_per_query(queries_per_day=50) < left_alone * alone.uncached_usd, "one kept warm"


def test_who_computes_what():
    assert said("Six of the nine rent a large model", "every 29 seconds")
    made = costs.Scenario().systems()
    assert len(made) == 9 and sum("rented" in system.runs_on for system in made) == 6
    assert round(24 * 3600 / costs.Scenario().queries_per_day) == 29
    by_token = costs.Scenario(tuned_input_usd_per_million_tokens=0.2)
    assert by_token.system(names.TUNED).runs_on.endswith("by the token")
    assert (
        by_token.system(names.OWN_RAG).hosting_usd_per_year == by_token.system(names.RAG).hosting_usd_per_year
    )


def test_the_stale_answers_of_the_last_calculator():
    assert said("some forty times and more", "saves ten times as many stale answers as training")
    now = costs.Staleness().answers_per_year()
    assert min(now[name] for name in now if name.startswith("tuned")) > 40 * now["RAG, on time"]
    noticed = now["tuned, if noticed"]
    sooner = costs.Staleness(noticed_days=1).answers_per_year()["tuned, if noticed"]
    faster = costs.Staleness(training_days=1).answers_per_year()["tuned, if noticed"]
    assert noticed - sooner > 9 * (noticed - faster)


def test_what_the_sensitivity_says():
    assert said("The number of examples", "hardly moves the money")

    def volume(scenario):
        return costs.crossings(scenario.system(names.RAG), scenario.system(names.TUNED))[0].queries_per_day

    default = costs.Scenario()
    swing = {}
    for name in ("examples", "usd_per_labour_hour", "usd_per_gpu_hour", "input_usd_per_million_tokens"):
        value = getattr(default, name)
        twice, half = (volume(default.changed(**{name: factor * value})) for factor in (2, 0.5))
        swing[name] = max(twice / half, half / twice)
    assert swing.pop("examples") < 1.01
    assert min(swing.values()) > 1.9


def test_the_bars_of_the_tornado():
    assert said("*Picture:* eight bars", "If *all* the hours", "that bar is shorter", "the other way round")
    default = costs.Scenario()

    def reach(**weights):
        """Twice against half; a weight of 0.5 moves half of an input only."""
        found = []
        for factor in (2, 0.5):
            moved = {n: (1 + w * (factor - 1)) * getattr(default, n) for n, w in weights.items()}
            other = default.changed(**moved)
            found.append(costs.crossings(other.system(names.RAG), other.system(names.TUNED))[0])
        return found[0].queries_per_day / found[1].queries_per_day

    by_hand = ("tuning_set_up_labour_hours", "tuning_update_labour_hours")
    written = reach(examples=1, **dict.fromkeys(by_hand, 1))
    tokens = 1 / reach(input_usd_per_million_tokens=1, output_usd_per_million_tokens=1)
    others = [reach(usd_per_labour_hour=1), reach(usd_per_gpu_hour=1), 1 / reach(retrieved_tokens=1)]
    assert tokens > written > max(others)
    assert reach(examples=1, **dict.fromkeys(by_hand, 0.5)) < reach(usd_per_labour_hour=1) < written
    assert reach(rag_set_up_labour_hours=1) < 1 / 1.5


def test_the_lesson_names_no_price_that_is_not_in_the_table_or_the_article():
    """Prices change in one file; the prose must not repeat them."""
    assert Path(FILE).name == "prices.toml" and "prices.toml" in PROSE
    for price in costs.price_table().dated():
        if price.kind == "secondary" and price.unit.startswith("USD") and price.value:
            assert f"{price.value:.2f} dollars" not in PROSE, price.name


def test_no_dollar_sign_in_the_prose():
    """Two of them in a paragraph would be shown as a formula; the one formula has its own."""
    for line in SOURCE.splitlines():
        if line.startswith("#") and "$$" not in line:
            assert "$" not in line, line
