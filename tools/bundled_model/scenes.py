"""Scenes: an invented vendor, a handful of retrieved chunks of its pages, and the facts they state.

A scene is built for *binding*: its chunks mostly say the same kind of thing about neighbours (another plan of the
same product, the same plan of another product, an old or regional edition), so that only reading both the subject
and the attribute finds the right value.
"""

from dataclasses import dataclass
from random import Random

from . import facts, names, policies, words
from .facts import MONTHLY, YEARLY, Attribute


@dataclass(frozen=True)
class Subject:
    """What a fact is about. ``name`` is how an answer calls it; ``plan`` is empty for products and companies."""

    owner: str
    plan: str = ""
    edition: str = ""  # "in the EU", "(2021 plan)": a neighbour that must not be mixed up
    addon: bool = False

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.owner, self.plan, self.edition) if part)

    def spoken(self, rng: Random) -> str:
        """One of the ways a customer or a page names the subject in full."""
        if not self.plan:
            return self.name
        if self.addon:
            return rng.choice((self.name, self.name, self.plan, f"{self.plan} for {self.owner}", f"the {self.owner} add-on {self.plan}", f"{self.plan} in {self.owner}", f"the {self.plan} of {self.owner}"))
        base = rng.choice(
            (f"{self.owner} {self.plan}",) * 5
            + (f"the {self.plan} plan of {self.owner}", f"{self.owner}'s {self.plan} plan", f"the {self.owner} {self.plan} plan",
               f"{self.plan} in {self.owner}", f"the {self.plan} tier of {self.owner}", f"a {self.owner} {self.plan} subscription")
        )  # fmt: skip
        return f"{base} {self.edition}".strip()

    def short(self, rng: Random) -> str:
        """A way to name the subject on a page whose title already names it in full."""
        if not self.plan:
            return self.name
        if self.addon:
            return rng.choice((self.name, self.plan, self.plan, f"the add-on {self.plan}", f"the {self.owner} add-on {self.plan}", "it"))
        return rng.choice((self.name, self.name, f"the {self.plan} plan", self.plan, "this plan", "it"))


@dataclass(frozen=True)
class Fact:
    subject: Subject
    attribute: Attribute
    noun: str
    value: str


@dataclass(frozen=True)
class Chunk:
    title: str
    heading: str
    body: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Scene:
    chunks: tuple[Chunk, ...]
    decoys: tuple[tuple[Subject, Attribute, str], ...]  # (subject, attribute, noun) nothing in the chunks answers


_FILLERS = (
    "Changes take effect at once.", "You can change this at any time.", "Ask your administrator if you are not sure.", "This page is for administrators.",
    "Members see the change the next time they sign in.", "Nothing is lost when you switch.", "The change shows on your next invoice.", "Prices exclude taxes.",
    "Read the guide before you start.", "See also the section on security.", "Each workspace has its own settings.", "Existing customers are told by email.",
    "Our team is happy to help.", "You find the details below.", "It works in every current browser.", "The list is sorted by name.", "Most teams start here.",
    "Large teams often need more.", "The numbers apply to new and existing customers.", "We review this page every month.", "This is the plan most teams choose.",
    "Limits are counted per workspace.", "If you need more, write to us.", "Only owners can do this.", "The default suits most teams.", "An owner can turn it off.",
    "Everyone on the team can see the result.", "The page was last reviewed by the product team.", "Use it together with the mobile app.", "You keep everything you made.",
    "Unused amounts do not carry over.", "Usage is shown on the dashboard.", "A warning is sent before the limit is reached.", "This applies in every region.",
    "Contact sales for larger needs.", "Billing starts on the day you upgrade.", "The first user becomes the owner.", "Downgrades take effect at the end of the period.",
)  # fmt: skip

def _filler(rng: Random, owner: str) -> str:
    """A sentence nobody asks about; often plausible, sometimes with a number of its own."""
    kind = rng.random()
    if kind < 0.25:
        return rng.choice(_FILLERS)
    if kind < 0.42:
        return f"{owner} helps {rng.choice(words.AUDIENCES)} {rng.choice(words.JOBS)} {rng.choice(words.WORK)} {rng.choice(words.WHEN)}."
    if kind < 0.62:
        text = f"{rng.choice(words.MATTER)} {rng.choice(words.HAPPENS)} {rng.choice(words.WHEN)}."
        return text[0].upper() + text[1:]
    if kind < 0.76:
        return f"{rng.choice(words.AUDIENCES).capitalize()} can {rng.choice(words.JOBS)} and {rng.choice(words.JOBS)} {rng.choice(words.WORK)} {rng.choice(words.WHEN)}; {rng.choice(words.MATTER)} {rng.choice(words.HAPPENS)}."
    if kind < 0.84:
        return f"Note: {rng.choice(words.WORK)} are counted once every {facts.duration(rng)}."
    if kind < 0.92:
        return f"About {rng.randint(2, 98)} of 100 {rng.choice(words.AUDIENCES)} {rng.choice(words.JOBS)} {rng.choice(words.WORK)} here."
    return f"{rng.randint(1, 5)}. Open {rng.choice(words.MENUS)} and {rng.choice(words.JOBS)} {rng.choice(words.MATTER)}."


def _fact(rng: Random, subject: Subject, attribute: Attribute) -> Fact:
    return Fact(subject, attribute, rng.choice(attribute.nouns), attribute.value(rng))


def _pretty(rng: Random, title: str) -> str:
    return title if rng.random() < 0.8 else f"{title} {rng.choice(('– overview', 'guide', '| handbook', 'explained', '– reference', 'FAQ'))}"


def _prices(rng: Random, subject: Subject, per: str = "") -> tuple[Fact, Fact]:
    """A monthly price and a cheaper-looking yearly price in the same currency and unit."""
    unit = per or rng.choice(facts._PER)
    currency = rng.choice("$$$$€£")
    return tuple(
        Fact(subject, kind, rng.choice(kind.nouns), f"{currency}{facts.amount(rng)} {unit}".strip()) for kind in (MONTHLY, YEARLY)
    )


def _inner(text: str, subject: Subject) -> str:
    """A sentence as it reads after an opening: without its capital, unless that belongs to a name."""
    first = text.split()[0].rstrip(",:")
    return text if first in subject.name.split() or not first.isalpha() or first.isupper() else text[0].lower() + text[1:]


def _placed(rng: Random, subject: Subject, text: str) -> str:
    """A sentence about a regional edition that names the region itself."""
    forms = [f"In {subject.edition[3:]}, {_inner(text, subject)}", f"For customers {subject.edition}, {_inner(text, subject)}", f"{subject.edition[3:]}: {text}"]
    if text.endswith("."):
        forms += [f"{text[:-1]} {subject.edition}.", f"{text[:-1]} for customers {subject.edition}."]
    text = rng.choice(forms)
    return text[0].upper() + text[1:]


def _sentence(rng: Random, fact: Fact) -> str:
    """A page's sentence that states the fact, under a title that names the subject in full."""
    subject = fact.subject
    text = facts.statement(fact.attribute, fact.noun, subject.short(rng), fact.value, rng)
    if subject.edition.startswith("in ") and subject.edition not in text and rng.random() < 0.5:
        return _placed(rng, subject, text)
    return text


def _title(rng: Random, subject: Subject, attribute: Attribute) -> tuple[str, str]:
    """Title and heading of a section; together they name the subject in full."""
    heading = rng.choice(attribute.heading)
    if not subject.plan:
        return _pretty(rng, subject.name), heading
    if rng.random() < 0.35:
        over = rng.choice(("plans", "prices", "subscriptions", "price list", "for you")) if not subject.addon else rng.choice(("add-ons", "extensions", "more for your plan"))
        if subject.edition:
            return f"{subject.owner} {over} {subject.edition}", rng.choice((subject.name, f"{subject.owner} {subject.plan}", subject.plan))
        return f"{subject.owner} {over}", rng.choice((subject.name, subject.plan, f"The {subject.plan} plan" if not subject.addon else f"Add-on {subject.plan}"))
    if subject.addon:
        return _pretty(rng, rng.choice((subject.name, f"{subject.owner}: {subject.plan}"))), heading
    named = rng.choice((subject.name, subject.name, f"{subject.name} plan", f"{subject.owner}: the {subject.plan} plan {subject.edition}".strip()))
    return _pretty(rng, named), heading


def plan_section(rng: Random, subject: Subject, attributes: list[Attribute], length: int) -> Chunk:
    """A section of a plan's own page: sentences or bullets, with up to ``length`` filler sentences."""
    stated = [_fact(rng, subject, a) for a in attributes]
    lines: list[str] = []
    todo = list(stated)
    keys = {f.attribute.key for f in todo}
    if {"price", "yearly"} <= keys and rng.random() < 0.75:
        monthly, yearly = _prices(rng, subject)
        stated = [monthly, yearly] + [f for f in stated if f.attribute.key not in ("price", "yearly")]
        todo = stated[2:]
        text = rng.choice(facts.BOTH_SAYS).format(s=subject.short(rng), v=monthly.value, y=yearly.value)
        text = text[0].upper() + text[1:]
        placed = subject.edition.startswith("in ") and subject.edition not in text and rng.random() < 0.5
        lines.append(_placed(rng, subject, text) if placed else text)
    if todo and rng.random() < 0.25 and all(not f.attribute.key.startswith("feature") for f in todo):
        lines += ["- " + f"{f.noun}: {f.value}"[0].upper() + f"{f.noun}: {f.value}"[1:] for f in todo]
        joiner = "\n"
    else:
        mark = "- " if rng.random() < 0.15 else ""
        lines += [mark + _sentence(rng, f) for f in todo]
        joiner = "\n" if mark else rng.choice((" ", " ", "\n", "\n\n"))
    for _ in range(rng.randint(0, length)):
        lines.insert(rng.randint(0, len(lines)), _filler(rng, subject.owner))
    return Chunk(*_title(rng, subject, rng.choice(attributes)), joiner.join(lines), tuple(stated))


def faq_section(rng: Random, subject: Subject, attribute: Attribute, length: int) -> Chunk:
    """A question as the heading, its answer below."""
    fact = _fact(rng, subject, attribute)
    question = facts.ask(rng, attribute, held_out=False, named=True).format(s=subject.name, n=fact.noun)
    lines = [_sentence(rng, fact), *(_filler(rng, subject.owner) for _ in range(rng.randint(0, length // 2)))]
    title = rng.choice((f"{subject.owner} FAQ", f"{subject.owner}: questions and answers", f"Questions about {subject.owner}", "Frequently asked"))
    return Chunk(title, question[0].upper() + question[1:], " ".join(lines), (fact,))


_HERE = ("The menu is {v}.", "It is under {v}.", "Open {v}.", "You find it under {v}.", "Go to {v} and follow the steps.", "All of it happens under {v}.", "Click {v}.", "{s} keeps it under {v}.", "In {s}: {v}.", "The place for it is {v}.")
_NEEDS = ("It comes with the {v}.", "You need the {v}.", "From the {v} on.", "The {v} is required.", "It takes at least the {v}.", "Smaller plans than the {v} do not have it.")


def task_section(rng: Random, subject: Subject, length: int) -> Chunk:
    """A how-to: the title says what for, the text only where it is, and sometimes which plan it takes."""
    attribute = facts.task_or_function(rng)
    (noun,) = attribute.nouns
    stated = [Fact(subject, attribute, noun, attribute.value(rng))]
    lines = [rng.choice(_HERE).format(s=subject.name, v=stated[0].value) if rng.random() < 0.6 else _sentence(rng, stated[0])]
    if attribute.key.startswith("place:") and rng.random() < 0.5:
        needed = facts.from_plan(noun)
        stated.append(Fact(subject, needed, noun, needed.value(rng)))
        lines.append(rng.choice(_NEEDS).format(v=stated[1].value) if rng.random() < 0.6 else _sentence(rng, stated[1]))
    for _ in range(rng.randint(0, length)):
        lines.insert(rng.randint(0, len(lines)), _filler(rng, subject.owner))
    forms = [f"{subject.name} how-to: {noun}", f"{subject.name}: {noun}", f"{subject.name} guide – {noun}", f"{noun.capitalize()} ({subject.name})"]
    if attribute.key.startswith("howto:"):
        forms.append(f"How to {noun} in {subject.name}")
    return Chunk(rng.choice(forms), rng.choice(("Steps", "In short", "Where it is", "Good to know", "First steps", "Menu", noun.capitalize())), " ".join(lines), tuple(stated))


def price_table(rng: Random, owner: str, plans: list[str], edition: str = "") -> Chunk:
    """A product's price table over its plans, monthly and yearly."""
    per = rng.choice(facts._PER) or "per user per month"
    rows = [_prices(rng, Subject(owner, plan, edition), per) for plan in plans]
    head = rng.choice((("Plan", "Monthly", "Yearly"), ("Plan", "Billed monthly", "Billed yearly"), ("Tier", "Monthly price", "Annual price")))
    short = rng.random() < 0.6  # the unit stands once, above the table
    cell = (lambda v: v.split(" ", 1)[0]) if short else (lambda v: v)
    lines = [f"Prices {per}." if short else "", f"| {' | '.join(head)} |", "|---|---|---|"]
    lines += [f"| {m.subject.plan} | {cell(m.value)} | {cell(y.value)} |" for m, y in rows]
    title = rng.choice((f"{owner} prices", f"{owner}: plans compared", f"{owner} price list")) + (f" {edition}" if edition else "")
    stated = tuple(f if not short else Fact(f.subject, f.attribute, f.noun, cell(f.value)) for pair in rows for f in pair)
    return Chunk(title, rng.choice(("Prices", "Compare plans", "All plans")), "\n".join(line for line in lines if line), stated)


def plan_table(rng: Random, owner: str, plans: list[str]) -> Chunk:
    """A comparison of plans, one attribute a row."""
    chosen = [a for a in facts.attributes(rng, 4) if a.key not in ("price", "yearly")][:3] or facts.attributes(rng, 1, "product")
    nouns = {a.key: rng.choice(a.nouns) for a in chosen}
    grid = [[Fact(Subject(owner, plan), a, nouns[a.key], a.value(rng)) for plan in plans] for a in chosen]
    lines = ["| | " + " | ".join(plans) + " |", "|---" * (len(plans) + 1) + "|"]
    lines += [f"| {nouns[row[0].attribute.key].capitalize()} | " + " | ".join(f.value for f in row) + " |" for row in grid]
    return Chunk(f"{owner}: plans compared", rng.choice(("Limits", "Compare plans")), "\n".join(lines), tuple(f for row in grid for f in row))


def limit_table(rng: Random, owner: str, plans: list[str]) -> Chunk:
    """One or two attributes over the plans, a plan a row."""
    chosen = [a for a in facts.attributes(rng, 4) if a.key not in ("price", "yearly")][: rng.choice((1, 1, 2))] or [facts.MONTHLY]
    nouns = {a.key: rng.choice(a.nouns) for a in chosen}
    rows = [[Fact(Subject(owner, plan), a, nouns[a.key], a.value(rng)) for a in chosen] for plan in plans]
    full = rng.random() < 0.5
    lines = [f"| {rng.choice(('Plan', 'Subscription', ''))} | " + " | ".join(nouns[a.key].capitalize() for a in chosen) + " |", "|---" * (len(chosen) + 1) + "|"]
    lines += [f"| {row[0].subject.name if full else row[0].subject.plan} | " + " | ".join(f.value for f in row) + " |" for row in rows]
    if rng.random() < 0.5:
        lines += ["", _filler(rng, owner)]
    title = rng.choice((f"{owner} limits", f"{owner}: what is in a plan", f"{owner} plans", f"{owner} in numbers"))
    return Chunk(title, rng.choice(("Limits", "By plan", nouns[chosen[0].key].capitalize())), "\n".join(lines), tuple(f for row in rows for f in row))


def filler_section(rng: Random, owner: str, length: int) -> Chunk:
    """A section without any fact a question asks for."""
    return Chunk(_pretty(rng, owner), rng.choice(("About", "Notes", "Who it is for", "News")), " ".join(_filler(rng, owner) for _ in range(max(2, length))))


def contrast_scene(rng: Random, held_out: bool = False) -> Scene:
    """Up to nine bare statements of the same kind: only subject *and* attribute together tell them apart.

    One-line chunks, or all lines in one chunk. In longer scenes the kind of value often gives the answer away (one
    percentage, one size); here it never does, so this is where binding is learnt.
    """
    products = names.brands(rng, 3, held_out)
    plans = names.plans(rng, 4)
    about = rng.choices(("plan", "product", "rules"), (60, 20, 20))[0]
    kinds = facts.attributes(rng, 3, "product" if about == "product" else "plan")
    # Products beside products most often: a plan is one token, a brand several, and brands are what it mixes up.
    grid = rng.choice(("plans", "products", "products", "both", "both", "attributes"))
    if about == "rules":
        subjects, family = [Subject(products[0])], policies.rules(rng, 9)
    elif about == "product":
        subjects, family = [Subject(product) for product in products], kinds
    elif grid == "plans":
        subjects, family = [Subject(products[0], plan) for plan in plans], kinds[: rng.randint(1, 2)]
    elif grid == "products":
        subjects, family = [Subject(product, plans[0]) for product in products], kinds[: rng.randint(1, 2)]
    elif grid == "both":
        subjects, family = [Subject(product, plan) for product in products[:2] for plan in plans[:3]], kinds[:1]
    else:
        subjects, family = [Subject(products[0], plans[0]), Subject(products[0], plans[1])], kinds
    stated = [_fact(rng, subject, attribute) for subject in subjects for attribute in family]
    rng.shuffle(stated)
    cut = rng.randint(2, 9)
    stated, left_out = stated[:cut], stated[cut:]
    apart = rng.random() < 0.6
    lines = []
    for fact in stated:
        short = apart and rng.random() < 0.1
        lines.append(facts.statement(fact.attribute, fact.noun, fact.subject.short(rng) if short else fact.subject.name, fact.value, rng))
        if not apart and about != "rules" and fact.subject.name not in lines[-1]:  # "Price: $9." says whose it is only under a title
            lines[-1] = f"{fact.subject.name}: {lines[-1]}"
    if apart:
        titles = [policies.title(rng, products[0]) if about == "rules" else f.subject.name for f in stated]
        chunks = tuple(Chunk(title, rng.choice(f.attribute.heading), line, (f,)) for title, f, line in zip(titles, stated, lines, strict=True))
    else:
        chunks = (Chunk(products[0], rng.choice(("Overview", "Plans", "List")), rng.choice(("\n", " ")).join(lines), tuple(stated)),)
    if about == "rules":
        known = {f.attribute.key for f in stated}
        return Scene(chunks, tuple((subjects[0], a, a.nouns[0]) for a in [*(f.attribute for f in left_out), *policies.rules(rng, 4)] if a.key not in known))
    absent = Subject(names.brand(rng, held_out), plans[0] if about == "plan" else "")
    decoys = [(f.subject, f.attribute, f.noun) for f in left_out] + [(absent, a, rng.choice(a.nouns)) for a in family]
    known = {(f.subject, f.attribute.key) for f in stated}
    decoys += [(s, a, rng.choice(a.nouns)) for s in subjects for a in facts.attributes(rng, 2, about) if (s, a.key) not in known]
    return Scene(chunks, tuple(d for d in decoys if not (d[1].key == "price" and (d[0], "yearly") in known)))


def scene(rng: Random, level: int, held_out: bool = False, n_chunks: int | None = None) -> Scene:
    """A scene of a curriculum level: 1 bare contrasts, 2 up to three short chunks, 3 two to four of full length."""
    if level == 1:
        return contrast_scene(rng, held_out)
    company, *products = names.brands(rng, 4, held_out)
    plans = names.plans(rng, rng.choice((3, 4, 4, 5)))
    rng.shuffle(plans)
    length = 2 if level == 2 else 4
    n = n_chunks or (rng.choice((1, 2, 2, 3)) if level == 2 else rng.choice((2, 3, 3, 3, 4)))
    edition = rng.choice((f"in {rng.choice(names.REGIONS)}", f"in {rng.choice(names.REGIONS)}", f"({rng.randint(2014, 2025)} plan)", f"({rng.randint(2014, 2025)} plan, closed to new customers)", "legacy"))
    scope = rng.choices(("plan", "company", "product", "addon", "rules"), (56, 8, 16, 8, 12))[0]
    if scope == "rules":
        return rules_scene(rng, company, n, length)
    if scope == "company":
        subjects = [Subject(company), Subject(company, "", f"in {rng.choice(names.REGIONS)}"), *(Subject(p) for p in products)]
    elif scope == "product":
        subjects = [Subject(p) for p in products] + [Subject(company)]
    elif scope == "addon":
        extras = dict.fromkeys(
            f"{rng.choice(names._HEADS).capitalize()} {rng.choice(('add-on', 'pack', 'extension'))}" if rng.random() < 0.3 else words.function(rng).title() for _ in range(5)
        )
        subjects = [Subject(products[i // 3], e, addon=True) for i, e in enumerate(extras)]
        scope = "plan"
    else:
        subjects = [Subject(products[0], p) for p in plans] + [Subject(products[1], plans[0]), Subject(products[1], plans[1]), Subject(products[0], plans[0], edition), Subject(products[0], plans[1], edition)]
        rng.shuffle(subjects)
        if rng.random() < 0.5:  # keep one edition beside its neighbour
            subjects.sort(key=lambda s: (s.plan != plans[0], rng.random()))
    per_chunk = rng.randint(1, 3) if level == 2 else rng.randint(1, 4)
    family = facts.attributes(rng, per_chunk + 2, scope)
    chunks: list[Chunk] = []
    for i in range(n):
        kind = rng.random()
        if scope == "plan" and kind < 0.14:
            owner = products[i % 2]
            if all(f.subject.owner != owner for c in chunks for f in c.facts):
                chunks.append(rng.choice((price_table, price_table, plan_table, limit_table, limit_table))(rng, owner, plans))
                continue
        if kind > 0.93:
            chunks.append(filler_section(rng, rng.choice(products), length))
            continue
        known = {(f.subject, f.attribute.key) for c in chunks for f in c.facts}
        subject = subjects[i % len(subjects)] if rng.random() < 0.8 else rng.choice(subjects)
        if scope == "product" and kind < 0.5:
            chunks.append(task_section(rng, subject, length))
            continue
        wanted = family[:per_chunk] if rng.random() < 0.6 else facts.attributes(rng, per_chunk, scope)
        wanted = [a for a in wanted if (subject, a.key) not in known]
        if not wanted:
            chunks.append(filler_section(rng, subject.owner, length))
        elif rng.random() < 0.08:
            chunks.append(faq_section(rng, subject, wanted[0], length))
        else:
            chunks.append(plan_section(rng, subject, wanted, length))
    rng.shuffle(chunks)
    stated = {(f.subject, f.attribute.key) for c in chunks for f in c.facts}
    present = [f.subject for c in chunks for f in c.facts] or subjects
    attributes_present = [f.attribute for c in chunks for f in c.facts] or family
    decoys = []
    for _ in range(8):
        subject = rng.choice(present) if rng.random() < 0.5 else rng.choice([*subjects, Subject(names.brand(rng, held_out), rng.choice(plans) if scope == "plan" else "")])
        attribute = rng.choice(attributes_present) if rng.random() < 0.6 else rng.choice(family + facts.attributes(rng, 2, scope))
        if (subject, attribute.key) in stated or (attribute.key == "price" and (subject, "yearly") in stated):
            continue
        decoys.append((subject, attribute, rng.choice(attribute.nouns)))
    return Scene(tuple(chunks), tuple(decoys))


def rules_scene(rng: Random, company: str, n_chunks: int, length: int) -> Scene:
    """Pages of a company's rules; what a question about them leaves out is whose they are."""
    subject = Subject(company)
    sizes = [rng.randint(1, 3) for _ in range(n_chunks)]
    family = policies.rules(rng, sum(sizes) + 4)
    decoys, family = family[:4], family[4:]
    chunks: list[Chunk] = []
    for size in sizes:
        stated = [_fact(rng, subject, family.pop()) for _ in range(size)]
        lines = [_sentence(rng, f) for f in stated]
        for _ in range(rng.randint(0, length)):
            lines.insert(rng.randint(0, len(lines)), _filler(rng, company))
        joiner = rng.choice((" ", " ", " ", "\n", "\n- "))
        chunks.append(Chunk(policies.title(rng, company), rng.choice(rng.choice(stated).attribute.heading), joiner.join(lines), tuple(stated)))
    return Scene(tuple(chunks), tuple((subject, a, a.nouns[0]) for a in decoys))
