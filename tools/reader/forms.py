"""Explained output forms on invented texts: what a prompt asks for in words or by examples, to the letter.

A form has random fields under random names, in JSON, YAML, CSV or plain lines. It is explained in the system message,
sometimes shown by worked examples, and holds for every text that follows; or the text is a set of numbered passages
and every question is answered in the form.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import yaml

from course_utils.answering import ABSTENTION
from course_utils.answering.generation import Chat
from course_utils.answering.prompts import context_block
from tools.bundled_model import dialogue, facts
from tools.bundled_model.scenes import scene

from . import form_words as W
from .rows import Texts

SYNTAX = {"json": 0.7, "yaml": 0.1, "csv": 0.1, "lines": 0.1}
STATED = 0.85  # share of a form's fields that a text states
FIELDS = {384: (2, 3), 768: (2, 5), 1536: (3, 6)}  # fields of a form, fewest and most, by length of row
SHOTS = {384: (0, 0, 1), 768: (0, 0, 1, 2, 3), 1536: (0, 1, 2, 3, 4)}
OVER_PASSAGES = 0.3  # share of rows whose texts are numbered passages


def _pick(rng: Random, items: tuple[str, ...], held_out: bool) -> str:
    return rng.choice(facts._split(items, held_out) or items)


@dataclass(frozen=True)
class Field:
    name: str
    slot: W.Slot
    labels: tuple[str, ...]  # those a label may take, in the order of the explanation
    meaning: str


@dataclass(frozen=True)
class Form:
    """What is asked for: fields in their order, the syntax, and the instructions that explain both."""

    domain: str
    fields: dict[str, Field]  # by slot
    syntax: str
    explained: str

    def written(self, values: dict[str, Any]) -> str:
        """The record of ``values`` (by slot), as the form wants it."""
        record = {made.name: values[key] for key, made in self.fields.items()}
        if self.syntax == "json":
            return json.dumps(record, ensure_ascii=False)
        if self.syntax == "yaml":
            return yaml.safe_dump(
                record, sort_keys=False, allow_unicode=True, default_flow_style=False
            ).rstrip()
        flat = {name: _flat(value) for name, value in record.items()}
        if self.syntax == "lines":
            return "\n".join(f"{name}: {value}" for name, value in flat.items())
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(flat.values())
        return line.getvalue()


def _flat(value: Any) -> str:
    """A value as plain text: yes and no, a dash for nothing, a list with semicolons."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else str(value)


def _styled(rng: Random, name: str, style: str) -> str:
    parts = name.split(" ")
    if style == "camel":
        return parts[0] + "".join(part.capitalize() for part in parts[1:])
    return {"snake": "_", "kebab": "-", "title": " "}[style].join(
        p.capitalize() if style == "title" else p for p in parts
    )


def _type(made: Field, syntax: str) -> str:
    """What may stand in a field, as the instructions say it."""
    if made.labels:
        return "one of " + ", ".join(made.labels)
    if syntax in ("csv", "lines"):
        return {"flag": "yes or no", "number": "a number", "list": "separated by semicolons"}.get(
            made.slot.kind, ""
        )
    return {"flag": "true or false", "number": "a number", "list": "a list of strings"}.get(
        made.slot.kind, ""
    )


def form(rng: Random, length: int, held_out: bool, syntax: str | None = None) -> Form:
    """A form of its own: which fields, what they are called, how they are explained."""
    domain = rng.choice(list(W.DOMAINS))
    slots = W.DOMAINS[domain]
    syntax = syntax or rng.choices(list(SYNTAX), list(SYNTAX.values()))[0]
    keys = rng.sample(list(slots), min(len(slots), rng.randint(*FIELDS[length])))
    style = rng.choice(("snake", "snake", "camel", "kebab", "title"))
    taken: dict[str, Field] = {}
    for key in keys:
        slot = slots[key]
        name = _styled(rng, _pick(rng, slot.names, held_out), style)
        if name in {made.name for made in taken.values()} | W.RESERVED:
            continue
        labels = tuple(rng.sample(list(slot.labels), min(len(slot.labels), rng.randint(2, 5))))
        taken[key] = Field(name, slot, labels, rng.choice(slot.meaning))
    what = rng.choice(W.WHAT[domain])
    lines = []
    mark, joint = rng.choice(("- ", "- ", "* ", "")), rng.choice((": ", ": ", " – ", " = "))
    for made in taken.values():
        kind = _type(made, syntax)
        lines.append(f"{mark}{made.name}{joint}{made.meaning}" + (f" ({kind})" if kind else ""))
    nothing = "null" if syntax in ("json", "yaml") else "-"
    rule = _pick(rng, W.RULES[syntax], held_out)
    missing = _pick(rng, W.MISSING, held_out).format(x=nothing, w=what)
    explained = "\n".join([_pick(rng, W.HEADS, held_out).format(w=what), *lines, f"{rule} {missing}"])
    return Form(domain, taken, syntax, explained)


def text(rng: Random, asked: Form, held_out: bool) -> tuple[str, dict[str, Any]]:
    """A text of the form's domain and the values it states, by slot."""
    slots = W.DOMAINS[asked.domain]
    others = [key for key in slots if key not in asked.fields and not slots[key].labels]
    told = [key for key in asked.fields if slots[key].kind in W.ALWAYS_STATED or rng.random() < STATED]
    told += rng.sample(others, min(len(others), rng.randint(0, 2)))
    values: dict[str, Any] = dict.fromkeys(asked.fields)
    sentences = []
    for key in told:
        slot = slots[key]
        if slot.labels:
            value = rng.choice(asked.fields[key].labels)
            sentences.append(_pick(rng, slot.labels[value], held_out))
        else:
            value, shown = slot.draw(rng, held_out)
            sentence = _pick(rng, slot.says, held_out)
            if slot.kind == "flag":
                sentence = sentence.split("|")[0 if value else 1]
            said = sentence.format(v=shown)
            sentences.append(said[0].upper() + said[1:])
        if key in values:
            values[key] = value
    rng.shuffle(sentences)
    hello = (
        rng.choice(("", "", "Hello, ", "Hi! ", "Good morning. ", "Dear all, "))
        if asked.domain == "letter"
        else ""
    )
    return hello + " ".join(sentences), values


def _over_texts(rng: Random, length: int, held_out: bool) -> Texts:
    asked = form(rng, length, held_out)

    def turn() -> tuple[str, str]:
        written, values = text(rng, asked, held_out)
        return written, asked.written(values)

    shots = [turn() for _ in range(rng.choice(SHOTS[length]))]
    system, chat = asked.explained, ""
    if shots and rng.random() < 0.5:
        system += "".join(f"\n\nExample:\n{written}\n{record}" for written, record in shots)
    else:
        chat = "".join(f"<|user|>{t}<|end|><|assistant|>{record}<|end|>" for t, record in shots)

    def pairs() -> Iterator[tuple[str, str]]:
        while True:
            written, record = turn()
            yield f"<|user|>{written}<|end|><|assistant|>", f"{record}<|end|>"

    return f"<|system|>{system}<|end|>{chat}", pairs()


# Fields of an answer from passages: what it holds of a turn, names, explanations.
_OF_TURN = {
    "said": (("said", "response", "in a sentence", "text", "told"), "the answer in one sentence"),
    "value": (("value", "found", "fact", "result", "short"), "the value alone"),
    "passage": (("passage", "page", "from", "cited", "number"), "the number of the passage it stands in"),
    "known": (("known", "stated", "is there", "given", "covered"), "true if the passages tell, else false"),
}  # fmt: skip


def _over_passages(rng: Random, length: int, held_out: bool) -> Texts:
    """Questions about an invented vendor's pages, each answered in an explained JSON form."""
    world = scene(rng, 2, held_out, n_chunks={384: 1, 768: 3, 1536: 5}[length])
    style = rng.choice(("snake", "camel", "kebab", "title"))
    keys = rng.sample(list(_OF_TURN), rng.randint(2, 4))
    fields = {key: _styled(rng, _pick(rng, _OF_TURN[key][0], held_out), style) for key in keys}
    lines = [f"- {name}: {_OF_TURN[key][1]}" for key, name in fields.items()]
    rules = f"{_pick(rng, W.RULES['json'], held_out)} If the passages do not tell, use null."
    system = "\n".join(["Answer the question from the passages, in this form:", *lines, rules])

    def pairs() -> Iterator[tuple[str, str]]:
        for turn in dialogue.turns(rng, world, 2, False, False, held_out, dialogue.Manner(unanswerable=0.2)):
            known = turn.answer != ABSTENTION
            values = {"said": turn.answer if known else None, "value": turn.value if known else None,
                      "passage": turn.cited if known else None, "known": known}  # fmt: skip
            record = json.dumps({name: values[key] for key, name in fields.items()}, ensure_ascii=False)
            yield f"Question: {turn.question}<|end|><|assistant|>", f"{record}<|end|>"

    shown = [dialogue.shown(chunk) for chunk in world.chunks]
    return f"<|system|>{system}<|end|><|user|>{context_block(shown)}", pairs()


def forms(rng: Random, length: int, held_out: bool = False) -> Texts:
    """A row of texts turned into an explained form."""
    return (_over_passages if rng.random() < OVER_PASSAGES else _over_texts)(rng, length, held_out)


@dataclass(frozen=True)
class Probe:
    """A chat that asks for a JSON form, and what is right: by field name the value, and the labels allowed."""

    chat: Chat
    truth: dict[str, Any]
    labels: dict[str, tuple[str, ...]]


def probes(n: int, seed: int, shots: int) -> list[Probe]:
    """``n`` chats in held-out wordings about held-out vendors; ``shots`` worked examples stand before the text."""
    made = []
    for i in range(n):
        rng = Random(f"form {seed} {i}")
        asked = form(rng, 768, True, "json")
        chat: Chat = [{"role": "system", "content": asked.explained}]
        for last in [False] * shots + [True]:
            written, values = text(rng, asked, True)
            chat.append({"role": "user", "content": written})
            if not last:
                chat.append({"role": "assistant", "content": asked.written(values)})
        truth = json.loads(asked.written(values))
        made.append(Probe(chat, truth, {f.name: f.labels for f in asked.fields.values() if f.labels}))
    return made


def judged(probe: Probe, answer: str) -> tuple[bool, bool]:
    """Whether an answer is valid – JSON, these keys, the explained types and labels – and whether all of it is right."""
    try:
        record = json.loads(answer)
    except ValueError:
        return False, False
    valid = isinstance(record, dict) and record.keys() == probe.truth.keys()
    valid = valid and all(
        _fits(record[name], value, probe.labels.get(name)) for name, value in probe.truth.items()
    )
    return valid, valid and all(_plain(record[name]) == _plain(value) for name, value in probe.truth.items())


def _fits(value: Any, truth: Any, labels: tuple[str, ...] | None) -> bool:
    if labels:
        return value in labels
    if isinstance(truth, bool) or isinstance(value, bool):
        return isinstance(truth, bool) and isinstance(value, bool)
    if value is None or truth is None:
        return not isinstance(value, dict)
    return (
        isinstance(value, int | float) if isinstance(truth, int | float) else isinstance(value, type(truth))
    )


def _plain(value: Any) -> Any:
    """A value without differences that do not count: case and spaces of a text."""
    if isinstance(value, str):
        return " ".join(value.casefold().split())
    return [_plain(item) for item in value] if isinstance(value, list) else value
