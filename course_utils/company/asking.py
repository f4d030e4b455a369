"""Customers' questions with their right answers, as many a day as you like.

A question is a subject (a fact, or something the handbook does not hold), a wording from
`content/questions.toml` and a style. All three are drawn with `chance` from the seed, so the same call
gives the same questions everywhere. Each fact is asked once before any is asked twice.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from course_utils.company import catalogue
from course_utils.company.catalogue import (
    PLANS,
    Product,
    all_products,
    check_release,
    company_content,
    read_content,
)
from course_utils.company.chance import number, pick
from course_utils.company.markdown import in_sentence
from course_utils.company.rendering import where_stated
from course_utils.company.styles import STYLES
from course_utils.company.timeline import REGIONS, Fact, facts

Intent = Literal["price", "limit", "feature", "howto", "policy", "region_price", "addon", "unanswerable"]
Style = Literal["plain", "casual", "typo", "polite"]
Split = Literal["train", "test"]

# Of a hundred questions a day with all intents, this many are of each.
MIX: dict[Intent, int] = {
    "price": 34,
    "limit": 20,
    "feature": 11,
    "howto": 7,
    "policy": 8,
    "region_price": 6,
    "addon": 5,
    "unanswerable": 9,
}
STYLE_MIX: dict[Style, int] = {"plain": 40, "casual": 25, "typo": 20, "polite": 15}
_styles: list[Style] = [style for style, weight in STYLE_MIX.items() for _ in range(weight)]
NO_ANSWER = "I don't know."


@dataclass(frozen=True)
class Question:
    """A customer's question and what a right answer needs.

    `value` is the exact string a right answer contains ("$49"; "" when unanswerable), `answer` a whole
    right answer, `page` the page made for the fact and `pages` all pages that state it (that page first).
    Both hold for `release`.
    """

    id: str
    text: str
    intent: Intent
    fact_key: str
    answer: str
    value: str
    page: str
    release: str
    answerable: bool
    style: Style
    pages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What can be asked about, with its wordings still open."""

    intent: Intent
    key: str
    product: str
    wordings: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    answer: str = NO_ANSWER
    value: str = ""
    pages: tuple[str, ...] = ()

    def text(self, wording: int) -> str:
        """The question in one of its wordings, in plain style."""
        filled = self.wordings[wording % len(self.wordings)].format(**dict(self.places))
        filled = re.sub(r" +([?:,.])", r"\1", re.sub(" +", " ", filled)).strip()
        return filled[0].upper() + filled[1:]


def questions(
    release: str,
    n: int,
    seed: int = 0,
    intents: Collection[Intent] | None = None,
    products: Collection[str] | None = None,
    answerable: bool | None = None,
    style: Style | None = None,
    split: Split = "test",
    fact_keys: Collection[str] | None = None,
) -> list[Question]:
    """*n* questions about *release*, the same for the same arguments.

    `intents`, `products` (names such as "Tallyport"), `answerable`, `style` and `fact_keys` narrow the
    choice; None takes all. With several intents they are mixed as in `MIX`. `split` chooses the wordings.
    Raises UnknownRelease, and ValueError when an argument is unknown or nothing is left to ask about.
    """
    check_release(release)
    _check("split", [split], ("train", "test"))
    _check("intent", intents or (), MIX)
    _check("style", [style] if style else (), STYLE_MIX)
    _check("product", products or (), {subject.product for subject in _subjects(release, split)} - {""})
    chosen = [
        subject
        for subject in _subjects(release, split)
        if (intents is None or subject.intent in intents)
        and (products is None or subject.product in products)
        and (answerable is None or answerable == bool(subject.value))
        and (fact_keys is None or subject.key in fact_keys)
    ]
    if not chosen:
        raise ValueError(
            f"no question of release {release} fits these choices: widen intents, products or fact_keys"
        )
    if n < 0:
        raise ValueError(f"n must not be negative, but is {n}")

    asked = []
    for intent, count in _shares(
        n, [i for i in MIX if any(subject.intent == i for subject in chosen)]
    ).items():
        asked += _asked(
            [subject for subject in chosen if subject.intent == intent], count, seed, style, split
        )
    asked.sort(key=lambda item: number("order", seed, item[0].intent, item[0].key, item[3]))
    return [
        Question(
            id=f"{release}/{split}/{seed}/{place:05d}",
            text=text,
            intent=subject.intent,
            fact_key=subject.key,
            answer=subject.answer,
            value=subject.value,
            page=subject.pages[0] if subject.pages else "",
            release=release,
            answerable=bool(subject.value),
            style=its_style,
            pages=subject.pages,
        )
        for place, (subject, text, its_style, _) in enumerate(asked)
    ]


def wordings(split: Split) -> frozenset[str]:
    """Every wording of one split, with its places still open: "How much is {name} per month?"."""
    tables = [entry for key, entry in _wordings().items() if key not in ("missing", "strangers")]
    tables += list(_wordings()["missing"].values()) + [
        policy["ask"] for policy in company_content()["policies"]
    ]
    return frozenset(wording for entry in tables for wording in entry[split])


def _check(what: str, given: Collection[str], known: Collection[str]) -> None:
    for item in given:
        if item not in known:
            raise ValueError(f"unknown {what} {item!r}: choose among {', '.join(sorted(known))}")


def _shares(n: int, present: list[Intent]) -> dict[Intent, int]:
    """*n* divided among intents in the proportions of MIX, to the last question."""
    total = sum(MIX[intent] for intent in present)
    shares = {intent: n * MIX[intent] // total for intent in present}
    by_remainder = sorted(present, key=lambda intent: -(n * MIX[intent] % total))
    for intent in by_remainder[: n - sum(shares.values())]:
        shares[intent] += 1
    return shares


def _asked(
    subjects: list[Subject], count: int, seed: int, style: Style | None, split: Split
) -> list[tuple[Subject, str, Style, int]]:
    """*count* questions, going round all subjects before any comes again, each time in another wording."""

    def rounds() -> Iterator[tuple[Subject, int]]:
        turn = 0
        while True:
            for subject in sorted(subjects, key=lambda s: number(seed, turn, s.intent, s.key)):
                yield subject, turn
            turn += 1

    asked = []
    for subject, turn in islice(rounds(), count):
        key = (seed, split, subject.intent, subject.key)
        its_style = style or _styles[number("style", turn, *key) % len(_styles)]
        text = STYLES[its_style](subject.text(number("wording", *key) + turn), split, (turn, *key))
        asked.append((subject, text, its_style, turn))
    return asked


# --- what can be asked ------------------------------------------------------------------------


@lru_cache
def _wordings() -> dict:
    return read_content("questions.toml")


@lru_cache
def _subjects(release: str, split: Split) -> tuple[Subject, ...]:
    """Everything that can be asked about a release."""
    return (*_about_facts(release, split), *_about_nothing(release, split))


def _about_facts(release: str, split: Split) -> Iterator[Subject]:
    pages = where_stated(release)
    names = {product.name: product for product in catalogue.products(release)}
    for key, fact in facts(release).items():
        intent, wording, places = _how_to_ask(fact, names.get(fact.product), release)
        asks = _policy_asks()[fact.attribute] if intent == "policy" else _wordings()[wording]
        yield Subject(
            intent=intent,
            key=key,
            product=fact.product,
            wordings=tuple(asks[split]),
            places=(
                ("product", fact.product),
                ("plan", fact.plan),
                ("name", f"{fact.product} {fact.plan}"),
                *places,
            ),
            answer=fact.text,
            value=fact.value,
            pages=pages[key],
        )


def _how_to_ask(
    fact: Fact, product: Product | None, release: str
) -> tuple[Intent, str, tuple[tuple[str, str], ...]]:
    """Intent, table of wordings and extra places for a question about *fact*."""
    attribute = fact.attribute
    if product is None:
        return "policy", "", ()
    if attribute in ("price_monthly", "price_yearly"):
        return "price", attribute, ()
    if attribute.startswith("price_"):
        _, billing, currency = attribute.split("_")
        money = {"eur": "euros", "gbp": "pounds"}[currency]
        return "region_price", f"region_{billing}", (("region", REGIONS[currency]), ("money", money))
    if attribute == "addon_price":
        addon = next(a for a in product.addons if fact.key.endswith(f".{a['slug']}"))
        return "addon", attribute, (("addon", addon["name"]),)
    if attribute in ("menu", "first_plan"):
        feature = next(
            f for f in product.entries("features", release) if f".feature.{f['slug']}." in fact.key
        )
        return (
            ("howto" if attribute == "menu" else "feature"),
            attribute,
            (("feature", in_sentence(feature["name"])),),
        )
    for limit in product.limits:
        if attribute == limit["slug"]:
            return "limit", "limit", (("unit", limit["unit"]), ("per", limit["per"]))
    return ("feature" if attribute in ("sso", "audit_log", "branding") else "limit"), attribute, ()


@lru_cache
def _policy_asks() -> dict[str, dict[str, list[str]]]:
    return {policy["slug"]: policy["ask"] for policy in company_content()["policies"]}


def _about_nothing(release: str, split: Split) -> Iterator[Subject]:
    """Questions the handbook of *release* does not answer: missing topics, and products it does not know."""
    for product in catalogue.products(release):
        for topic, asks in _wordings()["missing"].items():
            plan = pick(PLANS, product.key, topic)
            yield _unanswerable(f"missing.{topic}.{product.key}.{plan}", product.name, plan, asks[split])
    later = [(product.key, product.name) for product in all_products() if product.since > release]
    for key, name in later + [(name.lower(), name) for name in _wordings()["strangers"]["names"]]:
        for plan in PLANS:
            for attribute in ("price_monthly", "price_yearly", "storage", "trial"):
                yield _unanswerable(
                    f"{key}.{plan}.{attribute}", "", plan, _wordings()[attribute][split], name
                )


def _unanswerable(key: str, product: str, plan: str, asks: list[str], stranger: str = "") -> Subject:
    name = product or stranger
    places = (("product", name), ("plan", plan.capitalize()), ("name", f"{name} {plan.capitalize()}"))
    return Subject("unanswerable", key, product, tuple(asks), places)
