"""Adapters that ship with the course: found or refused with advice, made as their plans say, small."""

import json

import pytest

from course_utils import adapters, finetuning, models
from course_utils.adapters import ShippedAdapterError
from course_utils.company import questions
from course_utils.finetuning import FineTuningError
from course_utils.finetuning.adapters import CONFIG, WEIGHTS, examine
from course_utils.support_desk import CATEGORIES, read_ticket, tone_faults
from course_utils.training_sets import tickets
from tools.adapters import plans, train
from tools.adapters.plans import NAMED_SETTINGS, Plan

HERE = [pytest.param(name, id=name) for name in adapters.names(models.TINY)]


def written(row):
    return read_ticket(row["completion"][0]["content"])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(adapters, "ALL", tmp_path)
    (tmp_path / models.TINY).mkdir()
    return tmp_path / models.TINY


def fake(folder, **record):
    folder.mkdir()
    for name in (CONFIG, WEIGHTS):
        (folder / name).write_text("{}")
    (folder / adapters.MADE).write_text(json.dumps({"base": "x", "dataset": "y"} | record))


# --- finding one --------------------------------------------------------------------------------------


def test_a_name_that_is_not_there_says_what_is_and_how_to_make_it(folder):
    fake(folder / "behaviour_1")
    with pytest.raises(
        ShippedAdapterError, match=r"(?s)'nobody' of tiny \(there are: behaviour_1\).*make adapters"
    ):
        adapters.folder("nobody")


def test_every_model_has_adapters_of_its_own(folder):
    fake(folder / "behaviour_1")
    with pytest.raises(ShippedAdapterError, match=r"'behaviour_1' of smol \(there are: none\)"):
        adapters.folder("behaviour_1", models.SMOL)


def test_an_adapter_of_other_weights_is_refused(folder):
    fake(folder / "old", base="bundled_model/weights@sha256:0123")
    with pytest.raises(ShippedAdapterError, match=r"(?s)trained on .*0123.*make adapters"):
        adapters.folder("old")


@pytest.mark.parametrize("content", ["", "[]", '{"base": "x"}'])
def test_a_damaged_record_is_said_so(folder, content):
    fake(folder / "a")
    (folder / "a" / adapters.MADE).write_text(content)
    with pytest.raises(ShippedAdapterError, match="cannot be read"):
        adapters.made("a")


def test_a_folder_without_weights_counts_as_missing(folder):
    fake(folder / "half")
    (folder / "half" / WEIGHTS).unlink()
    with pytest.raises(ShippedAdapterError, match="no shipped adapter 'half'"):
        adapters.folder("half")


# --- what ships ---------------------------------------------------------------------------------------


def test_every_shipped_adapter_has_a_plan():
    assert set(adapters.names(models.TINY)) <= set(plans.PLANS)


def test_lesson_04s_adapters_are_small():
    files = [f for name in plans.TICKETS for f in (adapters.ALL / models.TINY / name).glob("*")]
    assert sum(file.stat().st_size for file in files) <= 7_000_000


@pytest.fixture(scope="module")
def base():
    return finetuning.load(finetuning.BUNDLED)[0]


@pytest.mark.parametrize("name", HERE)
def test_it_fits_the_bundled_model_is_in_half_precision_and_its_record_agrees_with_its_plan(base, name):
    from safetensors import safe_open

    config = examine(base, adapters.folder(name))
    made, plan = adapters.made(name), plans.PLANS[name]
    assert made["settings"] == plan.settings()
    assert config["r"] == plan.rank and set(config["target_modules"]) == set(plan.targets)
    assert made["command"].endswith(f" {name}"), "the record keeps the command of its day"
    assert made["seconds"] > 0 and set(made["versions"]) == {"python", *train.VERSIONS}
    with safe_open(adapters.folder(name) / WEIGHTS, framework="numpy") as weights:
        assert {str(weights.get_slice(key).get_dtype()) for key in weights.keys()} == {"F16"}  # noqa: SIM118


@pytest.mark.slow
@pytest.mark.parametrize("name", HERE)
def test_its_training_set_is_still_the_one_it_was_made_from(name):
    assert train.state(name, plans.PLANS[name]) == "up to date", "run `make adapters`"


# --- plans --------------------------------------------------------------------------------------------


def plan(rows=lambda: tickets.rows(4), **changes):
    return Plan("a test", rows, **{"rank": 2, "epochs": 1} | changes)


def test_no_two_plans_have_one_name():
    assert not plans.TICKETS.keys() & plans.GRID.keys()


def test_a_plans_settings_are_json_and_all_of_them_count():
    settings = plan().settings()
    assert json.loads(json.dumps(settings)) == settings
    assert set(settings) == set(Plan.__dataclass_fields__) - {"what", "rows"} == set(NAMED_SETTINGS)
    assert train.fingerprint(plan()) == train.fingerprint(plan())
    assert train.fingerprint(plan()) != train.fingerprint(plan(seed=1))


def test_an_unknown_name_is_named():
    with pytest.raises(SystemExit, match="'nobody'"):
        train.chosen(["nobody"])


@pytest.mark.slow
def test_an_adapter_is_trained_written_whole_and_not_trained_twice(tmp_path, monkeypatch, base):
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path / "home"))
    target = tmp_path / "adapters"
    target.mkdir()
    assert train.state("tiny", plan(), target) == "missing"
    made = train.train("tiny", plan(), target)
    assert [path.name for path in target.iterdir()] == ["tiny"], "no half-written folder is left"
    assert examine(base, made)["r"] == 2
    assert train.state("tiny", plan(), target) == "up to date"
    assert "changed" in train.state("tiny", plan(seed=1), target)
    record = json.loads((made / adapters.MADE).read_text())
    assert record["rows"] == 4 and record["resumed"] is False
    (made / adapters.MADE).write_text(json.dumps(record | {"base": "another"}))
    assert "other weights" in train.state("tiny", plan(), target)
    assert json.loads((train.train("tiny", plan(), target) / adapters.MADE).read_text())["resumed"]


# --- the training set of lesson 04 --------------------------------------------------------------------


def test_a_small_set_is_the_beginning_of_a_large_one():
    assert tickets.rows(20)[:5] == tickets.rows(5)
    assert tickets.rows(5, seed=1) != tickets.rows(5)


def test_every_row_passes_the_check_and_holds_a_valid_ticket_in_the_desks_tone():
    rows = tickets.rows(40)
    assert len(finetuning.training_set(rows)) == 40
    found = [written(row) for row in rows]
    assert all(ticket is not None and not tone_faults(ticket.answer) for ticket in found)
    assert len({ticket.category for ticket in found}) == len(CATEGORIES)


def test_an_answerable_question_gets_a_passage_that_tells_and_others_that_do_not():
    for question in questions("2026-01", 60, seed=5, split="train"):
        chunks = tickets.passages(question, 3)
        assert len({chunk.id for chunk in chunks}) == 3
        told = [chunk for chunk in chunks if chunk.page in question.pages]
        assert len(told) == question.answerable
        assert all(question.value in chunk.text for chunk in told)


def test_the_number_of_passages_and_their_order_vary_but_not_from_run_to_run():
    asked = tickets.asked(60)
    found = [tickets.passages(question) for question in asked]
    assert {len(chunks) for chunks in found} == {1, 2, 3}
    assert found[0] == tickets.passages(asked[0])
    numbers = {written(tickets.row(q, chunks)).page for q, chunks in zip(asked, found, strict=True)}
    assert numbers == {None, 1, 2, 3}


def test_what_is_asked_in_the_lesson_was_never_trained_on():
    trained = {question.text.lower() for seed in range(3) for question in tickets.asked(500, seed)}
    assert not trained & {question.text.lower() for question in questions("2026-02", 500, seed=11)}


def test_every_fifth_category_is_wrong_and_nothing_else():
    right, noisy = tickets.rows(50), tickets.noisy_rows(50)
    changed = [place for place in range(50) if right[place] != noisy[place]]
    assert changed == sorted(tickets.wrong_places(50)) and len(changed) == 10
    for place in changed:
        was, now = written(right[place]), written(noisy[place])
        assert was.category != now.category
        assert was == now.model_copy(update={"category": was.category})


def test_the_finance_desk_differs_in_tone_and_in_products():
    for row in tickets.formal_rows(10):
        assert written(row).answer.startswith(f"{tickets.FORMAL} ")
    keys = {question.fact_key.split(".")[0] for question in tickets.asked(200, products=tickets.FINANCE)}
    brands = {name.lower() for name in tickets.FINANCE}
    assert brands <= keys <= brands | {"missing"}


def test_an_empty_plan_is_refused():
    with pytest.raises(FineTuningError, match="nothing to learn"):
        train.fingerprint(plan(rows=list))
