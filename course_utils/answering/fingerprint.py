"""What a model computes with, as one hash: two models with the same fingerprint give the same answers.

The hash is over every tensor, so a model that was trained one step more has another one. Hashing takes a
second for about 1 GB; digests are therefore kept per tensor, and taken again when its version counter,
its place in memory or its checksum say that it changed. (The checksum is not for show: writing through
``parameter.data``, as PEFT's merge does, moves no version counter.)
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import torch

MAX_BYTES = 2_000_000_000  # of weights: hashing more takes longer than answering
_ADAPTER_STATE = ("_disable_adapters", "_active_adapter", "active_adapters", "merged_adapters", "scaling")
_BLOCK = 4096
_HARMLESS_HOOKS = {"make_inputs_require_grads"}  # changes what is trained, not what is computed

_digests: WeakKeyDictionary[Any, dict[str, tuple[tuple, bytes]]] = WeakKeyDictionary()


def fingerprint(model: Any) -> str | None:
    """The hash of weights, adapters and their switches, configuration, device class and library versions.

    None for a model whose computation cannot be told from these: no plain torch module (a constrained model),
    with hooks or a replaced ``forward``, with tensors that are elsewhere (offloaded), or with more than 2 GB
    of weights.
    """
    import torch

    if not isinstance(model, torch.nn.Module) or _is_opaque(model):
        return None
    known = _digests.setdefault(model, {})
    total = hashlib.sha256(_description(model).encode())
    size, fresh = 0, {}
    for name, tensor in _tensors(model):
        size += tensor.numel() * tensor.element_size()
        if size > MAX_BYTES:
            return None
        try:
            state = _state(tensor)
            same = name in known and known[name][0] == state
            fresh[name] = known[name] if same else (state, _digest(tensor))
        except (RuntimeError, NotImplementedError, TypeError):  # a kind of tensor without bytes of its own
            return None
        total.update(name.encode() + b"\0" + fresh[name][1])
    _digests[model] = fresh
    return total.hexdigest()


def _tensors(model: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor once: parameters and buffers, also those that are not saved, and 4-bit layers' scales."""
    import torch

    named = dict(model.named_buffers()) | {
        name: value
        for name, value in model.state_dict(keep_vars=True).items()
        if isinstance(value, torch.Tensor)
    }
    seen = set()
    for name, tensor in sorted(named.items()):
        place = (tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        if tensor.data_ptr() and place in seen:
            continue  # tied, as the output layer is to the embedding
        seen.add(place)
        yield name, tensor.detach()


def _state(tensor: torch.Tensor) -> tuple:
    version = None if tensor.is_inference() else tensor._version
    kind = (tensor.shape, tensor.stride(), tensor.dtype, str(tensor.device))
    return (tensor.data_ptr(), version, *kind, _checksum(tensor))


def _checksum(tensor: torch.Tensor) -> int:
    """A number that changes with the tensor's bytes and with their order: 40 ms for 270 MB.

    Blocks of words are multiplied with random numbers and summed, with overflow, until one word is left.
    """
    import torch

    numbers = torch.randint(-(2**62), 2**62, (_BLOCK,), generator=torch.Generator().manual_seed(0))
    data = _bytes(tensor).cpu()
    words, rest = data[: data.numel() // 8 * 8].view(torch.int64), data[data.numel() // 8 * 8 :]
    while words.numel() > 1:
        whole = words.numel() // _BLOCK * _BLOCK
        last = words[whole:] @ numbers[: words.numel() - whole]
        words = torch.cat([words[:whole].view(-1, _BLOCK) @ numbers, last[None]])
    return hash((*words.tolist(), *rest.tolist()))


def _digest(tensor: torch.Tensor) -> bytes:
    head = f"{tuple(tensor.shape)} {tensor.dtype} ".encode()
    return hashlib.sha256(head + b"\0").digest() + hashlib.sha256(_bytes(tensor).cpu().numpy()).digest()


def _bytes(tensor: torch.Tensor) -> torch.Tensor:
    import torch

    return tensor.contiguous().reshape(-1).view(torch.uint8)


def _description(model: torch.nn.Module) -> str:
    """Everything besides the tensors, as text."""
    import torch

    configs = [getattr(model, "config", None), getattr(model, "generation_config", None)]
    adapters = getattr(model, "peft_config", None) or {}
    parts = [
        [
            (name, type(module).__module__, type(module).__qualname__)
            for name, module in model.named_modules()
        ],
        [config.to_json_string() for config in configs if config is not None],
        getattr(configs[0], "_attn_implementation", None),
        {name: config.to_dict() for name, config in adapters.items() if hasattr(config, "to_dict")},
        [(name, _adapter_state(module)) for name, module in model.named_modules()],
        sorted({tensor.device.type for tensor in model.parameters()}),
        [torch.is_autocast_enabled(), torch.is_autocast_enabled("cpu"), torch.get_float32_matmul_precision()],
        torch.backends.cpu.get_cpu_capability(),
        [importlib.metadata.version(name) for name in ("torch", "transformers", "peft", "bitsandbytes")],
    ]
    return json.dumps(parts, default=_text, sort_keys=True)


def _adapter_state(module: torch.nn.Module) -> dict[str, str]:
    """Which adapters a layer adds and how strongly, or whether they are switched off or merged."""
    return {name: _text(getattr(module, name)) for name in _ADAPTER_STATE if hasattr(module, name)}


def _text(value: Any) -> str:
    """A text for values JSON does not know; sets in order, so that it is the same in every process."""
    return repr(sorted(value, key=repr) if isinstance(value, set | frozenset) else value)


def _is_opaque(model: torch.nn.Module) -> bool:
    """Whether something besides modules and tensors takes part in the computation."""
    for module in model.modules():
        hooks = [*module._forward_hooks.values(), *module._forward_pre_hooks.values()]
        if any(getattr(hook, "__name__", "") not in _HARMLESS_HOOKS for hook in hooks):
            return True
        if "forward" in module.__dict__:
            return True
    return False
