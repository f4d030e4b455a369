"""From a question and chunks to text: the prompts, greedy answers to many chats, decoding under a schema.

answers = generate(model, tokenizer, [messages(question, chunks) for question, chunks in asked])
tickets = generate(constrained(model, tokenizer, Ticket), tokenizer, chats)
"""

from course_utils.answering.constrained_decoding import ConstrainedDecodingError, Unfinished, constrained
from course_utils.answering.generation import abstained, ask, citations, generate, without_citations
from course_utils.answering.memo import without_memo
from course_utils.answering.prompts import ABSTENTION, messages, system_prompt

__all__ = [
    "ABSTENTION", "ConstrainedDecodingError", "Unfinished", "abstained", "ask", "citations", "constrained",
    "generate", "messages", "system_prompt", "without_citations", "without_memo",
]  # fmt: skip
