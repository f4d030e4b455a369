"""Constrained decoding: a model that can only write JSON documents that fit a schema.

At every step llguidance says which tokens can still lead to a valid document; all others get probability
zero, and the model chooses among the rest. Nothing is trained. The library compiles the schema and keeps
its place in it (github.com/guidance-ai/llguidance); this module puts it between a transformers model and
its ``generate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from llguidance import LLMatcher
    from pydantic import BaseModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# One way to write a document, that of json.dumps. Where any white space may stand, a model that does not know
# how to go on writes line breaks until its tokens are used up; escapes such as \u0041 only make strings long.
_STYLE = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    "json_allowed_escapes": '"\\bfnrt',
}


class ConstrainedDecodingError(Exception):
    """The schema, the tokenizer or the settings cannot be used; the message says what to do."""


class Unfinished(ConstrainedDecodingError):
    """The tokens were used up before a document was complete."""


def constrained(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    schema: type[BaseModel] | Mapping[str, Any],
) -> ConstrainedModel:
    """``model``, but its ``generate`` can only write documents that fit ``schema``.

    ``schema`` is a pydantic class or a JSON Schema. Use the result wherever the model stood:
    ``answering.generate(constrained(…), tokenizer, chats, max_new_tokens=…)``. Works with any causal language
    model of transformers and any fast tokenizer that keeps all characters. The model is neither copied nor
    changed.

    Raises ConstrainedDecodingError when no document can fit the schema, when llguidance does not know one of
    its keywords, or when the tokenizer cannot be used; its ``generate`` raises Unfinished when
    ``max_new_tokens`` did not suffice.
    """
    import llguidance
    from llguidance import hf

    if hasattr(schema, "model_json_schema"):
        schema = schema.model_json_schema()
    if not isinstance(schema, Mapping):
        raise ConstrainedDecodingError(
            f"The schema is a pydantic class or a JSON Schema as a dict, not {type(schema).__name__}."
        )
    try:
        tokens = hf.from_tokenizer(tokenizer, eos_token=_end_tokens(model, tokenizer))
        grammar = llguidance.LLMatcher.grammar_from_json_schema(dict(schema), overrides=_STYLE)
        problem = llguidance.LLMatcher.validate_grammar(grammar, tokens)
    except ConstrainedDecodingError:
        raise
    except Exception as error:  # llguidance raises bare Exceptions and ValueErrors
        raise ConstrainedDecodingError(
            f"This tokenizer or schema cannot be used for constrained decoding ({error}). It needs a fast "
            "tokenizer whose tokens spell out every character, and a schema that JSON can hold."
        ) from error
    if problem:
        raise ConstrainedDecodingError(
            f"No document can be written for this schema: {problem}. Correct the schema, or leave out the "
            "keyword that is named."
        )
    start = llguidance.LLMatcher(tokens, grammar, log_level=0)
    _allowed(start)  # says at once if not even the first token can be written
    return ConstrainedModel(model, start)


class ConstrainedModel:
    """A model and a schema; made by :func:`constrained`. Everything but ``generate`` is the model's own."""

    def __init__(self, model: PreTrainedModel, start: LLMatcher) -> None:
        self._model = model
        self._start = start

    def __getattr__(self, name: str) -> Any:
        if name == "_model":  # not there yet, while a copy is being unpickled
            raise AttributeError(name)
        return getattr(self._model, name)

    def generate(self, *inputs: Any, **settings: Any) -> torch.Tensor:
        """As ``model.generate``, with the constraint: greedy or sampled, one row or a batch."""
        asked = settings.get("generation_config") or self._model.generation_config
        if (settings.get("num_beams") or asked.num_beams or 1) > 1:
            raise ConstrainedDecodingError("Beam search shuffles rows: use greedy decoding or sampling.")
        narrow = _Narrow(self._start)
        processors = [*settings.pop("logits_processor", ()), narrow]
        output = self._model.generate(*inputs, logits_processor=processors, **settings)
        narrow.finish(output if not hasattr(output, "sequences") else output.sequences)
        return output


class _Narrow:
    """A logits processor: keeps a place in the schema for every row, and forbids what leads nowhere."""

    def __init__(self, start: LLMatcher) -> None:
        self._start = start
        self._places: list[LLMatcher] = []
        self._length = 0

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        """Shapes: input_ids (rows, tokens so far), scores (rows, vocabulary)."""
        import numpy as np
        import torch

        if not self._places:
            self._places = [self._start.deep_copy() for _ in range(len(input_ids))]
        else:
            self._advance(input_ids)
        self._length = input_ids.shape[1]

        allowed = np.zeros(scores.shape, dtype=bool)  # the vocabulary may be padded beyond the tokenizer's
        for row, place in zip(allowed, self._places, strict=True):
            found = _allowed(place)[: len(row)]
            row[: len(found)] = found
        return scores.masked_fill(~torch.from_numpy(allowed).to(scores.device), float("-inf"))

    def _advance(self, input_ids: torch.LongTensor) -> None:
        if input_ids.shape != (len(self._places), self._length + 1):
            raise ConstrainedDecodingError(
                "Constrained decoding follows one token a step: switch assisted decoding off."
            )
        for place, token in zip(self._places, input_ids[:, -1].tolist(), strict=True):
            # A complete document takes nothing more: what follows is the end token, and padding.
            if not place.is_stopped() and not place.consume_token(token):
                raise _dead_end(place)

    def finish(self, output: torch.LongTensor) -> None:
        """Raises Unfinished unless every row of ``output`` (prompts and answers) holds a whole document."""
        if self._places and output.shape[1] == self._length + 1:
            self._advance(output)
        unfinished = sum(not place.is_accepting() for place in self._places)
        if unfinished:
            raise Unfinished(
                f"{unfinished} of {len(self._places)} documents were not complete when the tokens were used "
                "up: raise max_new_tokens, or bound the schema: maxLength for strings, maxItems for arrays, "
                "additionalProperties false (pydantic: extra='forbid') so that no fields are invented."
            )


def _allowed(place: LLMatcher) -> Any:
    """Which tokens may come next: a boolean numpy array over the tokenizer's vocabulary."""
    import numpy as np

    bits = np.frombuffer(place.compute_bitmask(), dtype=np.uint8)
    if place.is_error():  # found while computing: the end token alone is then left in the mask
        raise _dead_end(place)
    return np.unpackbits(bits, bitorder="little").astype(bool)


def _dead_end(place: LLMatcher) -> ConstrainedDecodingError:
    reason = place.get_error().partition("\n")[0]  # the rest is the library's inner state
    return ConstrainedDecodingError(
        f"No token leads on to a document that fits the schema ({reason}). Either this tokenizer lacks a "
        "character that the schema demands, or the schema is too complex: simplify its patterns."
    )


def _end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The tokens at which ``generate`` stops: chat models often have several."""
    ends = getattr(model.generation_config, "eos_token_id", None)
    if ends is None:
        ends = tokenizer.eos_token_id
    if ends is None:
        raise ConstrainedDecodingError(
            "Neither the model nor the tokenizer names an end token: set tokenizer.eos_token."
        )
    return list(ends) if isinstance(ends, list | tuple) else [ends]
