"""Adapters on disk: saved without a path of this machine, opened only when they are safe and fit the base.

An adapter is a folder with ``adapter_config.json`` and ``adapter_model.safetensors``. Pickled weights
(``adapter_model.bin``) are refused, because opening a pickle can run code of whoever wrote it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.finetuning.errors import (
    AdapterDamaged,
    AdapterForAnotherBase,
    AdapterMissing,
    AdapterPickled,
)
from course_utils.models import prepared

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PICKLES = {".bin", ".pt", ".pth", ".pkl", ".ckpt"}
_PREFIX = "base_model.model."  # PEFT's, before the base model's own module names
_ENDS = 2**20  # bytes hashed at either end of a weights file: a new training changes both, 16 GB are not read


def save_adapter(model: PeftModel, folder: Path, name: str = "default", half: bool = False) -> Path:
    """Save the adapter ``name`` of ``model``; the folder that :func:`load_adapter` takes.

    ``half``: the weights in float16, half the size; loading turns them into float32 again.

    PEFT notes the base model's path in the configuration. It is replaced by a fingerprint of the base, which
    is the same on every machine and lets :func:`load_adapter` notice another base of the same shape.
    """
    # save_embedding_layers: "auto" would ask the hub for the base's configuration, which blocks offline.
    model.save_pretrained(str(folder), selected_adapters=[name], save_embedding_layers=False)
    saved = folder if name == "default" else folder / name
    config = json.loads((saved / CONFIG).read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = base_fingerprint(model.get_base_model().name_or_path)
    (saved / CONFIG).write_text(json.dumps(config, indent=1, sort_keys=True), encoding="utf-8")
    if half:
        _halve(saved / WEIGHTS)
    (saved / "README.md").unlink(missing_ok=True)  # PEFT's template of a model card names that path too
    return saved


def load_adapter(
    base: PreTrainedModel | PeftModel, folder: Path | str, name: str = "default", trainable: bool = False
) -> PeftModel:
    """``base`` with the adapter in ``folder`` attached under ``name`` and switched on; changed in place.

    A model that carries adapters already gets one more. Raises AdapterMissing, AdapterPickled, AdapterDamaged
    or AdapterForAnotherBase before anything is attached.
    """
    from peft import PeftModel

    folder = Path(folder)
    examine(base, folder)
    if isinstance(base, PeftModel):
        base.load_adapter(str(folder), adapter_name=name, is_trainable=trainable)
        base.set_adapter(name)
        return base
    model = PeftModel.from_pretrained(base, str(folder), adapter_name=name, is_trainable=trainable)
    return model.train(trainable)


def _halve(file: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    weights = {name: weight.to(torch.float16) for name, weight in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})  # transformers reads the format from there


def examine(base: PreTrainedModel | PeftModel, folder: Path) -> dict[str, Any]:
    """The configuration of the adapter in ``folder``, found whole, safe and made for ``base``."""
    config = _read_config(folder)
    _check_fit(base, folder, config, _read_shapes(folder))
    return config


def base_fingerprint(name_or_path: str) -> str:
    """What an adapter notes about its base: a hub id as it is, a folder as ``name@sha256:…``.

    Hashed are the size and the first and last MiB of each weights file; for smol, what it was made of.
    """
    folder = Path(name_or_path)
    if not folder.is_dir():
        return name_or_path
    if smol := prepared.identity(folder):
        return smol
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        size = file.stat().st_size
        with file.open("rb") as weights:
            digest.update(size.to_bytes(8, "big") + weights.read(_ENDS))
            weights.seek(max(0, size - _ENDS))
            digest.update(weights.read(_ENDS))
    return f"{folder.resolve().parent.name}/{folder.name}@sha256:{digest.hexdigest()[:16]}"


def _read_config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir() or not any(folder.iterdir()):
        raise AdapterMissing(
            f"There is no adapter in {folder}. Run the cell that trains it, or name the folder that holds "
            f"{CONFIG} and {WEIGHTS}."
        )
    if not (folder / WEIGHTS).is_file():
        pickled = sorted(file.name for file in folder.iterdir() if file.suffix in PICKLES)
        if pickled:
            raise AdapterPickled(
                f"{folder.name} holds {', '.join(pickled)}, a pickle: opening it can run code of whoever "
                f"made it, so it is not opened. Ask for the adapter as {WEIGHTS}, which PEFT writes today."
            )
        raise AdapterMissing(f"{folder} holds no {WEIGHTS}: no adapter was saved there, or only in part.")
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AdapterDamaged(
            f"{folder} holds no {CONFIG}; without it nobody knows how to attach the weights."
        ) from None
    except (OSError, ValueError) as problem:
        raise AdapterDamaged(
            f"{folder / CONFIG} cannot be read ({problem}). Save or fetch the adapter again."
        ) from None
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        kind = config.get("peft_type") if isinstance(config, dict) else None
        raise AdapterDamaged(f"{folder / CONFIG} describes {kind or 'no adapter'}; this loads LoRA adapters.")
    return config


def _read_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor, from the file's header; nothing is executed and no weight is read."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / WEIGHTS, framework="numpy") as weights:
            return {key: tuple(weights.get_slice(key).get_shape()) for key in weights.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as problem:
        raise AdapterDamaged(
            f"{folder / WEIGHTS} cannot be read ({problem}): it was cut short, or is no safetensors file. "
            "Save or fetch the adapter again."
        ) from None


def _check_fit(base: Any, folder: Path, config: dict[str, Any], shapes: dict[str, tuple[int, ...]]) -> None:
    inner = base.get_base_model() if hasattr(base, "peft_config") else base
    modules = dict(inner.named_modules())
    pairs = {key: shape for key, shape in shapes.items() if ".lora_A." in key or ".lora_B." in key}
    if not pairs:
        raise AdapterDamaged(f"{folder / WEIGHTS} holds no LoRA matrices.")
    for key, shape in pairs.items():
        side = "lora_A" if ".lora_A." in key else "lora_B"
        name = key.removeprefix(_PREFIX).split(f".{side}.")[0]
        module = modules.get(name)
        # A is rank × inputs, B is outputs × rank (Hu et al. 2021, section 4.1).
        width = {"lora_A": ("in_features", -1), "lora_B": ("out_features", 0)}[side]
        wanted = getattr(module, width[0], None)
        if wanted is None or len(shape) != 2 or shape[width[1]] != wanted:
            has = "has no such layer" if wanted is None else f"needs {wanted} there"
            raise AdapterForAnotherBase(
                f"The adapter in {folder.name} was trained on another base model: its {key} is {shape}, and "
                f"this model {has}. Load the base it names: {config.get('base_model_name_or_path')}."
            )
    trained_on, here = str(config.get("base_model_name_or_path")), base_fingerprint(inner.name_or_path)
    if "@sha256:" in trained_on and "@sha256:" in here and trained_on.split("@")[1] != here.split("@")[1]:
        raise AdapterForAnotherBase(
            f"The adapter in {folder.name} was trained on {trained_on}; this base is {here}. The shapes "
            "agree, the weights do not, so its answers would be noise. Load that base, or train it again."
        )
