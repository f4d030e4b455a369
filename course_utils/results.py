"""A lesson's measured results, kept so that later lessons can show them beside their own.

One JSON file a lesson in its work folder; nothing is sent anywhere. Deleting it loses only the comparison.
A :class:`Rate` comes back as a Rate; everything else as JSON has it.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from course_utils.evaluation import Rate
from course_utils.paths import work_dir, write_whole

FILE = "results.json"
RATE = {field.name for field in fields(Rate)}


def record(lesson: str, **values: Any) -> None:
    """Keep ``values`` (rates, and what JSON can hold) for ``lesson``; names recorded before are replaced."""
    file = work_dir(lesson) / FILE
    write_whole(file, to_json(recorded(lesson) | values, indent=1))


def recorded(lesson: str) -> dict[str, Any]:
    """What ``lesson`` recorded on this machine; empty when it has not been run, or its file was damaged."""
    try:
        found = from_json((work_dir(lesson) / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def to_json(values: Any, indent: int | None = None) -> str:
    """``values`` as JSON, a rate as ``{"hits": 39, "n": 40, …}``."""
    return json.dumps(values, ensure_ascii=False, indent=indent, default=_rate_as_dictionary)


def from_json(text: str) -> Any:
    """What :func:`to_json` was given. Raises ValueError when ``text`` is no JSON."""
    return json.loads(text, object_hook=_dictionary_as_rate)


def _rate_as_dictionary(value: Any) -> dict[str, int]:
    if isinstance(value, Rate):
        return vars(value)
    raise TypeError(f"A result is a rate or what JSON can hold, not {type(value).__name__}.")


def _dictionary_as_rate(value: dict[str, Any]) -> Any:
    return Rate(**value) if {"hits", "n"} <= value.keys() <= RATE else value
