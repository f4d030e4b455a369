"""Choices that look random and are the same on every machine.

Each choice depends only on its own key (hashed with BLAKE2b), never on how many choices were made
before it, on ``PYTHONHASHSEED`` or on the Python version. So a page added in May leaves the wording
of every other page as it was, and a release changes only the pages whose facts changed.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def number(*key: object) -> int:
    """A whole number in [0, 2**64) that depends only on *key*."""
    text = "\x1f".join(str(part) for part in key)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def pick(options: Sequence[T], *key: object) -> T:
    """One of *options* (at least one), chosen by *key*."""
    return options[number(*key) % len(options)]


def shuffled(items: Iterable[T], *key: object) -> list[T]:
    """*items* in an order chosen by *key*; each item's place depends only on the key and its own text."""
    return sorted(items, key=lambda item: (number(*key, item), str(item)))
