"""The bundled model: a 5.9 M-parameter Llama trained from scratch on invented companies; see MODEL_CARD.md.

``tools/bundled_model`` is the program that made it. Lessons only load it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_WEIGHTS = Path(__file__).with_name("weights")


class BundledModelMissing(Exception):
    """The weights are not in this installation; the message says what to do."""


def path() -> Path:
    """The folder that ``AutoModelForCausalLM.from_pretrained`` reads."""
    if not (_WEIGHTS / "model.safetensors").is_file():
        raise BundledModelMissing(
            f"The bundled model's weights are missing from {_WEIGHTS}. A git checkout has them: run "
            "`git checkout -- course_utils/bundled_model/weights`, or install the course again."
        )
    return _WEIGHTS


def load(device: str = "cpu") -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model in float32, ready to answer, and its tokenizer. Needs no network.

    Stored as bfloat16; computed in float32, because CPUs without bfloat16 units are slow in it.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = path()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    return model, AutoTokenizer.from_pretrained(folder)
