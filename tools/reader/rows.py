"""Training rows of the reader: how a drawn text becomes tokens of the chat template, and rows a batch.

As in the bundled model's recipe a row is ``[context | question 1 answer 1 | question 2 answer 2 | …]`` under
a block mask: each pair looks like a chat of its own, while the context is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.bundled_model.rows import Row, build

if TYPE_CHECKING:
    import torch

Texts = tuple[str, Iterator[tuple[str, str]]]  # a shared prefix, and (question part, answer part) pairs
Encode = Callable[[str], list[int]]

# A context longer than this share of its row is drawn again: it would leave no room for questions.
CONTEXT_SHARE = 0.8

# The bundled model's markers and what they are in the instruct model's template.
_MARKERS = (
    ("<|system|>", "<|im_start|>system\n"),
    ("<|user|>", "<|im_start|>user\n"),
    ("<|assistant|>", "<|im_start|>assistant\n"),
    ("<|end|>", "<|im_end|>\n"),
)


def in_template(text: str) -> str:
    """A text in the bundled model's markers, in those of the instruct model."""
    for ours, theirs in _MARKERS:
        text = text.replace(ours, theirs)
    return text


def tokens(encode: Encode, texts: Texts, length: int) -> Row | None:
    """The row of a drawn text, or None when its context leaves no room.

    The blank line between context and question goes with the question: cut there, the parts have the same
    tokens as the whole.
    """
    prefix, pairs = texts
    prefix = in_template(prefix)
    head = prefix.rstrip("\n") if prefix.endswith("\n\n") else prefix
    gap = prefix[len(head) :]
    if len(encode(head)) > CONTEXT_SHARE * length:
        return None
    row = build(
        encode, head, ((gap + in_template(q), in_template(a).removesuffix("\n")) for q, a in pairs), length
    )
    return row if row.answers.any() else None


@dataclass
class Batch:
    """Tensors: ids, positions (batch, length); mask (batch, 1, length, length) bfloat16, added to attention's
    scores: 0 or -inf; where: flat positions in the loss, shape (k,); targets (k,)."""

    ids: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor
    where: torch.Tensor
    targets: torch.Tensor

    def to(self, device: str) -> Batch:
        return Batch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


def collate(rows: list[Row]) -> Batch:
    """Rows of one length as tensors; only tokens of answers bear loss."""
    import torch

    segments = np.stack([row.segments for row in rows])
    causal = np.tri(segments.shape[1], dtype=bool)
    allowed = causal & ((segments[:, None] == 0) | (segments[:, None] == segments[:, :, None]))
    mask = torch.zeros(allowed.shape, dtype=torch.bfloat16)
    mask.masked_fill_(~torch.from_numpy(allowed), -torch.inf)
    ids = np.stack([row.ids for row in rows])
    where = np.flatnonzero(np.stack([row.answers for row in rows]))
    positions = np.stack([row.positions for row in rows])
    made = (torch.from_numpy(a) for a in (where, ids.reshape(-1)[where + 1]))
    return Batch(torch.from_numpy(ids), torch.from_numpy(positions), mask[:, None], *made)
