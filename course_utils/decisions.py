"""Which tool for which failure: the article's questions in its order, and in the order the evidence supports.

Pure data and one function. A tree asks about a ``Situation`` and collects tools on its way; every step says
why the question matters and what to measure before believing the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

PROMPT = "a better prompt"
LOOKUP = "a lookup (tool call)"
LONG_CONTEXT = "long context with caching"
RAG = "retrieval (RAG)"
CONSTRAINED = "constrained decoding"
FINE_TUNING = "fine-tuning (LoRA)"
TOOLS = (PROMPT, LOOKUP, LONG_CONTEXT, RAG, CONSTRAINED, FINE_TUNING)

USUAL_LIMIT_TOKENS = 200_000
"""Up to here a handbook may go into the prompt whole: a rule of thumb (Anthropic 2024), about 500 pages."""


FLAGS = ("prompt_fixes_it", "needs_own_data", "is_a_table_row", "form_is_wrong", "behaviour_is_wrong")


@dataclass(frozen=True)
class Situation:
    """What is known about a failure. The defaults describe no failure at all.

    limit_tokens: what the model at hand can read at once, if that is less than the usual limit.
    """

    prompt_fixes_it: bool = False
    needs_own_data: bool = False
    is_a_table_row: bool = False
    knowledge_tokens: int = 0
    limit_tokens: int = USUAL_LIMIT_TOKENS
    form_is_wrong: bool = False
    behaviour_is_wrong: bool = False

    def __post_init__(self) -> None:
        for name in ("knowledge_tokens", "limit_tokens"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"{name} must be a whole number of tokens from 0, not {value!r}.")
        for name in FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be True or False, not {getattr(self, name)!r}.")

    @property
    def fits(self) -> bool:
        """Whether the whole knowledge goes into one prompt."""
        return self.knowledge_tokens <= min(self.limit_tokens, USUAL_LIMIT_TOKENS)


@dataclass(frozen=True)
class Question:
    """A question of a tree: how it is asked, why it matters, what to measure before answering it."""

    text: str
    why: str
    measure: str
    answer: Callable[[Situation], bool]


@dataclass(frozen=True)
class Branch:
    """What an answer leads to: a tool to add, if any, and the key of the next question, if any."""

    tool: str | None
    then: str | None


@dataclass(frozen=True)
class Tree:
    """Questions by key with their two branches; the first key is where it starts."""

    name: str
    branches: Mapping[str, tuple[Branch, Branch]]  # key of the question → (yes, no)


@dataclass(frozen=True)
class Step:
    """One question on the way through a tree."""

    question: Question
    answer: bool
    tool: str | None


@dataclass(frozen=True)
class Decision:
    """The tools a tree arrives at, in the order in which it named them, and the way it took."""

    tools: tuple[str, ...]
    steps: tuple[Step, ...]


QUESTIONS = {
    "prompt": Question(
        "Does a better system prompt fix it?",
        "It is the only tool that costs a day and nothing afterwards.",
        "The failure rate before and after, on the same sample of real questions (lesson 03).",
        lambda s: s.prompt_fixes_it,
    ),
    "data": Question(
        "Does the answer need data that is private, or newer than the model?",
        "No training on the past can know what changed since (lesson 01).",
        "Ask closed book: how often is the answer stale, how often is it made up?",
        lambda s: s.needs_own_data,
    ),
    "row": Question(
        "Is the fact a row in a database?",
        "A row is exact and current by construction; a page about it is a copy (lesson 02, sidebar).",
        "The share of questions that name product, plan and attribute clearly enough to look them up.",
        lambda s: s.is_a_table_row,
    ),
    "size": Question(
        "Does the whole knowledge fit into the prompt?",
        "Reading everything cannot miss a page, and is cheap below a few tens of thousands of cached tokens.",
        "Price per question by tokens (lesson 06); accuracy by the position of the fact in the prompt.",
        lambda s: s.fits,
    ),
    "form": Question(
        "Is what is wrong the form: fields, syntax, a label outside the list?",
        "A grammar makes a wrong form impossible; training only makes it rare (lesson 03).",
        "Validity and correctness apart: a valid ticket can still be wrong.",
        lambda s: s.form_is_wrong,
    ),
    "behaviour": Question(
        "Is the behaviour wrong – tone, judgement, skill – although examples in the prompt were tried?",
        "This is what weights are for: it should hold whatever the context says.",
        "A learning curve over the number of examples (lesson 04); what training broke: abstention first.",
        lambda s: s.behaviour_is_wrong,
    ),
}

ARTICLE = Tree(
    "the article's order",
    {
        "prompt": (Branch(PROMPT, None), Branch(None, "data")),
        # "If yes, RAG is mandatory" – and on to the size all the same, whatever the answer was.
        "data": (Branch(RAG, "size"), Branch(None, "size")),
        "size": (Branch(LONG_CONTEXT, "behaviour"), Branch(RAG, "behaviour")),
        "behaviour": (Branch(FINE_TUNING, None), Branch(None, None)),
    },
)

EVIDENCE = Tree(
    "the order the evidence supports",
    {
        "prompt": (Branch(PROMPT, None), Branch(None, "data")),
        "data": (Branch(None, "row"), Branch(None, "form")),
        "row": (Branch(LOOKUP, "form"), Branch(None, "size")),
        "size": (Branch(LONG_CONTEXT, "form"), Branch(RAG, "form")),
        "form": (Branch(CONSTRAINED, "behaviour"), Branch(None, "behaviour")),
        "behaviour": (Branch(FINE_TUNING, None), Branch(None, None)),
    },
)


def decide(situation: Situation, tree: Tree = EVIDENCE) -> Decision:
    """Walk through ``tree`` with the answers that ``situation`` gives."""
    steps: list[Step] = []
    key: str | None = next(iter(tree.branches))
    while key is not None:
        question = QUESTIONS[key]
        answer = question.answer(situation)
        branch = tree.branches[key][0 if answer else 1]
        steps.append(Step(question, answer, branch.tool))
        key = branch.then
    tools = dict.fromkeys(step.tool for step in steps if step.tool is not None)
    return Decision(tuple(tools), tuple(steps))
