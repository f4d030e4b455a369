"""Models as numbers of rows and columns: parameters, LoRA parameters, adapter files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from course_utils.costs.quantities import require

ATTENTION_QV = ("q_proj", "v_proj")
ALL_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class ModelShape:
    """A decoder of the Llama family: RMS norms, gated MLP, grouped keys and values, no biases."""

    name: str
    hidden: int
    layers: int
    query_width: int  # attention heads × head size
    key_width: int  # key/value heads × head size
    mlp_width: int
    vocabulary: int
    tied_embeddings: bool

    @classmethod
    def from_config(cls, config: Mapping[str, Any], name: str = "") -> ModelShape:
        """The shape that a Llama model's ``config.json`` describes; KeyError when it lacks an entry."""
        head = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
        return cls(
            name=name,
            hidden=config["hidden_size"],
            layers=config["num_hidden_layers"],
            query_width=head * config["num_attention_heads"],
            key_width=head * config["num_key_value_heads"],
            mlp_width=config["intermediate_size"],
            vocabulary=config["vocab_size"],
            tied_embeddings=config["tie_word_embeddings"],
        )

    @property
    def matrices(self) -> dict[str, tuple[int, int]]:
        """The linear layers of one block: name → (inputs, outputs)."""
        return {
            "q_proj": (self.hidden, self.query_width),
            "k_proj": (self.hidden, self.key_width),
            "v_proj": (self.hidden, self.key_width),
            "o_proj": (self.query_width, self.hidden),
            "gate_proj": (self.hidden, self.mlp_width),
            "up_proj": (self.hidden, self.mlp_width),
            "down_proj": (self.mlp_width, self.hidden),
        }

    @property
    def linear_parameters(self) -> int:
        """Parameters of all blocks' linear layers: what LoRA can stand beside and NF4 packs."""
        return self.layers * sum(rows * columns for rows, columns in self.matrices.values())

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the embedding and the output layer, counted once when they share their weights."""
        return self.vocabulary * self.hidden * (1 if self.tied_embeddings else 2)

    @property
    def parameters(self) -> int:
        """All parameters; two norms a block and one at the end."""
        norms = (2 * self.layers + 1) * self.hidden
        return self.linear_parameters + self.embedding_parameters + norms

    def lora_parameters(self, *, rank: int, targets: tuple[str, ...] = ALL_LINEAR) -> int:
        """Trainable parameters of LoRA: rank × (inputs + outputs) for every matrix it stands beside.

        Hu et al. 2021, arXiv 2106.09685. Raises ValueError for a target that the blocks do not have.
        """
        require(rank=rank)
        unknown = sorted(set(targets) - set(self.matrices))
        if unknown or not targets:
            raise ValueError(f"targets must be some of {list(self.matrices)}, not {unknown or 'none'}.")
        sides = (sum(self.matrices[target]) for target in targets)
        return self.layers * rank * sum(sides)


def adapter_bytes(*, parameters: int, bytes_per_parameter: int = 2) -> int:
    """Bytes of an adapter's file: 2 a parameter in bf16, 4 in fp32."""
    require(parameters=parameters)
    if bytes_per_parameter not in (1, 2, 4):
        raise ValueError(f"bytes_per_parameter must be 1, 2 or 4, not {bytes_per_parameter!r}.")
    return parameters * bytes_per_parameter


def _llama(name, hidden, layers, key_width, mlp_width, vocabulary, tied=False) -> ModelShape:
    return ModelShape(name, hidden, layers, hidden, key_width, mlp_width, vocabulary, tied)


# From the models' config.json on their publishers' pages.
SHAPES = {
    shape.name: shape
    for shape in (
        _llama("Llama-3.2-1B", 2048, 16, 512, 8192, 128_256, tied=True),
        _llama("Llama-3.2-3B", 3072, 28, 1024, 8192, 128_256, tied=True),
        _llama("Llama-2-7B", 4096, 32, 4096, 11_008, 32_000),
        _llama("Llama-3.1-8B", 4096, 32, 1024, 14_336, 128_256),
        _llama("LLaMA-65B", 8192, 80, 8192, 22_016, 32_000),
        _llama("Llama-3.1-70B", 8192, 80, 1024, 28_672, 128_256),
    )
}
