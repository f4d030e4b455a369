"""Lesson 05's rivals on the larger of the course's models: ``python -m tools.hybrid``.

February's three question papers of the grid, put to ``smol``: RAG, RAG in a wrapper, and the adapters of two
training sets, with three seeds each. Trainings are kept below ``work/hybrid`` and answers by content, so that
a killed run goes on. What each answer was worth goes into ``course_utils/recorded/lesson_05.json``, an arm as
soon as it is whole.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Callable
from dataclasses import astuple
from datetime import date
from pathlib import Path
from typing import Any

from course_utils import finetuning, grid, models, recorded
from course_utils.answering import generate, messages
from course_utils.grid import Case, Outcome
from course_utils.models import lanes
from course_utils.paths import write_whole
from course_utils.retrieval import PageIndex, load_embedder
from course_utils.support_desk import in_json, wrapped
from course_utils.training_sets import facts, tickets
from tools.bench import machine
from tools.controls import weights_of

MODEL = lanes.SMOL
EPOCHS = 2
ROWS: dict[str, Callable[[int], list[dict[str, Any]]]] = {
    "hybrid": lambda seed: tickets.rows(500, seed),
    "RAFT-style": facts.raft_ticket_rows,
}


def papers(folder: Path) -> list[list[Case]]:
    """February's questions with the passages found for them, one list a repeat."""
    with PageIndex(folder / "index", load_embedder()) as index:
        index.sync(grid.desk_pages(grid.FEBRUARY))
        return [grid.cases(grid.FEBRUARY, repeat, index.search) for repeat in range(grid.REPEATS)]


def trained(arm: str, seed: int, folder: Path) -> tuple[Any, Any, dict[str, Any]]:
    """The model with the adapter of an arm merged into it, its tokenizer, and what the training took."""
    train_set = finetuning.training_set(ROWS[arm](seed))
    settings = dict(epochs=EPOCHS, seed=seed)
    gc.collect()  # the trainer of the training before holds gigabytes in a circle
    model, tokenizer = models.load()
    key = finetuning.fingerprint(train_set, weights=weights_of(MODEL), **settings)
    place = folder / f"{arm}-{seed}-{key}"
    timing, began = place / "seconds.json", time.perf_counter()
    student = finetuning.fine_tune(model, tokenizer, train_set, place, **settings)
    if not timing.exists():
        write_whole(timing, json.dumps(round(time.perf_counter() - began, 1)))
    took = dict(rows=len(train_set), seconds=json.loads(timing.read_text(encoding="utf-8")))
    return student.merge_and_unload().eval(), tokenizer, took


def answers(model: Any, tokenizer: Any, cases: list[Case], ticket: bool) -> list[str]:
    chat = tickets.chat if ticket else messages
    return generate(model, tokenizer, [chat(c.question.text, c.passages) for c in cases], max_new_tokens=96)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("work/hybrid"))
    options = parser.parse_args()
    os.environ[lanes.VARIABLE] = MODEL
    asked = papers(options.out)
    kept: dict[str, Any] = dict(arms={}, trainings={})

    def keep(arm: str, texts: list[list[str]], *trainings: dict[str, Any]) -> None:
        found: list[list[Outcome]] = [
            [grid.outcome(text, case) for text, case in zip(said, paper, strict=True)]
            for said, paper in zip(texts, asked, strict=True)
        ]
        kept["arms"][arm] = [[astuple(outcome) for outcome in repeat] for repeat in found]
        if trainings:
            kept["trainings"][arm] = list(trainings)
        rates = {name: str(grid.pooled(name, found)) for name in grid.COLUMNS}
        print(arm, *(f"  {name}: {rate}" for name, rate in rates.items()), sep="\n", flush=True)
        entry = dict(weights=weights_of(MODEL), machine=machine(), date=date.today().isoformat()) | kept
        write_whole(recorded.HYBRID, json.dumps({MODEL: entry}) + "\n")

    model, tokenizer = models.load()
    sentences = [answers(model, tokenizer, paper, ticket=False) for paper in asked]
    keep("RAG", sentences)
    keep("RAG, wrapped", [
        [in_json(wrapped(c.question.text, s, len(c.passages))) for c, s in zip(paper, said, strict=True)]
        for paper, said in zip(asked, sentences, strict=True)
    ])  # fmt: skip
    for arm in ROWS:
        texts, trainings = [], []
        for seed, paper in enumerate(asked):
            model, tokenizer, took = trained(arm, seed, options.out)
            print(f"{arm}, seed {seed}: {took}", flush=True)
            texts.append(answers(model, tokenizer, paper, ticket=True))
            trainings.append(took)
        keep(arm, texts, *trainings)


if __name__ == "__main__":
    main()
