"""How search grows: brute force beside Chroma's HNSW graph, on collections larger than the handbook."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_ROWS = 5000  # of one call to Chroma
_NOISE = 0.35  # length of the noise beside a vector of length 1


def grown(vectors: np.ndarray, chunks: int, seed: int = 0) -> np.ndarray:
    """``chunks`` vectors that lie as those of a handbook do: its own, then perturbed mixtures of two of them.

    They are no embeddings of real text: times and memory are right, recall only roughly.
    """
    import numpy as np

    if chunks < 1:
        raise ValueError(f"chunks is at least 1, not {chunks}.")
    rng = np.random.default_rng(seed)
    own = vectors[rng.permutation(len(vectors))[:chunks]]
    more = chunks - len(own)
    first, second = (vectors[rng.integers(len(vectors), size=more)] for _ in range(2))
    share = rng.uniform(0.5, 1.0, (more, 1)).astype(np.float32)
    noise = rng.standard_normal((more, vectors.shape[1]), dtype=np.float32)
    noise *= _NOISE / np.sqrt(vectors.shape[1])
    made = np.concatenate([own, share * first + (1 - share) * second + noise])
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def compare_searches(
    vectors: np.ndarray, queries: np.ndarray, k: int = 10, ef_search: int = 100
) -> dict[str, Any]:
    """Milliseconds a question, recall of the graph against exact search, seconds to build, megabytes.

    ``ef_search``: the candidates that a search of the graph keeps, Chroma's own 100 unless told.
    """
    import chromadb
    import numpy as np
    import psutil

    exact, exact_ms = [], []
    for query in queries:
        start = time.perf_counter()
        scores = vectors @ query
        best = np.argpartition(-scores, min(k, len(scores) - 1))[:k]
        exact.append(set(best.tolist()))
        exact_ms.append(1000 * (time.perf_counter() - start))

    client = chromadb.EphemeralClient()
    before, start = psutil.Process().memory_info().rss, time.perf_counter()
    name = f"grown-{uuid.uuid4().hex}"
    settings = {"hnsw": {"space": "cosine", "ef_search": ef_search}}
    collection = client.create_collection(name, embedding_function=None, configuration=settings)
    for at in range(0, len(vectors), _ROWS):
        part = vectors[at : at + _ROWS]
        collection.add(ids=[str(at + i) for i in range(len(part))], embeddings=part)
    build_s, graph = time.perf_counter() - start, psutil.Process().memory_info().rss - before

    hits, hnsw_ms = 0, []
    for query, nearest in zip(queries, exact, strict=True):
        start = time.perf_counter()
        found = collection.query(query_embeddings=[query], n_results=min(k, len(vectors)), include=[])
        hnsw_ms.append(1000 * (time.perf_counter() - start))
        hits += len(nearest & {int(id) for id in found["ids"][0]})
    client.delete_collection(name)
    return {
        "chunks": len(vectors),
        "ef_search": ef_search,
        "exact_p50_ms": float(np.median(exact_ms)),
        "hnsw_p50_ms": float(np.median(hnsw_ms)),
        "exact_p95_ms": float(np.percentile(exact_ms, 95)),
        "hnsw_p95_ms": float(np.percentile(hnsw_ms, 95)),
        "hnsw_recall": hits / sum(map(len, exact)),
        "build_s": build_s,
        "exact_mb": vectors.nbytes / 1e6,
        "hnsw_mb": graph / 1e6,
    }
