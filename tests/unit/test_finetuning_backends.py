"""The two lanes: which is taken, what each is asked for, and the trap that 4-bit training on a CPU holds."""

import ast
import os
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
import torch
import trl

from course_utils import bundled_model, finetuning, lane
from course_utils.answering import ask
from course_utils.costs.shapes import ALL_LINEAR, ATTENTION_QV
from course_utils.finetuning import (
    FineTuningError,
    example,
    hub_models,
    peft_backend,
    recipe,
    unsloth_backend,
)
from course_utils.finetuning.errors import LaneNotReady, ModelNotFound, OutOfGpuMemory

ROOT = Path(__file__).resolve().parent.parent.parent
CPU = lane.Lane("cpu", "a test")
T4 = lane.Lane("cuda", "a test", lane.Gpu("Tesla T4", 14.7, bf16=False))
AMPERE = lane.Lane("cuda", "a test", lane.Gpu("NVIDIA A10", 22.5, bf16=True))


def price_rows():
    return finetuning.training_set(
        example(text, "Zarnik Gold costs $77 per user per month.")
        for text in ("How much is Zarnik Gold?", "Price of Zarnik Gold?", "zarnik gold price", "price?")
    )


# --- four bits on a CPU -------------------------------------------------------------------------------


def gradients(student, tokenizer):
    """The gradient of the loss of one row with respect to every adapter weight, as one vector."""
    ids, mask = finetuning.rows.graded(price_rows()[0], tokenizer)
    ids = torch.tensor([ids])
    labels = torch.where(torch.tensor([mask]) == 1, ids, -100)
    student.train().zero_grad()
    student(input_ids=ids, labels=labels).loss.backward()
    return torch.cat([p.grad.flatten() for p in student.parameters() if p.requires_grad])


def test_asking_first_leaves_the_gradients_right():
    """On a CPU with AVX512-BF16 this fails without `keep_trainable_layout`: cosine 0.4 instead of 1."""
    model, tokenizer = finetuning.load()
    student = finetuning.attach(model, seed=1)
    with torch.no_grad():
        for name, parameter in student.named_parameters():
            if ".lora_B." in name:
                parameter.normal_(0, 0.02, generator=torch.Generator().manual_seed(0))
    before = gradients(student, tokenizer)
    ask(student, tokenizer, "How much is Zarnik Gold?")
    after = gradients(student, tokenizer)
    assert torch.nn.functional.cosine_similarity(before, after, dim=0) > 0.9999


def test_every_layer_is_told_to_keep_its_layout():
    layer = types.SimpleNamespace
    modules = [layer(support_avx512bf16_for_cpu=True), layer(), layer(support_avx512bf16_for_cpu=False)]
    assert peft_backend.keep_trainable_layout(types.SimpleNamespace(modules=lambda: modules)) == 2
    assert [getattr(m, "support_avx512bf16_for_cpu", None) for m in modules] == [False, None, False]


def test_the_base_is_in_four_bits_and_all_but_the_adapter_is_frozen():
    from bitsandbytes.nn import Linear4bit

    model, _ = finetuning.load()
    four_bit = {name.split(".")[-1] for name, m in model.named_modules() if isinstance(m, Linear4bit)}
    assert four_bit == set(ALL_LINEAR)
    student = finetuning.attach(model, targets=ATTENTION_QV)
    trainable = {name for name, p in student.named_parameters() if p.requires_grad}
    assert len(trainable) == 2 * 2 * model.config.num_hidden_layers  # q and v, A and B
    assert all(".lora_" in name and ("q_proj" in name or "v_proj" in name) for name in trainable)


def test_the_same_seed_gives_the_same_start():
    def start(seed):
        student = finetuning.attach(finetuning.load()[0], rank=2, seed=seed)
        return torch.cat([p.flatten() for p in student.parameters() if p.requires_grad])

    assert torch.equal(start(0), start(0))
    assert not torch.equal(start(0), start(1))


def test_without_four_bits_the_base_is_an_ordinary_one():
    model, _ = finetuning.load(four_bit=False)
    assert not getattr(model, "is_loaded_in_4bit", False)
    assert model.dtype == torch.float32


@pytest.mark.slow
def test_a_training_in_four_bits_teaches_is_kept_and_is_not_repeated(tmp_path):
    model, tokenizer = finetuning.load()
    ask(model, tokenizer, "How much is Zarnik Gold?")  # the lesson asks before it trains
    student = finetuning.attach(model)
    trainer = finetuning.trainer(student, tokenizer, price_rows(), tmp_path / "a", epochs=30, batch_size=4)
    trained = {p.dtype for p in trainer.model.parameters() if p.requires_grad}
    assert trained == {torch.float32}, "TRL's cast of the adapter to bfloat16 is undone"
    trainer.train()
    assert "$77" in ask(trainer.model, tokenizer, "How much is Zarnik Gold?")

    def in_one_call():
        base = finetuning.load()[0]
        return finetuning.fine_tune(base, tokenizer, price_rows(), tmp_path / "b", epochs=30, batch_size=4)

    tuned = in_one_call()
    written = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.safetensors")}
    again = in_one_call()
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.safetensors")} == written
    question = "How much is Zarnik Gold?"
    assert ask(again, tokenizer, question) == ask(tuned, tokenizer, question)


# --- choosing the lane --------------------------------------------------------------------------------


@pytest.fixture
def on_gpu(monkeypatch):
    """Stand in for a GPU and for Unsloth; the calls that reach it."""
    calls = []

    class FastLanguageModel:
        @staticmethod
        def from_pretrained(**given):
            calls.append(("from_pretrained", given))
            return "model", "tokenizer"

        @staticmethod
        def get_peft_model(model, **given):
            calls.append(("get_peft_model", given))
            return model

    monkeypatch.setitem(sys.modules, "unsloth", types.SimpleNamespace(FastLanguageModel=FastLanguageModel))
    monkeypatch.setattr(lane, "current", lambda: T4)
    return calls


def test_on_a_gpu_unsloth_loads_the_hub_model_for_the_card_and_attaches(on_gpu):
    model, _ = finetuning.load()
    finetuning.attach(model, seed=3)
    (_, loaded), (_, attached) = on_gpu
    assert loaded["model_name"] == hub_models.default(14.7).id == "unsloth/Llama-3.2-3B-Instruct"
    assert loaded["load_in_4bit"] is True and loaded["dtype"] is torch.float16, "a T4 has no bfloat16"
    assert attached["target_modules"] == list(ALL_LINEAR)
    assert (attached["r"], attached["lora_alpha"], attached["random_state"]) == (16, 32, 3)


def test_the_bundled_model_can_be_asked_for_on_a_gpu(on_gpu):
    finetuning.load("tiny", four_bit=False)
    assert on_gpu[0][1]["model_name"] == str(bundled_model.path())
    assert on_gpu[0][1]["load_in_4bit"] is False


def test_a_gpu_without_unsloth_says_what_to_install(monkeypatch):
    monkeypatch.setattr(lane, "current", lambda: T4)
    monkeypatch.delitem(sys.modules, "unsloth", raising=False)
    monkeypatch.setattr(unsloth_backend.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(LaneNotReady, match=r"make gpu.*STALE_PRICES_LANE=cpu"):
        finetuning.start()


def test_unsloth_that_comes_too_late_says_to_restart(monkeypatch):
    assert "transformers" in sys.modules
    monkeypatch.setattr(lane, "current", lambda: T4)
    monkeypatch.delitem(sys.modules, "unsloth", raising=False)
    monkeypatch.setattr(unsloth_backend.importlib.util, "find_spec", lambda _: object())
    with pytest.raises(LaneNotReady, match=r"transformers.* came before Unsloth.*Restart the kernel"):
        finetuning.start()


def test_nothing_imports_unsloth_without_cuda(tmp_path):
    (tmp_path / "unsloth.py").write_text("raise SystemExit('Unsloth was imported')")
    code = (
        "import importlib, pkgutil, sys, course_utils\n"
        "for m in pkgutil.walk_packages(course_utils.__path__, 'course_utils.'):\n"
        "    importlib.import_module(m.name)\n"
        "from course_utils import finetuning\n"
        "finetuning.attach(finetuning.load()[0], rank=1)\n"
        "assert 'unsloth' not in sys.modules"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": path, lane.LANE_VARIABLE: "cpu"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_module_alone_imports_unsloth_and_only_inside_functions():
    for path in ROOT.glob("course_utils/**/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        importing = [n for n in ast.walk(tree) if _imports(n, "unsloth")]
        at_top = [n for n in tree.body if _imports(n, "unsloth")]
        assert not at_top, f"{path}: unsloth at module level"
        assert not importing or path.name == "unsloth_backend.py", path


def _imports(node, package):
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] == package and node.level == 0
    return isinstance(node, ast.Import) and any(name.name.split(".")[0] == package for name in node.names)


# --- clear messages -----------------------------------------------------------------------------------


def test_a_model_that_carries_an_adapter_is_refused():
    student = finetuning.attach(finetuning.load()[0], rank=1)
    with pytest.raises(FineTuningError, match="load a fresh one"):
        finetuning.attach(student)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no/such/folder/at/all"])
def test_a_base_that_cannot_be_had_leads_back_to_the_bundled_one(name):
    with pytest.raises(ModelNotFound, match=r'finetuning\.load\("tiny"\)'):
        finetuning.load(name)


@pytest.mark.parametrize(
    "problem",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        ValueError("Some modules are dispatched on the CPU or the disk. Make sure you have enough GPU RAM"),
    ],
)
def test_a_full_gpu_says_what_to_make_smaller(problem):
    with pytest.raises(OutOfGpuMemory) as caught, recipe.gpu_memory_guard(T4):
        raise problem
    for words in ("Tesla T4 (15 GiB)", "restart the kernel", "halve batch_size", "max_length", "-3B-"):
        assert words in str(caught.value)
    assert caught.value.__cause__ is problem


def test_other_errors_pass_the_memory_guard_unchanged():
    with pytest.raises(ValueError, match="something else"), recipe.gpu_memory_guard(T4):
        raise ValueError("something else")


def test_the_words_bitsandbytes_uses_are_still_the_ones_that_are_recognized():
    import transformers.quantizers.quantizer_bnb_4bit as quantizer

    assert "dispatched on the CPU or the disk" in Path(quantizer.__file__).read_text(encoding="utf-8")


# --- the recipe ---------------------------------------------------------------------------------------


def settings(monkeypatch, here, which=recipe.FOR_LARGE):
    monkeypatch.setattr(trl, "SFTConfig", lambda **given: given)  # the real one asks the machine for bfloat16
    return recipe.arguments(Path("folder"), which, here)


@pytest.mark.parametrize(
    ("here", "use_cpu", "bf16", "fp16"),
    [(CPU, True, False, False), (T4, False, False, True), (AMPERE, False, True, False)],
)
def test_half_precision_follows_the_card(monkeypatch, here, use_cpu, bf16, fp16):
    given = settings(monkeypatch, here)
    assert (given["use_cpu"], given["bf16"], given["fp16"]) == (use_cpu, bf16, fp16)
    assert given["gradient_checkpointing"] is (here is not CPU)


def test_the_real_configuration_takes_all_of_it_on_a_cpu(tmp_path):
    made = recipe.arguments(tmp_path, recipe.FOR_SMALL, CPU)
    assert (made.completion_only_loss, made.max_length, made.learning_rate) == (True, 512, 2e-3)
    assert made.get_warmup_steps(40) == 4, "a share, so that short trainings warm up too"


class Sized:
    def __init__(self, parameters):
        self.parameters = parameters

    def num_parameters(self):
        return self.parameters


def test_facts_are_learnt_in_so_many_steps_and_a_larger_model_takes_smaller_ones():
    tiny, smol = (recipe.by_heart(Sized(size)) for size in (5_900_000, 134_500_000))
    assert smol.batch_size < tiny.batch_size
    assert all(100 <= 160 / made.batch_size * made.epochs <= 200 for made in (tiny, smol))


def test_the_recipe_follows_the_size_of_the_model_and_takes_changes(tmp_path):
    assert recipe.for_model(Sized(5_600_000)) == recipe.FOR_SMALL
    assert recipe.for_model(Sized(134_500_000)) == recipe.FOR_SMALL
    assert recipe.for_model(Sized(1_240_000_000)) == recipe.FOR_LARGE
    assert recipe.arguments(tmp_path, recipe.FOR_SMALL, CPU, epochs=2, seed=7).num_train_epochs == 2
    with pytest.raises(TypeError, match="epoch_count"):
        recipe.arguments(tmp_path, recipe.FOR_SMALL, CPU, epoch_count=2)


# --- hub models ---------------------------------------------------------------------------------------


def test_larger_cards_hold_no_less():
    sizes = [len(hub_models.fitting(memory)) for memory in range(4, 41)]
    assert sizes == sorted(sizes) and sizes[0] == 1 and sizes[-1] == len(hub_models.MODELS)


@pytest.mark.parametrize("card", hub_models.CARDS, ids=lambda card: card.name)
def test_what_is_recommended_fits_with_room_to_spare(card):
    chosen = hub_models.default(card.memory)
    assert chosen in hub_models.fitting(card.memory)
    assert (chosen.needs or 0) <= card.memory / 2
    largest = hub_models.fitting(card.memory)[-1]
    assert (largest.needs or 0) <= hub_models.USABLE * card.memory


def test_the_table_names_a_source_with_a_date_for_every_figure():
    rows = hub_models.table()
    assert [row["card"] for row in rows] == [card.name for card in hub_models.CARDS]
    for row in rows:
        assert "2026-" in row["source"]
        assert ("estimate" in row["its peak (GB)"]) is ("a third more" in row["source"])


def test_the_models_are_ordered_by_size_and_only_the_smallest_lacks_a_figure():
    sizes = [model.parameters for model in hub_models.MODELS]
    assert sizes == sorted(sizes)
    assert [model.needs is None for model in hub_models.MODELS] == [True] + [False] * (len(sizes) - 1)


# --- tokens the base has never met --------------------------------------------------------------------


def json_rows():
    return finetuning.training_set([example("Price?", '{"answer": "It costs $9.", "category": "pricing"}')])


@pytest.fixture(scope="module")
def bundled():
    return finetuning.load(finetuning.BUNDLED)


def test_the_bundled_model_was_never_trained_on_json_and_was_on_prose(bundled):
    model, tokenizer = bundled
    found = {tokenizer.decode(token) for token in finetuning.untrained_tokens(model, tokenizer, json_rows())}
    assert {'{"', '":', ' "', "category"} <= found
    assert found.isdisjoint({" costs", " ", "9", "."})
    assert finetuning.untrained_tokens(model, tokenizer, price_rows()) == []


def test_their_rows_are_trained_saved_and_found_again(bundled, tmp_path):
    model, tokenizer = finetuning.load(finetuning.BUNDLED)
    tokens = finetuning.untrained_tokens(model, tokenizer, json_rows())
    student = finetuning.attach(model, rank=1, tokens=tokens)
    trained = {name: p for name, p in student.named_parameters() if p.requires_grad}
    extra = sum(p.numel() for name, p in trained.items() if ".lora_" not in name)
    assert extra == len(tokens) * model.config.hidden_size
    trainer = finetuning.trainer(student, tokenizer, json_rows(), tmp_path / "run", max_steps=2)
    [rows] = [p for name, p in trained.items() if ".lora_" not in name]
    before = rows.detach().clone()
    trainer.train()
    assert not torch.equal(before, rows)

    saved = finetuning.save_adapter(student.eval(), tmp_path / "adapter")
    again = finetuning.load_adapter(finetuning.load(finetuning.BUNDLED)[0], saved)
    ids = torch.tensor([[5, *tokens]])
    with torch.no_grad():
        assert torch.allclose(student(ids).logits, again(ids).logits, atol=1e-4)


def test_the_gpu_lane_refuses_them_and_says_what_to_do(on_gpu):
    model, _ = finetuning.load()
    with pytest.raises(FineTuningError, match=r"Take an instruct model of the hub.*STALE_PRICES_LANE=cpu"):
        finetuning.attach(model, tokens=[7])


# --- one recipe for lesson 01 and for this ------------------------------------------------------------


def test_lesson_ones_settings_are_the_small_recipe_with_its_own_warm_up_and_optimizer(tmp_path):
    one, four = (
        recipe.arguments(tmp_path, settings, CPU, epochs=5, learning_rate=3e-3).to_dict()
        for settings in (recipe.SIMPLE, recipe.FOR_SMALL)
    )
    assert {name for name in one if one[name] != four[name]} == {
        "optim",
        "warmup_steps",
        "train_sampling_strategy",
    }
    assert one["warmup_steps"] == 10 and one["optim"] == "adamw_torch_fused"
    assert one["train_sampling_strategy"] == "random" and one["loss_type"] == "chunked_nll"


def test_the_memory_and_time_of_a_block_are_measured():
    from course_utils.finetuning.memory_meter import MemoryMeter

    with MemoryMeter() as taken:
        block = torch.ones(64, 2**20)  # 256 MiB
        time.sleep(0.1)
        del block
    assert 200 < taken.peak_mib < 400 and 0.1 <= taken.seconds < 60
