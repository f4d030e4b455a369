"""Asking a model: greedy answers to many chats at once, and the pages its answers cite."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.answering import memo
from course_utils.answering.prompts import ABSTENTION, messages

if TYPE_CHECKING:
    from transformers import BatchEncoding, DynamicCache, PreTrainedModel, PreTrainedTokenizerBase

SHARED_TOKENS = 64  # a shorter common beginning costs less to read again than to copy

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
    16 are slower. A long beginning that all chats share, such as instructions and examples, is read once
    (:func:`shared_prefix`). Answers given before come from the memo (:mod:`course_utils.answering.memo`).
    Raises ValueError when a chat and its answer do not fit the model's context.
    """
    import torch

    prompts = [
        tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for chat in chats
    ]
    ids = [tuple(tokenizer(prompt, add_special_tokens=False)["input_ids"]) for prompt in prompts]
    window = model.config.max_position_embeddings
    longest = max((len(row) for row in ids), default=0)
    if longest + max_new_tokens > window:
        raise ValueError(
            f"A prompt of {longest} tokens and {max_new_tokens} new ones do not fit this model's context of "
            f"{window} tokens: retrieve fewer or shorter chunks."
        )
    remembered = memo.of(model, max_new_tokens, Path(__file__))
    answers = remembered.recall(ids)
    new = sorted({row: None for row in ids if row not in answers}, key=len)
    shared = shared_prefix(new)
    with _answering(model), torch.inference_mode():
        kept = _read(model, shared)
        for start in range(0, len(new), batch_size):
            part = new[start : start + batch_size]
            batch = _batch(tokenizer, part, shared).to(model.device)
            output = model.generate(
                **batch, max_new_tokens=max_new_tokens, do_sample=False,
                past_key_values=_for_rows(kept, len(part)),
            )  # fmt: skip
            rows = output[:, batch["input_ids"].shape[1] :].tolist()
            given = {row: _until_its_end(model, answer) for row, answer in zip(part, rows, strict=True)}
            remembered.keep(given)
            answers |= given
    return [tokenizer.decode(answers[row], skip_special_tokens=True).strip() for row in ids]


def shared_prefix(prompts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The tokens that all prompts begin with, if reading them only once pays; else none.

    At least one token of every prompt is left over: its output is the first word of the answer.
    """
    if len(prompts) < 2:
        return ()
    first, last = min(prompts), max(prompts)  # whatever these two share, all between them share
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    same = min(same, min(map(len, prompts)) - 1)
    return first[:same] if same >= SHARED_TOKENS else ()


def _read(model: PreTrainedModel, shared: tuple[int, ...]) -> DynamicCache | None:
    """The keys and values of the shared beginning; None of a model that keeps them itself, as Unsloth's."""
    import torch
    from transformers import DynamicCache

    if not shared:
        return None
    kept = DynamicCache(config=model.config)
    ids = torch.tensor([shared], device=model.device)
    model.forward(ids, past_key_values=kept, use_cache=True, logits_to_keep=1)
    return kept if kept.get_seq_length() == len(shared) else None


def _for_rows(kept: DynamicCache | None, rows: int) -> DynamicCache | None:
    """A copy for a batch: ``generate`` writes into what it gets."""
    if kept is None:
        return None
    copied = copy.deepcopy(kept)
    copied.batch_repeat_interleave(rows)
    return copied


def _batch(
    tokenizer: PreTrainedTokenizerBase, prompts: Sequence[tuple[int, ...]], shared: tuple[int, ...]
) -> BatchEncoding:
    """The prompts as one batch, padded on the left of what is not shared."""
    import torch

    rests = [list(prompt[len(shared) :]) for prompt in prompts]
    batch = tokenizer.pad({"input_ids": rests}, padding_side="left", return_tensors="pt")
    if shared:
        ids, mask = batch["input_ids"], batch["attention_mask"]
        start = torch.tensor([shared]).expand(len(prompts), -1)
        batch["input_ids"] = torch.cat([start, ids], dim=1)
        batch["attention_mask"] = torch.cat([torch.ones_like(start), mask], dim=1)
    return batch


def _until_its_end(model: PreTrainedModel, answer: list[int]) -> tuple[int, ...]:
    """The answer without the padding behind its last token."""
    ends = model.generation_config.eos_token_id
    ends = set(ends) if isinstance(ends, list) else {ends}
    return tuple(answer[: next((i + 1 for i, token in enumerate(answer) if token in ends), None)])


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
