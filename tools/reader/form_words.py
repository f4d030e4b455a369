"""What texts of invented vendors' customers say, slot by slot, and what an explained form may call it.

A slot is one thing that a text states: who writes, how many they are, what they want. Each has sentences that state
it, names a form may give its field, and words that explain the field. Every fifth sentence and every fifth name is
held out of training (``facts.ask`` splits its wordings in the same way).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tools.bundled_model import facts, names, words

# Never a field's name: the course has a ticket of its own, and the reader must not know it.
RESERVED = frozenset(
    ["ticket", "ticket_id", "intent", "category", "priority", "product", "plan", "answer", "summary", "sentiment", "escalate", "action", "next_step", "sources", "confidence", "status", "reply"]
)  # fmt: skip
ALWAYS_STATED = ("label", "flag")  # kinds of fields whose value is never left open by a text


@dataclass(frozen=True)
class Slot:
    """One thing a text may state. ``draw`` gives the value and what sentences show of it.

    ``kind``: "text", "number", "label", "flag" or "list"; a flag's sentences hold the one for yes and the one for no.
    ``labels``: for a label, each label's cue sentences; a text need not name the label itself.
    """

    kind: str
    names: tuple[str, ...]
    meaning: tuple[str, ...]
    says: tuple[str, ...] = ()
    draw: Callable[[Random, bool], tuple[Any, str]] = lambda rng, held_out: ("", "")
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _same(make: Callable[[Random], Any]) -> Callable[[Random, bool], tuple[Any, str]]:
    """A value that stands in the sentence as it stands in the form."""

    def draw(rng: Random, held_out: bool) -> tuple[Any, str]:
        value = make(rng)
        return value, str(value)

    return draw


_FIRST = (
    "Ada",
    "Bo",
    "Carla",
    "Dmitri",
    "Esra",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kim",
    "Lena",
    "Marek",
    "Nadia",
    "Omar",
    "Petra",
    "Quinn",
    "Rosa",
    "Sven",
    "Tara",
    "Uma",
    "Viktor",
    "Wanda",
    "Yusuf",
    "Zoe",
)
_LAST = (
    "Abel",
    "Brandt",
    "Castro",
    "Dahl",
    "Eklund",
    "Fuchs",
    "Greco",
    "Hansen",
    "Ibarra",
    "Jansen",
    "Kaya",
    "Lindt",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quist",
    "Rossi",
    "Silva",
    "Tanaka",
    "Ueda",
    "Vogel",
    "Weiss",
    "Yilmaz",
    "Zeman",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DEVICES = (
    "an iPad",
    "an old laptop",
    "Windows",
    "a Mac",
    "Android",
    "my phone",
    "Linux",
    "a tablet",
    "Firefox",
    "Safari",
)
_TRIED = (
    "restarting",
    "another browser",
    "a new password",
    "clearing the cache",
    "a second account",
    "waiting a day",
    "the mobile app",
    "reinstalling",
    "another network",
    "an older file",
)
_LIKED = (
    "the search",
    "the colours",
    "the speed",
    "the mobile app",
    "the reports",
    "the calendar",
    "the import",
    "the help pages",
    "the price",
    "the keyboard shortcuts",
)


def _person(rng: Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def _date(rng: Random) -> str:
    return f"{rng.randint(1, 28)} {rng.choice(_MONTHS)}"


def _code(rng: Random) -> str:
    return (
        f"{rng.choice('ABCDEFGHKLMNPRSTVWXZ')}{rng.choice('ABCDEFGHKLMNPRSTVWXZ')}-{rng.randint(1000, 99999)}"
    )


def _money(rng: Random, held_out: bool) -> tuple[float | int, str]:
    value = rng.choice((rng.randint(2, 99), rng.randint(100, 999), rng.randint(200, 9999) / 100))
    return value, f"${value:,}" if isinstance(value, int) else f"${value:,.2f}"


def _list_of(pool: tuple[str, ...]) -> Callable[[Random, bool], tuple[list[str], str]]:
    def draw(rng: Random, held_out: bool) -> tuple[list[str], str]:
        chosen = rng.sample(pool, rng.choice((1, 2, 2, 3)))
        return chosen, chosen[0] if len(chosen) == 1 else ", ".join(chosen[:-1]) + " and " + chosen[-1]

    return draw


_YES_NO = lambda rng, held_out: (rng.random() < 0.6, "")  # noqa: E731

_MATTER = {
    "money": ("The invoice has the wrong total.", "You took the payment twice.", "Our card was refused.", "I do not understand the last bill.", "We were charged after we had left."),
    "access": ("I cannot get in any more.", "My password is not accepted.", "The invitation link is dead.", "It says that my account is locked.", "The login page turns in circles."),
    "speed": ("Every page takes a minute to open.", "It has become terribly slow.", "Lists take ages since the update.", "I wait and wait for each click.", "The reports crawl."),
    "lost data": ("Half of our records are gone.", "My notes of last week have vanished.", "After the import a column is empty.", "The folder is empty now, and it was full.", "Two hundred entries disappeared overnight."),
    "wish": ("Could you add a dark theme?", "It would be great to sort by colour.", "We would love an export to spreadsheets.", "Please build a calendar view some day.", "A reminder by text message is all I still wish for."),
    "praise": ("I just want to say that your team is wonderful.", "Thank you, this saved us weeks.", "We are very happy with it.", "Great work on the new version!", "Nobody here wants to work without it any more."),
    "leaving": ("We want to close our account.", "Please end our contract.", "We are moving to somebody else.", "This does not fit us; how do we get out?", "Do not renew us, please."),
    "training": ("Could somebody show us how it works?", "Our new people need a lesson.", "Is there a course for beginners?", "We would like a guided tour.", "We need an introduction for the whole office."),
    "delivery": ("The parcel has not arrived.", "The box came to the wrong address.", "We are still waiting for the devices.", "The courier left nothing here.", "Half of what we ordered is still on its way."),
    "legal": ("Our lawyer asks for the data agreement.", "Where do you say who may see our data?", "We need a signed contract for our auditors.", "Please send us the terms in writing.", "Which law applies between us?"),
}  # fmt: skip
_URGENCY = {
    "now": ("We cannot work until this is solved.", "Everything stands still.", "Our shop is closed because of it.", "It has to be done within the hour.", "People are standing in line here."),
    "soon": ("It would help to hear from you this week.", "We need it before our next meeting.", "In the next days, please.", "By the end of the week would be good.", "Let us not leave it for long."),
    "whenever": ("There is no hurry.", "Take your time.", "Any time this quarter is fine.", "It can wait.", "I can live with it as it is."),
}  # fmt: skip
_TONE = {
    "angry": ("This is outrageous.", "I am fed up.", "What a disgrace.", "I have lost my patience with you.", "Shame on you."),
    "friendly": ("I hope you are having a nice day.", "You have always been so kind.", "Warm greetings to all of you!", "Thanks for being there.", "It is a pleasure to write to you."),
    "puzzled": ("I am at a loss.", "I do not get it at all.", "Maybe I am missing something.", "This makes no sense to me.", "I am quite confused."),
}  # fmt: skip
_CHANNEL = {
    "phone": ("I called first.", "Your colleague on the telephone sent me here.", "We spoke on the line yesterday.", "After our call I write this down.", "I rang you up before."),
    "shop": ("I was at your counter this morning.", "Your shop told me to write.", "I came by in person first.", "At your store nobody knew.", "Somebody at the till gave me this address."),
    "fair": ("We met at the fair.", "I got your card at the exhibition.", "At the trade show you promised me help.", "I saw you at your stand in hall 4.", "We talked at the conference booth."),
}  # fmt: skip

LETTER: dict[str, Slot] = {
    "person": Slot("text", ("writer", "from", "name", "contact", "sender"), ("the name of the person who writes", "who wrote it", "the writer's full name"),
                   ("My name is {v}.", "{v} writing here.", "This is {v}.", "I am {v}.", "Regards from {v}."), _same(_person)),
    "brand": Slot("text", ("item", "tool", "bought", "software", "brand"), ("the name of what they use", "which software it is about", "what they bought"),
                  ("We use {v}.", "It is about {v}.", "I write because of {v}.", "We have {v} here.", "{v} is what we work with."),
                  lambda rng, held_out: (lambda b: (b, b))(names.brand(rng, held_out))),
    "tier": Slot("text", ("tier", "package", "edition", "level bought", "subscription"), ("the subscription they have", "which tier they pay for", "the name of their package"),
                 ("We are on {v}.", "Our subscription is {v}.", "We pay for {v}.", "We took {v}.", "{v} is our package."), _same(lambda rng: names.plans(rng, 1)[0])),
    "people": Slot("number", ("people", "headcount", "users", "team size", "how many"), ("how many people they are", "the number of users", "the size of the team"),
                   ("There are {v} of us.", "We are {v} people.", "{v} colleagues use it.", "Our team has {v} members.", "{v} persons work with it."), _same(lambda rng: rng.randint(2, 400))),
    "amount": Slot("number", ("amount", "sum", "dollars", "charged", "total"), ("the amount of money, as a number", "how many dollars it is about", "the sum mentioned, without the sign"),
                   ("It is about {v}.", "You charged us {v}.", "The sum is {v}.", "We paid {v}.", "{v} left our account."), _money),
    "since": Slot("text", ("since", "started", "first seen", "day", "began"), ("the day on which it began", "since when", "the date mentioned, as written"),
                  ("It began on {v}.", "Since {v} it has been like this.", "The first time was {v}.", "It goes back to {v}.", "We noticed it on {v}."),
                  _same(lambda rng: rng.choice((_date(rng), rng.choice(_DAYS))))),
    "city": Slot("text", ("city", "place", "location", "office", "town"), ("the city they are in", "where they sit", "the place of their office"),
                 ("We sit in {v}.", "Our office is in {v}.", "I write from {v}.", "We are based in {v}.", "{v} is where we work."), _same(lambda rng: rng.choice(facts.CITIES))),
    "order": Slot("text", ("order number", "reference", "case", "order", "number"), ("the order number", "the reference they give", "the code of the order, as written"),
                  ("Our order is {v}.", "The number is {v}.", "Reference: {v}.", "See order {v}.", "It concerns {v}."), _same(_code)),
    "device": Slot("text", ("device", "where", "runs on", "machine", "system"), ("the device or system they use", "on what it happens", "where they see it"),
                   ("It happens on {v}.", "I use {v}.", "We see it on {v}.", "I tried it with {v}.", "On {v} it is the same."), _same(lambda rng: rng.choice(_DEVICES))),
    "tried": Slot("list", ("tried", "attempts", "already done", "steps taken", "tests"), ("what they tried already, as a list", "a list of what did not help", "the things they have done so far, as a list"),
                  ("I tried {v}.", "We have done {v} already.", "{v} did not help.", "So far I went for {v}.", "Without success: {v}."), _list_of(_TRIED)),
    "refund": Slot("flag", ("money back", "refund wanted", "wants money", "pay back", "refund"), ("true if they ask for their money back, else false", "whether they want a refund", "do they ask for money back?"),
                   ("I want my money back.|I do not ask for money back.", "Please refund us.|A refund is not needed.", "We expect to be repaid.|Keep the money.", "Return what we paid.|I am not after a refund.", "Give us the money back.|We do not want anything repaid."), _YES_NO),
    "call": Slot("flag", ("call back", "phone us", "wants call", "callback", "ring"), ("true if they want to be called, else false", "whether to call them", "do they ask for a call?"),
                 ("Please call me.|Please do not call.", "Ring me up.|Write to me, I cannot talk.", "I would like a call.|No phone calls, please.", "Give us a ring.|Do not ring us.", "Call us back.|A call is not necessary."), _YES_NO),
    "matter": Slot("label", ("topic", "matter", "about", "kind", "subject"), ("what it is about", "the topic", "what they write about"), labels=_MATTER),
    "urgency": Slot("label", ("urgency level", "when", "hurry", "speed needed", "due"), ("how much of a hurry they are in", "when they need an answer", "how pressing it is"), labels=_URGENCY),
    "tone": Slot("label", ("mood word", "tone", "feeling", "manner", "voice"), ("how the writer sounds", "the tone of the text", "the mood of the writer"), labels=_TONE),
    "channel": Slot("label", ("met at", "first contact", "came from", "channel", "origin"), ("how they got in touch first", "where they spoke to us before", "the way they reached us first"), labels=_CHANNEL),
}  # fmt: skip

REVIEW: dict[str, Slot] = {
    "brand": Slot("text", ("reviewed", "item", "tool", "software", "what"), ("the name of what is reviewed", "which software it is"),
                  ("I have used {v} for a while.", "{v}: here is what I think.", "A word on {v}.", "My review of {v}.", "So, {v}."),
                  lambda rng, held_out: (lambda b: (b, b))(names.brand(rng, held_out))),
    "stars": Slot("number", ("stars", "rating", "points", "score", "marks"), ("the number of stars", "how many stars they give", "the rating as a number"),
                  ("I give it {v} out of 5.", "{v} stars.", "It gets {v} stars from me.", "My verdict: {v} of 5.", "That makes {v} stars."), _same(lambda rng: rng.randint(1, 5))),
    "months": Slot("number", ("months", "used for", "time used", "months of use", "how long"), ("for how many months they have used it", "the months of use, as a number"),
                   ("I have had it for {v} months.", "After {v} months I know it well.", "It has been {v} months now.", "We are in month {v}.", "{v} months in, I can tell."), _same(lambda rng: rng.randint(2, 48))),
    "liked": Slot("list", ("liked", "good points", "pros", "best parts", "pluses"), ("what they like, as a list", "the good points as a list"),
                  ("I like {v}.", "What I enjoy: {v}.", "{v} won me over.", "The best things are {v}.", "I am fond of {v}."), _list_of(_LIKED)),
    "again": Slot("flag", ("recommends", "buys again", "would recommend", "again", "tells friends"), ("true if they recommend it, else false", "whether they recommend it"),
                  ("I recommend it.|I cannot recommend it.", "I would buy it again.|I would not buy it again.", "Tell your friends.|Do not tell your friends.", "Get it.|Stay away.", "Everybody should have it.|Nobody needs it."), _YES_NO),
    "person": LETTER["person"],
    "device": LETTER["device"],
}  # fmt: skip

MEETING: dict[str, Slot] = {
    "person": Slot("text", ("led by", "chair", "host", "spoke first", "leader"), ("who led the meeting", "the person who led it"),
                   ("{v} led the meeting.", "Chair: {v}.", "{v} opened the round.", "The meeting was run by {v}.", "{v} was in the chair."), _same(_person)),
    "day": Slot("text", ("held on", "date", "meeting day", "day", "when"), ("the day of the meeting", "when it took place, as written"),
                ("We met on {v}.", "Date: {v}.", "The meeting was on {v}.", "It took place on {v}.", "On {v} we sat together."), _same(_date)),
    "count": Slot("number", ("present", "attendees", "people there", "seats taken", "guests"), ("how many were present", "the number of people in the room"),
                  ("{v} people were there.", "Present: {v}.", "We were {v}.", "{v} colleagues took part.", "The room held {v} of us."), _same(lambda rng: rng.randint(3, 40))),
    "budget": Slot("number", ("budget", "dollars", "granted", "money set aside", "cost"), ("the budget as a number", "how much money was set aside, as a number"),
                   ("The budget is {v}.", "We set {v} aside.", "{v} may be spent.", "It may cost {v}.", "{v} was granted."), _money),
    "feature": Slot("text", ("will build", "goal", "next feature", "task", "to do"), ("what will be built", "the feature they agreed on"),
                    ("We build {v} next.", "Next in line: {v}.", "Everybody wants {v}.", "The goal is {v}.", "{v} comes first."), _same(words.function)),
    "owner": Slot("text", ("owner", "responsible", "who does it", "in charge", "assigned to"), ("who does it", "the person in charge"),
                  ("{v} takes care of it.", "{v} is in charge.", "It goes to {v}.", "Responsible: {v}.", "{v} will do it."), _same(_person)),
    "agreed": Slot("flag", ("agreed", "all in favour", "decided", "unanimous", "settled"), ("true if all agreed, else false", "whether everybody agreed"),
                   ("All agreed.|Not everybody agreed.", "Nobody was against it.|Some were against it.", "The vote was clear: all for it.|The vote was split.", "Everyone said yes.|Two said no.", "There was no objection.|There were objections."), _YES_NO),
}  # fmt: skip

DOMAINS = {"letter": LETTER, "review": REVIEW, "meeting": MEETING}
WHAT = {
    "letter": ("message", "letter", "customer's message", "e-mail"),
    "review": ("review", "opinion", "customer's review", "text"),
    "meeting": ("note", "minutes", "meeting note", "text"),
}

HEADS = (
    "Read the {w} and fill in the form.", "Turn the {w} into a record.", "Take these fields out of the {w}.", "For each {w}, write down the following.", "You read a {w} and note what it says.",
    "Your job is to fill in a form for every {w} that comes in.", "Make structured data of the {w}.", "From the {w}, extract:", "You get a {w}. Report on it in the form below.", "Convert the {w} to data.",
    "Fill this form from the {w}.", "Note these things about the {w}.", "We keep records of every {w}. Write the record.", "Sort the {w} into fields.", "List what the {w} tells, in this form.",
)  # fmt: skip
RULES = {
    "json": ("Answer with one JSON object and nothing else.", "Reply in JSON only, with exactly these keys.", "Output: a JSON object with the keys above, on one line.", "Write JSON, no other text.", "Give a single JSON object.",
             "The reply is valid JSON and holds all keys in this order.", "Return only the JSON object.", "Nothing but JSON, please.", "Use JSON with these keys; no comments.", "Respond with a JSON object that has every key."),
    "yaml": ("Answer in YAML, one key a line.", "Reply as YAML only.", "Write YAML with these keys.", "Use YAML, nothing else.", "Give YAML with every key."),
    "csv": ("Answer with one line of CSV, in this order, without a header.", "Write a CSV line with these columns.", "Reply with the values separated by commas, in this order.", "One CSV row, no header.", "Give a row of CSV."),
    "lines": ("Answer with one line for each field, name and value separated by a colon.", "Write 'field: value', a line each.", "One field a line, with a colon.", "Reply with lines of the form name: value.", "Give each field a line of its own, with a colon."),
}  # fmt: skip
MISSING = (
    "Use {x} where the {w} does not say.",
    "If something is not stated, write {x}.",
    "What is missing becomes {x}.",
    "{x} stands for what the {w} leaves open.",
    "Put {x} when there is no information.",
)
