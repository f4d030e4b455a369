"""All adapters that ship with the course, by name, and how each is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from course_utils.costs.shapes import ALL_LINEAR, ATTENTION_QV
from course_utils.training_sets import facts, tickets

NAMED_SETTINGS = ("rank", "targets", "epochs", "learning_rate", "batch_size", "seed", "four_bit")


@dataclass(frozen=True)
class Plan:
    """One adapter of the bundled model: its training set and how it is trained.

    ``rows`` makes the training set in prompt/completion form, the same on every machine; it is called only
    when the adapter is trained or checked. The other fields are those of ``finetuning.load`` and
    ``fine_tune``. The learning rate suits a low rank and answers in a format that the base has never seen
    (JSON).
    """

    what: str  # one line, for the record
    rows: Callable[[], list[dict[str, Any]]]
    rank: int = 4
    targets: tuple[str, ...] = ALL_LINEAR
    epochs: float = 4
    learning_rate: float = 1e-2
    batch_size: int = 16
    seed: int = 0
    four_bit: bool = True

    def settings(self) -> dict[str, Any]:
        """Everything but the training set, as JSON holds it."""
        return {
            name: list(value) if isinstance(value := getattr(self, name), tuple) else value
            for name in NAMED_SETTINGS
        }


# Small sets are seen more often or in smaller batches, so that each training makes some dozens of steps.
_EPOCHS = {10: 40, 50: 6, 200: 5, 500: 3}
_BATCH = {10: 16, 50: 8, 200: 16, 500: 16}


def _tickets(n: int, **changes) -> Plan:
    rows = partial(tickets.rows, n, changes.get("seed", 0))
    return Plan(f"{n} tickets of January", rows, epochs=_EPOCHS[n], batch_size=_BATCH[n], **changes)


# Lesson 04: the support desk's behaviour, from few and many, right and wrong examples.
TICKETS = {
    **{f"behaviour_{n}": _tickets(n) for n in (10, 50, 200)},
    **{f"behaviour_500_seed{seed}": _tickets(500, seed=seed) for seed in range(3)},
    "behaviour_500_noisy": Plan(
        "500 tickets of January, every fifth under a wrong category",
        partial(tickets.noisy_rows, 500),
        epochs=_EPOCHS[500],
    ),
    # Rank 20 on two matrices has as many parameters as rank 4 on seven: what differs is where they stand.
    "behaviour_200_qv": _tickets(200, rank=20, targets=ATTENTION_QV),
    "formal_100": Plan(
        "100 tickets of the finance desk, in a formal tone", partial(tickets.formal_rows, 100), epochs=5
    ),
}

SEEDS = range(3)


def _facts(how: str, rows: Callable[[], list[dict[str, Any]]], seed: int) -> Plan:
    """Lesson 01's training, of 16 prices in place of 40."""
    what = f"16 prices of January, {how}"
    return Plan(what, rows, rank=8, epochs=5, learning_rate=3e-3, batch_size=8, seed=seed, four_bit=False)


def _raft(seed: int) -> Plan:
    rows = partial(facts.raft_ticket_rows, seed)
    # As many tokens as lesson 04's 500 rows, in about as many steps.
    return Plan("340 tickets of January, RAFT-style", rows, epochs=3, batch_size=12, seed=seed)


# Lesson 05: facts by heart, the same with passages in the training, RAFT-style tickets. The ticket adapters
# of its other arms are lesson 04's; the facts adapter with seed 0 is not here: the lesson trains it.
GRID = {
    **{f"facts_seed{seed}": _facts("by heart", facts.by_heart_rows, seed) for seed in (1, 2)},
    **{f"facts_read_seed{seed}": _facts("and from pages", facts.reading_rows, seed) for seed in SEEDS},
    "facts_swapped": _facts("swapped pages", facts.swapped_rows, seed=0),
    **{f"raft_seed{seed}": _raft(seed) for seed in SEEDS},
}

PLANS = TICKETS | GRID
