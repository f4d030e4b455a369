"""The adapters of lesson 04: the support desk's behaviour, from few and many, right and wrong examples."""

from __future__ import annotations

from functools import partial

from course_utils.costs.shapes import ATTENTION_QV
from course_utils.shipped import behaviour
from course_utils.shipped.plan import Plan

# Small sets are seen more often or in smaller batches, so that each training makes some dozens of steps.
_EPOCHS = {10: 40, 50: 6, 200: 5, 500: 3}
_BATCH = {10: 16, 50: 8, 200: 16, 500: 16}


def _behaviour(n: int, **changes) -> Plan:
    rows = partial(behaviour.rows, n, changes.get("seed", 0))
    return Plan(f"{n} tickets of January", rows, epochs=_EPOCHS[n], batch_size=_BATCH[n], **changes)


PLANS = {
    **{f"behaviour_{n}": _behaviour(n) for n in (10, 50, 200)},
    **{f"behaviour_500_seed{seed}": _behaviour(500, seed=seed) for seed in range(3)},
    "behaviour_500_noisy": Plan(
        "500 tickets of January, every fifth under a wrong category",
        partial(behaviour.noisy_rows, 500),
        epochs=_EPOCHS[500],
    ),
    # Rank 20 on two matrices has as many parameters as rank 4 on seven: what differs is where they stand.
    "behaviour_200_qv": _behaviour(200, rank=20, targets=ATTENTION_QV),
    "formal_100": Plan(
        "100 tickets of the finance desk, in a formal tone", partial(behaviour.formal_rows, 100), epochs=5
    ),
}
