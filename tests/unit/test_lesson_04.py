"""Lesson 04: its pictures, what it ships, and that its prose agrees with the files it names."""

import json
import re

import pytest

from course_utils import adapters, bundled_model, plots
from course_utils.costs import ALL_LINEAR, ATTENTION_QV, ModelShape
from course_utils.evaluation import Rate
from tools.adapters.plans import PLANS
from tools.notebooks.catalogue import ROOT

SOURCE = (ROOT / "solutions" / "04_qlora.py").read_text(encoding="utf-8")
NEEDED = (
    "behaviour_10", "behaviour_50", "behaviour_200", "behaviour_500_seed0", "behaviour_500_seed1",
    "behaviour_500_seed2", "behaviour_500_noisy", "behaviour_200_qv", "formal_100",
)  # fmt: skip


@pytest.mark.parametrize("name", NEEDED)
def test_the_adapters_that_the_lesson_needs_are_there_and_fit_the_model(name):
    assert name in PLANS
    assert adapters.folder(name).is_dir()


def test_the_twin_on_q_and_v_has_as_many_parameters_as_the_one_everywhere():
    shape = ModelShape.from_config(json.loads((bundled_model.path() / "config.json").read_text()))
    qv, everywhere = PLANS["behaviour_200_qv"], PLANS["behaviour_200"]
    assert (qv.targets, everywhere.targets) == (ATTENTION_QV, ALL_LINEAR)
    counts = {shape.lora_parameters(rank=plan.rank, targets=plan.targets) for plan in (qv, everywhere)}
    assert len(counts) == 1


def test_the_live_training_is_the_plan_of_the_adapter_that_ships():
    plan = PLANS["behaviour_50"]
    [line] = re.findall(r"^settings = dict\((.*)\)$", SOURCE, re.MULTILINE)
    settings = dict(pair.split("=") for pair in line.split(", "))
    assert int(settings["batch_size"]) * int(settings["accumulation"]) == plan.batch_size
    assert int(settings["epochs"]) == plan.epochs
    assert float(re.findall(r'settings \|= {"learning_rate": (\S+)}', SOURCE)[0]) == plan.learning_rate
    assert f"attach(model, rank={plan.rank}, tokens=tokens)" in SOURCE


def test_precomputed_is_said_where_it_is_shown_and_no_gpu_number_is_typed_in():
    assert "precomputed training and live answering" in SOURCE
    assert "gpu_runs.NO_RUN" in SOURCE


def rate(hits):
    return Rate(hits, 20)


def test_the_curve_has_one_line_a_count_and_an_interval_a_point():
    curves = {"fits": {10: rate(4), 500: rate(20)}, "right": {10: rate(0), 500: rate(9)}}
    [axes] = plots.learning_curve(curves).axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["10", "500"]
    assert len(axes.containers) == 2 and axes.get_xscale() == "log"
    assert "%" in axes.get_ylabel() and "examples" in axes.get_xlabel()
    first = axes.containers[0].lines[0].get_ydata()
    assert list(first) == [20, 100]


def test_rounding_errors_and_the_bill_carry_their_units():
    lost = {grid: {"q_proj": [9.0, 9.5], "v_proj": [8.0]} for grid in ("NF4", "even")}
    [axes] = plots.rounding(lost).axes
    assert "% of the norm" in axes.get_ylabel() and len(axes.collections) == 2
    assert sorted(len(marks.get_offsets()) for marks in axes.collections) == [3, 3]

    memory, clock = plots.prediction({"adapter": 1, "activations": 200}, 300.0, 20.0, 31.0).axes
    assert "(MiB)" in memory.get_xlabel() and "(s)" in clock.get_xlabel()
    widths = [bar.get_width() for bar in memory.patches]
    assert widths == [300, 1, 200] and [bar.get_width() for bar in clock.patches] == [31, 20]


def test_a_mixed_batch_says_what_each_adapter_and_the_base_say_alone():
    """Trained token rows differ by adapter too, in the embedding and in the output layer it shares."""
    import torch

    from course_utils import company, finetuning
    from course_utils.answering import generate
    from course_utils.training_sets import tickets

    model, tokenizer = finetuning.load(finetuning.BUNDLED)
    question = company.questions("2026-02", 1, seed=11, intents=["price"])[0]
    chat = tickets.chat(question.text, [chunk.text for chunk in tickets.passages(question, 1)])
    names = ["behaviour_200", "formal_100"]
    expected = {"__base__": generate(model, tokenizer, [chat])[0]}
    for name in names:
        model = finetuning.load_adapter(model, adapters.folder(name), name)
        expected[name] = generate(model, tokenizer, [chat])[0]
    assert len(set(expected.values())) == 3

    prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    who = ["formal_100", "__base__", "behaviour_200"]
    batch = tokenizer([prompt] * 3, return_tensors="pt")
    with torch.inference_mode():
        output = model.generate(**batch, adapter_names=who, max_new_tokens=64, do_sample=False)
    texts = tokenizer.batch_decode(output[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
    assert dict(zip(who, map(str.strip, texts), strict=True)) == expected
