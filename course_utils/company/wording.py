"""Frames of `content/frames.toml`: the wordings around facts and product texts."""

from functools import lru_cache
from typing import Any

from course_utils.company.catalogue import Product, read_content
from course_utils.company.chance import pick


@lru_cache
def frames() -> dict[str, Any]:
    """All frames, by page kind and name."""
    return read_content("frames.toml")


def wording(name: str, /, *key: object, **places: object) -> str:
    """The frame called *name* ("plan.trial") with its places filled; one of several is drawn by *key*."""
    kind, entry = name.split(".")
    frame = frames()[kind][entry]
    if isinstance(frame, list):
        frame = pick(frame, name, *key)
    return frame.strip().format(**places)


def lines(name: str, /, *key: object, **places: object) -> list[str]:
    """A frame that holds several lines, divided by "|"."""
    return wording(name, *key, **places).split("|")


def product_words(product: Product) -> dict[str, str]:
    """Places every frame about a product may use: its name and its roles."""
    (first, first_may), (second, second_may), *_, (last, last_may) = product.content["roles"]
    return {
        "product": product.name,
        "first": first,
        "first_may": first_may,
        "second": second,
        "second_may": second_may,
        "last": last,
        "last_may": last_may,
    }
