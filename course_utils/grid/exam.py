"""The exam: one desk's customers ask about prices in January, and word for word again in February."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from course_utils import company
from course_utils.company import Question, facts
from course_utils.evaluation import states
from course_utils.retrieval import Hit

JANUARY, FEBRUARY = "2026-01", "2026-02"
MONTHS = {"January": JANUARY, "February": FEBRUARY}
REPEATS = 3  # each with its own questions and, where an arm is trained, its own adapter
# Four of ten products: their pages are embedded in a third of the time that all 500 take.
PRODUCTS = ("Tallyport", "Pingrove", "Quillbase", "Meetfern")
CHANGED, SAME, OTHER, UNANSWERABLE = 12, 4, 8, 8  # questions of one repeat
SEED = 50  # of the first repeat's questions; the adapters' training questions have other seeds and wordings

Kind = Literal["changed", "same", "other", "unanswerable"]


@dataclass(frozen=True)
class Case:
    """One question of the exam with the passages that retrieval found for it."""

    question: Question
    kind: Kind
    other_price: str  # what the same question is worth in the other month; "" where that makes no difference
    passages: tuple[str, ...]
    pages: tuple[str, ...]  # of the passages, in their order

    @property
    def told(self) -> bool:
        """Whether a passage states the answer, on a page that does. No passage does where there is none."""
        places = zip(self.pages, self.passages, strict=True)
        return any(page in self.question.pages and states(text, self.question.value) for page, text in places)


def desk_pages(release: str) -> dict[str, str]:
    """The handbook's pages about the desk's products, path to text."""
    folders = tuple(f"products/{name.lower()}/" for name in PRODUCTS)
    return {path: text for path, text in company.pages(release).items() if path.startswith(folders)}


def price_keys() -> list[str]:
    """The monthly prices of the desk's plans: what is learnt by heart, and what is asked."""
    return [
        key
        for key, fact in facts(JANUARY).items()
        if fact.attribute == "price_monthly" and fact.product in PRODUCTS
    ]


def questions(release: str, repeat: int) -> list[tuple[Kind, Question]]:
    """The questions of one repeat: changed prices over-represented, a quarter about anything but monthly
    prices (limits, features, menus; such as February leaves alone), a quarter without an answer.

    The same wordings in both months; right answers and pages are those of ``release``.
    """
    january, february = facts(JANUARY), facts(FEBRUARY)
    changed = [key for key in price_keys() if january[key].value != february[key].value]
    same = sorted(set(price_keys()) - set(changed))
    other = [
        key
        for key, fact in january.items()
        if fact.product in PRODUCTS and fact.attribute != "price_monthly" and fact.value == _now(key)
    ]
    seed = SEED + repeat
    parts: dict[Kind, list[Question]] = {
        "changed": company.questions(release, CHANGED, seed=seed, fact_keys=changed),
        "same": company.questions(release, SAME, seed=seed, fact_keys=same),
        "other": company.questions(release, OTHER, seed=seed, fact_keys=other),
        "unanswerable": _unanswerable(release, seed),
    }
    return [(kind, question) for kind, part in parts.items() for question in part]


def _now(key: str) -> str | None:
    """A fact's value in February; None where it is gone."""
    fact = facts(FEBRUARY).get(key)
    return fact.value if fact else None


def cases(release: str, repeat: int, search: Callable[[str], Sequence[Hit]]) -> list[Case]:
    """The questions of one repeat with what ``search`` finds for each in an index of that month."""
    other = facts(JANUARY if release == FEBRUARY else FEBRUARY)
    made = []
    for kind, question in questions(release, repeat):
        chunks = [hit.chunk for hit in search(question.text)]
        made.append(
            Case(
                question,
                kind,
                other[question.fact_key].value if kind == "changed" else "",
                tuple(chunk.text for chunk in chunks),
                tuple(chunk.page for chunk in chunks),
            )
        )
    return made


def _unanswerable(release: str, seed: int) -> list[Question]:
    """Questions without an answer in either month, about the desk's products.

    Only such as both months ask in the same words: a product that comes in February has answers then.
    """
    drawn = company.questions(release, 3 * UNANSWERABLE, seed=seed, products=PRODUCTS, answerable=False)
    other = JANUARY if release == FEBRUARY else FEBRUARY
    twins = company.questions(other, 3 * UNANSWERABLE, seed=seed, products=PRODUCTS, answerable=False)
    shared = {question.text for question in drawn} & {question.text for question in twins}
    return [question for question in drawn if question.text in shared][:UNANSWERABLE]
