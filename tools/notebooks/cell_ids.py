"""The ids of a notebook's cells: from their content, so that a change gives a new id to its own cell only.

Standard library only: a fork's address is changed without the course's environment.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable


def cell_ids(cells: Iterable[tuple[str, str]]) -> list[str]:
    """One id for each (cell type, source); of equal cells the second gets the first one's with ``-2``."""
    seen: Counter[str] = Counter()
    ids = []
    for kind, source in cells:
        digest = hashlib.sha1(f"{kind}\n{source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids
