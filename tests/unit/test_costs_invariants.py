"""What must hold for every input: order, zeros, and that nonsense is refused by name."""

import inspect
import math
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from course_utils import costs
from course_utils.costs import growth, memory, presets, shapes, training
from course_utils.costs.caching import CachedPrefix, usd_per_call
from course_utils.costs.quantities import QUANTITIES, Quantity, quantity, require
from course_utils.costs.systems import System, Update

quick = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])


def within(kind: Quantity) -> st.SearchStrategy[float]:
    if kind.whole:
        return st.integers(int(kind.low), int(kind.high))
    numbers = st.floats(kind.low, kind.high, allow_nan=False)
    return st.just(0.0) | numbers if kind.zero else numbers


def of(name: str) -> st.SearchStrategy[float]:
    return within(quantity(name))


def inputs_of(cls) -> st.SearchStrategy:
    made = {}
    for entry in fields(cls):
        options = entry.metadata.get("options")
        made[entry.name] = st.sampled_from(options) if options else of(entry.name)
    return st.builds(cls, **made)


systems = st.builds(
    System,
    name=st.text(min_size=1, max_size=5),
    usd_per_query=of("usd_per_query"),
    update=st.builds(Update, compute_usd=of("usd"), labour_usd=of("usd")),
    updates_per_year=of("updates_per_year"),
    set_up_usd=of("usd"),
    hosting_usd_per_year=of("usd_per_year"),
    prefix=st.none()
    | st.builds(
        CachedPrefix,
        tokens=of("tokens"),
        input_usd_per_million_tokens=of("usd_per_million_tokens"),
        cache_read_factor=of("factor"),
        cache_write_factor=of("factor"),
        cache_lifetime_minutes=of("lifetime_minutes"),
        storage_usd_per_million_token_hours=of("usd_per_million_token_hours"),
    ),
)
volumes = of("queries_per_day")
prefixes = systems.map(lambda system: system.prefix).filter(bool)


class TestCostsOfAYear:
    @quick
    @given(systems, volumes, volumes)
    def test_never_fall_with_the_volume(self, system, a, b):
        low, high = sorted((a, b))
        less, more = (costs.yearly_cost(system, queries_per_day=v).total_usd for v in (low, high))
        assert less <= more * (1 + 1e-9)

    @quick
    @given(systems, volumes)
    def test_are_finite_and_not_negative(self, system, volume):
        for part in costs.yearly_cost(system, queries_per_day=volume).parts().values():
            assert math.isfinite(part) and part >= 0

    @quick
    @given(systems)
    def test_have_no_answers_at_zero_use(self, system):
        year = costs.yearly_cost(system, queries_per_day=0)
        assert year.answers_usd == 0
        assert year.total_usd == pytest.approx(system.fixed_usd_per_year)

    def test_are_zero_when_nothing_is_used(self):
        idle = System("idle", usd_per_query=1, prefix=CachedPrefix(1000, 3, 0.1, 1.25, 5))
        assert costs.yearly_cost(idle, queries_per_day=0).total_usd == 0

    @quick
    @given(prefixes, volumes)
    def test_a_cache_is_never_dearer_than_none(self, prefix, volume):
        uncached = volume * prefix.uncached_usd
        assert prefix.usd_per_day(queries_per_day=volume) <= uncached * (1 + 1e-9)

    @quick
    @given(systems, systems)
    def test_the_cheaper_one_changes_at_a_crossing_and_nowhere_else(self, one, other):
        found = costs.crossings(one, other)
        assert list(found) == sorted(found, key=lambda crossing: crossing.queries_per_day)
        assume(one.prefix is None and other.prefix is None and one.name != other.name)
        for crossing in found:
            for factor, name in ((0.9, crossing.cheaper_below), (1.1, crossing.cheaper_above)):
                volume = crossing.queries_per_day * factor
                assume(volume <= QUANTITIES["queries_per_day"].high)
                assert costs.cheapest([one, other], queries_per_day=volume).name == name


def priced(calculation):
    """The result; the test is given up when sensible parts make something absurd together, by name."""
    try:
        return calculation()
    except ValueError as problem:
        assert " must be " in str(problem)
        reject()


class TestInputs:
    @pytest.mark.parametrize("cls", [costs.Comparison, costs.Scenario, costs.Staleness, costs.TrainingPlan])
    def test_come_back_from_their_string(self, cls):
        @quick
        @given(inputs_of(cls))
        def holds(inputs):
            assert cls.parse(inputs.share()) == inputs

        holds()

    @quick
    @given(inputs_of(costs.Scenario))
    def test_any_scenario_can_be_priced(self, scenario):
        year = priced(scenario.costs)
        assert all(math.isfinite(cost.total_usd) and cost.total_usd >= 0 for cost in year.values())

    @quick
    @given(inputs_of(costs.TrainingPlan))
    def test_any_plan_can_be_priced(self, plan):
        total = priced(lambda: plan.total_usd)
        assert math.isfinite(total) and total >= 0
        assert plan.memory.total_gib > 0
        assert plan.trained_share > 0  # above 1 for a rank that makes no sense but is not forbidden

    def test_every_preset_can_be_priced(self):
        for made in (presets.comparisons(), presets.scenarios(), presets.plans()):
            assert len(made) == len(set(made.values())), "no two presets are the same"
            for name, inputs in made.items():
                assert presets.matching(made, inputs) == name
                assert type(inputs).parse(inputs.share()) == inputs


NUMERIC = [
    (training.training_tokens, dict(examples=10, tokens_per_example=10, epochs=1)),
    (training.training_flops, dict(parameters=1e6, training_tokens=10)),
    (training.gpu_hours, dict(parameters=1e6, training_tokens=10, peak_tflops=65, utilisation=0.4)),
    (training.rent_usd, dict(hours=1, gpus=1, usd_per_gpu_hour=2, runs=1)),
    (memory.full_state_bytes, dict(parameters=1e6)),
    (shapes.adapter_bytes, dict(parameters=10_000)),
    (growth.yearly_growth, dict(start_usd_billion=1, end_usd_billion=2, years=3)),
    (
        usd_per_call,
        dict(
            input_tokens=1,
            output_tokens=1,
            input_usd_per_million_tokens=1,
            output_usd_per_million_tokens=1,
        ),
    ),
    (Update, dict(compute_usd=1, labour_usd=1, evaluation_usd=1, release_usd=1)),
    (
        CachedPrefix,
        dict(
            tokens=1,
            input_usd_per_million_tokens=1,
            cache_read_factor=1,
            cache_write_factor=1,
            cache_lifetime_minutes=1,
            storage_usd_per_million_token_hours=1,
        ),
    ),
]
NONSENSE = [float("nan"), float("inf"), -float("inf"), -1, 1e300, "3", None, True, 1j]
CASES = [
    pytest.param(function, good, name, id=f"{function.__name__}-{name}")
    for function, good in NUMERIC
    for name in good
]


@pytest.mark.parametrize(("function", "good", "name"), CASES)
@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_is_refused_with_the_field_and_its_range(function, good, name, value):
    function(**good)
    with pytest.raises(ValueError) as refused:
        function(**good | {name: value})
    assert str(refused.value) == f"{name} must be {quantity(name).allowed}, not {value!r}."


@pytest.mark.parametrize("cls", [costs.Comparison, costs.Scenario, costs.Staleness, costs.TrainingPlan])
def test_nonsense_is_refused_in_every_field_of_the_calculators(cls):
    for entry in fields(cls):
        for value in NONSENSE:
            with pytest.raises(ValueError, match=f"^{entry.name} must be "):
                cls(**{entry.name: value})


def test_numbers_are_given_by_name_so_that_units_cannot_change_places():
    made = [f for f, _ in NUMERIC if not inspect.isclass(f)]
    for function in [*made, costs.yearly_cost, memory.training_memory, CachedPrefix.usd_per_day]:
        for parameter in inspect.signature(function).parameters.values():
            if parameter.annotation in ("float", "int"):
                assert parameter.kind is parameter.KEYWORD_ONLY, f"{function.__name__}: {parameter}"


@pytest.mark.parametrize(
    ("name", "slipped", "meant"),
    [
        ("input_usd_per_million_tokens", 0.000_003, 3),  # a price per token
        ("model_parameters", 8, 8e9),  # billions
        ("peak_tflops", 312e12, 312),  # operations
        ("peak_tflops", 0.065, 65),  # peta
        ("utilisation", 40, 0.4),  # per cent
        ("changed_share", 5, 0.05),
        ("memory_gib", 80e9, 80),  # bytes
        ("usd_per_gpu_hour", 25_000, 2.5),  # the price of buying one
        ("cache_lifetime_minutes", 0.005, 5),
    ],
)
def test_slips_of_a_unit_are_caught(name, slipped, meant):
    require(**{name: meant})
    with pytest.raises(ValueError, match=name):
        require(**{name: slipped})


def test_names_say_their_unit_by_the_longest_known_ending():
    assert quantity("rag_usd_per_query") is QUANTITIES["usd_per_query"]
    assert quantity("input_usd_per_million_tokens") is QUANTITIES["usd_per_million_tokens"]
    assert quantity("retrieved_tokens") is QUANTITIES["tokens"]
    with pytest.raises(KeyError, match="does not end in a known unit"):
        quantity("price")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("usd_per_query", "0, or from 0.0000001 to 100 USD per question"),
        ("gpus", "a whole number from 1 to 100,000 GPUs"),
        ("share", "from 0 to 1 (a share)"),
    ],
)
def test_ranges_are_put_into_words(name, allowed):
    assert quantity(name).allowed == allowed
