"""Prices of an invented product in several countries: the region alone tells neighbouring values apart.

A customer rarely names the region as the page does: they say where their office is, or in which currency
they pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tools.bundled_model import dialogue, facts, names
from tools.bundled_model.scenes import Chunk, Fact, Scene, Subject, _filler

from .rows import Texts
from .vendors import MANNER, asked

# Region: the currency's name, how an amount is written in it, two of its cities.
REGIONS = {
    "the European Union": ("euros", "€{}", ("Ghent", "Turin")),
    "the United Kingdom": ("pounds", "£{}", ("Leeds", "Cardiff")),
    "Canada": ("Canadian dollars", "CA${}", ("Ottawa", "Halifax")),
    "Japan": ("yen", "¥{}", ("Kyoto", "Sapporo")),
    "Brazil": ("reais", "R${}", ("Recife", "Curitiba")),
    "India": ("rupees", "₹{}", ("Pune", "Kochi")),
    "Norway": ("kroner", "{} kr", ("Bergen", "Tromsø")),
    "Australia": ("Australian dollars", "A${}", ("Perth", "Hobart")),
    "Mexico": ("pesos", "MX${}", ("Puebla", "Mérida")),
    "Switzerland": ("francs", "CHF {}", ("Basel", "Bern")),
    "Poland": ("złoty", "{} zł", ("Gdańsk", "Lublin")),
    "the United States": ("dollars", "${}", ("Tucson", "Boston")),
}
_TITLES = (
    "{p} prices in {r}", "{p} in {r}: price list", "{p} prices in {c}",
    "What {p} costs in {r}", "{p} for customers in {r} ({c})",
)  # fmt: skip
_SAYS = (
    "In {r}, {s} costs {m}, or {y} when it is billed yearly.",
    "Customers in {r} pay {m} for {s}; with yearly billing it is {y}.",
    "{s} is {m} in {r}. On an annual contract that becomes {y}.",
    "For {r} the price of {s} is {m}. Those who pay a year ahead are charged {y}.",
    "We bill {s} in {c}: monthly {m}, yearly {y}.",
    "{s}: {m}. Paid once a year: {y}.",
)
_BEFORE = (
    "We are in {r}. ", "Our office is in {t}. ", "We sit in {t}, so {r}. ", "Billing address: {t}. ",
    "We're invoiced in {c}. ", "I'm writing from {t}. ", "Our branch in {t} asks. ", "We pay in {c}. ",
    "Head office is in {t}. ", "Our people are all in {r}. ",
)  # fmt: skip
_AFTER = (
    " in {r}", " in {c}", " for a company in {r}", " for a team in {t}", " when paid in {c}",
    " for customers in {r}", " if our address is in {t}", " with a billing address in {r}", " over in {t}",
    " ({r})",
)  # fmt: skip
DOLLARS = (
    "the United States"  # a question that names no region means its prices where they are the plain ones
)
_PLAIN = ("{p} {s} > Price", "{p} {s} plan > What it costs", "{p} price list > {s}", "{p} {s} > Pricing")


def _said(rng: Random, template: str, region: str, **slots: str) -> str:
    currency, _, cities = REGIONS[region]
    return template.format(r=region, c=currency, t=rng.choice(cities), **slots)


def _chunk(rng: Random, product: str, plan: str, region: str, plain: bool, unit: str) -> Chunk:
    """A plan's prices in one region; ``plain``: the page that names no region."""
    name, about = f"{product} {plan}", Subject(product, plan, region)
    written = REGIONS[region][1]
    stated = tuple(
        Fact(about, kind, kind.nouns[0], f"{written.format(facts.amount(rng))} {unit}".strip())
        for kind in (facts.MONTHLY, facts.YEARLY)
    )  # fmt: skip
    short = rng.random() < 0.25  # "the yearly price is $12": the unit stands with the first price alone
    yearly = stated[1].value.removesuffix(f" {unit}") if unit and short else stated[1].value
    stated = (stated[0], Fact(stated[1].subject, facts.YEARLY, stated[1].noun, yearly))
    says = rng.choice([s for s in _SAYS if not plain or "{r}" not in s])
    lines = [_said(rng, says, region, s=name, m=stated[0].value, y=yearly)]
    lines += [_filler(rng, product) for _ in range(rng.randint(0, 2))]
    if plain:
        title, heading = rng.choice(_PLAIN).format(p=product, s=plan).split(" > ")
    else:
        title = _said(rng, rng.choice(_TITLES), region, p=product)
        heading = rng.choice((name, plan, f"{name} in {REGIONS[region][0]}", f"{plan} plan"))
    return Chunk(title, heading, " ".join(lines), stated)


def scene(rng: Random, chunks: int, held_out: bool = False) -> tuple[Scene, bool]:
    """A product's plans in several regions, and whether the dollar prices are the plain ones."""
    product, plans = names.brand(rng, held_out), names.plans(rng, 4)
    plain = rng.random() < 0.6
    regions = [*rng.sample(sorted(REGIONS), 2), DOLLARS]
    pairs = list(dict.fromkeys((rng.choice(plans[:3]), region) for region in regions for _ in range(3)))
    rng.shuffle(pairs)
    unit = rng.choice(("per user per month", "per user per month", "a month", "per seat", ""))
    shown = [
        _chunk(rng, product, plan, region, plain and region == DOLLARS, unit)
        for plan, region in pairs[:chunks]
    ]
    missing = [pair for pair in [*pairs[chunks:], (plans[3], regions[0])] if pair not in pairs[:chunks]]
    decoys = [
        (Subject(product, plan, region), kind, kind.nouns[0])
        for plan, region in missing
        for kind in (facts.MONTHLY, facts.YEARLY)
    ]
    return Scene(tuple(shown), tuple(decoys)), plain


def regions(rng: Random, length: int, held_out: bool = False) -> Texts:
    """Questions about prices of plans in several countries."""
    cite, brief = rng.random() < 0.6, rng.random() < 0.25
    world, plain = scene(rng, rng.choice({384: (2, 3), 768: (3, 4, 5), 1536: (5, 6, 7)}[length]), held_out)

    def question(subject: Subject, attribute: facts.Attribute) -> str:
        template = asked(rng, attribute, held_out, named=True)
        spoken = Subject(subject.owner, subject.plan).spoken(rng)
        region = subject.edition
        if plain and region == DOLLARS:
            text = template.format(s=spoken, n=attribute.nouns[0])
        elif rng.random() < 0.45 or not template.endswith("?"):
            text = _said(rng, rng.choice(_BEFORE), region) + template.format(s=spoken, n=attribute.nouns[0])
        else:
            text = template.format(s=spoken, n=attribute.nouns[0])
            text = text[:-1] + _said(rng, rng.choice(_AFTER), region) + "?"
        return dialogue._spoken(text[0].upper() + text[1:], rng)

    def turns() -> Iterator[dialogue.Turn]:
        stated = [(n, fact) for n, chunk in enumerate(world.chunks, 1) for fact in chunk.facts]
        while True:
            for number, fact in rng.sample(stated, len(stated)):
                if rng.random() < MANNER.unanswerable:
                    subject, attribute, _ = rng.choice(world.decoys)
                    yield dialogue.Turn(question(subject, attribute), dialogue.ABSTENTION, "", 0)
                where = "" if plain and fact.subject.edition == DOLLARS else f"in {fact.subject.edition}"
                named = Subject(fact.subject.owner, fact.subject.plan, where)
                answer = dialogue.answer_to(
                    Fact(named, fact.attribute, fact.noun, fact.value), brief, number if cite else 0
                )
                yield dialogue.Turn(question(fact.subject, fact.attribute), answer, fact.value, number)

    shown = [dialogue.shown(chunk) for chunk in world.chunks]
    return dialogue.prefix(cite, brief, shown), map(dialogue.as_texts, turns())
