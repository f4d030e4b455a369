"""QLoRA in two lanes: Unsloth where there is an NVIDIA GPU, transformers + bitsandbytes + PEFT elsewhere.

    here = qlora.start()                                   # before transformers, trl or peft are imported
    model, tokenizer = qlora.load()                        # a base in 4 bits
    student = qlora.attach(model)                          # LoRA on all linear layers
    trainer = qlora.trainer(student, tokenizer, rows, folder)
    trainer.train()

reads the same in both. Rows are checked by :mod:`rows`, adapters saved and opened by :mod:`adapters`; which
hub model fits which card says :mod:`hub_models`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils import bundled_model, lane
from course_utils.finetuning import finished
from course_utils.qlora import hub_models, plain, recipe, unsloth_lane
from course_utils.qlora.adapters import load_adapter, save_adapter
from course_utils.qlora.errors import ModelNotFound, QloraError
from course_utils.qlora.recipe import ATTENTION_QV, PROJECTIONS, Recipe
from course_utils.qlora.rows import training_set
from course_utils.qlora.tokens import untrained_tokens

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
    from trl import SFTTrainer

BUNDLED = "bundled"
RANK = 16


def start() -> lane.Lane:
    """Choose the lane. On a GPU this imports Unsloth, so call it before anything imports transformers.

    Raises LaneNotReady when Unsloth is missing or came too late, LaneError when the lane cannot be had.
    """
    here = lane.current()
    if here.name == "cuda":
        unsloth_lane.start()
    return here


def load(
    model: str | Path | None = None, four_bit: bool = True, max_length: int = 2048
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A base model, in 4 bits unless told otherwise, and its tokenizer.

    ``model``: a hub id, a folder, or "bundled"; by default the bundled model in the CPU lane and on a GPU the
    hub model that :func:`hub_models.default` names for its memory. Raises ModelNotFound, OutOfGpuMemory.
    """
    here = start()
    source = str(_source(model, here))
    try:
        with recipe.gpu_memory_guard(here):
            if here.name == "cuda":
                return unsloth_lane.load_base(source, four_bit, max_length)
            return plain.load_base(source, four_bit)
    except OSError as problem:  # what transformers raises for a folder or hub id that it cannot read
        raise ModelNotFound(
            f"The base model {source} is not on this machine and could not be fetched. Check its name and "
            f'the network, or take the model that comes with the course: qlora.load("{BUNDLED}").'
        ) from problem


def attach(
    model: PreTrainedModel,
    rank: int = RANK,
    alpha: int | None = None,
    targets: Sequence[str] = PROJECTIONS,
    seed: int = 0,
    tokens: Sequence[int] = (),
) -> PeftModel:
    """``model`` with a fresh LoRA adapter; changed in place. ``alpha`` is twice the rank unless given.

    ``tokens``: what :func:`untrained_tokens` found, whose embeddings are trained too. Raises QloraError when
    the model carries an adapter already, or when the GPU lane is asked for tokens.
    """
    if hasattr(model, "peft_config"):
        raise QloraError("This model already carries an adapter: load a fresh base with qlora.load().")
    alpha = 2 * rank if alpha is None else alpha
    if start().name == "cpu":
        return plain.attach(model, rank, alpha, targets, seed, tokens)
    if tokens:
        raise QloraError(
            f"The answers hold {len(tokens)} tokens that this base was never trained on, and Unsloth does "
            "not train single tokens. Take an instruct model of the hub, which has met them, or set "
            "STALE_PRICES_LANE=cpu for the bundled model."
        )
    return unsloth_lane.attach(model, rank, alpha, targets, seed)


def trainer(
    student: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    train_set: Dataset,
    folder: Path,
    **changes: Any,
) -> SFTTrainer:
    """TRL's ``SFTTrainer`` for ``student``, ready for ``.train()``; ``changes`` are :class:`Recipe` fields.

    ``folder`` receives the checkpoints. Raises BadRow when a row is too long to keep its answer.
    """
    return recipe.trainer(student, tokenizer, train_set, folder, start(), **changes)


def fine_tune(
    train_set: Dataset,
    folder: Path,
    model: str | Path | None = None,
    rank: int = RANK,
    targets: Sequence[str] = PROJECTIONS,
    four_bit: bool = True,
    **changes: Any,
) -> tuple[PeftModel, PreTrainedTokenizerBase]:
    """The whole of the above in one call, as later lessons need it; goes on where a killed training was.

    ``folder`` keeps the training: the same call again loads it. Name it after ``finetuning.fingerprint``.
    """
    here = start()
    base, tokenizer = load(model, four_bit)
    tokens = untrained_tokens(base, tokenizer, train_set)
    student = attach(base, rank, targets=targets, seed=changes.get("seed", 0), tokens=tokens)
    made = recipe.trainer(student, tokenizer, train_set, folder, here, **changes)
    with recipe.gpu_memory_guard(here):
        return finished(made), tokenizer


def _source(model: str | Path | None, here: lane.Lane) -> str | Path:
    if model is None:
        model = hub_models.default(here.gpu.memory).id if here.gpu else BUNDLED
    return bundled_model.path() if model == BUNDLED else model


__all__ = [
    "ATTENTION_QV", "BUNDLED", "PROJECTIONS", "QloraError", "Recipe", "attach", "fine_tune", "hub_models",
    "load", "load_adapter", "save_adapter", "start", "trainer", "training_set",
    "untrained_tokens",
]  # fmt: skip
