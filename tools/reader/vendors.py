"""Invented vendors by the bundled model's recipe: more chunks, more registers, fewer traps."""

from __future__ import annotations

from random import Random

from tools.bundled_model import dialogue, facts, names
from tools.bundled_model.scenes import Scene, rules_scene, scene

from . import registers
from .rows import Texts

RULES = 0.25  # share of rows about a company's rules, beside those the recipe draws itself
NEW_REGISTERS = 0.6  # share of questions in the reader's own registers; the rest in the recipe's wordings


def asked(rng: Random, attribute: facts.Attribute, held_out: bool, named: bool = False) -> str:
    """A question template in any register: unfamiliar words must not mean silence."""
    if rng.random() < NEW_REGISTERS and (template := registers.ask(rng, attribute, held_out, named)):
        return template
    return facts.ask(rng, attribute, held_out, named)


# Fewer questions without an answer than in the recipe: the share of them tempts a reader into silence.
MANNER = dialogue.Manner(unanswerable=0.30, twists=0.08, asides=0.05, ask=asked)


def merged(worlds: list[Scene], rng: Random) -> Scene:
    """Several vendors' scenes as one context: what a search over many pages brings up."""
    chunks = [chunk for world in worlds for chunk in world.chunks]
    rng.shuffle(chunks)
    return Scene(tuple(chunks), tuple(decoy for world in worlds for decoy in world.decoys))


def vendors(rng: Random, length: int, held_out: bool = False) -> Texts:
    """Questions about invented vendors; the longer the row, the more chunks."""
    cite, brief = rng.random() < 0.6, rng.random() < 0.25
    if not held_out and rng.random() < dialogue.CLOSED_BOOK:
        return dialogue.prefix(cite, brief, []), map(dialogue.as_texts, dialogue.closed_book(rng, brief))
    level = rng.choices((1, 2, 3), (20, 25, 55))[0]
    n = {384: (1, 2, 3, 3), 768: (3, 3, 4, 5), 1536: (4, 5, 6, 8)}[length]
    if rng.random() < RULES:
        world = rules_scene(rng, names.brand(rng, held_out), min(rng.choice(n), 5), length=3)
    elif level == 1:
        world = scene(rng, 1, held_out)
    else:
        chunks = rng.choice(n)
        parts = [chunks] if chunks < 3 or rng.random() < 0.6 else [chunks - chunks // 3, chunks // 3]
        world = merged([scene(rng, level, held_out, n_chunks=part) for part in parts], rng)
    pairs = dialogue.turns(rng, world, level, cite, brief, held_out, MANNER)
    shown = [dialogue.shown(chunk) for chunk in world.chunks]
    return dialogue.prefix(cite, brief, shown), map(dialogue.as_texts, pairs)
