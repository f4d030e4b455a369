"""The training set before training: rows checked one by one, and what of a row is graded.

A row is TRL's prompt/completion form: ``{"prompt": [messages], "completion": [one assistant message]}``, a
message is ``{"role": …, "content": …}``. Only the completion bears loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from course_utils.answering.prompts import messages
from course_utils.finetuning.errors import BadRow, FineTuningError

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase

ROLES = ("system", "user", "assistant")


def example(question: str, answer: str, chunks: Sequence[str] = ()) -> dict[str, Any]:
    """The row that teaches ``answer`` to ``question``, with the texts of retrieved chunks in the prompt."""
    if not question.strip() or not answer.strip():
        raise FineTuningError(
            f"A training example needs a question and an answer, not {question!r} and {answer!r}."
        )
    return {"prompt": messages(question, chunks), "completion": [{"role": "assistant", "content": answer}]}


def training_set(rows: Iterable[Any]) -> Dataset:
    """The rows as a ``datasets.Dataset``. Raises BadRow for the first malformed one, counted from 1.

    Raises FineTuningError when there are none.
    """
    from datasets import Dataset

    checked = [check(row, number) for number, row in enumerate(rows, 1)]
    if not checked:
        raise FineTuningError("The training set is empty: there is nothing to learn from.")
    return Dataset.from_list(checked)


def check(row: Any, number: int) -> dict[str, Any]:
    """``row`` itself. Raises BadRow that names the row, what is wrong and what belongs there."""

    def bad(problem: str) -> BadRow:
        return BadRow(f"Row {number} of the training set: {problem}")

    if not isinstance(row, dict) or not {"prompt", "completion"} <= set(row):
        raise bad("a row is a dictionary with `prompt` and `completion`; finetuning.example() makes one.")
    for part in ("prompt", "completion"):
        if not isinstance(row[part], list) or not row[part]:
            raise bad(f"`{part}` is a list of messages, at least one.")
        for message in row[part]:
            if not isinstance(message, dict) or not {"role", "content"} <= set(message):
                raise bad(f"a message in `{part}` is a dictionary with `role` and `content`.")
            if message["role"] not in ROLES:
                raise bad(f"the role {message['role']!r} is none of {', '.join(ROLES)}.")
            if not isinstance(message["content"], str) or not message["content"].strip():
                raise bad(f"the {message['role']} message in `{part}` has no text.")
    if row["prompt"][-1]["role"] != "user":
        raise bad("the prompt ends with the user's message: that is what the model learns to answer.")
    if [message["role"] for message in row["completion"]] != ["assistant"]:
        raise bad("the completion is one assistant message, the answer to be learnt.")
    return row


def graded(row: dict[str, Any], tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """(token ids, loss mask) of a row, both of the same length; the loss counts where the mask is 1.

    Raises BadRow when the chat template writes something before the answer, as those of models do that think
    first: it would be learnt as a part of every answer.
    """
    prompt = tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
    answer = row["completion"][0]["content"].strip()
    if not whole.startswith(prompt + answer):
        written = whole[len(prompt) :].partition(answer)[0]
        raise BadRow(
            f"This base's chat template writes {written!r} before the answer, which would be learnt as a part"
            " of it. Take a base that answers at once: an instruct model without a thinking mode."
        )
    ids = tokenizer(whole, add_special_tokens=False)["input_ids"]
    start = len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
    return ids, [0] * start + [1] * (len(ids) - start)


def check_lengths(rows: Iterable[dict[str, Any]], tokenizer: PreTrainedTokenizerBase, max_length: int) -> int:
    """The longest row in tokens. Raises BadRow when the answer of a row would be cut off at ``max_length``.

    A row whose prompt alone fills ``max_length`` has no graded token left: the trainer would learn nothing
    from it and not say so.
    """
    longest = 0
    for number, row in enumerate(rows, 1):
        length = len(graded(row, tokenizer)[0])
        if length > max_length:
            raise BadRow(
                f"Row {number} of the training set has {length} tokens and max_length is {max_length}: its "
                "answer, which stands last, would be cut off. Raise max_length or shorten the row."
            )
        longest = max(longest, length)
    return longest
