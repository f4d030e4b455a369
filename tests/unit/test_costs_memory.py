"""Memory of training, against published figures; shapes, against the bundled model."""

import json

import pytest

from course_utils import bundled_model, costs
from course_utils.costs.memory import OPTIMIZERS, training_memory
from course_utils.costs.shapes import SHAPES, ModelShape

GIB = 2**30

PUBLISHED = {  # Unsloth's documentation: minimum GB for QLoRA and 16-bit LoRA
    "Llama-3.2-3B": (3.5, 8),
    "Llama-2-7B": (5, 19),
    "Llama-3.1-8B": (6, 22),
    "Llama-3.1-70B": (41, 164),
}


@pytest.mark.parametrize("model", PUBLISHED)
@pytest.mark.parametrize("column", [0, 1])
def test_within_a_quarter_of_the_published_minimum(model, column):
    """Their minimum is for a small batch, with a fused loss and an 8-bit optimizer."""
    memory = training_memory(
        SHAPES[model],
        method=("qlora", "lora")[column],
        optimizer="adamw_8bit",
        examples_per_batch=1,
        tokens_per_example=512,
        fused_loss=True,
    )
    assert memory.total_gb == pytest.approx(PUBLISHED[model][column], rel=0.25)


def test_the_qlora_papers_headline():
    """65B: more than 780 GB in 16 bits, less than 48 GB with QLoRA (Dettmers et al. 2023)."""
    llama = SHAPES["LLaMA-65B"]
    assert costs.full_state_bytes(parameters=llama.parameters, optimizer="adamw_32bit") > 780e9
    assert training_memory(llama, method="qlora", examples_per_batch=1, tokens_per_example=512).total_gb < 48


@pytest.mark.parametrize(
    ("optimizer", "per_parameter"),
    [("adamw_master", 16), ("adamw_32bit", 12), ("adamw_16bit", 8), ("adamw_8bit", 6)],
)
def test_bytes_a_parameter(optimizer, per_parameter):
    assert costs.full_state_bytes(parameters=1e9, optimizer=optimizer) == per_parameter * 1e9


def test_full_fine_tuning_by_hand():
    """A model of 2 layers, hidden 8: every byte counted."""
    tiny = ModelShape("tiny", 8, 2, 8, 4, 16, 100, tied_embeddings=True)
    block = 8 * 8 + 2 * 8 * 4 + 8 * 8 + 3 * 8 * 16
    assert tiny.parameters == 2 * block + 100 * 8 + 5 * 8 == 1992
    memory = training_memory(
        tiny,
        method="full",
        optimizer="adamw_master",
        examples_per_batch=1,
        tokens_per_example=10,
        overhead_gib=0,
    )
    assert memory.weights_gib * GIB == memory.gradients_gib * GIB == pytest.approx(2 * 1992)
    assert memory.optimizer_gib * GIB == pytest.approx(12 * 1992)
    # inputs of 2 blocks, 16 bits; the logits (10 bytes × 100) outweigh a block (34 × 8)
    assert memory.activations_gib * GIB == pytest.approx(2 * 10 * 8 * 2 + 10 * 10 * 100)


def test_two_cards_share_the_states_of_full_fine_tuning():
    one, two = (
        training_memory(SHAPES["Llama-2-7B"], method="full", gpus=gpus, overhead_gib=0) for gpus in (1, 2)
    )
    assert two.weights_gib == pytest.approx(one.weights_gib / 2)
    assert two.optimizer_gib == pytest.approx(one.optimizer_gib / 2)
    assert two.activations_gib == one.activations_gib


def test_each_method_needs_less_than_the_one_before():
    for shape in SHAPES.values():
        full, lora, qlora = (
            training_memory(shape, method=method).total_gib for method in ("full", "lora", "qlora")
        )
        assert full > lora > qlora


def test_more_of_anything_needs_more():
    base = dict(method="lora", rank=16, examples_per_batch=2, tokens_per_example=1024)
    shape = SHAPES["Llama-3.1-8B"]
    least = training_memory(shape, **base).total_gib
    for more in (dict(rank=64), dict(examples_per_batch=4), dict(tokens_per_example=4096)):
        assert training_memory(shape, **base | more).total_gib > least
    assert training_memory(shape, **base, fused_loss=True).total_gib < least
    assert training_memory(shape, **base, targets=("q_proj", "v_proj")).total_gib < least


def test_what_fits_where():
    """The article's claim, made exact: full fine-tuning of 7B needs two H100, QLoRA of 8B a consumer card."""
    full = dict(model="Llama-2-7B", method="full", optimizer="adamw_master", gpu="h100_80gb")
    assert not costs.TrainingPlan(**full, gpus=1).fits
    assert costs.TrainingPlan(**full, gpus=2).fits
    assert costs.TrainingPlan(method="qlora", gpu="rtx_4090").fits
    assert not costs.TrainingPlan(method="full", gpu="rtx_4090").fits


def test_the_shape_of_the_bundled_model_gives_its_number_of_parameters():
    folder = bundled_model.path()
    shape = ModelShape.from_config(json.loads((folder / "config.json").read_text()), "bundled")
    with (folder / "model.safetensors").open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    sizes = [tensor["shape"] for name, tensor in header.items() if name != "__metadata__"]
    stored = sum(rows * (columns[0] if columns else 1) for rows, *columns in sizes)
    assert stored == shape.parameters


def test_published_numbers_of_parameters():
    known = {"Llama-3.2-1B": 1_235_814_400, "Llama-3.2-3B": 3_212_749_824, "Llama-2-7B": 6_738_415_616}
    assert {name: SHAPES[name].parameters for name in known} == known


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(method="QLoRA"), "method must be one of"),
        (dict(optimizer="adam"), "optimizer must be one of"),
        (dict(method="lora", targets=("lm_head",)), "targets must be some of"),
        (dict(method="lora", targets=()), "targets must be some of"),
        (dict(method="lora", rank=0), "rank must be a whole number from 1 to 4,096"),
        (dict(tokens_per_example=10.5), "tokens_per_example must be a whole number"),
        (dict(overhead_gib=float("nan")), "overhead_gib must be from 0"),
    ],
)
def test_mistakes_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        training_memory(SHAPES["Llama-3.1-8B"], **{"method": "full"} | change)


def test_a_file_size_needs_a_number_format():
    with pytest.raises(ValueError, match="1, 2 or 4"):
        costs.adapter_bytes(parameters=10_000, bytes_per_parameter=3)
    assert set(OPTIMIZERS.values()) == {2, 4, 8, 12}
