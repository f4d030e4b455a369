"""Several rankings made one: reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def fuse(rankings: Sequence[Sequence[T]], damping: int = 60) -> list[T]:
    """All items, best first. Each ranking gives an item ``1 / (damping + rank)``; ranks count from 1.

    Scores are never compared, so rankings of any kind can be fused. Of equals the one comes first that was
    met first. An item twice in one ranking counts at its better place.
    """
    if damping < 0:
        raise ValueError(f"damping is at least 0, not {damping}.")
    points: dict[T, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(dict.fromkeys(ranking), 1):
            points[item] = points.get(item, 0.0) + 1 / (damping + rank)
    return sorted(points, key=lambda item: -points[item])
