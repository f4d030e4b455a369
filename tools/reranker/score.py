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

from course_utils import company
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
    chunks = [Chunk(f"exam#{i}", package, title, "", text) for i, (title, text, package) in enumerate(own)]
    chunks += descriptions({q["package"] for q in every})
    embedder, by_word, reranker = load_embedder(), WordIndex(chunks), load_reranker()
    vectors = embedder.encode([chunk.text for chunk in chunks])
    hits: dict[str, list[bool]] = {
        "dense": [],
        "BM25": [],
        "fused": [],
        "fused, reranked": [],
        "fused, first 10": [],
    }
    for q in asked:
        order = (-(vectors @ embedder.encode([q["question"]])[0])).argsort()[:20]
        dense, literal = [chunks[i] for i in order], by_word.search(q["question"], 20)
        both = fuse([dense, literal])
        again = [both[i] for i in reranker.best(q["question"], [c.text for c in both[:SECOND_LOOK]])]
        found = zip(hits, (dense[:3], literal[:3], both[:3], again, both[:10]), strict=True)
        for name, passages in found:
            hits[name].append(any(c.page == q["package"] and holds(c.body, q) for c in passages))
    return {
        "passages": len(chunks),
        "recall_at_3": {n: [sum(h), len(h)] for n, h in hits.items() if not n.endswith("10")},
        "recall_at_10": {"fused": [sum(hits["fused, first 10"]), len(asked)]},
    }


def growth(sizes: list[int]) -> list[dict]:
    embedder = load_embedder()
    chunks = [chunk for item in company.pages("2026-02").items() for chunk in chunk_page(*item)]
    vectors = embedder.encode([chunk.text for chunk in chunks])
    asked = company.questions("2026-02", 50, seed=8, answerable=True)
    queries = embedder.encode([q.text for q in asked])
    return [compare_searches(grown(vectors, n), queries) for n in sizes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", choices=("real_text", "growth"), nargs="*", default=["real_text", "growth"])
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--sizes", type=int, nargs="*", default=[50_000])
    options = parser.parse_args()
    kept = json.loads(RETRIEVAL.read_text(encoding="utf-8")) if RETRIEVAL.exists() else {}
    if "real_text" in options.part:
        kept["real_text"] = real_text(options.questions)
    if "growth" in options.part:
        kept["growth"] = growth(options.sizes)
    kept |= {"date": str(dt.date.today()), "machine": "two CPU cores, shared"}
    write_whole(RETRIEVAL, json.dumps(kept, indent=1) + "\n")
    print(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
