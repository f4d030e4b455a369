"""A lesson's measured results, kept so that later lessons can show them beside their own.

One JSON file a lesson in its work folder; nothing is sent anywhere. Deleting it loses only the comparison.
"""

from __future__ import annotations

import json
from typing import Any

from course_utils.paths import work_dir, write_whole

FILE = "results.json"


def record(lesson: str, **values: Any) -> None:
    """Keep ``values`` (anything JSON can hold) for ``lesson``; names recorded before are replaced."""
    file = work_dir(lesson) / FILE
    write_whole(file, json.dumps(recorded(lesson) | values, ensure_ascii=False, indent=1))


def recorded(lesson: str) -> dict[str, Any]:
    """What ``lesson`` recorded on this machine; empty when it has not been run, or its file was damaged."""
    try:
        found = json.loads((work_dir(lesson) / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
