"""A cross-encoder: question and passage are read together, and get one score.

The embedding model has to say what a passage means before it knows the question. A cross-encoder need not,
but it must read every candidate anew for every question: it is for reranking what a search has found.

It starts from the embedding model's own weights. What was trained (a LoRA adapter, the pooler and the
classifier) comes with the course, ``reranker/``; ``python -m tools.reranker.train`` makes it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils import published

from . import embeddings
from .errors import RerankerDamaged

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

FOLDER = Path(__file__).with_name("reranker")
TRAINED = FOLDER / "trained.safetensors"
MADE_FOR = "made_for"  # key in the file's metadata: the embedding model whose weights it goes with
RANK = 16
MAX_TOKENS = 192
_TARGETS = ["query", "key", "value", "dense"]
_HEAD = ("pooler.dense", "classifier")  # trained whole: too small to be worth an adapter


def fresh_cross_encoder(seed: int = 0) -> CrossEncoder:
    """A cross-encoder with MiniLM's weights, an adapter that does nothing yet and a random classifier.

    Only adapter, pooler and classifier can be trained. Raises EmbedderNotFound, EmbedderDamaged.
    """
    import torch
    from peft import LoraConfig

    folder = embeddings._find_model()
    embeddings.verify_weights(folder)
    with published.loading_quietly(), _without_reports(), torch.random.fork_rng():
        from sentence_transformers import CrossEncoder

        torch.manual_seed(seed)
        model = CrossEncoder(
            str(folder), num_labels=1, max_length=MAX_TOKENS, device="cpu", local_files_only=True
        )
        config = LoraConfig(
            r=RANK,
            lora_alpha=2 * RANK,
            lora_dropout=0.0,
            target_modules=_TARGETS,
            exclude_modules=r".*pooler.*",
        )
        model.add_adapter(config)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = "lora_" in name or any(part in name for part in _HEAD)
    return model


@contextmanager
def _without_reports() -> Iterator[None]:
    """No report that the classifier is new: it is meant to be."""
    loggers = [logging.getLogger(name) for name in ("transformers", "sentence_transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def save_trained(model: CrossEncoder, file: Path = TRAINED) -> None:
    """Writes what can be trained, in half precision."""
    from safetensors.torch import save_file

    trained = {n: p.detach().half().contiguous() for n, p in model.named_parameters() if p.requires_grad}
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(trained, file, metadata={MADE_FOR: embeddings.WEIGHTS_SHA256})


def load_reranker(file: Path = TRAINED) -> Reranker:
    """The course's cross-encoder. Raises RerankerDamaged, EmbedderNotFound, EmbedderDamaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as kept:
            made_for = (kept.metadata() or {}).get(MADE_FOR)
            weights = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118 - no dict
    except (OSError, SafetensorError) as error:
        raise RerankerDamaged(
            f"The reranker's weights {file} cannot be read ({error}). Fetch the file again, or "
            "train it: python -m tools.reranker.train"
        ) from error
    if made_for != embeddings.WEIGHTS_SHA256:
        raise RerankerDamaged(
            f"The reranker in {file} was trained on another embedding model's weights ({made_for}) than the "
            f"course's ({embeddings.WEIGHTS_SHA256}). Train it again: python -m tools.reranker.train"
        )
    model = fresh_cross_encoder()
    missing = model.load_state_dict(weights, strict=False)
    if missing.unexpected_keys:
        raise RerankerDamaged(
            f"{file} holds weights that this model does not have ({missing.unexpected_keys[:2]}). Train it "
            "again: python -m tools.reranker.train"
        )
    return Reranker(model)


class Reranker:
    """Puts passages in the order in which a cross-encoder finds them useful for a question."""

    def __init__(self, model: CrossEncoder) -> None:
        self.model = model.eval()
        self._merged = False

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """A number from 0 to 1 for each passage: how likely it answers the question."""
        if not passages:
            return []
        self._merge()
        pairs = [(question, passage) for passage in passages]
        found = self.model.predict(pairs, batch_size=10, show_progress_bar=False)
        return [float(score) for score in found]

    def best(self, question: str, passages: Sequence[str], k: int = 3) -> list[int]:
        """The places of the ``k`` best passages, best first; of equals the earlier one."""
        scores = self.scores(question, passages)
        return sorted(range(len(passages)), key=lambda i: -scores[i])[:k]

    def _merge(self) -> None:
        """Adds the adapter into the weights, once: the same scores, without its extra multiplications."""
        if not self._merged:
            for layer in _adapted(self.model):
                if not layer.merged:  # another Reranker of the same model may have done it
                    layer.merge()
            self._merged = True


def _adapted(model: CrossEncoder) -> list[Any]:
    from peft.tuners.tuners_utils import BaseTunerLayer

    return [module for module in model.modules() if isinstance(module, BaseTunerLayer)]
