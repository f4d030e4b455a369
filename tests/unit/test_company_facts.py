"""The facts of the twelve releases: what changes when, and the promises about prices."""

import re
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.company import RELEASES, UnknownRelease, brands, changes, facts, price_key
from course_utils.company.attributes import ATTRIBUTES
from course_utils.company.catalogue import COMPANY, PLANS, all_products, products
from course_utils.company.timeline import CURRENCIES

DOLLAR_PRICES = ("price_monthly", "price_yearly")


def amount(price: str) -> float:
    return float(price.lstrip("$€£"))


def dollar_prices(release: str, product: str) -> list[str]:
    return [
        facts(release)[price_key(product, plan, b)].value for plan in PLANS for b in ("monthly", "yearly")
    ]


def test_twelve_releases_and_ten_products_in_january() -> None:
    assert list(RELEASES) == [f"2026-{month:02d}" for month in range(1, 13)]
    assert len(products("2026-01")) == 10
    assert [p.name for p in products("2026-02")][10:] == ["Routewren"]
    assert {p.name for p in products("2026-12")} == brands() - {COMPANY}


def test_january_has_eighty_dollar_prices() -> None:
    prices = [fact for fact in facts("2026-01").values() if fact.attribute in DOLLAR_PRICES]
    assert len(prices) == 80
    assert facts("2026-01")["tallyport.team.price_monthly"].value == "$49"
    assert (
        facts("2026-01")["tallyport.team.price_monthly"].text
        == "Tallyport Team costs $49 per user per month."
    )
    yearly = facts("2026-01")["tallyport.team.price_yearly"]
    assert yearly.text == "Tallyport Team costs $41 per user per month, billed yearly."


def test_february_changes_many_prices_and_adds_routewren() -> None:
    found = changes("2026-01", "2026-02")
    changed = [c.key for c in found if c.kind == "changed" and c.new.attribute in DOLLAR_PRICES]
    assert len(changed) >= 45
    assert "tallyport.team.price_monthly" in changed
    assert len(changed) < 80, "some prices stay, as a control"
    added = {c.key for c in found if c.kind == "added"}
    assert {price_key("routewren", plan, "monthly") for plan in PLANS} <= added


@pytest.mark.parametrize(("old", "new"), list(pairwise(RELEASES))[1:])
def test_later_months_change_fewer_facts(old: str, new: str) -> None:
    changed = [change for change in changes(old, new) if change.kind == "changed"]
    assert 8 <= len(changed) <= 25
    assert any(change.new.attribute in DOLLAR_PRICES for change in changed)


@pytest.mark.parametrize("product", [p.key for p in all_products()])
def test_no_dollar_price_ever_comes_back_or_begins_another(product: str) -> None:
    entry = next(p for p in all_products() if p.key == product)
    ever = {f"${value:g}" for closed in entry.legacy for value in (closed["monthly"], closed["yearly"])}
    ever = {price + "0" if "." in price else price for price in ever}
    showing: dict[str, str] = {}
    for release in RELEASES[RELEASES.index(entry.since) :]:
        for key, fact in facts(release).items():
            if (
                key.startswith(f"{product}.")
                and fact.value.startswith("$")
                and showing.get(key) != fact.value
            ):
                assert fact.value not in ever, f"{key} in {release} repeats {fact.value}"
                assert not any(p.startswith(fact.value) or fact.value.startswith(p) for p in ever)
                ever.add(fact.value)
                showing[key] = fact.value


@pytest.mark.parametrize("release", RELEASES)
def test_higher_plans_cost_more_and_give_more(release: str) -> None:
    known = facts(release)
    for product in products(release):
        for currency in CURRENCIES:
            for billing in ("monthly", "yearly"):
                row = [amount(known[price_key(product.key, plan, billing, currency)].value) for plan in PLANS]
                assert row == sorted(set(row)), (product.name, billing, row)
            for plan in PLANS:
                monthly, yearly = (
                    known[price_key(product.key, plan, b, currency)] for b in ("monthly", "yearly")
                )
                assert 0.6 * amount(monthly.value) < amount(yearly.value) < amount(monthly.value)
        for attribute in ATTRIBUTES:
            assert len({known[f"{product.key}.{plan}.{attribute.key}"].value for plan in PLANS}) == 4


@pytest.mark.parametrize("release", RELEASES)
def test_every_fact_states_its_value_and_names_its_plan(release: str) -> None:
    for key, fact in facts(release).items():
        assert fact.key == key
        assert fact.value in fact.text
        assert fact.product in fact.text
        assert f"{fact.product} {fact.plan}".strip() in fact.text


def test_prices_are_written_in_one_way() -> None:
    for release in RELEASES:
        for fact in facts(release).values():
            if fact.attribute.startswith("price_"):
                assert re.fullmatch(r"[$€£]\d+(\.50)?", fact.value), fact


@settings(deadline=None)
@given(st.sampled_from(RELEASES), st.sampled_from(RELEASES))
def test_changes_lead_from_one_release_to_the_other(old: str, new: str) -> None:
    state = {key: fact.value for key, fact in facts(old).items()}
    for change in changes(old, new):
        if change.kind == "retired":
            del state[change.key]
        else:
            assert (change.old is None) == (change.kind == "added")
            state[change.key] = change.new.value
    assert state == {key: fact.value for key, fact in facts(new).items()}


def test_a_feature_can_be_withdrawn() -> None:
    retired = [change.key for change in changes("2026-10", "2026-11") if change.kind == "retired"]
    assert retired == ["quillbase.feature.summaries.menu", "quillbase.feature.summaries.plan"]
    assert set(facts("2026-10")) - set(facts("2026-11")) == set(retired)


def test_no_change_without_a_change() -> None:
    assert changes("2026-03", "2026-03") == []


def test_callers_cannot_change_the_facts() -> None:
    facts("2026-01").clear()
    assert facts("2026-01")


@pytest.mark.parametrize("release", ["2026-13", "2025-12", "", "january"])
def test_unknown_release_says_which_there_are(release: str) -> None:
    with pytest.raises(UnknownRelease, match=r"unknown release .*: choose one of 2026-01, .*2026-12"):
        facts(release)


SAME_EVERYWHERE = """
from hashlib import sha256
from course_utils.company import RELEASES, facts, pages, questions
state = sha256()
for release in (RELEASES[0], RELEASES[1], RELEASES[-1]):
    state.update(repr(sorted(facts(release).items())).encode())
    state.update(repr(list(pages(release).items())).encode())
    state.update(repr(questions(release, 200, seed=7)).encode())
print(state.hexdigest())
"""


def test_the_same_world_whatever_the_hash_seed() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SAME_EVERYWHERE],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2718")
    ]
    digests = {run.communicate(timeout=300)[0] for run in runs}
    assert all(run.returncode == 0 for run in runs)
    assert len(digests) == 1
