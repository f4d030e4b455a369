"""All adapters that ship with the course, by name; each lesson's plans stand in a module of their own."""

from __future__ import annotations

from course_utils.shipped import plans_behaviour, plans_hybrid
from course_utils.shipped.plan import Plan


def merged(*parts: dict[str, Plan]) -> dict[str, Plan]:
    """One registry of several. Raises ValueError for a name that two of them use."""
    plans: dict[str, Plan] = {}
    for part in parts:
        if twice := sorted(plans.keys() & part.keys()):
            raise ValueError(f"Two plans have the name {twice[0]!r}: give one of them another.")
        plans |= part
    return plans


PLANS = merged(plans_behaviour.PLANS, plans_hybrid.PLANS)
