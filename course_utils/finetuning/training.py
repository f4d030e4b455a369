"""From a base model to a trained adapter, with the backend of this machine's lane.

In the GPU lane that is Unsloth for what :func:`load` loads; :func:`fine_tune` trains what transformers has
loaded, such as the bundled model, and takes PEFT in both lanes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils import lane, models
from course_utils.costs.shapes import ALL_LINEAR
from course_utils.finetuning import hub_models, peft_backend, unsloth_backend
from course_utils.finetuning.checkpoints import finished
from course_utils.finetuning.errors import FineTuningError, ModelNotFound
from course_utils.finetuning.peft_backend import RANK
from course_utils.finetuning.recipe import Recipe, arguments, for_model, gpu_memory_guard
from course_utils.finetuning.rows import check_lengths
from course_utils.finetuning.tokens import untrained_tokens

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
    from trl import SFTTrainer

BUNDLED = models.TINY
UNSLOTH, PLAIN = ENGINES = ("unsloth", "plain")
ENGINE_VARIABLE = "STALE_PRICES_ENGINE"


def start() -> lane.Lane:
    """Choose the lane. On a GPU this imports Unsloth, so call it before anything imports transformers.

    Raises LaneNotReady when Unsloth is missing or came too late, LaneError when the lane cannot be had.
    """
    here = lane.current()
    if engine(here) == UNSLOTH:
        unsloth_backend.start()
    return here


def engine(here: lane.Lane) -> str:
    """What trains in a lane: "unsloth" on a GPU, "plain" (transformers, bitsandbytes, PEFT) on a CPU.

    STALE_PRICES_ENGINE overrides it: to compare the two on one GPU, or to try Unsloth's backend for CPUs.
    Raises FineTuningError when it names neither.
    """
    wanted = os.environ.get(ENGINE_VARIABLE, "").strip().lower()
    if wanted and wanted not in ENGINES:
        raise FineTuningError(
            f"{ENGINE_VARIABLE} is {wanted!r}; it can be {UNSLOTH!r}, {PLAIN!r}, or unset: the lane decides."
        )
    return wanted or (UNSLOTH if here.name == "cuda" else PLAIN)


def base_for(here: lane.Lane) -> str:
    """The base of a lane, as ``from_pretrained`` takes it: tiny's folder on a CPU, a hub id on a GPU.

    The hub model is the one that :func:`hub_models.default` names for the card's memory.
    """
    return hub_models.default(here.gpu.memory).id if here.gpu else str(models.source(BUNDLED))


def instruct_base(here: lane.Lane) -> str:
    """The base of the GPU lab: on a GPU that of :func:`base_for`, on a CPU the model that lessons speak to.

    STALE_PRICES_MODEL overrides it in both lanes. Raises as ``models.source`` does.
    """
    if here.gpu and not os.environ.get(models.VARIABLE, "").strip():
        return base_for(here)
    return models.source()


def load(
    model: str | Path | None = None, four_bit: bool = True, max_length: int = 2048
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A base model, in 4 bits unless told otherwise, and its tokenizer.

    ``model``: what ``models.load`` takes; by default :func:`base_for` this lane. Raises ModelNotFound,
    OutOfGpuMemory.
    """
    here = start()
    source = str(base_for(here) if model is None else models.source(model) if model in models.OURS else model)
    try:
        with gpu_memory_guard(here):
            if engine(here) == UNSLOTH:
                return unsloth_backend.load_base(source, four_bit, max_length)
            return peft_backend.load_base(source, four_bit, here.device)
    except OSError as problem:  # what transformers raises for a folder or hub id that it cannot read
        raise ModelNotFound(
            f"The base model {source} is not on this machine and could not be fetched. Check its name and "
            f'the network, or take the model that comes with the course: finetuning.load("{BUNDLED}").'
        ) from problem


def attach(
    model: PreTrainedModel,
    rank: int = RANK,
    alpha: int | None = None,
    targets: Sequence[str] = ALL_LINEAR,
    seed: int = 0,
    tokens: Sequence[int] = (),
) -> PeftModel:
    """``model`` with a fresh LoRA adapter; changed in place. ``alpha`` is twice the rank unless given.

    ``tokens``: what :func:`untrained_tokens` found, whose embeddings are trained too. Raises FineTuningError
    when the model carries an adapter already, or when the GPU lane is asked for tokens.
    """
    _must_be_bare(model)
    alpha = 2 * rank if alpha is None else alpha
    if engine(start()) == PLAIN:
        return peft_backend.attach(model, rank, alpha, targets, seed, tokens)
    if tokens:
        raise FineTuningError(
            f"The answers hold {len(tokens)} tokens that this base was never trained on, and Unsloth does "
            "not train single tokens. Take an instruct model of the hub, which has met them, or set "
            "STALE_PRICES_LANE=cpu for the bundled model."
        )
    return unsloth_backend.attach(model, rank, alpha, targets, seed)


def trainer(
    student: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    train_set: Dataset,
    folder: Path,
    recipe: Recipe | None = None,
    here: lane.Lane | None = None,
    **changes: Any,
) -> SFTTrainer:
    """TRL's ``SFTTrainer`` for ``student``, ready for ``.train()``.

    ``recipe``, with ``changes`` to its fields, is by default the one for a model of this size; ``here`` is
    this machine's lane. ``folder`` receives the checkpoints. Raises BadRow when a row is too long to keep its
    answer.
    """
    from trl import SFTTrainer

    recipe = replace(recipe or for_model(student), **changes)
    adapters = getattr(student, "peft_config", {})  # none in full fine-tuning
    if any(config.trainable_token_indices for config in adapters.values()):
        recipe = replace(recipe, chunked_loss=False)  # TRL reads the output layer's matrix, which is wrapped
    if "prompt" in train_set.column_names:  # else it consists of token ids already
        check_lengths(train_set, tokenizer, recipe.max_length)
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


def fine_tune(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    train_set: Dataset,
    folder: Path,
    recipe: Recipe | None = None,
    rank: int = RANK,
    targets: Sequence[str] = ALL_LINEAR,
    **changes: Any,
) -> PeftModel:
    """``model`` with a LoRA adapter trained on ``train_set``, ready to answer: the steps above in one call.

    ``recipe`` and ``changes`` as for :func:`trainer`. ``folder`` keeps the training: the same call again
    loads it, after a kill it goes on from the last whole epoch. Name it after ``fingerprint``, so that other
    data or settings train anew. ``model`` is changed in place, as PEFT does; pass a fresh one.

    Raises FineTuningError when it already carries an adapter.
    """
    _must_be_bare(model)
    here = lane.current()
    recipe = replace(recipe or for_model(model), **changes)
    tokens = untrained_tokens(model, tokenizer, train_set)
    student = peft_backend.attach(model, rank, 2 * rank, targets, recipe.seed, tokens)
    with gpu_memory_guard(here):
        return finished(trainer(student, tokenizer, train_set, folder, recipe, here))


def _must_be_bare(model: PreTrainedModel) -> None:
    if hasattr(model, "peft_config"):
        raise FineTuningError(
            "This model already carries an adapter: load a fresh one with finetuning.load() or models.load()."
        )
