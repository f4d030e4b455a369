"""How long a customer waits for the last word of an answer."""

from __future__ import annotations

from course_utils.costs.quantities import require


def answer_ms(
    *,
    input_tokens: float,
    output_tokens: float,
    prefill_tokens_per_second: float,
    decode_tokens_per_second: float,
    retrieval_ms: float = 0,
    cached_tokens: float = 0,
    calls: int = 1,
) -> float:
    """Milliseconds for one answer: retrieve, read the prompt (prefill), write the answer (decode).

    Tokens whose keys and values are cached are not read again. ``calls`` repeats all of it, as an agent does.
    Left out: queues, the network, and that a longer context makes each written token a little slower.
    Raises ValueError when more tokens are cached than there are, or a value makes no sense.
    """
    require(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        prefill_tokens_per_second=prefill_tokens_per_second,
        decode_tokens_per_second=decode_tokens_per_second,
        retrieval_ms=retrieval_ms,
        cached_tokens=cached_tokens,
        calls=calls,
    )
    if cached_tokens > input_tokens:
        raise ValueError(
            f"cached_tokens must be from 0 to input_tokens = {input_tokens}, not {cached_tokens}."
        )
    read = (input_tokens - cached_tokens) / prefill_tokens_per_second
    write = output_tokens / decode_tokens_per_second
    return calls * (retrieval_ms + 1000 * (read + write))
