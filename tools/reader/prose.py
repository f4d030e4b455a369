"""Real documentation with questions about it: invented vendors alone teach invented vendors.

``data/prose.jsonl`` holds passages of free packages' documentation with questions written for this course,
``data/parameters.jsonl`` passages with questions made from their documented parameters;
``data/packages.json`` names the packages, their versions and licences. Half of all packages, by a hash of the
name, is kept for the examination.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from zlib import crc32

from course_utils.answering import ABSTENTION
from tools.bundled_model import dialogue

DATA = Path(__file__).with_name("data")
FILES = {"prose.jsonl": 0.8, "parameters.jsonl": 0.2}  # and how often a row is drawn from each


def is_held_out(package: str) -> bool:
    """Whether a package's text belongs to the examination."""
    return crc32(package.lower().replace("_", "-").encode()) % 2 == 0


@cache
def contexts(name: str) -> list[dict]:
    """The contexts of a file: package, passages (title, text), turns (question, value, answer, gold)."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def prose(rng: Random, length: int) -> tuple[str, Iterator[tuple[str, str]]]:
    """Questions about passages of one package; in longer rows passages of other packages lie between them."""
    name = rng.choices(list(FILES), list(FILES.values()))[0]
    drawn = rng.choice(contexts(name))
    cite, brief = rng.random() < 0.6, rng.random() < 0.25
    passages = list(enumerate(drawn["passages"]))
    for _ in range({384: 0, 768: rng.randint(0, 2), 1536: rng.randint(2, 6)}[length]):
        other = rng.choice(contexts(name))
        if other["package"] != drawn["package"]:
            passages.append((-1, rng.choice(other["passages"])))
    rng.shuffle(passages)
    place = {old: new for new, (old, _) in enumerate(passages, 1) if old >= 0}
    shown = [f"{passage['title']}\n{passage['text']}" for _, passage in passages]

    def turns() -> Iterator[dialogue.Turn]:
        for turn in rng.sample(drawn["turns"], len(drawn["turns"])):
            if turn["gold"] is None:
                yield dialogue.Turn(turn["question"], ABSTENTION, "", 0)
                continue
            cited = place[turn["gold"]]
            text = turn["value"] if brief else turn["answer"]
            yield dialogue.Turn(turn["question"], f"{text} [{cited}]" if cite else text, turn["value"], cited)

    return dialogue.prefix(cite, brief, shown), map(dialogue.as_texts, turns())
