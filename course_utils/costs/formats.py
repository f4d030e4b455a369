"""Numbers as people read them; one place, so that a widget, its static picture and the prose agree."""

from __future__ import annotations

import math


def usd(value: float) -> str:
    """Whole dollars from 100, cents from 0.10, else three digits: ``USD 1,095``, ``USD 1.50``, ``USD 0.006``.

    Never a dollar sign: notebooks and GitHub take what stands between two of them for a formula.
    """
    sign, value = ("−" if value < 0 else ""), abs(value)
    if 0.1 <= value < 100 and round(value, 2) != round(value):
        return f"USD {sign}{value:.2f}"
    return f"USD {sign}{_rounded(value)}"


def count(value: float) -> str:
    """A number of things: ``3,000``, ``493``, ``16,438``, ``0.25``."""
    return _rounded(value)


def per_cent(share: float, digits: int = 1) -> str:
    """A share as ``42.1 %``."""
    return f"{100 * share:.{digits}f} %"


def short(value: float) -> str:
    """For axes and small labels: ``0.01``, ``500``, ``10k``, ``2M``."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{_trimmed(value / size)}{letter}"
    return _trimmed(value)


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else _trimmed(value)


def _trimmed(value: float) -> str:
    """Three significant digits without an exponent and without trailing zeros."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
