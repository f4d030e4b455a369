"""Asking a model: greedy answers to many chats at once, and the pages its answers cite."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from course_utils.answering.prompts import ABSTENTION, messages

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Chat = list[dict[str, str]]
_CITATION = re.compile(r"\s*\[(\d+)\]")


def generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    chats: Sequence[Chat],
    max_new_tokens: int = 64,
    batch_size: int = 16,
) -> list[str]:
    """The model's greedy answer to each chat, in order; special tokens removed.

    Chats of similar length are computed together, so that little is padded; on two cores larger batches than
    16 are slower. Raises ValueError when a chat and its answer do not fit the model's context.
    """
    import torch

    prompts = [
        tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for chat in chats
    ]
    ids = [tokenizer(prompt, add_special_tokens=False)["input_ids"] for prompt in prompts]
    window = model.config.max_position_embeddings
    longest = max((len(row) for row in ids), default=0)
    if longest + max_new_tokens > window:
        raise ValueError(
            f"A prompt of {longest} tokens and {max_new_tokens} new ones do not fit this model's context of "
            f"{window} tokens: retrieve fewer or shorter chunks."
        )
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    answers = [""] * len(ids)
    with _answering(model), torch.inference_mode():
        for start in range(0, len(order), batch_size):
            part = order[start : start + batch_size]
            batch = tokenizer.pad(
                {"input_ids": [ids[i] for i in part]}, padding_side="left", return_tensors="pt"
            )
            batch = batch.to(model.device)
            output = model.generate(**batch, max_new_tokens=max_new_tokens, do_sample=False)
            texts = tokenizer.batch_decode(output[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
            for i, text in zip(part, texts, strict=True):
                answers[i] = text.strip()
    return answers


@contextmanager
def _answering(model: PreTrainedModel):
    """Evaluation mode while answering, then the former mode: a trainer's model may be asked in between."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def ask(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    question: str,
    chunks: Sequence[str] = (),
) -> str:
    """The answer to one question: closed book, or from ``chunks`` (retrieved texts) with a citation."""
    if not question.strip():
        raise ValueError("The question is empty: write one.")
    return generate(model, tokenizer, [messages(question, chunks)])[0]


def citations(answer: str) -> list[int]:
    """The chunk numbers an answer cites, from 1, in order: ``"It costs $9. [2]"`` gives ``[2]``."""
    return [int(n) for n in _CITATION.findall(answer)]


def without_citations(answer: str) -> str:
    """The answer's words alone."""
    return _CITATION.sub("", answer).strip()


def abstained(answer: str) -> bool:
    """Whether the answer says that the model does not know."""
    return answer.strip().lower().startswith(ABSTENTION.rstrip(".").lower())
