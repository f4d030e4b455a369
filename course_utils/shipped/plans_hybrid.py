"""The adapters of lesson 05: facts by heart, the same with passages in the training, RAFT-style tickets.

The ticket adapters of its other arms are lesson 04's, ``behaviour_500_seed0`` to ``2``. The facts adapter
with seed 0 is not here: the lesson trains it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from course_utils.hybrid import training
from course_utils.shipped.plan import Plan

SEEDS = range(3)


def _facts(how: str, rows: Callable[[], list[dict[str, Any]]], seed: int) -> Plan:
    """Lesson 01's training, of 16 prices in place of 40."""
    what = f"16 prices of January, {how}"
    return Plan(what, rows, rank=8, epochs=5, learning_rate=3e-3, batch_size=8, seed=seed, four_bit=False)


def _raft(seed: int) -> Plan:
    rows = partial(training.raft_ticket_rows, seed)
    # As many tokens as lesson 04's 500 rows, in about as many steps.
    return Plan("340 tickets of January, RAFT-style", rows, epochs=3, batch_size=12, seed=seed)


PLANS = {
    **{f"facts_seed{seed}": _facts("by heart", training.facts_rows, seed) for seed in (1, 2)},
    **{f"facts_read_seed{seed}": _facts("and from pages", training.reading_rows, seed) for seed in SEEDS},
    "facts_swapped": _facts("swapped pages", training.swapped_rows, seed=0),
    **{f"raft_seed{seed}": _raft(seed) for seed in SEEDS},
}
