"""What the reader is trained on, in which proportion: one row of a seed, one batch of a step."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tools.bundled_model.rows import Row

from .forms import forms
from .pages import pages
from .prose import prose
from .regions import regions
from .replay import replay
from .rows import Batch, Encode, Texts, collate, tokens
from .vendors import vendors

LENGTHS = {384: 5, 768: 3, 1536: 1}  # tokens a row: rows a step, so that a step has about the same tokens
LENGTH_SHARE = {384: 0.5, 768: 0.38, 1536: 0.12}
KINDS: dict[str, tuple[float, Callable[[Random, int], Texts]]] = {
    "vendors": (0.29, vendors),
    "regions": (0.04, regions),
    "pages": (0.31, pages),
    "forms": (0.15, forms),
    "prose": (0.19, prose),
    "replay": (0.02, replay),
}


def training_row(encode: Encode, length: int, seed: str) -> Row:
    """The training row of a seed: the same seed gives the same row."""
    rng = Random(seed)
    names, weights = zip(*((name, weight) for name, (weight, _) in KINDS.items()), strict=True)
    draw = KINDS[rng.choices(names, weights)[0]][1]
    while True:
        row = tokens(encode, draw(rng, length), length)
        if row is not None:
            return row


def make_batch(encode: Encode, seed: int, step: int) -> Batch:
    """The batch of a step, a function of seed and step alone: a resumed run sees what it would have seen."""
    lengths, shares = list(LENGTH_SHARE), list(LENGTH_SHARE.values())
    length = Random(f"length {seed} {step}").choices(lengths, shares)[0]
    return collate([training_row(encode, length, f"{seed}:{step}:{i}") for i in range(LENGTHS[length])])
