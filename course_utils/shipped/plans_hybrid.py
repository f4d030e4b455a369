"""The adapters of lesson 05."""

from __future__ import annotations

from course_utils.shipped.plan import Plan

PLANS: dict[str, Plan] = {}
