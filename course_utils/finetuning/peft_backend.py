"""The backend that runs on any device: transformers, bitsandbytes and PEFT. What the CPU lane takes.

Unsloth is made for the same on a GPU; `tools/gpu/record.py` runs both there and compares.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from course_utils import models
from course_utils.costs.shapes import ALL_LINEAR

if TYPE_CHECKING:
    import torch
    from peft import LoraConfig, PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

RANK = 16

# Imported by PEFT, bitsandbytes recommends an optional kernel: red text in a learner's first training cell.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


def load_base(
    source: str, four_bit: bool = True, device: str = "cpu", dtype: torch.dtype | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The base model of ``source`` (hub id or folder) and its tokenizer.

    ``four_bit``: linear layers as 4-bit NormalFloat with double quantization (Dettmers et al. 2023), except
    the output layer; computed in ``dtype``, by default float32 on a CPU, on a GPU the 16 bits that it has.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    compute = dtype or (torch.float32 if device == "cpu" else models.dtype(device))
    quantization = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_pretrained(
        source, quantization_config=quantization if four_bit else None, dtype=compute, device_map={"": device}
    )
    keep_trainable_layout(model)
    return model.eval(), AutoTokenizer.from_pretrained(source)


def keep_trainable_layout(model: torch.nn.Module) -> int:
    """Forbid bitsandbytes to repack 4-bit weights for inference; the number of layers told so.

    On CPUs with AVX512-BF16 its first forward pass without gradients repacks them in place, and every
    gradient through them is wrong from then on, without an error: ask the model, then train it, and the loss
    stalls. Whether it happens depends on the processor, so the repacking is forbidden always.
    """
    layers = [m for m in model.modules() if hasattr(m, "support_avx512bf16_for_cpu")]
    for layer in layers:
        layer.support_avx512bf16_for_cpu = False
    return len(layers)


def attach(
    model: PreTrainedModel,
    rank: int,
    alpha: int,
    targets: Sequence[str],
    seed: int,
    tokens: Sequence[int] = (),
) -> PeftModel:
    """``model`` with a fresh LoRA adapter on the ``targets``; changed in place, its own weights frozen.

    ``tokens``: ids whose rows of the embedding (and of the output layer, if it shares them) are trained too.
    """
    from peft import get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    set_seed(seed)  # A starts random, B at zero: the same start on every run
    if getattr(model, "is_loaded_in_4bit", False):
        # Norms and embeddings in float32, as QLoRA has it. Gradient checkpointing is left to the trainer.
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return get_peft_model(model, lora(rank, alpha, targets, tokens))


def lora(
    rank: int = RANK,
    alpha: int | None = None,
    targets: Sequence[str] = ALL_LINEAR,
    tokens: Sequence[int] = (),
) -> LoraConfig:
    """LoRA beside the ``targets`` (names of layers), without dropout or trained biases.

    ``alpha`` is twice the rank unless given; ``tokens``: ids whose embeddings are trained too.
    """
    from peft import LoraConfig

    return LoraConfig(
        r=rank, lora_alpha=2 * rank if alpha is None else alpha, lora_dropout=0.0,
        target_modules=list(targets), bias="none",
        task_type="CAUSAL_LM", trainable_token_indices=list(tokens) or None,
    )  # fmt: skip
