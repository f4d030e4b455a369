"""How one shipped adapter is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course_utils.costs.shapes import ALL_LINEAR

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
