"""The price table, its shelf life; formats; presets as strings; exports."""

import csv
import datetime as dt
import io
import re
from dataclasses import fields

import pytest

from course_utils import costs
from course_utils.costs import formats
from course_utils.costs.prices import FILE, PriceTableError, load, notice

TODAY = dt.date(2026, 11, 22)
TEXT = FILE.read_text(encoding="utf-8")


def test_every_entry_is_dated_and_sourced():
    for price in costs.price_table().dated():
        assert price.source and price.unit and price.date <= dt.date.today()
        if price.kind == "assumption":
            assert "change me" in price.source
            assert "assumption" in price.origin


def test_no_price_stands_outside_the_table():
    """A price that is typed into a calculator would not age with the table."""
    for cls in (costs.Comparison, costs.Scenario, costs.TrainingPlan):
        for entry in fields(cls):
            if "usd" in entry.name and entry.default:
                in_table = entry.metadata["price"] is not None or "the article" in entry.metadata["source"]
                assert in_table, f"{cls.__name__}.{entry.name}"


def test_prices_age():
    price = costs.price_table()["input_usd_per_million_tokens"]
    last_day = price.date + dt.timedelta(days=price.shelf_life_days)
    assert not price.aged(last_day)
    assert price.aged(last_day + dt.timedelta(days=1))
    assert notice([price], last_day) == ""
    text = notice([price], last_day + dt.timedelta(days=1))
    assert "input_usd_per_million_tokens of 2026-06-30" in text and "prices.toml" in text


def test_claims_and_assumptions_do_not_age():
    far = dt.date(2099, 1, 1)
    aged = {p.kind for p in costs.price_table().dated() if p.aged(far)}
    assert aged == {"secondary"}


def test_a_scenarios_prices_past_their_shelf_life_are_named_and_fresh_ones_are_not():
    prices = costs.Scenario().prices()
    assert "shelf life" in notice(prices, dt.date(2099, 1, 1))
    assert notice(prices, TODAY) == ""


def test_a_price_that_the_learner_replaced_does_not_age():
    scenario = costs.Scenario(input_usd_per_million_tokens=2.5)
    assert "input_usd_per_million_tokens" not in [p.name for p in scenario.prices()]
    assert scenario.source("input_usd_per_million_tokens") == "not the default"


def test_the_articles_figures_are_kept_as_they_were_printed():
    article = costs.price_table().article
    assert article["rag_usd_per_query"].value == 0.001
    assert (article["retrain_usd_per_update"].low, article["retrain_usd_per_update"].high) == (500, 5000)
    with pytest.raises(ValueError, match="range for agentic_usd_per_query"):
        _ = article["agentic_usd_per_query"].value


def test_an_unknown_price_is_named():
    with pytest.raises(KeyError, match="no 'usd_per_pigeon'"):
        costs.price_table()["usd_per_pigeon"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value = 3.00", "value = -3", "must be 0, or from 0.001 to 1,000 USD per million tokens, not -3"),
        ("value = 3.00", "value = 0.000003", "input_usd_per_million_tokens"),
        ("value = 3.00", "", r"\['value'\] missing"),
        ("value = 3.00", "value = 3.0\nprise = 3", r"unknown \['prise'\]"),
        ("date = 2026-06-30", "date = 'June'", "date must be a date"),
        ("date = 2026-06-30", "date = 2026-06-30T00:00:00", "date must be a date"),
        ("shelf_life_days = 180", "", "need shelf_life_days"),
        ("shelf_life_days = 180", "shelf_life_days = 0", "need shelf_life_days"),
        ('kind = "secondary"', 'kind = "rumour"', "kind must be one of"),
        ('source = "Anthropic, Sonnet', 'source = "" # "', "where the number comes from"),
        ("[price.input_usd_per_million_tokens]", "[price.input]", "does not end in a known unit"),
        ("low = 500\n", "low = 50000\n", "low is above high"),
        ("[article.rag_usd_per_query]", "[claims.rag_usd_per_query]", "not .'claims'"),
        ("[price.input", "[price.input ", "not valid TOML"),
        ("memory_gib = 16", "memory_gib = 16e9", "t4"),
        ("[gpu.t4.rent]", "[gpu.t4.rents]", "rent"),
    ],
)
def test_mistakes_in_the_table_are_named(old, new, words):
    assert old in TEXT
    broken = TEXT.replace(old, new, 1) if "valid TOML" not in words else TEXT.replace("]", "", 1)
    with pytest.raises(PriceTableError, match=words):
        load(broken)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "USD 0"),
        (0.000123456, "USD 0.000123"),
        (0.006, "USD 0.006"),
        (0.0093, "USD 0.0093"),
        (91.25, "USD 91.25"),
        (0.6, "USD 0.60"),
        (1.999, "USD 2"),
        (15, "USD 15"),
        (99.999, "USD 100"),
        (1095, "USD 1,095"),
        (65_700.4, "USD 65,700"),
        (-15, "USD −15"),
    ],
)
def test_money_is_shown_in_dollars_cents_or_three_digits(value, shown):
    assert formats.usd(value) == shown


def test_other_formats():
    assert [formats.count(n) for n in (493.15, 16_438.4, 0.25, 3)] == ["493", "16,438", "0.25", "3"]
    assert [formats.short(n) for n in (0.01, 500, 10_000, 2_500_000, 1e9, 0)] == [
        "0.01", "500", "10k", "2.5M", "1G", "0",
    ]  # fmt: skip
    assert formats.per_cent(0.42053) == "42.1 %"
    assert formats.per_cent(0.000849, 3) == "0.085 %"


GOOD = costs.Comparison().share()


def test_a_preset_is_one_line_that_says_what_it_is():
    assert GOOD.startswith("stale-prices-costs-1;comparison;queries_per_day=3000;")
    assert "\n" not in GOOD
    assert costs.Comparison.parse(f"  {GOOD}\n") == costs.Comparison()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "starts with 'stale-prices-costs-1'"),
        ("hello", "starts with 'stale-prices-costs-1'"),
        (GOOD.replace("costs-1", "costs-2"), "starts with"),
        (GOOD.replace("comparison", "scenario"), "'comparison' is needed"),
        (GOOD.replace("queries_per_day", "queries"), "no input 'queries'"),
        (GOOD + ";queries_per_day=3000", "given twice"),
        (GOOD.rpartition(";")[0], "lacks tuning_usd_per_month"),
        (GOOD + ";", "not of the form name=value"),
        (GOOD.replace("=3000", ""), "not of the form name=value"),
        (GOOD.replace("=3000", "=-3000"), "queries_per_day must be from 0"),
        (GOOD.replace("=3000", "=nan"), "queries_per_day must be"),
        (GOOD.replace("=3000", "=inf"), "queries_per_day must be"),
        (GOOD.replace("=3000", "=1e999"), "queries_per_day must be"),
        (GOOD.replace("=3000", "=3_000"), "queries_per_day must be"),
        (GOOD.replace("=3000", "= 3000"), "queries_per_day must be"),
        (GOOD.replace("=3000", "=３"), "queries_per_day must be"),
        (GOOD.replace("=3000", "=__import__('os')"), "queries_per_day must be"),
        (GOOD + "x" * 5000, "at most 4000 characters"),
        (None, "one line"),
    ],
)
def test_a_damaged_preset_is_refused_with_the_reason(text, words):
    with pytest.raises(ValueError, match=words):
        costs.Comparison.parse(text)


def test_a_choice_in_a_preset_is_one_of_its_options():
    text = costs.TrainingPlan().share()
    with pytest.raises(ValueError, match="gpu must be one of"):
        costs.TrainingPlan.parse(text.replace("gpu=rtx_4090", "gpu=abacus"))


def test_changing_an_unknown_input_is_refused():
    with pytest.raises(ValueError, match="no input 'volume'"):
        costs.Comparison().changed(volume=3)


RESULT = (("system", "USD a year"), [("RAG", "USD 1,095"), ("a | b", "USD 1")])


def test_the_markdown_export_holds_result_inputs_sources_and_preset():
    comparison = costs.Comparison(queries_per_day=500)
    page = costs.to_markdown("Our scenario", comparison, RESULT)
    assert page.startswith("# Our scenario\n\n| system | USD a year |\n| --- | --- |\n| RAG | USD 1,095 |\n")
    assert r"| a \| b | USD 1 |" in page
    assert "| questions a day | 500 | questions a day | not the default |" in page
    assert "| RAG, a question | 0.001 | USD per question | the article (claim, 2026-05-04) |" in page
    line = next(line for line in page.splitlines() if line.startswith("stale-prices-costs"))
    assert costs.Comparison.parse(line) == comparison


def test_the_csv_export_opens_in_a_spreadsheet():
    rows = list(csv.reader(io.StringIO(costs.to_csv(costs.Comparison(), RESULT))))
    assert rows[0] == ["system", "USD a year"]
    assert rows[1] == ["RAG", "USD 1,095"]
    empty = rows.index([])
    assert rows[empty + 1] == ["input", "value", "unit", "source"]
    assert len(rows) - empty - 2 == 10


def test_every_input_has_a_label_a_unit_and_a_source():
    for inputs in (costs.Comparison(), costs.Scenario(), costs.TrainingPlan()):
        labels = [row[0] for row in inputs.table()[1]]
        assert len(labels) == len(set(labels)), "two inputs of one calculator have the same label"
        for label, _value, _unit, source in inputs.table()[1]:
            assert label and source


def test_the_package_is_pure():
    """No module of the arithmetic names a widget, a plot or a model library."""
    for module in FILE.parent.glob("*.py"):
        code = module.read_text(encoding="utf-8")
        heavy = "ipywidgets|matplotlib|torch|IPython|course_utils.widgets"
        assert not re.search(rf"^\s*(import|from) ({heavy})", code, re.MULTILINE), module.name
