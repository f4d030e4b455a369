"""GPU memory of a training run: full fine-tuning, LoRA, QLoRA. An estimate; measure before you buy.

Weights, gradients and optimizer states follow from the number of parameters. Activations are estimated for
gradient checkpointing and a fused attention that never stores the attention matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.costs.quantities import GIB, require
from course_utils.costs.shapes import ALL_LINEAR, ModelShape

METHODS = ("full", "lora", "qlora")

# Bytes of optimizer state a trained 16-bit parameter.
OPTIMIZERS = {
    "adamw_master": 12,  # AdamW with two fp32 moments and an fp32 copy of the weight: mixed precision
    "adamw_32bit": 8,  # two fp32 moments, no copy: how the QLoRA paper counts
    "adamw_16bit": 4,  # two bf16 moments
    "adamw_8bit": 2,  # two quantised moments
}

# NF4 with double quantisation: 4 bits, and 0.127 for the constants (Dettmers et al. 2023, arXiv 2305.14314,
# section 3).
NF4_BYTES = (4 + 0.127) / 8

# Bytes of activations of one block per token and hidden unit, without the attention matrix (Korthikanti et
# al. 2022, arXiv 2205.05198, equation 1). Their block has a plain MLP of width 4 × hidden; a gated one is
# similar.
BLOCK_BYTES = 34

# The loss over the vocabulary: logits in bf16, their fp32 copy, its fp32 gradient.
LOGIT_BYTES = 2 + 4 + 4

# The CUDA context and the libraries' workspaces: an assumption, 0.5 to 1 GiB is usual.
OVERHEAD_GIB = 0.75


@dataclass(frozen=True)
class Memory:
    """GiB on each GPU."""

    weights_gib: float
    gradients_gib: float
    optimizer_gib: float
    activations_gib: float
    overhead_gib: float

    @property
    def total_gib(self) -> float:
        return sum(vars(self).values())

    @property
    def total_gb(self) -> float:
        """In 10⁹ bytes, as papers count."""
        return self.total_gib * GIB / 1e9


def full_state_bytes(*, parameters: float, optimizer: str = "adamw_master") -> float:
    """Bytes of weights, gradients and optimizer states in full fine-tuning: 16 a parameter by default.

    With 16-bit weights and gradients: 16, 12, 8 or 6 bytes a parameter, by optimizer.
    """
    require(parameters=parameters)
    return parameters * (2 + 2 + _state_bytes(optimizer))


def training_memory(
    shape: ModelShape,
    *,
    method: str,
    rank: int = 16,
    targets: tuple[str, ...] = ALL_LINEAR,
    optimizer: str = "adamw_32bit",
    examples_per_batch: int = 2,
    tokens_per_example: int = 2048,
    gpus: int = 1,
    fused_loss: bool = False,
    overhead_gib: float = OVERHEAD_GIB,
) -> Memory:
    """Peak memory of one training step, GiB on each GPU.

    method: "full" (all weights in 16 bits), "lora" (frozen 16-bit weights, adapters in fp32) or "qlora"
        (frozen linear layers in NF4, embeddings in 16 bits, adapters in fp32).
    examples_per_batch, tokens_per_example: what one GPU works on at once, padded.
    gpus: full fine-tuning splits weights, gradients and states over them (ZeRO-3, FSDP).
    fused_loss: the loss is computed without keeping the logits (Liger, Unsloth).

    Raises ValueError for a value that makes no sense or an unknown method, optimizer or target.
    """
    require(
        examples_per_batch=examples_per_batch,
        tokens_per_example=tokens_per_example,
        gpus=gpus,
        overhead_gib=overhead_gib,
    )
    if method not in METHODS:
        raise ValueError(f"method must be one of {list(METHODS)}, not {method!r}.")
    state = _state_bytes(optimizer)
    if method == "full":
        trained = shape.parameters / gpus
        weights, gradients, states = 2 * trained, 2 * trained, state * trained
    else:
        trained = shape.lora_parameters(rank=rank, targets=targets)
        frozen = 2 * shape.parameters
        if method == "qlora":
            frozen += (NF4_BYTES - 2) * shape.linear_parameters
        # Adapters are kept in fp32: they are their own master copy, so two moments are all there is.
        weights, gradients, states = frozen + 4 * trained, 4 * trained, min(state, 8) * trained
    tokens = examples_per_batch * tokens_per_example
    kept = 2 * tokens * shape.hidden * shape.layers  # the input of every block, in 16 bits
    recomputed = BLOCK_BYTES * tokens * shape.hidden  # one block at a time
    logits = 0 if fused_loss else LOGIT_BYTES * tokens * shape.vocabulary
    return Memory(
        weights_gib=weights / GIB,
        gradients_gib=gradients / GIB,
        optimizer_gib=states / GIB,
        activations_gib=(kept + max(recomputed, logits)) / GIB,  # the loss is over before blocks are redone
        overhead_gib=overhead_gib,
    )


def _state_bytes(optimizer: str) -> int:
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer must be one of {list(OPTIMIZERS)}, not {optimizer!r}.")
    return OPTIMIZERS[optimizer]
