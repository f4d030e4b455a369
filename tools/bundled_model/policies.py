"""Rules of a company as an open-ended family of facts: deadlines, fees, discounts, and who may do what.

No rule names the company, and no question about one does; what tells two rules apart is the thing they are about.
"""

from random import Random

from . import words
from .facts import Attribute, amount, clock, duration, percent

_THING = (
    "contract", "refund", "licence key", "security report", "data export", "lost password", "audit report", "deleted account", "complaint", "invoice copy", "closed workspace", "signed form", "change of address",
    "bug report", "purchase order", "failed payment", "new release", "price change", "planned interruption", "certificate", "question about privacy", "request for deletion", "replacement card", "credit note", "objection",
    "call for help", "gift card", "reseller account", "discount request", "trial account", "backup", "penetration test", "new supplier", "order by post", "tax form", "shared login", "damaged parcel", "legal request", "feature wish",
)  # fmt: skip
_DONE = ("returned", "answered", "confirmed", "erased", "sent out", "checked", "published", "reviewed", "announced", "repaired", "approved", "delivered", "restored", "forwarded", "signed", "paid out", "recorded", "blocked", "replaced", "closed")
_KEPT = ("log files", "paper copies", "deleted records", "call recordings", "closed accounts", "old versions", "test data", "chat messages", "scanned papers", "job applications", "error reports", "visitor lists", "audit trails", "unpaid invoices", "search terms", "door codes")
_ROLES = ("owner", "administrator", "billing manager", "editor", "team lead", "data officer", "account manager", "first user", "accountant", "support engineer", "security officer", "reviewer", "project lead", "managing director", "shift lead", "librarian")
_VERBS = ("close", "open", "move", "rename", "approve", "delete", "invite", "export", "unlock", "merge", "sign", "share", "change", "cancel", "order", "print")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _deadline(rng: Random) -> Attribute:
    thing, done = rng.choice(_THING) if rng.random() < 0.7 else words.function(rng), rng.choice(_DONE)
    n = _a(thing)
    return Attribute(
        f"deadline:{thing}:{done}", (f"time until {n} is {done}",), duration,
        (f"{n} is {done} within {{v}}.", f"{n} is {done} after {{v}} at the latest.", f"It takes up to {{v}} until {n} is {done}.", f"Allow {{v}} for {n} to be {done}.", f"We promise that {n} is {done} within {{v}}.",
         f"Within {{v}}, {n} is {done}.", f"{n}: {done} within {{v}}.", f"You can expect {n} to be {done} in {{v}}."),
        (f"How long does it take until {n} is {done}?", f"When is {n} {done}?", f"How fast is {n} {done}?", f"Within what time is {n} {done}?", f"How soon is {n} {done}?",
         f"By when will {n} be {done}?", f"How quickly will {n} be {done}?", f"{thing} {done} when?", f"How many days or hours until {n} is {done}?", f"I am waiting for {n} to be {done}. How long will it be?",
         f"Until when do you have {n} {done}?", f"What time do you need until {n} is {done}?", f"How much time passes before {n} is {done}?", f"Do you promise a time for {n} to be {done}?", f"What is the deadline for {n} being {done}?"),
        f"{n[0].upper()}{n[1:]} is {done} within {{v}}.", scope="company", heading=("Deadlines", f"{thing.capitalize()}", f"About {n}", "What we promise", "Procedure"),
    )  # fmt: skip


def _kept(rng: Random) -> Attribute:
    n = rng.choice(_KEPT)
    return Attribute(
        f"kept:{n}", (f"retention of {n}",), duration,
        (f"{n} are kept for {{v}}.", f"We store {n} for {{v}}.", f"After {{v}}, {n} are erased.", f"{n} stay with us for {{v}}, then they are gone.", f"{n}: {{v}}.", f"{n} are removed after {{v}}."),
        (f"How long are {n} kept?", f"How long do you keep {n}?", f"When are {n} erased?", f"After what time do you remove {n}?", f"What is the storage time of {n}?",
         f"For how long do you store {n}?", f"{n}, kept how long?", f"How old can {n} get?", f"When do {n} disappear?", f"Do you delete {n}, and after how long?"),
        f"{n.capitalize()} are kept for {{v}}.", scope="company", heading=("Storage times", "Retention", n.capitalize(), "What is kept"),
    )  # fmt: skip


def _fee(rng: Random) -> Attribute:
    thing = rng.choice(_THING)
    n = _a(thing)
    money = f"{rng.choice('$$$€£')}"
    return Attribute(
        f"fee:{thing}", (f"fee for {n}",), lambda r: money + amount(r),
        (f"The fee for {n} is {{v}}.", f"{n} costs {{v}}.", f"We charge {{v}} for {n}.", f"{{v}} is due for {n}.", f"For {n} you pay {{v}} once.", f"{n}: {{v}}."),
        (f"What does {n} cost?", f"Is there a fee for {n}, and how much?", f"How much do you charge for {n}?", f"What do I pay for {n}?", f"What is due for {n}?",
         f"fee for {n}?", f"How expensive is {n}?", f"Do I have to pay for {n}? How much?", f"What is the charge for {n}?", f"{thing}, what price?"),
        f"{n[0].upper()}{n[1:]} costs {{v}}.", scope="company", heading=("Fees", "What it costs", thing.capitalize(), "Charges"),
    )  # fmt: skip


def _discount(rng: Random) -> Attribute:
    who = rng.choice(words.AUDIENCES)
    return Attribute(
        f"discount:{who}", (f"discount for {who}",), percent,
        (f"{who} get {{v}} off.", f"The discount for {who} is {{v}}.", f"We take {{v}} off for {who}.", f"{who} pay {{v}} less.", f"{who}: {{v}} off the list price.", f"A discount of {{v}} is given to {who}."),
        (f"What discount is meant for {who}?", f"How much do {who} save?", f"What is the discount for {who}?", f"How much less do {who} pay?", f"What do you take off for {who}?",
         f"discount {who}?", f"Is it cheaper for {who}, and by how much?", f"How large is the reduction for {who}?", f"How many percent off are there for {who}?", f"Do {who} get a better price?"),
        f"The discount for {who} is {{v}}.", scope="company", heading=("Discounts", "Special prices", who.capitalize(), "Who pays less"),
    )  # fmt: skip


def _role(rng: Random) -> Attribute:
    task = f"{rng.choice(_VERBS)} {_a(rng.choice(_THING) if rng.random() < 0.5 else words.function(rng))}"
    return Attribute(
        f"role:{task}", (f"who may {task}",), lambda r: f"the {r.choice(_ROLES)}",
        (f"Only {{v}} can {task}.", f"To {task}, ask {{v}}.", f"It takes {{v}} to {task}.", f"If you want to {task}, turn to {{v}}."),
        (f"Who can {task}?", f"Whom do I ask to {task}?", f"Who is allowed to {task}?", f"I want to {task}, who does that?", f"Which role may {task}?",
         f"Who has the right to {task}?", f"who may {task}?", f"Whose job is it to {task}?", f"Can I {task} myself, or who can?", f"Who would {task} for us?"),
        f"Only {{v}} can {task}.", scope="company", heading=("Roles", "Who decides", "Rights", "Responsibilities"),
    )  # fmt: skip


def _rhythm(rng: Random) -> Attribute:
    n = f"the {words.function(rng)}"
    often = rng.random() < 0.5
    return Attribute(
        f"rhythm:{n}", (f"time of {n}",), (lambda r: f"every {duration(r)}") if often else clock,
        (f"{n} runs {{v}}.", f"We update {n} {{v}}.", f"{n} is renewed {{v}}.", f"{n}: {{v}}.") if often else (f"{n} is open from {{v}}.", f"You can use {n} from {{v}}.", f"{n} works from {{v}}.", f"{n}: {{v}}."),
        (f"How often does {n} run?", f"How often is {n} updated?", f"At what interval is {n} renewed?", f"{n}, how often?", f"What is the rhythm of {n}?") if often
        else (f"When is {n} open?", f"At what time can I use {n}?", f"From when to when does {n} work?", f"{n}, what hours?", f"What are the hours of {n}?"),
        f"{n[0].upper()}{n[1:]} runs {{v}}." if often else f"{n[0].upper()}{n[1:]} is open from {{v}}.", scope="company", heading=("Schedule", "Times", "When"),
    )  # fmt: skip


_FAMILIES = (_deadline, _deadline, _deadline, _deadline, _kept, _kept, _fee, _fee, _discount, _role, _role, _rhythm)


def rules(rng: Random, n: int) -> list[Attribute]:
    """``n`` different rules; more often than chance would have it several of one family, while it has any left."""
    families = _FAMILIES if rng.random() < 0.6 else (rng.choice(_FAMILIES),)
    chosen: dict[str, Attribute] = {}
    tries = 0
    while len(chosen) < n:
        rule = rng.choice(families if tries < 50 * n else _FAMILIES)(rng)
        chosen.setdefault(rule.key, rule)
        tries += 1
    return list(chosen.values())


def title(rng: Random, company: str) -> str:
    """The title of a page of rules."""
    topic = rng.choice((words.function(rng), rng.choice(_THING), rng.choice(_KEPT))).capitalize()
    return rng.choice((f"{topic} policy", f"{topic} policy", f"{topic} rules", f"{company} terms", f"How we work: {topic.lower()}", f"{company}: {topic.lower()}", f"{topic} – what we promise", "General terms"))
