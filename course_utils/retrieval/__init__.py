"""Retrieval: pages to chunks, chunks to vectors, vectors to an index that is kept equal to the pages.

embedder = load_embedder()
with PageIndex(folder, embedder) as index:
    index.sync(read_pages("my_notes"))
    for hit in index.search("What does the Team plan cost?"):
        print(f"{hit.score:.2f}  {hit.chunk.page}")
"""

from .chunking import Chunk, chunk_page
from .embeddings import Embedder, load_embedder
from .errors import (
    EmbedderDamaged,
    EmbedderNotFound,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexNotReady,
    IndexNotWritable,
    NoPages,
    RetrievalError,
)
from .folder import Pages, read_pages
from .index import Hit, PageIndex, SyncReport
from .installed import installed_docs

__all__ = [
    "Chunk",
    "Embedder",
    "EmbedderDamaged",
    "EmbedderNotFound",
    "Hit",
    "IndexBusy",
    "IndexDamaged",
    "IndexMismatch",
    "IndexNotReady",
    "IndexNotWritable",
    "NoPages",
    "PageIndex",
    "Pages",
    "RetrievalError",
    "SyncReport",
    "chunk_page",
    "installed_docs",
    "load_embedder",
    "read_pages",
]
