"""Which model the lessons speak to on this machine, and loading it by name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils import bundled_model, lane, published

from . import attention, prepared, speed, weights
from .errors import ModelError, ModelNotFound, UnknownModel

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

VARIABLE = "STALE_PRICES_MODEL"
SMOL = "smol"  # SmolLM2-135M-Instruct with the course's reader adapter
SMOL_INSTRUCT = "smol-instruct"  # the same without the adapter
TINY = "tiny"  # the bundled model
OURS = (SMOL, SMOL_INSTRUCT, TINY)
AUTO = "auto"  # smol where it is fast enough, else tiny

# Prompt tokens a second, below which tiny is chosen. A lesson's answers read about 150,000 tokens, and in
# five minutes, which is what Run All may take, that makes 500 a second.
FAST_ENOUGH = 500

# With RAG and an up-to-date index, the share of right answers to questions about changed prices that the
# course promises of a model. Lesson 02 holds it to that; the models' cards have other examinations.
PROMISED = {SMOL: 0.90, SMOL_INSTRUCT: 0.0, TINY: 0.65}

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Choice:
    name: str  # what load takes
    why: str  # half a sentence for the learner

    @property
    def promised(self) -> float:
        """The share of current prices from an up-to-date index that lesson 02 expects; 0 of strangers."""
        return PROMISED.get(self.name, 0.0)

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


@cache
def current() -> Choice:
    """The model of this process: what STALE_PRICES_MODEL names, else the one that suits this machine.

    Raises UnknownModel, ModelNotFound.
    """
    if named := os.environ.get(VARIABLE, "").strip():
        chosen = choose(named)
        return chosen if named.lower() == AUTO else Choice(chosen.name, f"set by {VARIABLE}; {chosen.why}")
    return choose()


def choose(wanted: str = AUTO) -> Choice:
    """The model for ``wanted``: "auto", "smol", "smol-instruct", "tiny", a hub id or a folder.

    "auto" measures the machine once and never fails: where smol is too slow or cannot be had, it is tiny, and
    ``why`` says so. Raises UnknownModel, and ModelNotFound or ModelDamaged when smol was asked for by name.
    """
    name = wanted.lower() if wanted.lower() in (AUTO, *OURS) else wanted
    if name == AUTO:
        return _by_machine()
    if name == TINY:
        return Choice(TINY, "the bundled model, which is fast everywhere")
    if name in (SMOL, SMOL_INSTRUCT):
        _ensure_weights(name)
        return Choice(name, _pace())
    _check_name(name)
    return Choice(name, "a folder" if Path(name).is_dir() else "a model of the Hugging Face hub")


def load(
    name: str | None = None, device: str | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A model, ready to answer, and its tokenizer.

    ``name``: "smol", "smol-instruct", "tiny", a hub id, a folder; by default :func:`current`'s. ``device``:
    as torch names it, by default the lane's. Raises UnknownModel, ModelNotFound, ModelDamaged, ModelError.
    """
    chosen = choose(name).name if name else current().name
    device = device or lane.current().device
    if chosen == TINY:
        return bundled_model.load(device)
    if chosen in (SMOL, SMOL_INSTRUCT):
        return _open(source(chosen), device, local=True)
    if Path(chosen).is_dir():
        return _from_folder(chosen, device)
    return _from_hub(chosen, device)


def source(name: str | None = None) -> str:
    """What ``from_pretrained`` takes for a model: its folder, or the hub id. Raises as :func:`load` does."""
    chosen = choose(name).name if name else current().name
    if chosen == TINY:
        return str(bundled_model.path())
    return str(prepared.folder(reader=chosen == SMOL)) if chosen in (SMOL, SMOL_INSTRUCT) else chosen


def dtype(device: str) -> torch.dtype:
    """The type of models other than tiny: on a CPU the faster one, on a GPU the one it has units for."""
    import torch

    if device.startswith("cuda"):
        gpu = lane.find_gpu()
        return torch.bfloat16 if gpu and gpu.bf16 else torch.float16
    return getattr(torch, speed.of_this_machine().dtype)


def _by_machine() -> Choice:
    here = lane.current()
    if here.gpu is None and speed.of_this_machine().best < FAST_ENOUGH:
        return Choice(
            TINY,
            f"smol would make you wait: {speed.of_this_machine()}, and lessons want {FAST_ENOUGH}. "
            f"{VARIABLE}={SMOL} takes it all the same; {weights.COMMAND} --measure measures again",
        )
    try:
        _ensure_weights(SMOL)
    except ModelError:
        return Choice(TINY, f"the weights of smol are not on this machine; {weights.COMMAND} fetches them")
    return Choice(SMOL, _pace())


def _pace() -> str:
    here = lane.current()
    return f"on {here.gpu.name}" if here.gpu else f"{speed.of_this_machine()}"


def _ensure_weights(name: str) -> None:
    """Raises ModelNotFound or ModelDamaged unless smol is in the cache or can be made. Fetches nothing."""
    if prepared.at_hand(reader=name == SMOL) is None:
        weights.ensure()


def _check_name(name: str) -> None:
    if Path(name).is_dir() or _HUB_ID.fullmatch(name):
        return
    raise UnknownModel(
        f"There is no model {name!r}. It can be {SMOL!r}, {SMOL_INSTRUCT!r}, {TINY!r}, the id of a model on "
        f"the Hugging Face hub ('owner/name'), or a folder with one. {VARIABLE} unset lets the course choose."
    )


def _from_folder(folder: str, device: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    try:
        return _open(folder, device, local=True)
    except (OSError, ValueError, KeyError) as problem:
        raise ModelError(
            f"The folder {folder} holds no model that transformers can read. It needs config.json, "
            f"model.safetensors and the files of the tokenizer. transformers said: {problem}"
        ) from problem


def _from_hub(name: str, device: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The hub's cache first, the hub only if it answers: without a network it would retry for minutes."""
    from huggingface_hub import constants

    try:
        return _open(name, device, local=True)
    except (OSError, ValueError):
        if published.hub_is_off() or not published.answers(constants.ENDPOINT):
            hub = "is switched off (HF_HUB_OFFLINE)" if published.hub_is_off() else "cannot be reached"
            raise ModelNotFound(
                f"{name} is not on this machine, and the Hugging Face hub {hub}. Connect to the internet, "
                f"once, or take a model that comes with the course: {VARIABLE}={TINY}."
            ) from None
    try:
        return _open(name, device, local=False)
    except (OSError, ValueError) as problem:
        raise ModelNotFound(
            f"{name} could not be fetched from the Hugging Face hub ({problem}). Check its name, and that it "
            "asks for no login."
        ) from problem


def _open(source: str, device: str, local: bool) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    how: dict[str, Any] = {"dtype": dtype(device)}
    if device == "cpu":
        how["attn_implementation"] = attention.register()
    with published.loading_quietly():
        tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=local)
        model = AutoModelForCausalLM.from_pretrained(source, local_files_only=local, **how)
    return model.to(device).eval(), tokenizer
