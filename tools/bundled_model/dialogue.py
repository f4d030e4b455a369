"""Questions about a scene and the answers the model is taught, as token rows in which many questions share one context."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from course_utils.answering.prompts import ABSTENTION, context_block, system_prompt

from . import facts, names, words
from .facts import MONTHLY
from .scenes import Chunk, Fact, Scene, Subject, scene

UNANSWERABLE = (0.1, 0.2, 0.25, 0.3)  # share of questions the context does not answer, by level
CLOSED_BOOK = 0.04  # share of rows without any page: nothing can be known, so the answer is to abstain


@dataclass(frozen=True)
class Manner:
    """How questions are asked: shares of what the context does not answer, and where wordings come from."""

    unanswerable: float  # share of questions the context leaves open
    twists: float = 0.10  # of these: an answerable question under a condition no page speaks of
    asides: float = 0.07  # of these: questions beside the point; the rest ask for a neighbour's fact
    ask: Callable[..., str] = facts.ask  # (rng, attribute, held_out, named) -> a template with {s} and {n}


MANNERS = tuple(map(Manner, UNANSWERABLE))


@dataclass(frozen=True)
class Turn:
    """One question and its answer; ``cited`` is the chunk that holds the answer (0: none)."""

    question: str
    answer: str
    value: str
    cited: int


# What no page says: a condition put on a question that would otherwise have an answer, and questions beside the point.
_TWISTS = (
    " in the summer sale", " for students", " with a coupon", " in 2009", " if we buy 10,000 of them", " for my grandmother", " on weekends", " without support", " second hand", " in crypto", " for one day only", " as a lifetime deal",
    " if we build it ourselves", " on a ship", " with a printed manual", " for our friends", " when paid in cash", " next year", " if I pay with points", " for a school class", " with a personal trainer", " during the night", " as an auction", " in a bundle with a phone",
)  # fmt: skip
_ASIDES = (
    "Who founded {s}?", "What colour is the logo of {s}?", "How many people work on {s}?", "Can I buy shares of {s}?", "Where can I get a T-shirt of {s}?", "Is there a {s} meeting in my town?", "What does the name {s} mean?",
    "Which language is {s} written in?", "Who drew the icons of {s}?", "When was {s} first released?", "Does {s} sponsor a football club?", "How do I become a partner of {s}?", "Is there a book about {s}?", "What is the phone number of the boss of {s}?",
    "How many customers does {s} have?", "Can I visit the office of {s}?", "Who won the {s} award?", "Does {s} work on a typewriter?", "What is the best alternative to {s}?", "Where can I learn to teach {s}?",
)  # fmt: skip
_GREETINGS = ("Hi, ", "Hello, ", "Hi there! ", "Good morning. ", "Hey, ", "Quick question: ", "Sorry to bother you. ", "Hello team, ", "Could you tell me: ", "Please check: ", "One question – ", "Just to be sure: ",
              "For my notes: ", "Help please: ", "Good evening, ", "Dear team, ", "Do you know this? ", "I was wondering: ", "Next question: ", "Another thing: ", "Me again. ", "Simple question: ")  # fmt: skip
_THANKS = (" Thanks!", " Thank you.", " please", " Cheers", " thx", " Many thanks.", " It is urgent.", " Asking for my team.")
_SMALL_WORDS = frozenset(("a", "an", "the", "is", "are", "does", "do", "of", "on", "for", "to", "with", "in", "we", "i", "you"))
_SWAPS = (("you", "u"), ("please", "pls"), ("what is", "whats"), ("what's", "whats"), ("does", "dos"), ("month", "mth"), ("how much", "how mch"), ("price", "prise"), ("are", "r"))


def _typo(text: str, rng: Random) -> str:
    """One slip of the finger inside a lower-case word: a swap, a loss or a doubling."""
    spots = [i for i in range(1, len(text) - 2) if text[i].islower() and text[i + 1].islower()]
    if not spots:
        return text
    i = rng.choice(spots)
    return rng.choice((text[:i] + text[i + 1] + text[i] + text[i + 2 :], text[:i] + text[i + 1 :], text[: i + 1] + text[i:]))


def _spoken(question: str, rng: Random) -> str:
    """The question as people type it: half of the time as written, else lower case, short forms, a typo, a greeting."""
    if rng.random() < 0.06:  # a word lost, as in notes and search boxes
        parts = question.split(" ")
        spots = [i for i, word in enumerate(parts) if word.lower() in _SMALL_WORDS]
        if spots:
            parts.pop(rng.choice(spots))
            question = " ".join(parts)
    if rng.random() < 0.15:
        question = rng.choice(_GREETINGS) + question[0].lower() + question[1:]
    if rng.random() < 0.1:
        question += rng.choice(_THANKS) if rng.random() < 0.6 else " " + words.benign(rng)
    if rng.random() < 0.25:
        question = question.lower()
        if rng.random() < 0.4:
            question = question.rstrip("?.! ")
        if rng.random() < 0.4:
            old, new = rng.choice(_SWAPS)
            question = question.replace(old, new)
    if rng.random() < 0.12:
        question = _typo(question, rng)
    return question


def _ask(rng: Random, manner: Manner, subject: Subject, attribute: facts.Attribute, noun: str, held_out: bool, tidy: bool = False, named: bool = False) -> str:
    """A question in one of its wordings, as people type it, or ``tidy``: the subject's own name and no slips.

    ``named``: the question has to say whom it is about, because the context tells the same of others.
    """
    template, name = manner.ask(rng, attribute, held_out, named), subject
    if subject.edition.startswith("in ") and rng.random() < 0.4:  # the customer says first where they are
        name = Subject(subject.owner, subject.plan)
        template = rng.choice(("We are {e}. ", "Our office is {e}. ", "I live {e}. ", "We pay from a bank {e}. ")).format(e=subject.edition) + template
    if tidy:
        return template.format(s=name.name, n=noun)
    question = template.format(s=name.spoken(rng), n=noun)
    return _spoken(question[0].upper() + question[1:], rng)


def _unanswerable(rng: Random, manner: Manner, world: Scene, stated: list[tuple[int, Fact]], held_out: bool) -> str:
    """A question the context leaves open: mostly a neighbour's fact, sometimes a twist or an aside."""
    kind = rng.random()
    if stated and kind < manner.twists:
        _, fact = rng.choice(stated)
        template = facts.ask(rng, fact.attribute, held_out).rstrip("?.") + rng.choice(facts._split(_TWISTS, held_out)) + "?"
        return _spoken(template.format(s=fact.subject.spoken(rng), n=fact.noun), rng)
    subject, attribute, noun = rng.choice(world.decoys)
    if kind < manner.twists + manner.asides:
        return _spoken(rng.choice(facts._split(_ASIDES, held_out)).format(s=subject.spoken(rng)), rng)
    return _ask(rng, manner, subject, attribute, noun, held_out, named=attribute.key in {fact.attribute.key for _, fact in stated})


def answer_to(fact: Fact | None, brief: bool, cited: int = 0) -> str:
    """The taught answer to a question about ``fact`` (None: not in the context), citing chunk ``cited`` unless 0."""
    if fact is None:
        return ABSTENTION
    text = fact.value if brief else facts.answer_sentence(fact.attribute, fact.noun, fact.subject.name, fact.value)
    return _cited(text, cited)


def _cited(text: str, chunk: int) -> str:
    return f"{text} [{chunk}]" if chunk else text


def turns(
    rng: Random, world: Scene, level: int, cite: bool, brief: bool, held_out: bool = False, manner: Manner | None = None
) -> Iterator[Turn]:
    """Endless questions about a scene: every fact in turn, in random order, with unanswerable twins between."""
    manner = manner or MANNERS[level]
    stated = [(i, fact) for i, chunk in enumerate(world.chunks, 1) for fact in chunk.facts]
    queue: list[tuple[int, Fact]] = []
    while stated or world.decoys:
        if world.decoys and (not stated or rng.random() < manner.unanswerable):
            yield Turn(_unanswerable(rng, manner, world, stated, held_out), ABSTENTION, "", 0)
            continue
        if not stated:
            return
        queue = queue or rng.sample(stated, len(stated))
        cited, fact = queue.pop()
        noun = fact.noun if rng.random() < 0.5 else rng.choice(fact.attribute.nouns)
        tidy = level == 1 and rng.random() < 0.6
        named = any(other.attribute.key == fact.attribute.key and other.subject != fact.subject for _, other in stated)
        yield Turn(_ask(rng, manner, fact.subject, fact.attribute, noun, held_out, tidy, named), answer_to(fact, brief, cited if cite else 0), fact.value, cited)


def shown(chunk: Chunk) -> str:
    """A chunk as a prompt shows it."""
    return f"{chunk.title} > {chunk.heading}\n{chunk.body}"


def prefix(cite: bool, brief: bool, chunks: list[str]) -> str:
    """The part of the prompt that all questions about one context share."""
    return f"<|system|>{system_prompt(cite, brief)}<|end|><|user|>{context_block(chunks)}"


def as_texts(turn: Turn) -> tuple[str, str]:
    """A turn as it continues a prefix: the question part, the answer part."""
    return f"Question: {turn.question}<|end|><|assistant|>", f"{turn.answer}<|end|>"


def closed_book(rng: Random, brief: bool) -> Iterator[Turn]:
    """Questions without any page: about things nobody told the model."""
    while True:
        scope = rng.choice(("plan", "plan", "company", "product"))
        (attribute,) = facts.attributes(rng, 1, scope)
        subject = Subject(names.brand(rng), names.plans(rng, 1)[0] if scope == "plan" else "")
        yield Turn(_ask(rng, MANNERS[3], subject, attribute, rng.choice(attribute.nouns), False), ABSTENTION, "", 0)


_LISTED = ("{s}: {v}", "{s}: {v}", "{s} > {n}\n{v}", "{s}, {n}: {v}", "| {s} | {v} |", "{n} of {s}: {v}", "{s}\n{n}: {v}")
_LOOKED_UP = ("{s}?", "{s}", "{n} of {s}?", "{s}, {n}?", "{s} {n}")


def drill(rng: Random, cite: bool, brief: bool) -> tuple[list[str], Iterator[Turn]]:
    """Recall at its barest: a list of values by name, and questions that are hardly more than the name.

    Answers are a few tokens apart and every second token bears loss, so that attention learns to find a name again
    (binding) within the first million tokens; in sentences alone it had not formed after several.
    """
    kinds = [a for a in facts.attributes(rng, 4) if not a.key.startswith("feature")][: rng.choice((1, 1, 2))] or [MONTHLY]
    n = rng.randint(2, 10) if len(kinds) == 1 else rng.randint(2, 5)
    if rng.random() < 0.5:
        product = names.brand(rng)
        subjects = [Subject(product, plan) for plan in names.plans(rng, n + 1)]
    else:
        plan = rng.choice(("", *names.plans(rng, 1)))
        subjects = [Subject(brand, plan) for brand in names.brands(rng, n + 1)]
    stated = [Fact(s, a, a.nouns[0], a.value(rng)) for s in subjects[:n] for a in kinds]
    rng.shuffle(stated)
    form = rng.choice(_LISTED if len(kinds) == 1 else [f for f in _LISTED if "{n}" in f])
    lines = [form.format(s=f.subject.name, n=f.noun, v=f.value) for f in stated]
    apart = rng.random() < 0.7
    asks = _LOOKED_UP if len(kinds) == 1 else [q for q in _LOOKED_UP if "{n}" in q]

    def endless() -> Iterator[Turn]:
        while True:
            for place, fact in rng.sample(list(enumerate(stated, 1)), len(stated)):
                if rng.random() < UNANSWERABLE[0]:
                    yield Turn(rng.choice(asks).format(s=subjects[n].name, n=fact.noun), ABSTENTION, "", 0)
                key = fact.subject.name if len(kinds) == 1 else f"{fact.subject.name}, {fact.noun}"
                cited = place if apart else 1
                answer = _cited(fact.value if brief else f"{key}: {fact.value}", cited if cite else 0)
                yield Turn(rng.choice(asks).format(s=fact.subject.name, n=fact.noun), answer, fact.value, cited)

    return lines if apart else ["\n".join(lines)], endless()


def row_texts(rng: Random, level: int) -> tuple[str, Iterator[tuple[str, str]]]:
    """One training row: the shared prefix, and endless (question part, answer part) pairs that continue it."""
    cite, brief = rng.random() < 0.6, rng.random() < (0.5 if level == 0 else 0.25)
    if level == 0:
        listed, found = drill(rng, cite, brief)
        return prefix(cite, brief, listed), map(as_texts, found)
    if rng.random() < CLOSED_BOOK:
        chunks, pairs = (), closed_book(rng, brief)
    else:
        world = scene(rng, level)
        chunks, pairs = world.chunks, turns(rng, world, level, cite, brief)
    return prefix(cite, brief, [shown(c) for c in chunks]), map(as_texts, pairs)
