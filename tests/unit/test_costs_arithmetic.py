"""The formulas on examples worked by hand."""

import math
import random

import pytest

from course_utils import costs
from course_utils.costs import scenario as names
from course_utils.costs.caching import CachedPrefix
from course_utils.costs.systems import System, Update


def test_a_call_costs_its_tokens_in_and_out():
    """2,350 tokens at 3 a million are 0.00705; 150 at 15 are 0.00225."""
    usd = costs.usd_per_call(
        input_tokens=2350,
        output_tokens=150,
        input_usd_per_million_tokens=3,
        output_usd_per_million_tokens=15,
    )
    assert usd == pytest.approx(0.0093)


def test_a_year_has_four_parts():
    system = System(
        "a",
        usd_per_query=0.01,
        update=Update(compute_usd=1, labour_usd=20, evaluation_usd=300, release_usd=4000),
        updates_per_year=12,
        set_up_usd=500,
        hosting_usd_per_year=600,
    )
    year = costs.yearly_cost(system, queries_per_day=100)
    assert year.parts() == {"set_up": 500, "answers": 365.0, "updates": 51_852, "hosting": 600}
    assert year.total_usd == 53_317
    assert system.fixed_usd_per_year == 52_952
    assert year.further_year_usd == 52_817


def test_an_answer_costs_its_call_and_its_share_of_the_prefix():
    """Nobody else asks, so the prefix of 100,000 tokens at 3 a million is read in full: 0.3 USD."""
    alone = CachedPrefix(100_000, 3, 0.1, 1.25, 5)
    assert System("a", usd_per_query=0.01).usd_per_answer(queries_per_day=0) == 0.01
    asked_once = System("a", usd_per_query=0.01, prefix=alone)
    assert asked_once.usd_per_answer(queries_per_day=0) == pytest.approx(0.31)


class TestBreakEven:
    def test_of_two_lines(self):
        """3,650 a year more, 0.02 less per question: 182,500 questions a year, 500 a day."""
        dear_start = System("a", usd_per_query=0.01, set_up_usd=4650)
        dear_answers = System("b", usd_per_query=0.03, set_up_usd=1000)
        (found,) = costs.crossings(dear_start, dear_answers)
        assert found.queries_per_day == pytest.approx(500)
        assert (found.cheaper_below, found.cheaper_above) == ("b", "a")
        assert costs.crossings(dear_answers, dear_start) == (found,)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (System("a", usd_per_query=0.01), System("b", usd_per_query=0.01, set_up_usd=5)),  # parallel
            (System("a", usd_per_query=0.01), System("b", usd_per_query=0.02, set_up_usd=5)),  # always a
            (System("a"), System("b")),  # the same
            (System("a", usd_per_query=0.01), System("b", usd_per_query=0.02)),  # only at zero
        ],
    )
    def test_that_never_comes(self, one, other):
        assert costs.crossings(one, other) == ()

    def test_search_finds_what_the_closed_form_says(self):
        """A prefix that is never cached costs the same per question at any volume: a straight line."""
        prefix = CachedPrefix(10_000, 3, 1, 1, 5)
        curved = System("curved", prefix=prefix)
        straight = System("straight", usd_per_query=0.03)
        other = System("other", usd_per_query=0.01, set_up_usd=7300)
        (searched,), (exact,) = costs.crossings(curved, other), costs.crossings(straight, other)
        assert searched.queries_per_day == pytest.approx(exact.queries_per_day, rel=1e-9) == 1000
        assert (searched.cheaper_below, searched.cheaper_above) == ("curved", "other")

    def test_at_a_searched_crossing_both_cost_the_same(self):
        scenario = costs.Scenario()
        cached, rag = scenario.system(names.CACHED), scenario.system(names.RAG)
        (found,) = costs.crossings(cached, rag)
        totals = [
            costs.yearly_cost(s, queries_per_day=found.queries_per_day).total_usd for s in (cached, rag)
        ]
        assert totals[0] == pytest.approx(totals[1])
        assert (found.cheaper_below, found.cheaper_above) == (names.CACHED, names.RAG)

    def test_the_cheapest_changes_at_the_crossing(self):
        a, b = System("a", usd_per_query=0.02), System("b", set_up_usd=730)
        assert costs.cheapest([a, b], queries_per_day=99).name == "a"
        assert costs.cheapest([a, b], queries_per_day=101).name == "b"
        with pytest.raises(ValueError, match="no system"):
            costs.cheapest([], queries_per_day=1)


def test_a_dearer_retraining_pays_from_a_higher_volume_on():
    """0.001 USD saved a question earn back 12 × 365 USD in a year at 12,000 questions a day."""
    given = costs.Comparison(
        rag_usd_per_query=0.002, tuning_usd_per_query=0.001, updates_per_year=12, rag_usd_per_update=0
    )
    assert given.tuning_pays_from(365) == pytest.approx(12_000)
    assert given.changed(tuning_usd_per_query=0.003).tuning_pays_from(365) is None


class TestCache:
    PREFIX = CachedPrefix(200_000, 3, 0.1, 1.25, 5)  # 0.60 uncached, 0.06 read, 0.75 written

    def test_busy_reads_and_lonely_full_price(self):
        assert self.PREFIX.usd_per_query(queries_per_day=100_000) == pytest.approx(0.06, rel=1e-3)
        assert self.PREFIX.usd_per_query(queries_per_day=1) == pytest.approx(0.60)
        assert self.PREFIX.usd_per_day(queries_per_day=0) == 0
        assert self.PREFIX.usd_per_query(queries_per_day=0) == pytest.approx(0.60)

    def test_one_question_per_lifetime_finds_it_with_probability_1_minus_1_over_e(self):
        assert self.PREFIX.hit_share(queries_per_day=288) == pytest.approx(1 - math.exp(-1))

    @pytest.mark.parametrize("per_lifetime", [0.05, 0.5, 2.0])
    def test_the_formulas_hold_in_a_simulation(self, per_lifetime):
        """Questions at random moments: count hits, and the reads that keep the entry warm in the gaps."""
        rng = random.Random(0)
        gaps = [rng.expovariate(per_lifetime) for _ in range(40_000)]  # in lifetimes
        hits = sum(gap < 1 for gap in gaps) / len(gaps)
        warm_reads = sum(1 + math.floor(gap) for gap in gaps) / len(gaps)
        volume = per_lifetime * 288
        assert self.PREFIX.hit_share(queries_per_day=volume) == pytest.approx(hits, rel=0.05)
        ways = (0.60, hits * 0.06 + (1 - hits) * 0.75, warm_reads * 0.06)
        assert self.PREFIX.usd_per_query(queries_per_day=volume) == pytest.approx(min(ways), rel=0.05)

    def test_paid_storage_instead_of_a_lifetime(self):
        """0.2 M tokens × 1 an hour × 24 = 4.80 a day, and 0.06 a question."""
        stored = CachedPrefix(200_000, 3, 0.1, 1, 5, storage_usd_per_million_token_hours=1)
        assert stored.usd_per_day(queries_per_day=100) == pytest.approx(4.8 + 6)
        assert stored.usd_per_day(queries_per_day=2) == pytest.approx(1.2)  # two questions: not worth storing


class TestTraining:
    def test_six_operations_per_parameter_and_token(self):
        tokens = costs.training_tokens(examples=1000, tokens_per_example=500, epochs=3)
        assert tokens == 1_500_000
        assert costs.training_flops(parameters=8e9, training_tokens=tokens) == 7.2e16

    def test_hours(self):
        """7.2e16 operations at 40 % of 312 TFLOPS: 577 s."""
        hours = costs.gpu_hours(parameters=8e9, training_tokens=1_500_000, peak_tflops=312, utilisation=0.4)
        assert hours * 3600 == pytest.approx(576.9, abs=0.1)

    def test_rent(self):
        assert costs.rent_usd(hours=3, gpus=2, usd_per_gpu_hour=2.5, runs=4) == 60

    def test_two_cards_take_half_the_time_and_the_same_money(self):
        one, two = (costs.TrainingPlan(gpu="a100_80gb", gpus=gpus) for gpus in (1, 2))
        assert two.hours == pytest.approx(one.hours / 2)
        assert two.compute_usd == pytest.approx(one.compute_usd)

    def test_work_is_part_of_the_total(self):
        plan = costs.TrainingPlan(labour_hours=10, usd_per_labour_hour=80)
        assert plan.total_usd == pytest.approx(plan.compute_usd + 800)


class TestScenario:
    def test_at_par_reading_from_the_cache_costs_what_searching_costs(self):
        tokens = costs.Scenario().handbook_tokens_at_par
        there = costs.Scenario().changed(knowledge_tokens=round(tokens))
        cached, searched = (
            there.system(name).usd_per_answer(queries_per_day=there.queries_per_day)
            for name in (names.CACHED, names.RAG)
        )
        assert cached == pytest.approx(searched, rel=1e-4)
        assert costs.Scenario().changed(input_usd_per_million_tokens=0).handbook_tokens_at_par is None

    """Round numbers, so that every system can be worked by hand."""

    ROUND = costs.Scenario(
        queries_per_day=1000,
        updates_per_year=10,
        knowledge_tokens=100_000,
        changed_share=0.1,
        instruction_tokens=400,
        question_tokens=100,
        answer_tokens=100,
        input_usd_per_million_tokens=2,
        output_usd_per_million_tokens=10,
        cache_read_factor=0.5,
        cache_write_factor=0.5,  # as cheap to write as to read: the hit rate does not matter
        retrieved_tokens=1500,
        embedding_usd_per_million_tokens=0,
        rerank_usd_per_query=0.004,
        agentic_calls=3,
        vector_store_usd_per_month=100,
        model_parameters=1e9,
        examples=1000,
        tokens_per_example=1000,
        epochs=1,
        gpu_tflops=100,
        utilisation=0.5,
        runs=3,
        usd_per_gpu_hour=3,
        usd_per_labour_hour=50,
        prompt_set_up_labour_hours=2,
        rag_set_up_labour_hours=100,
        tuning_set_up_labour_hours=200,
    )

    def test_training(self):
        """6 × 10⁹ × 10⁶ operations at 50 TFLOPS take 120 s; three runs at 3 an hour."""
        assert self.ROUND.training_usd == pytest.approx(3 * 120 / 3600 * 3)

    def test_every_system(self):
        year = {name: cost.parts() for name, cost in self.ROUND.costs().items()}
        prompt = 500 * 2e-6 + 100 * 10e-6  # 0.002
        rag = 2000 * 2e-6 + 100 * 10e-6  # 0.005
        # three calls: 3 × 2,000 tokens, and the answers of the earlier calls: 100 + 200
        agentic = 6300 * 2e-6 + 300 * 10e-6
        rag_update, long_update = 10 * 2.5 * 50, 10 * 1.5 * 50
        tuning_update = 10 * (self.ROUND.training_usd + 14 * 50)
        gpu = 24 * 365 * 3
        answers = {name: parts["answers"] / 365_000 for name, parts in year.items()}
        assert answers == pytest.approx(
            {
                names.PROMPT: prompt,
                names.LONG: prompt + 0.2,
                names.CACHED: prompt + 0.1,
                names.RAG: rag,
                names.HYBRID_SEARCH: rag + 0.004,
                names.AGENTIC: agentic,
                names.OWN_RAG: 0,  # embedding costs nothing here
                names.TUNED: 0,
                names.TUNED_RAG: 0,
            }
        )
        assert {name: parts["updates"] for name, parts in year.items()} == pytest.approx(
            {
                names.PROMPT: 0,
                names.LONG: long_update,
                names.CACHED: long_update,
                names.RAG: rag_update,
                names.HYBRID_SEARCH: rag_update,
                names.AGENTIC: rag_update,
                names.OWN_RAG: rag_update,
                names.TUNED: tuning_update,
                names.TUNED_RAG: rag_update,  # facts live in the index
            }
        )
        hosting = [0, 0, 0, 1200, 1200, 1200, gpu + 1200, gpu, gpu + 1200]
        assert [parts["hosting"] for parts in year.values()] == hosting
        training = self.ROUND.training_usd
        assert [parts["set_up"] for parts in year.values()] == pytest.approx(
            [100, 100, 100, 5000, 5000, 5000, 5000, 10_000 + training, 15_000 + training]
        )

    def test_a_tuned_model_paid_by_the_token_needs_no_gpu(self):
        rented = self.ROUND.changed(
            tuned_input_usd_per_million_tokens=1, tuned_output_usd_per_million_tokens=5
        )
        tuned = rented.costs()[names.TUNED]
        assert tuned.hosting_usd == 0
        assert tuned.answers_usd == pytest.approx(365_000 * (100 * 1e-6 + 100 * 5e-6))

    def test_embedding_the_changed_share(self):
        """A tenth of 100,000 tokens at 2 a million."""
        paid = self.ROUND.changed(embedding_usd_per_million_tokens=2)
        assert paid.rag_update.compute_usd == pytest.approx(0.02)
        assert paid.system(names.RAG).set_up_usd == pytest.approx(5000.2)

    def test_an_unknown_system_is_named(self):
        with pytest.raises(ValueError, match="basic RAG"):
            self.ROUND.system("rag")
