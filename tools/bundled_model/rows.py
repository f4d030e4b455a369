"""Token rows for training and for the quick evaluation: many questions share one context under a block mask.

A row is ``[context | question 1 answer 1 | question 2 answer 2 | …]``. Each question sees the context and itself,
never another question, and its positions continue from the context: for the model every pair looks exactly like a
single-turn chat, but the context is computed once. That gives several times the answers per token.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from . import dialogue

if TYPE_CHECKING:
    import torch

LENGTHS = (320, 320, 320, 576)  # tokens a row, by curriculum level
LOSS_SHARE = 3 / 8  # share of a row's positions that enter the loss
CONTEXT_WEIGHT = 0.1  # loss weight of a context or question token beside 1 for an answer token


@dataclass
class Row:
    """Arrays of one row, each of shape (length,): token ids, positions, segments (0 context, k question k, -1 pad),
    and whether the *next* token belongs to an answer."""

    ids: np.ndarray
    positions: np.ndarray
    segments: np.ndarray
    answers: np.ndarray


def build(encode, prefix: str, pairs: Iterator[tuple[str, str]], length: int) -> Row:
    """One row of ``length`` tokens: the prefix, then as many pairs as fit."""
    ids = list(encode(prefix))
    start = len(ids)
    positions, segments, answers = list(range(start)), [0] * start, [False] * start
    for k, (question, answer) in enumerate(pairs, 1):
        q, a = encode(question), encode(answer)
        if len(ids) + len(q) + len(a) > length:
            break
        ids += q + a
        n = len(q) + len(a)
        positions += range(start, start + n)
        segments += [k] * n
        answers += [False] * (len(q) - 1) + [True] * len(a) + [False]
    pad = length - len(ids)
    return Row(
        np.array(ids + [0] * pad, np.int64), np.array(positions + [0] * pad, np.int64),
        np.array(segments + [-1] * pad, np.int64), np.array(answers + [False] * pad, bool),
    )  # fmt: skip


def training_row(encode, level: int, seed: str) -> Row:
    """The training row of a seed: the same seed gives the same row, so a resumed run sees what it would have seen."""
    rng = Random(seed)
    while True:  # a context that leaves no room for questions is drawn again, never cut: a cut could lose the answer
        prefix, pairs = dialogue.row_texts(rng, level)
        if len(encode(prefix)) <= LENGTHS[level] - 96:
            return build(encode, prefix, pairs, LENGTHS[level])


@dataclass
class Batch:
    """Tensors: ids, positions (batch, length); mask (batch, 1, length, length) bfloat16, added to the attention's scores: 0 or -inf;
    where (batch, k) positions in the loss; targets (batch, k); weights (batch, k)."""

    ids: "torch.Tensor"
    positions: "torch.Tensor"
    mask: "torch.Tensor"
    where: "torch.Tensor"
    targets: "torch.Tensor"
    weights: "torch.Tensor"

    def to(self, device) -> "Batch":
        return Batch(*(getattr(self, name).to(device, non_blocking=True) for name in self.__dataclass_fields__))


def collate(rows: list[Row], rng: np.random.Generator) -> Batch:
    """Stack rows; of each take all answer positions, then random others, until ``LOSS_SHARE`` is filled."""
    import torch

    length = len(rows[0].ids)
    k = int(length * LOSS_SHARE)
    segments = np.stack([r.segments for r in rows])
    causal = np.tri(length, dtype=bool)
    allowed = causal & ((segments[:, None, :] == 0) | (segments[:, None, :] == segments[:, :, None]))
    where = np.zeros((len(rows), k), np.int64)
    targets = np.zeros((len(rows), k), np.int64)
    weights = np.zeros((len(rows), k), np.float32)
    for i, row in enumerate(rows):
        follows = np.append((row.segments[1:] == row.segments[:-1]) & (row.segments[1:] >= 0), False)
        first = np.flatnonzero(row.answers & follows)[:k]
        other = np.flatnonzero(~row.answers & follows)
        rest = rng.permutation(other)[: k - len(first)]
        chosen = np.concatenate([first, rest])
        where[i, : len(chosen)] = chosen
        targets[i, : len(chosen)] = row.ids[chosen + 1]
        weights[i, : len(chosen)] = np.where(np.arange(len(chosen)) < len(first), 1.0, CONTEXT_WEIGHT)
    mask = torch.zeros(allowed.shape, dtype=torch.bfloat16).masked_fill_(torch.from_numpy(~allowed), -torch.inf)
    ids, positions = np.stack([r.ids for r in rows]), np.stack([r.positions for r in rows])
    ids, positions, *rest = (torch.from_numpy(a) for a in (ids, positions, where, targets, weights))
    return Batch(ids, positions, mask[:, None], *rest)
