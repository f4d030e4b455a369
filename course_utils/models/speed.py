"""How fast SmolLM2 would be on this machine, and in which arithmetic. Measured once, kept in the cache."""

from __future__ import annotations

import json
import os
import platform
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils import paths

if TYPE_CHECKING:
    import torch

LAYERS = 30  # of SmolLM2-135M
MEASURED_LAYERS = 3
TOKENS = 320  # a question with three chunks
ROUNDS = 5  # the best one counts: what else runs can only make it slower
FILE = "speed.json"
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # x86, x86, ARM


@dataclass(frozen=True)
class Speed:
    """Prompt tokens a second that SmolLM2 reads here; None for a type that was not measured."""

    float32: float
    bfloat16: float | None = None

    @property
    def dtype(self) -> str:
        """The faster type, as torch names it."""
        return "bfloat16" if (self.bfloat16 or 0) > self.float32 else "float32"

    @property
    def best(self) -> float:
        return max(self.float32, self.bfloat16 or 0)

    def __str__(self) -> str:
        return f"{rounded(self.best):,} tokens a second here, in {self.dtype}"


def rounded(tokens: float) -> int:
    """Two digits: a second measurement differs in the third."""
    return int(float(f"{tokens:.2g}"))


@cache
def of_this_machine() -> Speed:
    """The speed kept for this processor, number of threads and torch; measured (2 s) if there is none."""
    return _kept() or measure_and_keep()


def measure_and_keep() -> Speed:
    """Measure anew and keep the result; without a cache to write to, the next process measures again."""
    measured = measure()
    with suppress(OSError, paths.PathsError):
        file = paths.cache_dir() / FILE
        part = file.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(_all_kept() | {machine(): asdict(measured)}, indent=1), encoding="utf-8")
        part.replace(file)
    return measured


def measure() -> Speed:
    """Time a few layers of SmolLM2's shape on a prompt of 320 tokens; needs no weights.

    bfloat16 only where the processor has units for it: elsewhere it is emulated, slower than float32.
    """
    import torch

    return Speed(_tokens_a_second(torch.float32), _tokens_a_second(torch.bfloat16) if bf16_units() else None)


def machine() -> str:
    """What the speed depends on: processor, cores, threads that torch uses, torch."""
    import torch

    threads = torch.get_num_threads()
    return f"{processor()}, {os.cpu_count()} cores, {threads} threads, torch {torch.__version__}"


def processor() -> str:
    """The processor's name, as the system tells it."""
    return _cpuinfo().get("model name") or platform.processor() or platform.machine()


def bf16_units() -> bool:
    """Whether the processor computes in bfloat16 itself. Only Linux tells; elsewhere False."""
    flags = _cpuinfo()
    return bool(_BF16_FLAGS & {*flags.get("flags", "").split(), *flags.get("Features", "").split()})


def _cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo."""
    try:
        first, *_ = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _tokens_a_second(dtype: torch.dtype) -> float:
    import torch
    from transformers import LlamaConfig, LlamaModel

    config = LlamaConfig(
        hidden_size=576, intermediate_size=1536, num_hidden_layers=MEASURED_LAYERS, num_attention_heads=9,
        num_key_value_heads=3, vocab_size=256, max_position_embeddings=8192,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):  # the learner's seed stays as it is
        model = LlamaModel(config).to(dtype).eval()
    prompt = torch.arange(TOKENS)[None] % config.vocab_size
    seconds = []
    with torch.inference_mode():
        for _ in range(1 + ROUNDS):
            start = time.perf_counter()
            model(prompt, use_cache=False)
            seconds.append(time.perf_counter() - start)
    return TOKENS / (min(seconds[1:]) * LAYERS / MEASURED_LAYERS)


def _kept() -> Speed | None:
    with suppress(KeyError, TypeError):
        return Speed(**_all_kept()[machine()])
    return None


def _all_kept() -> dict[str, dict]:
    with suppress(OSError, ValueError, paths.PathsError):
        kept = json.loads((paths.cache_dir() / FILE).read_text(encoding="utf-8"))
        if isinstance(kept, dict):
            return kept
    return {}
