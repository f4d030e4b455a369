"""Which lane the course runs in on this machine: ``cpu`` or ``cuda``.

Detected once. The environment variable ``STALE_PRICES_LANE`` (``cpu`` or ``cuda``) overrides the detection;
set it before the first lesson cell runs. Lessons read the same in both lanes; only loaders differ.
``STALE_PRICES_FLOAT16=1`` has any GPU compute as a T4 must, without bfloat16: to try that on another card.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

LANE_VARIABLE = "STALE_PRICES_LANE"
FLOAT16_VARIABLE = "STALE_PRICES_FLOAT16"
NAMES = ("cpu", "cuda")


class LaneError(Exception):
    """The lane asked for cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Gpu:
    name: str
    memory: float  # GiB
    bf16: bool  # computes in bfloat16: natively from compute capability 8.0 on (not a T4), unless forbidden


@dataclass(frozen=True)
class Lane:
    name: str  # "cpu" or "cuda"
    why: str  # half a sentence for the learner
    gpu: Gpu | None = None  # the GPU in use, None in the CPU lane

    @property
    def device(self) -> str:
        """The device for ``torch``."""
        return self.name

    def __str__(self) -> str:
        return f"{self.name} lane ({self.why})"


@cache
def current() -> Lane:
    """The lane of this process. Raises LaneError when the environment asks for one that is not there."""
    return choose(os.environ.get(LANE_VARIABLE, ""), find_gpu())


def choose(wanted: str, gpu: Gpu | None) -> Lane:
    """The lane for the value ``wanted`` of the environment variable ("" when unset) and the GPU found."""
    wanted = wanted.strip().lower()
    if wanted and wanted not in NAMES:
        raise LaneError(
            f"{LANE_VARIABLE} is {wanted!r}; it can be 'cpu' or 'cuda', or unset to detect the lane."
        )
    if wanted == "cuda" and gpu is None:
        raise LaneError(
            f"{LANE_VARIABLE} asks for cuda, but torch finds no NVIDIA GPU here. Unset it to run on the CPU; "
            "with a GPU, `nvidia-smi` must list it and torch must be a CUDA build."
        )
    if wanted == "cpu":
        return Lane("cpu", f"set by {LANE_VARIABLE}")
    if gpu is None:
        return Lane("cpu", "no NVIDIA GPU found; every lesson runs on the CPU")
    why = f"{gpu.name}, {gpu.memory:.0f} GiB"
    return Lane("cuda", f"{why}, set by {LANE_VARIABLE}" if wanted else why, gpu)


def find_gpu() -> Gpu | None:
    """The NVIDIA GPU that torch would use, or None."""
    import torch

    if not torch.cuda.is_available() or torch.version.hip is not None:
        return None
    properties = torch.cuda.get_device_properties(0)
    forbidden = os.environ.get(FLOAT16_VARIABLE, "").strip() not in ("", "0")
    return Gpu(properties.name, properties.total_memory / 2**30, properties.major >= 8 and not forbidden)
