"""Lesson 03's arms on more questions than a lesson has time for: ``python -m tools.desk --model smol``.

A killed run goes on: answers are kept by content. What each arm's answers were worth goes into
``course_utils/recorded/lesson_03.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import astuple
from datetime import date
from pathlib import Path

from pydantic import Field

from course_utils import company, models, recorded
from course_utils.answering import constrained, generate, messages
from course_utils.models import lanes
from course_utils.paths import write_whole
from course_utils.retrieval import PageIndex, load_embedder
from course_utils.support_desk import (
    MAX_NEW_TOKENS,
    TONE_PATTERN,
    Ticket,
    gold,
    in_json,
    mark,
    rates,
    ticket_messages,
    worked_example,
    wrapped,
)
from tools.bench import machine
from tools.controls import weights_of

RELEASE = "2026-02"
SEED = 11
FEW = ("price", "limit", "unanswerable")
ONE_EACH = ("addon", "feature", "howto", "limit", "policy", "price", "region_price", "unanswerable")
AT_ONCE = 16


class TonedTicket(Ticket):
    answer: str = Field(pattern=TONE_PATTERN)


def record(n: int, folder: Path) -> tuple[list[str], dict[str, list[str]]]:
    """The facts asked for, and each arm's marks as texts of 0 and 1, in the order of the questions."""
    questions = company.questions(RELEASE, n=n, seed=SEED, split="test")
    with PageIndex(folder / "index", load_embedder()) as index:
        index.sync(company.pages(RELEASE))
        found = [index.search(question.text, k=3) for question in questions]
        examples = {intent: worked_example(RELEASE, intent, index.search) for intent in ONE_EACH}
    pages = [[hit.chunk.page for hit in hits] for hits in found]
    asked = [(q.text, [hit.chunk.text for hit in hits]) for q, hits in zip(questions, found, strict=True)]
    model, tokenizer = models.load()
    golds = [in_json(gold(q, shown)) for q, shown in zip(questions, pages, strict=True)]
    enough = 5 + max(len(ids) for ids in tokenizer(golds)["input_ids"])
    marks: dict[str, list[str]] = {}

    def keep(arm: str, texts: list[str], began: float) -> None:
        every = [mark(t, q, shown) for t, q, shown in zip(texts, questions, pages, strict=True)]
        marks[arm] = ["".join("01"[bit] for bit in astuple(each)) for each in every]
        valid, right = (rates(every)[name] for name in ("fits", "right"))
        print(f"{arm:28} {time.perf_counter() - began:4.0f} s  valid {valid}; right {right}", flush=True)

    def run(arm: str, chat: Callable, schema: type | None = None) -> list[str]:
        began = time.perf_counter()
        writer = constrained(model, tokenizer, schema) if schema else model
        texts = generate(
            writer, tokenizer, [chat(*each) for each in asked], MAX_NEW_TOKENS if schema else enough, AT_ONCE
        )
        keep(arm, texts, began)
        return texts

    def shown(*intents: str) -> Callable:
        return lambda text, chunks: ticket_messages(text, chunks, [examples[intent] for intent in intents])

    sentences = run("RAG alone", messages)
    wraps = [wrapped(text, said, len(chunks)) for (text, chunks), said in zip(asked, sentences, strict=True)]
    keep("RAG in a wrapper", list(map(in_json, wraps)), time.perf_counter())
    run("instructions", ticket_messages)
    run("3 examples", shown(*FEW))
    run("8 examples", shown(*ONE_EACH))
    run("decoder", messages, Ticket)
    run("decoder, 3 examples", shown(*FEW), Ticket)
    if model.config.max_position_embeddings > 4096:  # tiny's window cannot hold so many and an answer
        run("decoder, 8 examples", shown(*ONE_EACH), Ticket)
    run("decoder, tone", messages, TonedTicket)
    return [q.fact_key for q in questions], marks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, choices=[lanes.SMOL, lanes.TINY])
    parser.add_argument("-n", type=int, default=80, help="questions (default 80)")
    parser.add_argument("--out", type=Path, default=Path("work/desk"))
    options = parser.parse_args()
    os.environ[lanes.VARIABLE] = options.model
    about, marks = record(options.n, options.out)
    entry = dict(weights=weights_of(options.model), machine=machine(), date=date.today().isoformat())
    entry |= dict(about=about, marks=marks)
    kept = json.loads(recorded.DESK.read_text(encoding="utf-8")) if recorded.DESK.exists() else {}
    write_whole(recorded.DESK, json.dumps(kept | {options.model: entry}, indent=1) + "\n")


if __name__ == "__main__":
    main()
