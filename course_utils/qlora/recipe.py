"""The recipe: what both lanes do alike, and the trainer made from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils import lane
from course_utils.qlora import hub_models, rows
from course_utils.qlora.errors import OutOfGpuMemory

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase
    from trl import SFTConfig, SFTTrainer

# Every linear layer of a Llama, Qwen or Mistral block; the article's q and v alone are the first and third.
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
ATTENTION_QV = ("q_proj", "v_proj")

SMALL = 100_000_000  # parameters: below it the bundled model's recipe, above it the hub models'


@dataclass(frozen=True)
class Recipe:
    """How one adapter is trained. ``batch_size`` × ``accumulation`` examples make one optimizer step."""

    learning_rate: float
    batch_size: int
    accumulation: int
    epochs: float
    max_length: int  # tokens of one row, prompt and answer together
    optimizer: str
    warmup: float  # the learning rate rises during this share of the steps, or this many if 1 or more
    max_steps: int = -1  # > 0 stops there, whatever ``epochs`` says
    seed: int = 0
    by_length: bool = False  # rows of like length make a batch: less padding is computed
    checkpointing: bool = True  # on a GPU: a fifth slower, most of the activations' memory saved
    chunked_loss: bool = True  # the loss over the vocabulary in pieces; not possible with trained token rows


# Small models take steps ten times as large (measured for lesson 01).
FOR_SMALL = Recipe(2e-3, 16, 1, epochs=4, max_length=512, optimizer="adamw_torch", warmup=0.1, by_length=True)
# As in Unsloth's own notebooks for a T4 (read 2026-08), but for the warm-up, there 5 steps.
FOR_LARGE = Recipe(2e-4, 2, 4, epochs=1, max_length=2048, optimizer="adamw_8bit", warmup=0.1)


def for_model(model: Any, **changes: Any) -> Recipe:
    """The recipe for ``model`` by its size, with ``changes`` to its fields."""
    return replace(FOR_SMALL if model.num_parameters() < SMALL else FOR_LARGE, **changes)


def arguments(folder: Path, recipe: Recipe, here: lane.Lane) -> SFTConfig:
    """TRL's settings for ``recipe`` in the lane ``here``. ``folder`` receives a checkpoint an epoch."""
    from trl import SFTConfig

    bf16 = bool(here.gpu and here.gpu.bf16)
    return SFTConfig(
        output_dir=str(folder), num_train_epochs=recipe.epochs, max_steps=recipe.max_steps,
        learning_rate=recipe.learning_rate, per_device_train_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.accumulation, lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup, weight_decay=0.0, optim=recipe.optimizer,
        completion_only_loss=True, max_length=recipe.max_length, packing=False,
        loss_type="chunked_nll" if recipe.chunked_loss else "nll",
        gradient_checkpointing=recipe.checkpointing and here.name == "cuda",
        use_cpu=here.name == "cpu", bf16=bf16, fp16=here.name == "cuda" and not bf16,
        logging_steps=1 if recipe.max_steps > 0 else 10, save_strategy="epoch", save_total_limit=1,
        report_to="none", seed=recipe.seed, dataloader_pin_memory=here.name == "cuda",
        train_sampling_strategy="group_by_length" if recipe.by_length else "random",
    )  # fmt: skip


def trainer(
    student: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    train_set: Dataset,
    folder: Path,
    here: lane.Lane,
    **changes: Any,
) -> SFTTrainer:
    """TRL's ``SFTTrainer`` for ``student``, ready for ``.train()``; ``changes`` are :class:`Recipe` fields.

    Raises BadRow when a row is too long to keep its answer.
    """
    from trl import SFTTrainer

    recipe = for_model(student, **changes)
    adapters = getattr(student, "peft_config", {})  # none in full fine-tuning
    if any(config.trainable_token_indices for config in adapters.values()):
        recipe = replace(recipe, chunked_loss=False)  # TRL reads the output layer's matrix, which is wrapped
    if "prompt" in train_set.column_names:  # else it consists of token ids already
        rows.check_lengths(train_set, tokenizer, recipe.max_length)
    before = {name: p.dtype for name, p in student.named_parameters() if p.requires_grad}
    made = SFTTrainer(
        model=student,
        args=arguments(folder, recipe, here),
        train_dataset=train_set,
        processing_class=tokenizer,
    )
    # TRL casts the adapter of a 4-bit model to bfloat16. A T4's loss scaling cannot handle that, most CPUs
    # are slow in it, and small updates are rounded away: the adapter stays in the type PEFT gave it.
    for name, p in made.model.named_parameters():
        if p.requires_grad and p.dtype != before[name]:
            p.data = p.data.to(before[name])
    return made


@contextmanager
def gpu_memory_guard(here: lane.Lane) -> Iterator[None]:
    """Turn the GPU's "out of memory" into OutOfGpuMemory, which says what to make smaller."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError as problem:
        raise OutOfGpuMemory(_advice(here)) from problem
    except ValueError as problem:  # bitsandbytes' way of saying that the weights alone do not fit
        if "dispatched on the CPU or the disk" not in str(problem):
            raise
        raise OutOfGpuMemory(_advice(here)) from problem


def _advice(here: lane.Lane) -> str:
    card = f"{here.gpu.name} ({here.gpu.memory:.0f} GiB)" if here.gpu else "This device"
    smaller = hub_models.default(here.gpu.memory if here.gpu else 0).id
    return (
        f"{card} has no memory left for this training. In this order: restart the kernel, so that an earlier "
        "model is let go (Kernel → Restart Kernel); halve batch_size and double accumulation; shorten "
        f"max_length; load a smaller base, such as {smaller}."
    )
