"""Evaluate systems × releases × questions as one data set, in parallel: on this machine, or on a cluster.

    python -m examples.scale.evaluate --releases 2026-01 2026-02 --questions 100 --workers 2
    python -m examples.scale.evaluate --model tiny --out work/scale/answers    # and answers, kept as Parquet

Each row is one question to one system about one release. Measured is recall@3: whether one of the first
three passages states the value on a page about the fact. With ``--model`` the model answers from them, too.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from course_utils import company
from course_utils.company import Question
from course_utils.evaluation import Rate, states
from course_utils.retrieval import Chunk, chunk_page, load_embedder
from course_utils.retrieval.bm25 import WordIndex
from course_utils.retrieval.fusion import fuse
from course_utils.retrieval.trial import tells

from .index import start_ray

K, SECOND_LOOK = 3, 20
BATCH = 50  # questions of one system about one release
Search = Callable[[Sequence[str]], list[list[Chunk]]]


class Library:
    """The searches over one release: by meaning, by words, both fused."""

    def __init__(self, release: str, embedder: Any) -> None:
        chunks = [chunk for item in company.pages(release).items() for chunk in chunk_page(*item)]
        self._chunks, self._embedder, self._words = chunks, embedder, WordIndex(chunks)
        self._vectors = embedder.encode([chunk.text for chunk in chunks])

    def dense(self, questions: Sequence[str]) -> list[list[Chunk]]:
        scores = self._embedder.encode(list(questions)) @ self._vectors.T
        return [[self._chunks[i] for i in row] for row in (-scores).argsort()[:, :SECOND_LOOK]]

    def by_words(self, questions: Sequence[str]) -> list[list[Chunk]]:
        return [self._words.search(question, SECOND_LOOK) for question in questions]

    def fused(self, questions: Sequence[str]) -> list[list[Chunk]]:
        return [fuse(both) for both in zip(self.dense(questions), self.by_words(questions), strict=True)]


# How it searches, and how many releases its index is behind.
SYSTEMS: dict[str, tuple[Callable[[Library], Search], int]] = {
    "dense": (lambda library: library.dense, 0),
    "BM25": (lambda library: library.by_words, 0),
    "fused": (lambda library: library.fused, 0),
    "fused, one release behind": (lambda library: library.fused, 1),
}


def behind(release: str, lag: int) -> str:
    """The release ``lag`` before this one; the first has none before it."""
    return company.RELEASES[max(0, company.RELEASES.index(release) - lag)]


class Evaluate:
    """Asks a batch of rows (system, release, number of the question). One instance a worker."""

    def __init__(self, questions: int, seed: int, model: str) -> None:
        embedder = load_embedder()
        self._library = lru_cache(maxsize=2)(lambda release: Library(release, embedder))
        self._asked = lru_cache(maxsize=2)(lambda release: asked(release, questions, seed))
        self._model = None
        if model:
            from course_utils import models

            self._model = models.load(model)

    def __call__(self, batch: Any) -> Any:
        import pyarrow as pa

        rows = batch.to_pylist()
        done: list[dict[str, Any]] = []
        for (system, release), group in groupby(rows, key=lambda row: (row["system"], row["release"])):
            search, lag = SYSTEMS[system]
            questions = [self._asked(release)[row["question"]] for row in group]
            hits = search(self._library(behind(release, lag)))([q.text for q in questions])
            done += self._judged(system, release, questions, [found[:K] for found in hits])
        return pa.Table.from_pylist(done)

    def _judged(
        self, system: str, release: str, questions: list[Question], hits: list[list[Chunk]]
    ) -> list[dict[str, Any]]:
        answers = self._answers(questions, hits)
        return [
            {
                "system": system, "release": release, "id": q.id, "fact": q.fact_key, "question": q.text,
                "found": any(tells(hit, q) for hit in found), "answer": answer,
                "right": states(answer, q.value),
            }
            for q, found, answer in zip(questions, hits, answers, strict=True)
        ]  # fmt: skip

    def _answers(self, questions: list[Question], hits: list[list[Chunk]]) -> list[str]:
        from course_utils.answering import generate, messages, without_citations

        if not self._model:
            return [""] * len(questions)
        chats = [messages(q.text, [c.text for c in found]) for q, found in zip(questions, hits, strict=True)]
        return [without_citations(answer) for answer in generate(*self._model, chats)]


def asked(release: str, number: int, seed: int) -> list[Question]:
    """The questions about a release, each with an answer; the same on every worker."""
    return company.questions(release, number, seed=seed, answerable=True)


def evaluate(
    releases: Sequence[str], questions: int, workers: int = 2, seed: int = 8, model: str = ""
) -> list[dict[str, Any]]:
    """A row for each system, release and question. Ray does again what was lost with a worker."""
    start_ray(workers)
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    DataContext.get_current().enable_progress_bars = False
    # A block holds one release: a worker that has read it answers for all systems.
    rows = [
        {"release": release, "system": system, "question": number}
        for release in releases
        for system in SYSTEMS
        for number in range(questions)
    ]
    return (
        ray.data.from_items(rows, override_num_blocks=len(releases))
        .map_batches(
            Evaluate,
            fn_constructor_args=[questions, seed, model],
            batch_size=BATCH,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(min_size=1, max_size=workers),
            num_cpus=1,
        )
        .take_all()
    )


def table(rows: Sequence[dict[str, Any]], model: str = "") -> str:
    """Systems against releases: recall@3, and with a model the share of right answers."""
    releases = sorted({row["release"] for row in rows})
    shown = [("found", f"recall@{K}")] + ([("right", f"right answers of {model}")] if model else [])
    lines = []
    for column, what in shown:
        lines += ["", f"| {what} | " + " | ".join(releases) + " |", "|---|" + "---|" * len(releases)]
        for system in SYSTEMS:
            cells = [
                Rate.of((r[column] for r in mine), about=[r["fact"] for r in mine])
                for mine in (
                    [r for r in rows if (r["system"], r["release"]) == (system, x)] for x in releases
                )
            ]
            lines.append(f"| {system} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines[1:])


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m examples.scale.evaluate", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--releases", nargs="+", choices=company.RELEASES, default=list(company.RELEASES[:2]))
    parser.add_argument("--questions", type=int, default=100, help="about each release (100)")
    parser.add_argument("--seed", type=int, default=8, help="of the questions (8)")
    parser.add_argument("--model", default="", help="answers, too: tiny, smol or any that the course loads")
    parser.add_argument("--workers", type=int, default=2, help="processes, one core each (2)")
    parser.add_argument("--out", help="a folder for the rows, as Parquet")
    options = parser.parse_args()
    rows = evaluate(options.releases, options.questions, options.workers, options.seed, options.model)
    if options.out:
        import pyarrow as pa
        import pyarrow.parquet as pq

        os.makedirs(options.out, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), os.path.join(options.out, "answers.parquet"))
    print(table(rows, options.model))
    return 0


if __name__ == "__main__":
    sys.exit(main())
