"""What went wrong in the GPU lane, or would have on the first T4: one test each, on a CPU.

G1 to G11 are the points of a reading of the lane against the pinned sources of its libraries.
"""

import ast
import json
import types
from pathlib import Path

import jupytext
import nbformat
import pytest
import torch
import trl

from course_utils import bundled_model, costs, finetuning, lane, results
from course_utils.answering import generation
from course_utils.finetuning import example, hub_models, recipe, unsloth_backend
from course_utils.finetuning.errors import BadRow, FineTuningError
from tools.notebooks.catalogue import ROOT

CPU = lane.Lane("cpu", "a test")
T4 = lane.Lane("cuda", "a test", lane.Gpu("Tesla T4", 14.7, bf16=False))
H100 = lane.Lane("cuda", "a test", lane.Gpu("NVIDIA H100", 79.0, bf16=True))
LESSONS = {
    name: (ROOT / "solutions" / f"{name}.py").read_text("utf-8") for name in ("04_qlora", "10_gpu_lab")
}


def calls(source: str, method: str) -> list[ast.Call]:
    """Every call of a function or method of this name."""
    tree = ast.parse(source)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [n for n in found if getattr(n.func, "attr", getattr(n.func, "id", "")) == method]


def cell(lesson: str, text: str) -> str:
    cells = jupytext.reads(LESSONS[lesson], "py:percent").cells
    [found] = [c.source for c in cells if c.cell_type == "code" and text in c.source]
    return found


# --- G1: Unsloth's decoding knows no `adapter_names` --------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS)
def test_g1_a_batch_with_adapters_by_row_goes_to_a_model_of_transformers(lesson):
    """Unsloth decodes every row with the first adapter, the base's rows included, and says nothing."""
    source = LESSONS[lesson]
    by_row = [c for c in calls(source, "generate") if any(k.arg == "adapter_names" for k in c.keywords)]
    assert by_row or lesson != "04_qlora", "if the search went blind, this would pass"
    for model in {ast.unparse(call.func.value) for call in by_row}:
        assigned = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assign)]
        first = {node: ast.unparse(node.targets[0]).split(",")[0].strip("(") for node in assigned}
        made = [ast.unparse(node.value) for node in assigned if first[node] == model]
        assert made[0].startswith("load_with_transformers(")
        assert all(model in value for value in made[1:]), "later it is only changed"


# --- G2, G3: which model for which card ---------------------------------------------------------------


class Thinking:
    """A tokenizer whose template writes a thought before the answer, as Qwen3's does."""

    def apply_chat_template(self, chat, tokenize, add_generation_prompt=False):
        text = "".join(f"<{m['role']}>{m['content']}" for m in chat if m["role"] != "assistant")
        answers = [m["content"] for m in chat if m["role"] == "assistant"]
        return f"{text}<assistant>" + "".join(f"<think>\n\n</think>\n\n{a}" for a in answers)


def test_g2_a_base_that_thinks_first_is_refused_before_it_is_trained():
    rows = [example("Price?", "It costs $9.")]
    with pytest.raises(BadRow, match=r"<think>.*without a thinking mode"):
        finetuning.rows.check_lengths(rows, Thinking(), 512)


@pytest.mark.parametrize("memory", [4, 8, 11, 14.7, 22.5, 31.4, 39.4, 79, 139])
def test_g2_no_card_gets_a_thinking_model(memory):
    assert "Instruct" in hub_models.default(memory).id


def test_g3_a_t4_is_offered_no_model_that_fills_it_to_the_brim():
    """Unsloth's own notebooks print 14.5 of 14.74 GB for a 14B."""
    [t4] = [row for row in hub_models.table() if "T4" in row["card"]]
    assert "14B" not in t4["largest that fits"]
    [large] = [model for model in hub_models.MODELS if "14B" in model.id]
    assert large.on_t4 >= 14.5


# --- G4, G9, G10: what a training on a GPU is asked for -----------------------------------------------


def test_g4_the_loss_is_left_to_unsloth(monkeypatch):
    """Any explicit value switches its fused loss off."""
    monkeypatch.setattr(trl, "SFTConfig", lambda **given: given)
    assert recipe.arguments(Path("folder"), recipe.FOR_LARGE, T4)["loss_type"] is None
    assert recipe.arguments(Path("folder"), recipe.FOR_LARGE, T4, chunked_loss=False)["loss_type"] == "nll"


def test_g9_small_models_compute_in_float32_on_a_gpu_too():
    machine = recipe.for_machine(T4, recipe.FOR_SMALL.half, recipe.FOR_SMALL.checkpointing)
    assert not (machine["fp16"] or machine["bf16"] or machine["gradient_checkpointing"])


def test_g10_the_real_settings_for_a_t4_can_be_made_here(tmp_path):
    """Not a stand-in for TRL's class: it would take a name that TRL has dropped."""
    made = recipe.arguments(tmp_path, recipe.FOR_LARGE, T4)
    assert (made.fp16, made.bf16, made.use_cpu, made.gradient_checkpointing) == (True, False, False, True)
    assert made.optim == "adamw_8bit" and made.completion_only_loss and not made.packing


@pytest.mark.parametrize("recipe_of", [recipe.FOR_SMALL, recipe.FOR_LARGE], ids=["small", "large"])
def test_g10_the_trainer_grades_what_the_lessons_show(tmp_path, recipe_of):
    """The rows as TRL has prepared them, with the GPU's recipe, against the mask that lessons print."""
    rows = [example(f"Price of plan {n}?", f"It costs ${n}.", ["A > Price\n$9"]) for n in (7, 12)]
    model, tokenizer = bundled_model.load()
    student = finetuning.attach(model, rank=1)
    settings = dict(optimizer="adamw_torch", max_length=512)
    made = finetuning.trainer(
        student, tokenizer, finetuning.training_set(rows), tmp_path, recipe_of, CPU, **settings
    )
    for row, prepared in zip(rows, made.train_dataset, strict=True):
        ids, mask = finetuning.rows.graded(row, tokenizer)
        assert prepared["input_ids"] == ids
        labels = prepared.get("labels")
        graded = prepared["completion_mask"] if labels is None else [int(label != -100) for label in labels]
        assert graded == mask


# --- G5: the bill -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS)
def test_g5_what_is_timed_has_been_computed(lesson):
    """A GPU returns before it has computed; asking for a number of the result waits for it."""
    timed = cell(lesson, "forward.append(time.perf_counter() - started)")
    assert ".item()" in timed.partition("started = ")[2].partition("forward.append")[0]


def lab_bill(gpu: bool, engine: str) -> dict[str, float]:
    """What lesson 10's own cell predicts for Llama-3.2-3B, two rows of 290 tokens at once."""
    shape = costs.SHAPES["Llama-3.2-3B"]
    student = types.SimpleNamespace(parameters=lambda: [torch.nn.Parameter(torch.zeros(2**20))])
    rows = types.SimpleNamespace(check_lengths=lambda rows, tokenizer, longest: 290)
    names = dict(
        GPU=gpu, recipe=recipe.FOR_LARGE, engine=engine, shape=shape, student=student, costs=costs, rows=[],
        HALF=torch.float16, tokenizer=None, finetuning=types.SimpleNamespace(rows=rows),
    )  # fmt: skip
    exec(cell("10_gpu_lab", "recomputed, fused ="), names)
    return {part: size / 1024 for part, size in names["mib"].items()}  # GiB


def test_g5_recomputed_activations_are_not_counted_as_kept():
    """Kept, a 3B's are gigabytes at these rows; recomputed and with a fused loss, a fraction of one."""
    kept, recomputed = lab_bill(False, "plain"), lab_bill(True, "unsloth")
    assert kept["activations"] > 1.5
    assert 0.2 < kept["scores"] < 0.5, "TRL's loss takes 256 of the 580 tokens at once"
    assert recomputed["activations"] < 0.25 and recomputed["scores"] == 0
    assert lab_bill(True, "plain")["scores"] == kept["scores"]


# --- G6: whose checkpoint -----------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS)
def test_g6_a_training_is_named_after_its_base(lesson):
    """Otherwise a second base goes on from the first one's checkpoint. (04.4 has one base only.)"""
    made = [call for call in calls(LESSONS[lesson], "fingerprint") if "rank=1" not in ast.unparse(call)]
    keyed = [{keyword.arg for keyword in call.keywords} for call in made]
    if lesson == "04_qlora":  # 04.4 passes its settings in one, and has one base
        keyed.remove({None})
    assert keyed and all("base" in names for names in keyed)


def test_g6_another_base_is_another_training():
    rows = finetuning.training_set([example("Price?", "It costs $9.")])
    one, other = (finetuning.fingerprint(rows, base=name, rank=16) for name in ("3B", "8B"))
    assert one != other


# --- G7: did training pay? ----------------------------------------------------------------------------


def test_g7_the_lab_measures_the_rivals_of_training_on_its_own_base():
    """On a GPU that is the hub's model; here the committed run on the CPU shows that the arms are there."""
    notebook = nbformat.read(ROOT / "solutions" / "10_gpu_lab.ipynb", as_version=4)
    kept = results.from_json(notebook.metadata["results"])
    arms = {"alone", "RAG", "RAG, wrapped", "instructions", "few-shot", "tuned", "by heart"}
    assert set(kept["scores"]) == arms
    rivals = ("RAG, wrapped", "instructions", "few-shot")
    assert {f"usable, against {rival}" for rival in rivals} <= set(kept["did_training_pay"])
    assert set(kept["did_training_pay"].values()) <= {"yes", "no", "cannot tell"}


# --- G8: the card that Colab gives --------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["lessons", "solutions"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_g8_the_badge_opens_a_machine_with_a_gpu(folder, lesson):
    metadata = json.loads((ROOT / folder / f"{lesson}.ipynb").read_text("utf-8"))["metadata"]
    assert metadata["accelerator"] == "GPU" and metadata["colab"]["gpuType"] == "T4"


# --- G11: a large table of embeddings -----------------------------------------------------------------


class Largest(torch.utils._python_dispatch.TorchDispatchMode):
    """How many numbers the largest 32-bit tensor holds that is made while this is on."""

    found = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        if isinstance(made, torch.Tensor) and made.dtype == torch.float32:
            self.found = max(self.found, made.numel())
        return made


def test_g11_the_table_is_never_held_in_float32():
    """1.6 GB for a 3B's, and as much again for its directions, on a card that the model has just filled."""
    table = torch.nn.Embedding(40_000, 64, dtype=torch.bfloat16)
    with torch.no_grad():
        table.weight[100:120] = table.weight[100]  # twenty tokens that nothing tells apart
    model = types.SimpleNamespace(get_input_embeddings=lambda: table)
    rows = [{"completion": [{"content": "107 5 119 20000"}]}]

    def tokenizer(text, add_special_tokens):
        return {"input_ids": [int(word) for word in text.split()]}

    with Largest() as largest:
        assert finetuning.untrained_tokens(model, tokenizer, rows) == [107, 119]
    assert 0 < largest.found < table.weight.numel() / 4


# --- the engine, and a T4 on another card -------------------------------------------------------------


def test_the_lane_decides_about_the_engine_and_a_variable_overrides_it(monkeypatch):
    monkeypatch.delenv("STALE_PRICES_ENGINE", raising=False)
    assert (finetuning.engine(CPU), finetuning.engine(T4)) == ("plain", "unsloth")
    monkeypatch.setenv("STALE_PRICES_ENGINE", "Plain")
    assert finetuning.engine(T4) == "plain"
    monkeypatch.setenv("STALE_PRICES_ENGINE", "axolotl")
    with pytest.raises(FineTuningError, match=r"'axolotl'; it can be 'unsloth', 'plain', or unset"):
        finetuning.engine(CPU)


def test_the_lab_takes_the_hubs_model_on_a_gpu_unless_one_is_named(monkeypatch):
    monkeypatch.setenv("STALE_PRICES_MODEL", "")
    assert finetuning.instruct_base(T4) == "unsloth/Llama-3.2-3B-Instruct"
    monkeypatch.setenv("STALE_PRICES_MODEL", "tiny")
    finetuning.training.models.current.cache_clear()
    assert finetuning.instruct_base(T4) == finetuning.instruct_base(CPU) == str(bundled_model.path())


@pytest.mark.parametrize(("forced", "bf16"), [("", True), ("0", True), ("1", False)])
def test_any_card_can_be_treated_as_a_t4(monkeypatch, forced, bf16):
    card = types.SimpleNamespace(name="NVIDIA H100", total_memory=80 * 2**30, major=9)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: card)
    monkeypatch.setenv("STALE_PRICES_FLOAT16", forced)
    assert lane.find_gpu().bf16 is bf16


@pytest.mark.parametrize(("here", "asked"), [(CPU, None), (T4, torch.float16), (H100, None)])
def test_unsloth_is_told_so(monkeypatch, here, asked):
    monkeypatch.setattr(lane, "current", lambda: here)
    assert unsloth_backend._forced() is asked


def test_facts_are_learnt_by_large_models_with_their_own_recipe():
    made = recipe.by_heart(types.SimpleNamespace(num_parameters=lambda: 3_200_000_000))
    assert made == recipe.replace(recipe.FOR_LARGE, epochs=made.epochs) and made.epochs > 1


def test_a_model_that_keeps_its_own_cache_reads_every_prompt_whole(monkeypatch):
    """Unsloth's forward leaves the cache that it is given empty: nothing may be taken from it."""
    model, tokenizer = bundled_model.load()
    start = "Read these rules first. " * 20
    chats = [[{"role": "user", "content": f"{start} Question {n}: how much is it?"}] for n in range(3)]
    alone = [generation.generate(model, tokenizer, [chat], 8)[0] for chat in chats]
    real, filled = model.forward, []

    def forward(*args, past_key_values=None, **kwargs):
        if not filled:  # the first call, which is to fill it
            filled.append(past_key_values)
            past_key_values = None
        return real(*args, past_key_values=past_key_values, **kwargs)

    monkeypatch.setattr(model, "forward", forward)
    assert generation.generate(model, tokenizer, chats, 8) == alone
    assert filled[0].get_seq_length() == 0
