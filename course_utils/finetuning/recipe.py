"""The recipe: the settings of a training, the same with either backend, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils import lane
from course_utils.finetuning import hub_models
from course_utils.finetuning.errors import OutOfGpuMemory

if TYPE_CHECKING:
    from trl import SFTConfig

TINY = 20_000_000  # parameters: below it a step costs next to nothing
SMALL = 200_000_000  # parameters: below it the recipe of the course's models, above it the hub models'


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
    half: bool = True  # on a GPU compute in 16 bits; small models stay in float32, as on a CPU


# Small models take steps ten times as large (measured for lesson 01), and their activations fit any card.
FOR_SMALL = Recipe(
    2e-3, 16, 1, epochs=4, max_length=512, optimizer="adamw_torch", warmup=0.1, by_length=True,
    checkpointing=False, half=False,
)  # fmt: skip
# As in Unsloth's own notebooks for a T4 (read 2026-08), but for the warm-up, there 5 steps.
FOR_LARGE = Recipe(2e-4, 2, 4, epochs=1, max_length=2048, optimizer="adamw_8bit", warmup=0.1)
# Lesson 01's, for the first training that a learner meets: rows in random order, ten steps of warm-up.
SIMPLE = replace(FOR_SMALL, optimizer="adamw_torch_fused", warmup=10, by_length=False)


def by_heart(model: Any) -> Recipe:
    """The recipe for learning some dozens of facts by heart from a few questions about each (lesson 01).

    Measured on 20 prices, eight wordings each, asked in new wordings. It takes some 150 steps whatever their
    size (after 120 one training of three still knew only 80 %), so a model for which a step is dear gets
    small ones. For the models of the hub it was not measured: as many steps, in their own recipe.
    """
    if model.num_parameters() >= SMALL:
        return replace(FOR_LARGE, epochs=8)
    if model.num_parameters() < TINY:
        return replace(SIMPLE, learning_rate=3e-3, batch_size=8, epochs=10)
    return replace(SIMPLE, learning_rate=2e-3, batch_size=4, epochs=4)


def for_model(model: Any) -> Recipe:
    """The recipe for ``model`` by its size."""
    return FOR_SMALL if model.num_parameters() < SMALL else FOR_LARGE


def arguments(folder: Path, recipe: Recipe, here: lane.Lane | None = None, **changes: Any) -> SFTConfig:
    """TRL's settings for ``recipe`` with ``changes`` to its fields; ``folder`` gets a checkpoint an epoch.

    ``here``: the lane it is made for, by default this machine's.
    """
    from trl import SFTConfig

    recipe, here = replace(recipe, **changes), here or lane.current()
    machine = for_machine(here, recipe.half, recipe.checkpointing)
    return SFTConfig(
        output_dir=str(folder), num_train_epochs=recipe.epochs, max_steps=recipe.max_steps,
        learning_rate=recipe.learning_rate, per_device_train_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.accumulation, lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup, weight_decay=0.0, optim=recipe.optimizer,
        completion_only_loss=True, max_length=recipe.max_length, packing=False,
        # None: TRL takes its chunked one, Unsloth its fused one, which an explicit value would forbid.
        loss_type=None if recipe.chunked_loss else "nll",
        logging_steps=1 if recipe.max_steps > 0 else 10, save_strategy="epoch", save_total_limit=1,
        report_to="none", seed=recipe.seed,
        train_sampling_strategy="group_by_length" if recipe.by_length else "random",
        use_cpu=machine["use_cpu"], bf16=machine["bf16"], fp16=machine["fp16"],
        gradient_checkpointing=machine["gradient_checkpointing"],
        dataloader_pin_memory=machine["dataloader_pin_memory"],
    )  # fmt: skip


def for_machine(here: lane.Lane, half: bool = True, checkpointing: bool = True) -> dict[str, bool]:
    """The fields of TRL's settings that depend on the machine alone; on a CPU all but one are off.

    On a GPU: ``half`` computes in 16 bits (bfloat16 where the card has it), ``checkpointing`` recomputes
    activations in the backward pass instead of keeping them.
    """
    gpu = here.name == "cuda"
    bf16 = gpu and half and bool(here.gpu and here.gpu.bf16)
    return {
        "use_cpu": not gpu,
        "bf16": bf16,
        "fp16": gpu and half and not bf16,
        "gradient_checkpointing": gpu and checkpointing,
        "dataloader_pin_memory": gpu,
    }


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
