"""What can go wrong in retrieval. Every message says what to do next."""

from __future__ import annotations


class RetrievalError(Exception):
    """Base of all errors of this package; catch it to catch them all."""


class EmbedderNotFound(RetrievalError):
    """The embedding model is nowhere on this machine and cannot be downloaded."""


class EmbedderDamaged(RetrievalError):
    """A file of the embedding model is not the published one."""


class NoPages(RetrievalError):
    """The folder of pages is missing, or holds no page that can be read."""


class IndexBusy(RetrievalError):
    """Another notebook or process holds the index."""


class IndexNotWritable(RetrievalError):
    """The index's folder cannot be written: read-only, no permission, or the disk is full."""


class IndexDamaged(RetrievalError):
    """The stored index cannot be read, or has lost rows."""


class IndexMismatch(RetrievalError):
    """The stored index was made with another embedding model."""


class IndexNotReady(RetrievalError):
    """The index is empty, or its last update did not finish; ``sync`` makes it ready."""


class RerankerDamaged(RetrievalError):
    """The reranker's weights cannot be read, or belong to another embedding model."""
