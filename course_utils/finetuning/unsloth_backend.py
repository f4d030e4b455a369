"""The backend of the GPU lane: Unsloth. The only module that imports it, and only inside functions.

Unsloth patches transformers, TRL and PEFT when it is imported, so it has to come before them, and it wants an
NVIDIA GPU. :func:`start` sees to both. Every call of a library in here is compared with the signatures of the
pinned version on a CPU (`tests/unit/test_signatures_gpu_lane.py`).
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from course_utils import lane, paths
from course_utils.finetuning.errors import LaneNotReady

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TOO_EARLY = ("trl", "transformers", "peft")


def start() -> None:
    """Import Unsloth, first of all. Raises LaneNotReady when it is missing or another library came first."""
    if "unsloth" in sys.modules:
        return
    if importlib.util.find_spec("unsloth") is None:
        raise LaneNotReady(
            "There is a GPU, but Unsloth is not installed. Run `make gpu` (on Colab the first cell does it) "
            "and restart the kernel; or set STALE_PRICES_LANE=cpu to train on the CPU."
        )
    early = [name for name in TOO_EARLY if name in sys.modules]
    if early:
        raise LaneNotReady(
            f"{', '.join(early)} came before Unsloth, which has to patch them. Restart the kernel (Kernel → "
            "Restart Kernel) and run the notebook from the top."
        )
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")  # it would wait 120 s for a hub offline
    os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", str(paths.cache_dir() / "unsloth_compiled_cache"))
    import unsloth  # noqa: F401


def load_base(
    source: str, four_bit: bool = True, max_length: int = 2048, full: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The base model of ``source`` (hub id or folder) and its tokenizer, in the 16 bits that the card has.

    ``max_length``: the longest row in tokens. ``full``: all weights trainable, for full fine-tuning.
    """
    from unsloth import FastLanguageModel

    return FastLanguageModel.from_pretrained(
        model_name=source, max_seq_length=max_length, dtype=_forced(), load_in_4bit=four_bit and not full,
        full_finetuning=full,
    )  # fmt: skip


def _forced() -> torch.dtype | None:
    """float16 for a card without bfloat16, or one that is to be treated so; None lets Unsloth choose."""
    import torch

    gpu = lane.current().gpu
    return torch.float16 if gpu and not gpu.bf16 else None


def attach(model: PreTrainedModel, rank: int, alpha: int, targets: Sequence[str], seed: int) -> PeftModel:
    """``model`` with a fresh LoRA adapter on the ``targets``; changed in place, its own weights frozen."""
    from unsloth import FastLanguageModel

    return FastLanguageModel.get_peft_model(
        model, r=rank, lora_alpha=alpha, lora_dropout=0.0, target_modules=list(targets), bias="none",
        use_gradient_checkpointing="unsloth", random_state=seed,
    )  # fmt: skip
