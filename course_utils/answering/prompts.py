"""How a question and its pages become the text a model reads: one format for training and lessons."""

from collections.abc import Sequence

ABSTENTION = "I don't know."

# The bundled model follows these instructions; a larger model reads them as plain English.
IN_A_SENTENCE = "Answer the question in one sentence."
IN_FEW_WORDS = "Answer the question in a few words."
CITE = "Cite the page."

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def system_prompt(cite: bool = True, brief: bool = False) -> str:
    """The system message: how to answer, and whether to name the page."""
    style = IN_FEW_WORDS if brief else IN_A_SENTENCE
    return f"{style} {CITE}" if cite else style


def context_block(chunks: Sequence[str]) -> str:
    """Numbered chunks, ``[1] …``, separated by blank lines; the numbers are what the model cites."""
    return "".join(f"[{i}] {chunk}\n\n" for i, chunk in enumerate(chunks, 1))


def user_message(question: str, chunks: Sequence[str] = ()) -> str:
    """The user's turn: the retrieved chunks, if any, then the question."""
    return f"{context_block(chunks)}Question: {question}"


def messages(question: str, chunks: Sequence[str] = (), system: str | None = None) -> list[dict[str, str]]:
    """The chat for one question. ``chunks`` are texts as :class:`course_utils.retrieval.Chunk` shows them."""
    return [
        {"role": "system", "content": system or system_prompt(cite=bool(chunks))},
        {"role": "user", "content": user_message(question, chunks)},
    ]
