"""Attention with shared key and value heads on a CPU, without copies.

SmolLM2 has nine query heads on three key and value heads. Where there is a mask, as with every padded batch,
transformers' ``sdpa`` writes each of them three times before it calls torch (CUDA's kernels want it so), anew
for every token of an answer. On a CPU torch needs no copies, and computes the same numbers from one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NAME = "sdpa_without_copies"


@cache
def register() -> str:
    """Tell transformers about it; the name that ``attn_implementation`` takes."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    return NAME


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """As transformers calls it. Shapes: query (rows, heads, tokens, width), key and value (rows, key heads,
    all tokens, width), a mask that broadcasts to (rows, heads, tokens, all tokens); returns (rows, tokens,
    heads, width).
    """
    from torch.nn.functional import scaled_dot_product_attention

    found = scaled_dot_product_attention(
        query, key, value, attn_mask=attention_mask, dropout_p=dropout, scale=scaling, enable_gqa=True,
        is_causal=attention_mask is None and query.shape[2] > 1,
    )  # fmt: skip
    return found.transpose(1, 2).contiguous(), None
