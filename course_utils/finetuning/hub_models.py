"""Which instruct model of the Hugging Face hub can be QLoRA-tuned on which card.

Nothing here was measured by the course: each figure carries its source and date, and `recorded` holds what
the course measured itself. Memory is in GB as the sources print it; they do not say whether GB or GiB.
"""

from __future__ import annotations

from dataclasses import dataclass

FLOORS = "Unsloth's requirements page, 'absolute minimum' for QLoRA, read 2026-11"
T4_RUNS = "outputs printed in Unsloth's notebooks on a Colab T4, read 2026-08"
NAMES = "the model table in unsloth 2026.10.9"  # a test compares the ids with it


@dataclass(frozen=True)
class HubModel:
    """One model. ``floor`` and ``on_t4`` are peak GPU memory in GB, None where no source states it."""

    id: str
    parameters: float  # billions, by the model's name
    floor: float | None  # source: FLOORS
    on_t4: float | None  # source: T4_RUNS
    measured_on: str = ""  # the model of the same size whose peak ``on_t4`` is, where it is another

    @property
    def needs(self) -> float | None:
        """GB to plan with: the printed peak, else the floor and a third more for batch and activations."""
        if self.on_t4 is not None:
            return self.on_t4
        return None if self.floor is None else round(self.floor * 4 / 3, 1)


# Smallest first. All have a chat template, are not gated, and run in float16, which is all that a T4 has.
# Qwen3.5 is left out on purpose: open dtype bugs on cards without bfloat16 (Unsloth's issues, 2026-11).
MODELS = (
    HubModel("unsloth/Llama-3.2-1B-Instruct", 1.2, floor=None, on_t4=None),  # fits wherever the 3B does
    HubModel("unsloth/Llama-3.2-3B-Instruct", 3.2, floor=3.5, on_t4=6.5),
    HubModel("unsloth/Meta-Llama-3.1-8B-Instruct", 8.0, floor=6.0, on_t4=7.9),
    # Qwen3-14B itself thinks before it answers: no base for a short form.
    HubModel("unsloth/Qwen2.5-14B-Instruct", 14.8, floor=8.5, on_t4=14.5, measured_on="Qwen3-14B"),
)


@dataclass(frozen=True)
class Card:
    name: str
    memory: float  # GB printed on the box; a driver and a desktop take some of it


CARDS = (
    Card("8 GB consumer card", 8),
    Card("12 GB consumer card", 12),
    Card("T4 (free Colab), 16 GB", 16),
    Card("24 GB consumer card", 24),
)

USABLE = 0.9  # of a card's memory: the rest is the driver's, the display's and the allocator's


def fitting(memory: float) -> tuple[HubModel, ...]:
    """The models that a card with ``memory`` GB holds, smallest first. The smallest is always among them."""
    room = USABLE * memory
    return tuple(model for model in MODELS if model is MODELS[0] or (model.needs or 0) <= room)


def default(memory: float) -> HubModel:
    """The model a lesson takes on a card with ``memory`` GB: the largest that fits into half of it.

    Half, so that a longer prompt, a larger batch and a second notebook fit too.
    """
    return fitting(memory / 2)[-1]


def table() -> list[dict[str, str]]:
    """One row a card: the lesson's default, the largest that fits, and what its figure rests on."""
    rows = []
    for card in CARDS:
        largest = fitting(card.memory)[-1]
        printed = T4_RUNS + (f", for {largest.measured_on} of the same size" if largest.measured_on else "")
        rows.append(
            {
                "card": card.name,
                "lesson's default": default(card.memory).id,
                "largest that fits": largest.id,
                "its peak (GB)": f"{largest.needs:.1f}" + (" (estimate)" if largest.on_t4 is None else ""),
                "source": FLOORS + ", and a third more" if largest.on_t4 is None else printed,
            }
        )
    return rows
