"""Pages of invented organisations with questions in many people's words, written for this course.

``data/pages.jsonl`` holds a few neighbouring passages a line, with slots for names and values, and questions
in at least three wordings each. A draw fills the slots anew, so that a value must be read and cannot be
learnt by heart. What a short row leaves out makes its question one without an answer, though nothing in its
words says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from course_utils.answering import ABSTENTION
from tools.bundled_model import dialogue, names

from .prose import DATA
from .rows import Texts

FILE = "pages.jsonl"
NAMES = ("company", "product", "other")  # slots that every context has: invented names
HELD_OUT_EVERY = 12  # one context in so many is kept for the curve of the training
UNANSWERABLE = 0.25  # share of questions that the shown passages do not answer
TIDY = 0.8  # share of questions put as they were written; the rest with the slips of people who type
# Passages of a context that a row of a length shows, and passages of other subjects between them.
SHOWN = {384: (2, 2, 3), 768: (2, 3, 4), 1536: (3, 4)}
OTHERS = {384: (0,), 768: (0, 0, 1), 1536: (2, 3, 4)}
SLOT = re.compile(r"\{(\w+)\}")


@cache
def contexts(held_out: bool = False) -> list[dict]:
    """A split's contexts: topic, passages (title, text), slots, turns (questions, value, answer, gold)."""
    lines = (DATA / FILE).read_text(encoding="utf-8").splitlines()
    return [
        json.loads(line)
        for i, line in enumerate(lines)
        if (i % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) == held_out
    ]


def filling(rng: Random, slots: dict[str, list[str]], held_out: bool = False) -> Callable[[str], str]:
    """A function that fills the slots of a context's texts: names and different values, the same in all."""
    while True:
        drawn = {name: rng.choice(values) for name, values in slots.items()}
        if len({value.lower() for value in drawn.values()}) == len(drawn):
            break
    drawn |= zip(NAMES, names.brands(rng, len(NAMES), held_out), strict=True)
    return lambda text: SLOT.sub(lambda slot: drawn[slot[1]], text)


@dataclass(frozen=True)
class Shown:
    """A passage in a row; ``place`` is its number in its own context, or -1 for one of another subject."""

    place: int
    text: str


def _passages(rng: Random, context: dict, fill: Callable[[str], str], length: int) -> list[Shown]:
    """Some of the context's passages, and in longer rows some of other topics, in random order."""
    count = min(rng.choice(SHOWN[length]), len(context["passages"]))
    chosen = rng.sample(list(enumerate(context["passages"])), count)
    shown = [Shown(i, fill(f"{passage['title']}\n{passage['text']}")) for i, passage in chosen]
    for _ in range(rng.choice(OTHERS[length])):
        other = rng.choice(contexts())
        if other["topic"] != context["topic"]:
            passage = rng.choice(other["passages"])
            shown.append(Shown(-1, filling(rng, other["slots"])(f"{passage['title']}\n{passage['text']}")))
    rng.shuffle(shown)
    return shown


def pages(rng: Random, length: int, held_out: bool = False) -> Texts:
    """Questions in people's words about a few passages of an invented organisation."""
    context = rng.choice(contexts(held_out))
    cite, brief = rng.random() < 0.6, rng.random() < 0.2
    fill = filling(rng, context["slots"], held_out)
    shown = _passages(rng, context, fill, length)
    number = {passage.place: n for n, passage in enumerate(shown, 1)}

    def asked(turn: dict) -> str:
        question = fill(rng.choice(turn["questions"]))
        return question if rng.random() < TIDY else dialogue._spoken(question, rng)

    def turns() -> Iterator[dialogue.Turn]:
        # Twice, most often in other words: what was read for the context is used as far as the row goes.
        mixed = [turn for _ in range(2) for turn in rng.sample(context["turns"], len(context["turns"]))]
        told = [turn for turn in mixed if turn["gold"] in number]
        open_ones = [turn for turn in mixed if turn["gold"] not in number]
        while told or open_ones:
            if open_ones and rng.random() < (UNANSWERABLE if told else 0.5):
                yield dialogue.Turn(asked(open_ones.pop()), ABSTENTION, "", 0)
            elif told:
                turn = told.pop()
                value, cited = fill(turn["value"]), number[turn["gold"]]
                text = value if brief else fill(turn["answer"])
                yield dialogue.Turn(asked(turn), f"{text} [{cited}]" if cite else text, value, cited)
            else:
                return

    return dialogue.prefix(cite, brief, [passage.text for passage in shown]), map(dialogue.as_texts, turns())
