"""All adapters that ship with the course, by name, and how each is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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
_LONG = 14  # epochs of 50 tickets that make as many steps as 500 tickets do


def _tickets(n: int, **changes) -> Plan:
    rows = partial(tickets.rows, n, changes.get("seed", 0))
    return Plan(f"{n} tickets of January", rows, epochs=_EPOCHS[n], batch_size=_BATCH[n], **changes)


SEEDS = range(3)


# Lesson 04: the support desk's behaviour, from few and many, right and wrong examples.
TICKETS = {
    **{f"behaviour_{n}_seed{s}": _tickets(n, seed=s) for n in _EPOCHS for s in SEEDS},
    # Fifty tickets in as many steps as five hundred: is it the examples, or the longer training?
    **{
        f"behaviour_50_long_seed{s}": replace(
            _tickets(50, seed=s), what=f"50 tickets, {_LONG} times", epochs=_LONG
        )
        for s in SEEDS
    },
    "behaviour_500_noisy": Plan(
        "500 tickets of January, every fifth under a wrong category",
        partial(tickets.noisy_rows, 500),
        epochs=_EPOCHS[500],
    ),
    # Rank 20 on two matrices has as many parameters as rank 4 on seven: what differs is where they stand.
    **{f"behaviour_200_qv_seed{s}": _tickets(200, seed=s, rank=20, targets=ATTENTION_QV) for s in SEEDS},
    # The same rows and steps on a base that is not rounded to four bits.
    **{f"behaviour_200_exact_seed{s}": _tickets(200, seed=s, four_bit=False) for s in SEEDS},
    "formal_100": Plan(
        "100 tickets of the finance desk, in a formal tone", partial(tickets.formal_rows, 100), epochs=12
    ),
}


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
