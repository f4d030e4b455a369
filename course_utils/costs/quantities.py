"""Units: the name of a number says its unit, and the unit says which values make sense.

``rag_usd_per_query`` is a ``usd_per_query``: the longest known ending of the name decides. The ranges are
wide enough for any real system and narrow enough to catch the slip of a unit: a price per token where a price
per million tokens belongs, "8" where 8 billion parameters are meant, FLOPS where TFLOPS are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

DAYS_PER_YEAR = 365
HOURS_PER_DAY = 24
HOURS_PER_YEAR = HOURS_PER_DAY * DAYS_PER_YEAR
MONTHS_PER_YEAR = 12
GIB = 2**30  # bytes; what drivers report and a card's "80 GB" means


@dataclass(frozen=True)
class Quantity:
    """A kind of number: its unit, the range of sensible values, whether 0 is allowed below ``low``."""

    unit: str
    low: float
    high: float
    zero: bool = False
    whole: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words: ``0, or from 0.001 to 1,000 USD per million tokens``."""
        whole = "a whole number " if self.whole else ""
        zero = "0, or " if self.zero and self.low > 0 else ""
        return f"{zero}{whole}from {_plain(self.low)} to {_plain(self.high)} {self.unit}"

    def holds(self, value: object) -> bool:
        """Whether ``value`` is a finite number in the range."""
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            return False
        if self.whole and value != int(value):
            return False
        return self.low <= value <= self.high or (self.zero and value == 0)


QUANTITIES = {
    "usd": Quantity("USD", 0, 1e9),
    "usd_per_query": Quantity("USD per question", 1e-7, 100, zero=True),
    "usd_per_update": Quantity("USD per update", 0, 1e7),
    "usd_per_month": Quantity("USD per month", 0, 1e7),
    "usd_per_year": Quantity("USD per year", 0, 1e9),
    "usd_per_labour_hour": Quantity("USD per hour of work", 1, 1000, zero=True),
    "usd_per_gpu_hour": Quantity("USD per GPU and hour", 0.05, 100, zero=True),
    "usd_per_million_tokens": Quantity("USD per million tokens", 0.001, 1000, zero=True),
    "usd_per_million_token_hours": Quantity("USD per million tokens and hour", 0.01, 100, zero=True),
    "queries_per_day": Quantity("questions a day", 0, 1e9),
    "updates_per_year": Quantity("updates a year", 0, HOURS_PER_YEAR),
    "tokens": Quantity("tokens", 0, 1e9, whole=True),
    "tokens_per_example": Quantity("tokens per example", 1, 1e6, whole=True),
    "examples": Quantity("examples", 1, 1e9, whole=True),
    "epochs": Quantity("epochs", 0.01, 1000),
    "training_tokens": Quantity("tokens seen in training", 0, 1e15),
    "parameters": Quantity("parameters", 1e4, 1e13),
    "rank": Quantity("(rank of the adapter)", 1, 4096, whole=True),
    "gpus": Quantity("GPUs", 1, 100_000, whole=True),
    "tflops": Quantity("TFLOPS (10¹² operations a second)", 0.1, 10_000),
    "gib": Quantity("GiB", 0, 100_000),
    "share": Quantity("(a share)", 0, 1),
    "utilisation": Quantity("of the peak (a share)", 0.01, 1),
    "factor": Quantity("times the input price", 0, 10),
    "lifetime_minutes": Quantity("minutes", 0.1, 525_600),
    "hours": Quantity("hours", 0, 1e7),
    "days": Quantity("days", 0, 3650),
    "labour_hours": Quantity("hours of work", 0, 100_000),
    "calls": Quantity("calls of the model per question", 1, 100, whole=True),
    "runs": Quantity("training runs", 1, 1000, whole=True),
    "examples_per_batch": Quantity("examples per batch", 1, 4096, whole=True),
    "ms": Quantity("ms", 0, 3_600_000),
    "usd_billion": Quantity("billion USD", 1e-6, 1e6),
    "years": Quantity("years", 0.01, 1000),
}


def quantity(name: str) -> Quantity:
    """The quantity that the longest known ending of ``name`` says; KeyError for a name without a unit."""
    parts = name.split("_")
    for start in range(len(parts)):
        found = QUANTITIES.get("_".join(parts[start:]))
        if found is not None:
            return found
    raise KeyError(f"{name!r} does not end in a known unit; the known ones are {sorted(QUANTITIES)}.")


def require(**values: float) -> None:
    """Raise ValueError, naming field and allowed range, for the first value that makes no sense."""
    for name, value in values.items():
        kind = quantity(name)
        if not kind.holds(value):
            raise ValueError(f"{name} must be {kind.allowed}, not {value!r}.")


def _plain(number: float) -> str:
    """Digits without an exponent: ``0.0000001``, ``1,000,000``."""
    return f"{number:,.0f}" if number == int(number) else f"{number:.10f}".rstrip("0")
