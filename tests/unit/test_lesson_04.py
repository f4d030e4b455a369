"""Lesson 04: its pictures, what it ships, and that its prose agrees with the files it names."""

import ast
import json
import math
import re

import jupytext
import pytest

from course_utils import adapters, bundled_model, lane, paths, plots
from course_utils.costs import ALL_LINEAR, ATTENTION_QV, ModelShape
from course_utils.evaluation import Rate
from tests.unit import stored
from tools.adapters.plans import PLANS
from tools.notebooks.catalogue import ROOT

SOURCE = (ROOT / "solutions" / "04_qlora.py").read_text(encoding="utf-8")
ARMS = (
    *(f"behaviour_{n}" for n in (10, 50, 200, 500)),
    "behaviour_50_long",
    "behaviour_200_qv",
    "behaviour_200_exact",
)
NEEDED = (*(f"{arm}_seed{seed}" for arm in ARMS for seed in range(3)), "behaviour_500_noisy", "formal_100")
CODE = [cell.source for cell in jupytext.reads(SOURCE, "py:percent").cells if cell.cell_type == "code"]


def cell_with(text: str) -> str:
    [found] = [cell for cell in CODE if text in cell]
    return found


@pytest.mark.parametrize("name", NEEDED)
def test_the_adapters_that_the_lesson_needs_are_there_and_fit_the_model(name):
    assert name in PLANS
    assert adapters.folder(name).is_dir()


@pytest.mark.parametrize("seed", range(3))
def test_a_control_differs_in_one_thing(seed):
    plans = {
        name: PLANS[f"behaviour_{name}_seed{seed}"]
        for name in ("50", "50_long", "200", "200_qv", "200_exact")
    }

    def differences(one, other):
        a, b = plans[one].settings(), plans[other].settings()
        same_rows = plans[one].rows() == plans[other].rows()
        return {key for key in a if a[key] != b[key]} | (set() if same_rows else {"rows"})

    assert differences("50", "50_long") == {"epochs"}
    assert differences("200", "200_exact") == {"four_bit"}
    assert differences("200", "200_qv") == {"rank", "targets"}
    shape = ModelShape.from_config(json.loads((bundled_model.path() / "config.json").read_text()))
    qv, everywhere = plans["200_qv"], plans["200"]
    assert (qv.targets, everywhere.targets) == (ATTENTION_QV, ALL_LINEAR)
    counts = {shape.lora_parameters(rank=plan.rank, targets=plan.targets) for plan in (qv, everywhere)}
    assert len(counts) == 1


def test_the_longer_training_on_fifty_makes_as_many_steps_as_five_hundred():
    plans = [PLANS["behaviour_50_long_seed0"], PLANS["behaviour_500_seed0"]]
    longer, most = (math.ceil(n / p.batch_size) * p.epochs for n, p in zip((50, 500), plans, strict=True))
    assert abs(longer - most) <= 3


def test_what_the_lesson_spells_out_is_the_recipe_that_made_the_adapters(tmp_path):
    """Its cells write out what `finetuning` does in one call; here the cells run, and both are compared."""
    from course_utils import finetuning
    from course_utils.finetuning import peft_backend

    plan, here = PLANS["behaviour_50_seed0"], lane.Lane("cpu", "for a test")
    names = dict(
        here=here, finetuning=finetuning, folder=tmp_path, paths=paths, source="tiny", train_set=None
    )
    names |= dict(BATCH=4, ACCUMULATION=2, EPOCHS=6, LONGEST=512, tokens=[7])
    assert "BATCH, ACCUMULATION, EPOCHS, LONGEST = 4, 2, 6, 512" in SOURCE
    cell = cell_with("settings = SFTConfig(")
    kept = [line for line in cell.splitlines() if not line.startswith(("key = ", "folder = "))]
    exec("\n".join(kept), names)
    spelt = names["settings"].to_dict()
    recipe = finetuning.Recipe(**vars(finetuning.FOR_SMALL) | dict(
        epochs=plan.epochs, learning_rate=plan.learning_rate, batch_size=4, accumulation=2, seed=plan.seed,
        chunked_loss=False,
    ))  # fmt: skip
    ours = finetuning.arguments(tmp_path, recipe, here).to_dict()
    assert {key for key in ours if ours[key] != spelt[key]} <= {"logging_dir", "run_name"}
    assert plan.batch_size == 8, "four rows at once, twice"

    shown = {}
    exec(cell_with("def attach_with_peft"), shown)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shown, "prepare_model_for_kbit_training", lambda model, **_: model)
        patch.setitem(shown, "get_peft_model", lambda model, config: config)
        config = shown["attach_with_peft"](None, plan.rank, [7])
    assert config.to_dict() == peft_backend.lora(plan.rank, tokens=[7]).to_dict()

    exec(cell_with("FOUR_BITS = BitsAndBytesConfig("), shown | {"finetuning": finetuning})


def test_unsloths_twin_passes_what_the_backend_passes():
    """Its cells cannot run without a GPU; the calls in them are compared with those of `unsloth_backend`."""

    def calls(source):
        return {
            node.func.attr: {keyword.arg for keyword in node.keywords}
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call)
            and getattr(node.func, "attr", "") in ("from_pretrained", "get_peft_model")
        }

    backend = calls((ROOT / "course_utils" / "finetuning" / "unsloth_backend.py").read_text(encoding="utf-8"))
    shown = calls(cell_with("def load_with_unsloth")) | calls(cell_with("def attach_with_unsloth"))
    assert shown["get_peft_model"] == backend["get_peft_model"]
    assert shown["from_pretrained"] == backend["from_pretrained"] - {"full_finetuning"}


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
    measured, *parts = (bar.get_facecolor() for bar in memory.patches)
    assert measured not in parts, "the measured bar has no part's colour"


def test_each_grid_of_rounding_errors_has_a_column_of_its_own():
    lost = {grid: {"weights": [9.0] * 50, "says": [8.0] * 50} for grid in ("NF4", "even")}
    [axes] = plots.rounding(lost).axes
    nf4, even = ([x for x, _ in marks.get_offsets()] for marks in axes.collections)
    for place in (0, 1):
        left, right = ([x for x in marks if abs(x - place) < 0.5] for marks in (nf4, even))
        assert len(set(left)) == 50 and max(left) < place < min(right)
    assert axes.get_xlim() == (-0.5, 1.5)


PRINTED = stored.printed("04_qlora")


def test_the_verdicts_of_section_7_are_those_of_its_stored_output():
    lines = re.findall(r"^right: +(\w+) (\d+) : *(\d+) (\w+) .*?p = ([\d.e-]+)", PRINTED, re.MULTILINE)
    p_of = {(first, second): float(p) for first, _, _, second, p in lines}
    assert len(p_of) == 5 and all(int(more) > int(fewer) for _, more, fewer, _, _ in lines)
    prose = stored.prose("04_qlora")
    assert "Examples, or rows seen" in prose and 5 * p_of["500", "50_long"] < 0.05
    assert "so it is a hint" in prose and p_of["50_long", "50"] < 0.05 < 5 * p_of["50_long", "50"]
    assert "does not prove that there is none" in prose and p_of["200", "200_exact"] > 0.05
    assert min(p_of["200", "200_qv"], p_of["500", "500_noisy"]) > 0.05


def test_a_mixed_batch_says_what_each_adapter_and_the_base_say_alone():
    """Trained token rows differ by adapter too, in the embedding and in the output layer it shares."""
    import torch

    from course_utils import company, finetuning
    from course_utils.answering import generate
    from course_utils.training_sets import tickets

    model, tokenizer = finetuning.load(finetuning.BUNDLED)
    question = company.questions("2026-02", 1, seed=11, intents=["price"])[0]
    chat = tickets.chat(question.text, [chunk.text for chunk in tickets.passages(question, 1)])
    names = ["behaviour_200_seed0", "formal_100"]
    expected = {"__base__": generate(model, tokenizer, [chat])[0]}
    for name in names:
        model = finetuning.load_adapter(model, adapters.folder(name), name)
        expected[name] = generate(model, tokenizer, [chat])[0]
    assert len(set(expected.values())) == 3

    prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    who = ["formal_100", "__base__", "behaviour_200_seed0"]
    batch = tokenizer([prompt] * 3, return_tensors="pt")
    with torch.inference_mode():
        output = model.generate(**batch, adapter_names=who, max_new_tokens=64, do_sample=False)
    texts = tokenizer.batch_decode(output[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
    assert dict(zip(who, map(str.strip, texts), strict=True)) == expected
