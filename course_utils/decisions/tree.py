"""Which tool for which failure: the article's questions in its order, and in this course's.

Pure data and one function. A tree asks about a ``Situation`` and collects tools on its way; every step says
why the question matters and what to measure before believing the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

PROMPT = "a better prompt"
LOOKUP = "a lookup (tool call)"
LONG_CONTEXT = "long context with caching"
RAG = "retrieval (RAG)"
CONSTRAINED = "constrained decoding"
FINE_TUNING = "fine-tuning (LoRA)"
TOOLS = (PROMPT, LOOKUP, LONG_CONTEXT, RAG, CONSTRAINED, FINE_TUNING)

MEASURE_NEXT = {
    PROMPT: "the failure rate on a fresh sample of questions; again after every change of model",
    LOOKUP: "how often the right row is asked for, and what a question gets that names no row",
    LONG_CONTEXT: "accuracy by length and by the fact's position; the share of questions that hit the cache",
    RAG: "recall at k, then right answers given the right page: two faults, two numbers (lesson 02)",
    CONSTRAINED: "each field right, given that all of it is valid (lesson 03)",
    FINE_TUNING: "the learning curve, and what training broke: abstention first (lessons 04 and 05)",
}
"""What to measure once a tool is built, to know whether it did its work."""

USUAL_LIMIT_TOKENS = 200_000
"""Up to here a handbook may go into the prompt whole: a rule of thumb (Anthropic 2024), about 500 pages."""


FLAGS = ("prompt_fixes_it", "needs_own_data", "is_a_table_row", "form_is_wrong", "behaviour_is_wrong")


@dataclass(frozen=True)
class Situation:
    """What is known about a failure; None is "not measured yet". The defaults describe no failure at all.

    limit_tokens: what the model at hand can read at once, if that is less than the usual limit.
    """

    prompt_fixes_it: bool | None = False
    needs_own_data: bool | None = False
    is_a_table_row: bool | None = False
    knowledge_tokens: int | None = 0
    limit_tokens: int = USUAL_LIMIT_TOKENS
    form_is_wrong: bool | None = False
    behaviour_is_wrong: bool | None = False

    def __post_init__(self) -> None:
        for name in ("knowledge_tokens", "limit_tokens"):
            value = getattr(self, name)
            if value is None and name == "knowledge_tokens":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"{name} must be a whole number of tokens from 0, not {value!r}.")
        for name in FLAGS:
            if not isinstance(getattr(self, name), bool | None):
                raise ValueError(
                    f"{name} must be True, False or None (not measured yet), not {getattr(self, name)!r}."
                )

    @property
    def fits(self) -> bool | None:
        """Whether the whole knowledge goes into one prompt; None when nobody has counted its tokens."""
        if self.knowledge_tokens is None:
            return None
        return self.knowledge_tokens <= min(self.limit_tokens, USUAL_LIMIT_TOKENS)


@dataclass(frozen=True)
class Question:
    """A question of a tree: how it is asked, why it matters, what to measure before answering it."""

    text: str
    why: str
    measure: str
    answer: Callable[[Situation], bool | None]


@dataclass(frozen=True)
class Branch:
    """What an answer leads to: a tool to add, if any; the key of the next question, if any; and why."""

    tool: str | None
    then: str | None
    because: str


@dataclass(frozen=True)
class Tree:
    """Questions by key with their two branches; the first key is where it starts."""

    name: str
    branches: Mapping[str, tuple[Branch, Branch]]  # key of the question → (yes, no)

    def branch(self, key: str, answer: bool) -> Branch:
        """Where an answer to the question leads."""
        return self.branches[key][0 if answer else 1]


@dataclass(frozen=True)
class Step:
    """One question on the way through a tree."""

    key: str
    question: Question
    answer: bool
    tool: str | None
    because: str


@dataclass(frozen=True)
class Decision:
    """The tools a tree arrives at, in the order in which it named them, and the way it took.

    ``open`` is the question at which the way ends because its answer was not measured yet; None when the
    tree was walked to its end.
    """

    tools: tuple[str, ...]
    steps: tuple[Step, ...]
    open: Question | None = None


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

_SIMPLEST = "Then stop here: nothing has to be built, and nothing kept up."
_NOT_THE_PROMPT = "Whatever is wrong, words alone did not cure it."
_TRAINED = "Judgement that no rule spells out has to be learnt, from examples of it."
_NOTHING_TO_TRAIN = "There is nothing that weights would have to learn."

ARTICLE = Tree(
    "the article's order",
    {
        "prompt": (Branch(PROMPT, None, _SIMPLEST), Branch(None, "data", _NOT_THE_PROMPT)),
        # "If yes, RAG is mandatory" – and on to the size all the same, whatever the answer was.
        "data": (
            Branch(RAG, "size", "Retrieval is called the only way; the next question is asked all the same."),
            Branch(None, "size", "The size is asked about even though no knowledge is missing."),
        ),
        "size": (
            Branch(LONG_CONTEXT, "behaviour", "Small enough: try the whole of it in the prompt first."),
            Branch(RAG, "behaviour", "Too much for a prompt: build a retrieval pipeline."),
        ),
        "behaviour": (
            Branch(FINE_TUNING, None, "Format, tone and reasoning are all taken for matters of training."),
            Branch(None, None, "Retrieval alone is enough."),
        ),
    },
)

CHARITABLE = Tree(
    "the article's order, read charitably",
    {
        "prompt": (Branch(PROMPT, None, _SIMPLEST), Branch(None, "data", _NOT_THE_PROMPT)),
        # What a thoughtful reader makes of it: the size matters only where knowledge is missing …
        "data": (
            Branch(None, "size", "The model has to be shown something: all of it, or a part?"),
            Branch(None, "behaviour", "No knowledge is missing, so its size does not matter."),
        ),
        "size": (  # … and "long context first" means: instead of retrieval
            Branch(LONG_CONTEXT, "behaviour", "Small enough: the whole of it goes into the prompt."),
            Branch(RAG, "behaviour", "Too much for a prompt: build a retrieval pipeline."),
        ),
        "behaviour": ARTICLE.branches["behaviour"],
    },
)

EVIDENCE = Tree(
    "the order of this course",
    {
        "prompt": (Branch(PROMPT, None, _SIMPLEST), Branch(None, "data", _NOT_THE_PROMPT)),
        "data": (
            Branch(None, "row", "The model has to be shown something. What, depends on where it is kept."),
            Branch(None, "form", "No knowledge is missing, so no knowledge tool: go on to the form."),
        ),
        "row": (
            Branch(LOOKUP, "form", "Ask the table itself: exact, current, and nothing to index."),
            Branch(None, "size", "It stands in prose, so somebody has to read it. All of it, or a part?"),
        ),
        "size": (
            Branch(LONG_CONTEXT, "form", "Instead of retrieval, not on top of it: no page can be missed."),
            Branch(RAG, "form", "Too much to read each time: find the part that matters."),
        ),
        "form": (
            Branch(
                CONSTRAINED, "behaviour", "A rule that can be written down can be enforced, without training."
            ),
            Branch(None, "behaviour", "The form is right, or free."),
        ),
        "behaviour": (Branch(FINE_TUNING, None, _TRAINED), Branch(None, None, _NOTHING_TO_TRAIN)),
    },
)


def decide(situation: Situation, tree: Tree = EVIDENCE) -> Decision:
    """Walk through ``tree`` with the answers of ``situation``, up to the first one that it does not know."""
    steps: list[Step] = []
    unanswered: Question | None = None
    key: str | None = next(iter(tree.branches))
    while key is not None:
        question = QUESTIONS[key]
        answer = question.answer(situation)
        if answer is None:
            unanswered = question
            break
        branch = tree.branch(key, answer)
        steps.append(Step(key, question, answer, branch.tool, branch.because))
        key = branch.then
    tools = dict.fromkeys(step.tool for step in steps if step.tool is not None)
    return Decision(tuple(tools), tuple(steps), unanswered)


def every_situation(sizes: Iterable[int] = (20_000, 5_000_000)) -> list[Situation]:
    """All combinations of answers, each with a knowledge of each of the ``sizes`` in tokens."""
    answers = product((True, False), repeat=len(FLAGS))
    return [
        Situation(**dict(zip(FLAGS, flags, strict=True)), knowledge_tokens=tokens)
        for flags, tokens in product(answers, tuple(sizes))
    ]
