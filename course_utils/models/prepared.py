"""SmolLM2 as transformers reads it, in the cache: made once from the published weights, compared on load.

The weights are published in 4 bits; making them plain takes about 15 seconds, so the result is kept: 270 MB
in bfloat16, with the course's reader adapter merged into it. A manifest holds the sha256 of every file.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils import paths, published

from . import weights
from .errors import ModelDamaged, ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

READER = Path(__file__).with_name("reader")  # the reader adapter, a folder as PEFT saves it
FORMAT = 2  # raise it when what is made from the same weights changes
MANIFEST = "manifest.json"
END = "<|im_end|>"  # ends a turn in the model's chat template
_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
_WAIT = 600  # seconds for another process to finish; it needs 15, on a slow disk a few times that


def folder(reader: bool = True) -> Path:
    """The folder that ``from_pretrained`` reads; made on first use, and again if it is damaged.

    ``reader``: with the course's reader adapter (if it is in this installation), else the instruct model as
    it was published. Raises ModelNotFound, ModelDamaged (the published files), ModelError when it cannot be
    written, PathsError.
    """
    adapter = READER if reader else None
    target = _place(adapter)
    if whole(target):
        return target
    with _lock(target):
        if whole(target):  # another process made it meanwhile
            return target
        if target.exists():
            print("The copy of smol in the cache was damaged; it is made anew (about 15 s).")
        else:
            print("Making smol ready, once on this machine (about 15 s) …")
        _make(target, weights.find(), adapter)
    return target


def at_hand(reader: bool = True) -> Path | None:
    """The folder if it was made before, else None. Its files are looked for, not compared."""
    target = _place(READER if reader else None)
    return target if (target / MANIFEST).is_file() else None


def source(target: Path) -> str:
    """Where the weights of the folder ``target`` came from, half a sentence for the learner."""
    try:
        return str(json.loads((target / MANIFEST).read_text(encoding="utf-8"))["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return "a copy that is damaged and will be made anew"


def identity(folder: Path) -> str | None:
    """What the model in a prepared folder was made of, as one name; None for any other folder.

    Not the hash of its files: merging the adapter may differ between processors in the last digit.
    """
    try:
        made = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return _named(made["gguf"], made["adapter"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def expected(reader: bool = True) -> str:
    """The :func:`identity` of the folder that this installation makes, whether it is made already or not."""
    return _named(weights.SHA256, adapter_sha256(READER if reader else None))


def _named(gguf: str, adapter: str | None) -> str:
    return f"smollm2@sha256:{hashlib.sha256(f'{gguf} {adapter}'.encode()).hexdigest()[:16]}"


def whole(target: Path) -> bool:
    """Whether every file in ``target`` is as it was made (0.2 s with a CPU that knows sha256, else 1 s)."""
    try:
        files = json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]
        return bool(files) and all(published.sha256_of(target / name) == sha for name, sha in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def adapter_sha256(adapter: Path | None) -> str | None:
    """The sha256 over the adapter's files; None without one. Raises ModelDamaged when it is not complete."""
    there = [adapter / name for name in _ADAPTER_FILES if (adapter / name).is_file()] if adapter else []
    if not there:
        return None
    if len(there) < len(_ADAPTER_FILES):
        raise ModelDamaged(
            f"The reader adapter in {paths.shown(adapter)} is not complete. A git checkout has it: run "
            f"`git checkout -- {paths.shown(adapter)}`, or install the course again."
        )
    return hashlib.sha256("".join(map(published.sha256_of, there)).encode()).hexdigest()


def _place(adapter: Path | None) -> Path:
    made_of = f"{FORMAT} {weights.SHA256} {adapter_sha256(adapter)}"
    return paths.cache_dir() / "models" / f"smollm2-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """One process makes the folder, the others wait for it."""
    from filelock import FileLock, Timeout

    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f"{target.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("Another notebook is making smol ready; waiting for it …")
        try:
            lock.acquire(timeout=_WAIT)
        except Timeout:
            raise ModelError(
                f"Another process has been making smol ready for {_WAIT // 60} minutes. Shut down the other "
                "notebooks (Kernel → Shut Down All Kernels) and run the cell again."
            ) from None
    try:
        yield
    finally:
        lock.release()


def _make(target: Path, found: weights.Weights, adapter: Path | None) -> None:
    """Write the folder under another name and rename it: nobody ever sees half of it."""
    for left in target.parent.glob(f"{target.name}.part-*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    try:
        part = Path(tempfile.mkdtemp(prefix=f"{target.name}.part-", dir=target.parent))
        try:
            with published.loading_quietly():
                model, tokenizer = _plain(found.file, adapter)
                model.save_pretrained(part)
            tokenizer.save_pretrained(part)
            manifest = {
                "source": found.source,
                "gguf": weights.SHA256,
                "adapter": adapter_sha256(adapter),
                "made with": {name: importlib.metadata.version(name) for name in ("transformers", "gguf")},
                "files": {file.name: published.sha256_of(file) for file in sorted(part.iterdir())},
            }
            (part / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
            if target.exists():
                shutil.rmtree(target)
            part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as problem:
        raise ModelError(
            f"smol could not be written to {paths.shown(target.parent)} ({problem.strerror or problem}). "
            f"Make room for 0.3 GB there, or set {paths.HOME_VARIABLE} to a folder on another disk."
        ) from problem


def _plain(file: Path, adapter: Path | None) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model of a GGUF file in bfloat16, with the adapter merged in float32 before it is rounded."""
    import torch
    from tokenizers import decoders
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    except ImportError as problem:
        raise ModelError(
            "The package gguf, which reads the weights, is missing. Run `make setup` in the course's folder, "
            "or `pip install -e .`, and restart the kernel."
        ) from problem
    if adapter_sha256(adapter):
        model = _merged(model, adapter)
    model.to(torch.bfloat16)
    # It is a plain model now: with these two left, saving would write down that it is quantized.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    tokenizer.eos_token = tokenizer.pad_token = END  # the file names <|im_start|>, and a turn ends with this
    tokenizer.clean_up_tokenization_spaces = False
    # The conversion adds a decoder for tokens with "▁". These are byte-level, as what reads a tokenizer's
    # bytes from its description (llguidance) has to know.
    tokenizer.backend_tokenizer.decoder = decoders.ByteLevel()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    for config in (model.config, model.generation_config):
        config.eos_token_id = config.pad_token_id = tokenizer.convert_tokens_to_ids(END)
    return model, tokenizer


def _merged(model: PreTrainedModel, adapter: Path) -> PreTrainedModel:
    from peft import PeftModel

    return PeftModel.from_pretrained(model, adapter).merge_and_unload(safe_merge=True)
