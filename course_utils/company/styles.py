"""Turning a plainly worded question into the ways customers really type it.

Every style keeps digits and the first letters of product and plan names (lower case at most), so that
a question stays answerable for a reader who has only the handbook.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from course_utils.company.catalogue import PLANS, all_products
from course_utils.company.chance import number, pick

_GREETINGS = {
    "train": ("Hello, ", "Good morning, ", "A question: ", "Dear support, "),
    "test": ("Hi there, ", "Good afternoon, ", "Quick question: ", "Hello team, "),
}
_THANKS = {
    "train": ("", " Thank you.", " Thanks."),
    "test": ("", " Many thanks!", " Thanks in advance."),
}
_CASUAL_START = {"train": ("", "", "hi, ", "ok so "), "test": ("", "", "hey ", "hey guys, ", "quick q: ")}
_SHORT = (
    (r"\bwhat is\b", "whats"),
    (r"\bdo you\b", "do u"),
    (r"\bcan you\b", "can u"),
    (r"\bcould you\b", "could u"),
    (r"\bplease\b", "pls"),
    (r"\bper month\b", "a month"),
    (r"\bi am\b", "im"),
    (r"\bdoes not\b", "doesnt"),
    (r"\bcannot\b", "cant"),
)
_ROWS = (
    "qwertyuiopo",
    "asdfghjklk",
    "zxcvbnmn",
)  # of the keyboard; the last key's neighbour is the one before
_NEIGHBOURS = {key: beside for row in _ROWS for key, beside in pairwise(row)}


def plain(text: str, split: str, key: tuple) -> str:
    """As it is."""
    return text


def polite(text: str, split: str, key: tuple) -> str:
    """With a greeting and, mostly, thanks."""
    greeting = pick(_GREETINGS[split], "greeting", *key)
    first = text.split()[0]
    keep = (first.startswith("I") and first in ("I", "I'd")) or _bare(first) in _names() or first.isupper()
    body = text if keep else text[0].lower() + text[1:]
    return greeting + body + pick(_THANKS[split], "thanks", *key)


def casual(text: str, split: str, key: tuple) -> str:
    """Lower case, short forms, no full stop, sometimes no question mark."""
    text = text.lower()
    for pattern, short in _SHORT:
        if number("short", pattern, *key) % 2:
            text = re.sub(pattern, short, text)
    text = text.replace("'", "")
    text = text.rstrip(".") if text.endswith(".") or number("mark", *key) % 3 else text.rstrip("?")
    return pick(_CASUAL_START[split], "start", *key) + text


def typo(text: str, split: str, key: tuple) -> str:
    """One or two slips in longer words; rarely in a product's name and never in its first letter."""
    words = text.split(" ")
    slips: dict[int, str] = {}  # place of a word -> the word as typed
    for turn in range(1 + number("count", *key) % 2):
        spared = (
            _names() if number("name", turn, *key) % 6 else frozenset(plan.capitalize() for plan in PLANS)
        )
        places = [
            i for i, w in enumerate(words) if len(w) > 4 and _bare(w).isalpha() and _bare(w) not in spared
        ]
        if places:
            place = pick(places, "place", turn, *key)
            slips[place] = _slip(words[place], (turn, *key))
    return " ".join(slips.get(place, word) for place, word in enumerate(words))


def _slip(word: str, key: tuple) -> str:
    """*word* with two letters swapped, one left out, one doubled or one replaced by its neighbour."""
    letters = len(_bare(word))
    at = 1 + number("at", *key) % (letters - 2)  # neither the first letter nor the last
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    slips = (
        swapped if word[at] != word[at + 1] else word[:at] + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + _NEIGHBOURS.get(word[at], "e") + word[at + 1 :],
    )
    return pick(slips, "slip", *key)


def _bare(word: str) -> str:
    """A word without punctuation and genitive."""
    return word.strip("?!.,:").removesuffix("'s")


def _names() -> frozenset[str]:
    return frozenset({product.name for product in all_products()} | {plan.capitalize() for plan in PLANS})


STYLES: dict[str, Callable[[str, str, tuple], str]] = {
    "plain": plain,
    "casual": casual,
    "typo": typo,
    "polite": polite,
}
