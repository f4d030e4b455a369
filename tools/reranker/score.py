"""What lesson 08 shows as recorded: ``python -m tools.reranker.score``.

Real documentation: the questions that were written by hand for the reader's examination, searched among the
passages of all of them and those of the installed packages' descriptions. Large collections: brute force
beside Chroma's graph.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
from collections.abc import Iterator
from math import comb

from course_utils import company
from course_utils.evaluation import discordant
from course_utils.paths import write_whole
from course_utils.recorded import RETRIEVAL
from course_utils.retrieval import Chunk, chunk_page, load_embedder
from course_utils.retrieval.bm25 import WordIndex
from course_utils.retrieval.fusion import fuse
from course_utils.retrieval.growth import compare_searches, grown
from course_utils.retrieval.reranking import load_reranker
from tools.reader.score import holds, written

LONGEST = 9000  # characters of a description: longer ones are change logs for the most part
SECOND_LOOK = 10
GROWN = [(50_000, 100), (500_000, 100), (500_000, 1000)]  # (chunks, ef_search)


def descriptions(exam_packages: set[str]) -> list[Chunk]:
    """The installed packages' long descriptions in chunks; none of a package that the exam asks about."""
    texts = {}
    for package in importlib.metadata.distributions():
        name, text = package.name.lower(), package.metadata.get_payload() or ""
        if name not in exam_packages and 1000 < len(text) <= LONGEST:
            texts[f"{name}.md"] = text
    return [chunk for item in sorted(texts.items()) for chunk in chunk_page(*item)]


def real_text(questions: int) -> dict:
    every = written("real_text.jsonl")
    known = [q for q in every if q["answerable"]]
    asked = known[:: -(-len(known) // questions)]  # spread over all packages
    own = {(p["title"], p["text"], q["package"]): None for q in every for p in q["passages"]}
    of_exam = [Chunk(f"exam#{i}", package, title, "", text) for i, (title, text, package) in enumerate(own)]
    chunks = of_exam + descriptions({q["package"] for q in every})
    reranker = load_reranker()
    hits: dict[str, list[bool]] = {
        name: [] for name in ("dense", "BM25", "fused", "fused, reranked", "fused, first 10")
    }
    for q, dense, literal, both in searched(asked, chunks):
        again = [both[i] for i in reranker.best(q["question"], [c.text for c in both[:SECOND_LOOK]])]
        found = zip(hits, (dense[:3], literal[:3], both[:3], again, both[:10]), strict=True)
        for name, passages in found:
            hits[name].append(tells(passages, q))
    # The questions do not name their package; whoever asks has its pages open.
    filtered: dict[str, list[bool]] = {name: [] for name in ("dense", "BM25", "fused")}
    chances = []
    for package in sorted({q["package"] for q in asked}):
        pages = [c for c in of_exam if c.page == package]
        for q, *ways in searched([q for q in asked if q["package"] == package], pages):
            for name, passages in zip(filtered, ways, strict=True):
                filtered[name].append(tells(passages[:3], q))
            telling = sum(tells([c], q) for c in pages)
            chances.append(1 - comb(len(pages) - telling, 3) / comb(len(pages), 3))
    return {
        "passages": len(chunks),
        "recall_at_3": {n: [sum(h), len(h)] for n, h in hits.items() if not n.endswith("10")},
        "pairs": {  # questions that only the first found, and only the second
            f"{first} against {second}": list(discordant(hits[first], hits[second]))
            for first, second in (("fused", "dense"), ("fused, reranked", "fused"))
        },
        "recall_at_10": {"fused": [sum(hits["fused, first 10"]), len(asked)]},
        "filtered": {
            "passages": len(of_exam) / len({q["package"] for q in every}),  # of a package, in the mean
            "recall_at_3": {n: [sum(h), len(h)] for n, h in filtered.items()},
            "chance": sum(chances) / len(chances),  # three passages of the package, drawn blindly
        },
    }


def searched(asked: list[dict], chunks: list[Chunk]) -> Iterator[tuple[dict, list[Chunk], ...]]:
    """Each question, and what dense search, BM25 and both fused find among ``chunks``."""
    embedder, by_word = load_embedder(), WordIndex(chunks)
    vectors = embedder.encode([chunk.text for chunk in chunks])
    for q in asked:
        order = (-(vectors @ embedder.encode([q["question"]])[0])).argsort()[:20]
        dense, literal = [chunks[i] for i in order], by_word.search(q["question"], 20)
        yield q, dense, literal, fuse([dense, literal])


def tells(passages: list[Chunk], q: dict) -> bool:
    return any(c.page == q["package"] and holds(c.body, q) for c in passages)


def growth(rows: list[tuple[int, int]]) -> list[dict]:
    """Searches of large collections, for each (chunks, ef_search)."""
    embedder = load_embedder()
    chunks = [chunk for item in company.pages("2026-02").items() for chunk in chunk_page(*item)]
    vectors = embedder.encode([chunk.text for chunk in chunks])
    asked = company.questions("2026-02", 50, seed=8, answerable=True)
    queries = embedder.encode([q.text for q in asked])
    return [compare_searches(grown(vectors, n), queries, ef_search=ef) for n, ef in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", choices=("real_text", "growth"), nargs="*", default=["real_text", "growth"])
    parser.add_argument("--questions", type=int, default=1000)
    options = parser.parse_args()
    kept = json.loads(RETRIEVAL.read_text(encoding="utf-8")) if RETRIEVAL.exists() else {}
    if "real_text" in options.part:
        kept["real_text"] = real_text(options.questions)
    if "growth" in options.part:
        kept["growth"] = growth(GROWN)
    kept |= {"date": str(dt.date.today()), "machine": "two CPU cores, shared"}
    write_whole(RETRIEVAL, json.dumps(kept, indent=1) + "\n")
    print(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
