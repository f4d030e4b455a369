"""Tokens that a base model has never been trained on: LoRA on the linear layers alone cannot teach them.

A token that never occurred in training was only ever pushed away from the right answer, and all such tokens
were pushed alike: their embeddings end up nearly parallel, so the model can neither tell them apart when it
reads them nor choose between them when it writes. Land and Bartolo (2024, arXiv 2405.05417) find them in
large models by the same mark. Training their few rows with the adapter repairs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PARALLEL = 0.98  # cosine above which two embeddings count as the same; trained ones stay below 0.8
TWINS = 5  # so many others must be parallel: two trained spellings of one word may be close
BLOCK = 4096  # rows of the table that are compared at once


def untrained_tokens(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: Iterable[dict[str, Any]]
) -> list[int]:
    """The ids in the rows' answers whose embeddings are parallel to those of many other tokens, sorted.

    Empty for an ordinary instruct model and ordinary text: it has met every token of them.
    """
    import torch

    table = model.get_input_embeddings().weight.detach()
    answers = (row["completion"][0]["content"] for row in rows)
    used = sorted({i for answer in answers for i in tokenizer(answer, add_special_tokens=False)["input_ids"]})
    directions = torch.nn.functional.normalize(table[used].float(), dim=1)
    twins = torch.full((len(used),), -1, device=table.device)  # each finds itself, too
    for block in table.split(BLOCK):  # in float32 all at once, a 3B's table alone takes 1.6 GB
        others = torch.nn.functional.normalize(block.float(), dim=1)
        twins += (directions @ others.T > PARALLEL).sum(dim=1)
    return [token for token, number in zip(used, twins.tolist(), strict=True) if number >= TWINS]
