"""What a page can say about a subject: attributes, how values look, how pages state them and how people ask.

Templates use ``{s}`` for the subject, ``{v}`` for the value, ``{n}`` for the attribute's noun. Question templates are
split by position: every fifth one is held out from training and kept for the evaluation (see ``ask``).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from . import words

HELD_OUT_EVERY = 5
INCLUDED, NOT_INCLUDED = "is included", "is not included"


@dataclass(frozen=True)
class Attribute:
    """One kind of fact. ``answer`` is the one sentence the model is taught to answer with."""

    key: str
    nouns: tuple[str, ...]
    value: Callable[[Random], str]
    says: tuple[str, ...]
    asks: tuple[str, ...]
    answer: str
    scope: str = "plan"  # "plan", "product" or "company": what the fact is about
    heading: tuple[str, ...] = field(default=("Details", "Overview", "At a glance", "Good to know"))


def ask(rng: Random, attribute: Attribute, held_out: bool, named: bool = False) -> str:
    """A question template of one split; the two splits share none. ``named``: one that says whom it is about."""
    if attribute.key in ("price", "yearly"):
        return price_ask(rng, attribute.key == "yearly", held_out)
    wordings = _split(attribute.asks, held_out)
    return lead(rng, 0.1) + rng.choice([w for w in wordings if not named or "{s}" in w] or wordings)


def lead(rng: Random, share: float) -> str:
    """What some customers say before they ask; it changes nothing about the question."""
    if rng.random() >= share:
        return ""
    return rng.choice(_ANY_LEADS) if rng.random() < 0.4 else words.benign(rng) + " "


def amount(rng: Random) -> str:
    """A money amount without currency: mostly whole, all digit counts up to 4, sometimes cents."""
    n = rng.choice((rng.randint(1, 9), rng.randint(10, 99), rng.randint(10, 99), rng.randint(100, 999), rng.randint(1000, 9999)))
    text = f"{n:,}" if n > 999 and rng.random() < 0.6 else str(n)
    return text + rng.choice(("", "", "", "", ".50", ".99", f".{rng.randint(10, 99)}"))


def number(rng: Random) -> str:
    """A count with one to six digits."""
    n = rng.choice((rng.randint(1, 20), rng.randint(10, 99), rng.randint(1, 99) * 10, rng.randint(1, 99) * 100, rng.randint(1, 50) * 1000))
    return f"{n:,}" if n > 999 and rng.random() < 0.7 else str(n)


_PER = ("", "per person per month", "for each user", "per user and month", "per user per month", "per user per month", "per user per month", "a month", "per seat per month", "per month",
        "per user", "a month per user", "each month", "per agent per month")  # fmt: skip


def price(rng: Random) -> str:
    currency = rng.choice(("$", "$", "$", "$", "€", "£"))
    return f"{currency}{amount(rng)} {rng.choice(_PER)}".strip()


def bare_price(rng: Random) -> str:
    return f"{rng.choice('$$$€£')}{amount(rng)}"


def duration(rng: Random) -> str:
    unit = rng.choice(("days", "days", "days", "months", "hours", "weeks", "minutes", "years", "business days", "working days"))
    n = rng.choice((rng.randint(2, 12), rng.randint(10, 99), rng.choice((7, 14, 30, 60, 90, 180, 365))))
    return f"{n} {unit}"


def size(rng: Random) -> str:
    return f"{number(rng)} {rng.choice(('GB', 'GB', 'MB', 'TB'))}"


def rate(rng: Random) -> str:
    return f"{number(rng)} {rng.choice(('requests', 'calls', 'messages', 'API calls', 'events'))} per {rng.choice(('second', 'minute', 'hour', 'day'))}"


def percent(rng: Random) -> str:
    return f"{rng.choice((str(rng.randint(2, 60)), f'99.{rng.randint(0, 99)}', f'9{rng.randint(0, 9)}.{rng.randint(1, 9)}'))}{rng.choice(('%', '%', ' %', ' percent'))}"


def _of(*options: str) -> Callable[[Random], str]:
    return lambda rng: rng.choice(options)


def clock(rng: Random) -> str:
    return f"{rng.randint(6, 11)}:{rng.choice(('00', '30'))} to {rng.randint(15, 22)}:{rng.choice(('00', '30'))}"


CITIES = ["Frankfurt", "Dublin", "Oslo", "Madrid", "Lisbon", "Toronto", "Sydney", "Mumbai", "Tokyo", "Seoul", "Warsaw", "Zurich", "Vienna", "Paris", "Milan", "Denver", "Austin", "Boston", "Chicago", "Helsinki", "Prague", "Santiago", "Nairobi", "Auckland", "Osaka", "Geneva", "Turin", "Lyon", "Leeds", "Bergen"]  # fmt: skip

# Price questions are composed: a stem, how the customer wants to be billed, and sometimes a lead-in sentence.
_STEMS = (
    "How much is {s}", "What does {s} cost", "What is the price of {s}", "How much do you charge for {s}", "What's the price of {s}", "How much would I pay for {s}",
    "What do we pay per user for {s}", "Can you tell me the price of {s}", "What will {s} cost us", "How expensive is {s}", "What is the list price for {s}",
    "I'd like to know what {s} costs", "Could you tell me how much {s} is", "What are you asking for {s}", "Cost of {s}", "What is the going rate for {s}", "How much is one user on {s}",
    "What's the cost of {s} per user", "If I pick {s}, what do I pay", "Tell me the {s} price", "What would a seat on {s} set me back", "Pricing for {s}", "What is {s} priced at",
    "How many dollars is {s}", "My boss wants to know what {s} costs", "Please quote me {s}", "What's the fee for {s}", "How much for {s}", "What's the current price of {s}", "Price of {s}",
    "What is the charge for {s}", "How much money is {s} per person", "What does {s} go for", "What would I be billed for {s}", "Could I get the price for {s}", "What rate do you have for {s}",
    "What amount do you bill for {s}", "How much should I budget for {s}", "What does each user cost on {s}", "Which price does {s} have", "{s} price", "What do you want for {s}",
    "I need a price for {s}", "How much does a licence of {s} cost", "What is the cost per head of {s}", "How pricey is {s}", "What would it cost to be on {s}", "What sum is due for {s}", "For {s}, what do I owe", "How much does {s} come to",
)  # fmt: skip
_MONTHLY_TAILS = (
    "", "", "", " per month", " a month", " each month", " billed monthly", " on monthly billing", " when paid monthly", " month to month", " every month", " with monthly payment",
    " if we pay by the month", " on a monthly contract", " per month and user", " monthly", " if I only commit for a month", " without a yearly contract", " paying month by month", " today",
)  # fmt: skip
_YEARLY_TAILS = (
    " when billed yearly", " with yearly billing", " if paid yearly", " billed annually", " with annual billing", " on a yearly contract", " when I pay once a year", " if we pay for the year",
    " on annual billing", " paid yearly", " per year contract", " with an annual plan", " on the yearly rate", " if I pay annually", " with annual payment", " for yearly customers", " when I commit to a year",
    " if the whole year is paid up front", " per month if billed yearly", " on a twelve-month contract", " with a yearly invoice", " when we pay twelve months at once", " yearly", " on the annual plan", " with one payment a year",
)  # fmt: skip
_ANY_LEADS = ("We are a team of 12. ", "I am comparing vendors. ", "Our company is growing. ", "We want to switch next week. ", "My manager asked me this. ", "I could not find it on your site. ", "We have five people. ",
              "I am writing an offer. ", "We are thinking about an upgrade. ", "I am new here. ", "Before we sign up: ", "For our budget: ", "One thing before I order: ", "Just checking. ",
    "Could you help me? ", "I have one question. ", "I read your page but did not find this. ", "Our accountant wants to know. ", "I am on the phone with a customer. ", "We met at a fair last week. ", "I am on holiday until Monday. ", "This may be a silly question. "
)  # fmt: skip
_MONTHLY_LEADS = ("We pay by the month. ", "I would rather pay monthly. ", "No long contracts please. ", "We want monthly invoices. ", "Monthly billing suits us. ")
_YEARLY_LEADS = ("We pay once a year. ", "I would rather pay yearly. ", "We want one invoice for the whole year. ", "Annual billing suits us. ", "We can pay the year in one go. ", "We sign for twelve months. ",
                 "Our finance team prefers annual contracts. ", "I would commit for a year. ", "Suppose we take the annual contract. ", "We always buy a full year. ")  # fmt: skip


def _split(items: tuple[str, ...], held_out: bool) -> tuple[str, ...]:
    return tuple(t for i, t in enumerate(items) if (i % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) == held_out)


def price_ask(rng: Random, yearly: bool, held_out: bool) -> str:
    """A question for a monthly or a yearly price, as a template with ``{s}``; no stem is in both splits."""
    stem = rng.choice(_split(_STEMS, held_out))
    if rng.random() < 0.2:
        return rng.choice(_split(_YEARLY_LEADS if yearly else _MONTHLY_LEADS, held_out)) + stem + "?"
    tail = rng.choice(_split(_YEARLY_TAILS if yearly else _MONTHLY_TAILS, held_out))
    if yearly and rng.random() < 0.25:
        tail, stem = "", stem.replace("price", rng.choice(("yearly price", "annual price"))) if "price" in stem else stem + tail
    return lead(rng, 0.15) + stem + tail + rng.choice("??????.")


PRICE_SAYS = (
    "{s} costs {v}.", "The price of {s} is {v}.", "{s} is {v}.", "{s} is priced at {v}.", "You pay {v} for {s}.", "We charge {v} for {s}.",
    "{s} is available for {v}.", "For {s} the price is {v}.", "{s}: {v}.", "Price: {v}.", "{s} starts at {v}.", "Each customer on {s} pays {v}.",
    "The monthly price of {s} is {v}.", "Get {s} for {v}!", "{s} now costs {v}.", "From today, {s} is only {v}.", "The list price of {s} is {v}.",
    "Heads up: {s} is {v} from now on.", "{s} goes for {v}.", "Our price for {s}: {v}.", "Billed monthly, {s} costs {v}.", "{s} is billed at {v}.",
    "{s} will set you back {v}.", "Choose {s} and pay {v}.", "If you take {s}, you are billed {v}.", "We sell {s} at {v}.", "As of this release {s} costs {v}.",
    "New price! {s} is now {v}.", "The fee for {s} is {v}.", "{s} has a list price of {v}.", "Customers pay {v} for {s}.", "{s} comes at {v}.",
    "Every user of {s} costs {v}.", "Teams on {s} pay {v}.", "{s} can be had for {v}.", "{s} adds {v} to your bill.", "To use {s} you pay {v}."
)  # fmt: skip
YEARLY_SAYS = (
    "Billed yearly, {s} costs {v}.", "With yearly billing {s} is {v}.", "When billed yearly, {s} comes to {v}.", "The yearly price of {s} is {v}.",
    "{s} costs {v} when billed yearly.", "Pay for a year and {s} is {v}.", "On an annual contract {s} costs {v}.", "{s} is {v} with annual billing.",
    "The annual rate for {s} is {v}.", "Yearly price: {v}.", "Customers who pay yearly get {s} for {v}.", "{s} billed yearly: {v}.",
    "If you pay a year ahead, {s} costs {v}.", "{s} for a whole year: {v}.", "The rate of {s} with one payment a year is {v}."
)  # fmt: skip
BOTH_SAYS = (
    "{s} costs {v}, or {y} when billed yearly.", "{s} is {v} billed monthly and {y} billed yearly.", "The price of {s} is {v}; with annual billing it is {y}.",
    "You pay {v} for {s}, and {y} if you pay once a year.", "{s} is priced at {v} on monthly billing, {y} on yearly billing.", "Monthly billing: {v}. Yearly billing: {y}.",
    "{s} lists at {v}. Paid yearly it drops to {y}.", "With yearly billing {s} costs {y}; month to month it is {v}.", "Choose monthly ({v}) or yearly billing ({y}) for {s}.",
    "Month to month, {s} is {v}. Committing to a year brings it to {y}.", "For {s} we charge {v}, or {y} on an annual contract.", "{s}: {v} monthly, {y} yearly.",
    "{s} costs {v}, and {y} on yearly payment.", "Customers pay {v} for {s}, or {y} if they commit to a year.", "{v} is what {s} costs by the month; by the year it is {y}.", "{s} is {v}; pay a year ahead and it is {y}.",
    "On {s} you pay {v} each month, or {y} with the annual contract.", "{s} costs {y} with yearly payment and {v} otherwise."
)  # fmt: skip

_GENERIC_ASKS = (
    "What is the {n} of {s}?", "What's the {n} for {s}?", "{n} of {s}?", "Tell me the {n} on {s}.", "Which {n} does {s} have?",
    "How high is the {n} on {s}?", "What {n} do I get with {s}?", "{s} {n}?", "What is the {n} on {s}?", "What should I know about the {n} of {s}?",
    "What {n} comes with {s}?", "Could you tell me the {n} for {s}?", "I need the {n} of {s}.", "Does {s} have a {n}, and what is it?", "With {s}, what is our {n}?",
    "I am looking for the {n} of {s}.", "About {s}: what is the {n}?", "Do you know the {n} of {s}?", "What does your page say about the {n} of {s}?", "What {n} applies to {s}?",
    "For {s}, how much is the {n}?", "Which {n} is set for {s}?", "Has {s} a {n}? Which one?", "{s}, {n}?", "Please look up the {n} for {s}.",
    "I use {s}. What is my {n}?", "How big is the {n} in {s}?", "Where does the {n} of {s} stand?", "We chose {s}. What {n} is that?", "On {s}, what would the {n} be?",
)  # fmt: skip
_GENERIC_SAYS = (
    "The {n} of {s} is {v}.", "{s} has a {n} of {v}.", "{n}: {v}.", "{s} comes with a {n} of {v}.", "For {s}, the {n} is {v}.", "On {s} the {n} is {v}.",
    "The {n} is {v} on {s}.", "{s} offers a {n} of {v}.", "We set the {n} of {s} to {v}.", "{v} is the {n} for {s}.",
    "Customers on {s} have a {n} of {v}.", "With {s}, expect a {n} of {v}.", "A {n} of {v} applies to {s}.", "{s} – {n}: {v}.", "As to the {n}, {s} has {v}."
)  # fmt: skip
_COUNT_ASKS = (
    "How many {n} does {s} include?", "How many {n} can I have on {s}?", "What is the limit of {n} on {s}?", "How many {n} do we get with {s}?", "What's the maximum number of {n} for {s}?",
    "{n} limit of {s}?", "How many {n} are included in {s}?", "max {n} on {s}", "What is the {n} limit on {s}?", "Is there a cap on {n} with {s}, and how many is it?",
    "How many {n} are allowed on {s}?", "Up to how many {n} does {s} go?", "{s}: how many {n}?", "We need many {n}, how many does {s} allow?", "What number of {n} comes with {s}?",
    "What is the largest number of {n} on {s}?", "With {s}, how many {n} may we have?", "How many {n} fit into {s}?", "{s} and {n}: how many?", "At how many {n} does {s} stop?",
    "Is {s} limited in {n}? To how many?", "The number of {n} on {s}, please.", "How many {n} may a customer on {s} use?", "I need to know how many {n} {s} has.", "{n} in {s}, how many at most?",
    "What count of {n} is part of {s}?", "How many {n} does one get for {s}?", "How far does {s} go in {n}?", "Tell me how many {n} are possible with {s}.", "How many {n} before I outgrow {s}?",
)  # fmt: skip
_COUNT_SAYS = (
    "{s} includes {v}.", "{s} comes with {v}.", "You can have up to {v} on {s}.", "{s} is limited to {v}.", "With {s} you get {v}.", "Up to {v} are included in {s}.",
    "{s} allows {v}.", "The limit on {s} is {v}.", "{s} covers {v}.", "A maximum of {v} can be used with {s}.",
    "{s} stops at {v}.", "There is room for {v} on {s}.", "On {s}, {v} are possible.", "Customers on {s} have {v}.", "We give {v} to {s}."
)  # fmt: skip
COUNTED = ["projects", "boards", "seats", "contacts", "webhooks", "dashboards", "reports", "workspaces", "templates", "users", "guests", "automations", "integrations", "forms", "pages", "documents", "monitors", "surveys", "invoices", "mailboxes", "warehouses", "calendars", "envelopes", "channels", "locations", "teams", "rosters", "responses", "items", "domains", "devices", "languages", "signatures", "tickets", "folders", "tags", "roles", "schedules", "imports", "exports", "subscribers", "drivers", "vehicles", "stops", "articles"]
_THINGS = (
    "audit log", "API", "storage", "file upload", "backup", "export", "session", "email", "attachment", "password", "import", "history",
    "version", "report", "support", "webhook", "log", "search", "invite", "token", "trash", "archive", "sync", "alert",
)  # fmt: skip
_MEASURES: tuple[tuple[str, Callable[[Random], str]], ...] = (
    ("limit", number), ("quota", size), ("size limit", size), ("retention", duration), ("timeout", duration), ("interval", duration), ("period", duration),
    ("rate limit", rate), ("delay", duration), ("expiry", duration), ("allowance", size), ("discount", percent), ("response time", duration), ("fee", bare_price), ("port", lambda r: str(r.randint(1000, 9999))),
)  # fmt: skip

FEATURES = (
    "single sign-on", "audit logs", "custom domains", "two-factor login", "API access", "priority support", "phone support", "offline mode", "white labelling",
    "SAML", "custom roles", "data export", "dark mode", "a mobile app", "guest access", "version history", "bulk editing", "scheduled reports", "IP allow lists",
    "a sandbox", "custom branding", "shared templates", "automatic backups", "SMS alerts", "webhooks", "barcode scanning", "time tracking", "approval workflows",
)  # fmt: skip
_FEATURE_ASKS = (
    "Does {s} include {n}?", "Is {n} part of {s}?", "Do we get {n} with {s}?", "Can I use {n} on {s}?", "Is {n} available on {s}?",
    "does {s} have {n}", "{n} on {s}?", "Does {s} come with {n}?", "Will I have {n} if I choose {s}?", "Has {s} got {n}?",
    "We need {n}. Is {s} enough?", "Is {n} included in {s}?", "{s}: is there {n}?", "Can users of {s} have {n}?", "Is {n} in {s} or not?",
    "Do you offer {n} with {s}?", "I want {n}. Do I get it with {s}?", "Do customers on {s} have {n}?", "Is {n} something {s} can do?", "Can {s} do {n}?",
    "With {s}, is {n} included?", "Does my {s} subscription cover {n}?", "Any {n} on {s}?", "Is there {n} in {s}?", "Would {s} give us {n}?",
    "{s} with {n} or without?", "Am I right that {s} has {n}?", "Tell me whether {s} has {n}.", "On {s}, can we use {n}?", "Do I have to do without {n} on {s}?",
)  # fmt: skip
_FEATURE_YES = ("{s} includes {n}.", "{n} is part of {s}.", "{n} is available on {s}.", "{s} comes with {n}.", "{n}: yes.", "You can use {n} on {s}.", "{n} is included in {s}.", "{s} has {n}.", "{n} is among the features of {s}.")
_FEATURE_NO = ("{s} does not include {n}.", "{n} is not part of {s}.", "{n} is not available on {s}.", "{s} comes without {n}.", "{n}: no.", "You cannot use {n} on {s}.", "{n} is not included in {s}.", "{s} has no {n}.", "{n} is missing from {s}.")

_VERBS = ["export", "import", "delete", "archive", "share", "rename", "restore", "duplicate", "print", "schedule", "lock", "publish", "merge", "filter", "download", "upload", "cancel", "approve", "assign", "move", "sort", "tag", "link", "pause", "reset"]
_OBJECTS = (
    "a report", "an invoice", "a contact list", "a form", "a calendar", "a project", "a workspace", "a template", "a user", "the audit log", "an API key", "a webhook",
    "a shift", "a survey", "a campaign", "a document", "a monitor", "an order", "a booking", "a signature", "a ticket", "my account", "my password", "the subscription", "a payment method",
)  # fmt: skip
_HOWTO_SAYS = ("To {n} in {s}, open {v}.", "{n}: go to {v}.", "In {s} you can {n} under {v}.", "You {n} under {v}.", "If you want to {n}, open {v}.", "Open {v} to {n}.",
    "Choose {v} in {s} to {n}.", "The menu for this is {v}.", "{s} lets you {n} from {v}.", "Start at {v}; there you can {n}.", "Under {v} you can {n}."
)  # fmt: skip
_HOWTO_ASKS = (
    "How do I {n} in {s}?", "How can I {n} with {s}?", "Where do I {n} in {s}?", "where can i {n} ({s})", "What is the way to {n} in {s}?",
    "I want to {n} in {s}, how?", "In {s}, how does one {n}?", "Where in {s} can we {n}?", "How to {n} in {s}?", "Help, I can't find where to {n} in {s}.",
    "What do I click to {n} in {s}?", "I need to {n}. Where is that in {s}?", "Can you show me how to {n} in {s}?", "Which menu of {s} lets me {n}?", "Is it possible to {n} in {s}, and where?",
    "We would like to {n} with {s}. How?", "In which place of {s} do I {n}?", "{s}: how to {n}?", "What are the steps to {n} in {s}?", "I have never had to {n} in {s}. Where do I start?",
)  # fmt: skip


_MODULES = (
    "calendar sync", "invoice numbers", "late reminders", "discount codes", "team chat", "file history", "status page", "on-call rota", "holiday planner", "price lists", "bulk mail", "contact merge", "stock count",
    "signature order", "room booking", "survey logic", "question bank", "delivery notes", "tax rates", "currency rates", "print layouts", "inbox rules", "user groups", "data cleanup", "usage report", "alert rules", "form themes",
    "guest links", "address book", "barcode labels", "returns", "deposits", "quotes", "recurring orders", "shift swaps", "absence list", "live chat", "canned replies", "public roadmap", "page templates", "link tracking",
)  # fmt: skip
_PLACE_SAYS = ("In {s}, {n} is under {v}.", "You find {n} under {v}.", "Look for {n} in {v}.", "{n} lives in {v}.", "{s} keeps {n} under {v}.", "The menu {v} holds {n}.", "Open {v} for {n}.", "{n}: see {v}.",
    "{s} shows {n} under {v}.", "The way to {n}: {v}.", "Choose {v}, and {n} opens.", "{n} opens from {v}.", "Under {v} you will see {n}.", "Go to {v} for {n}."
)  # fmt: skip
_PLACE_ASKS = ("Where is {n} in {s}?", "Where do I find {n} in {s}?", "In which menu of {s} is {n}?", "I am looking for {n} in {s}.", "Where can I see {n} in {s}?", "which menu has {n} in {s}", "How do I get to {n} in {s}?",
               "Where did you put {n} in {s}?", "{n} in {s}, where?", "What do I click to reach {n} in {s}?",
    "I cannot find {n} in {s}.", "Under which menu does {s} keep {n}?", "Where is {n} hidden in {s}?", "{s}: where is {n}?", "Where should I look for {n} in {s}?",
    "How can I open {n} in {s}?", "What is the path to {n} in {s}?", "In {s}, where do I see {n}?", "Show me the way to {n} in {s}.", "Which menu do I open for {n} in {s}?",
)  # fmt: skip
_FROM_SAYS = ("{n} is available from the {v} of {s}.", "{n} comes with the {v} and everything above it.", "{n} is part of the {v} and every higher one.", "You need at least the {v} of {s} for {n}.", "{s} offers {n} from the {v} on.", "{n} requires the {v}.",
    "The {v} is the first one with {n}.", "Below the {v} there is no {n} in {s}.", "{n} starts with the {v}.", "In {s}, only the {v} and larger ones have {n}."
)  # fmt: skip
_FROM_ASKS = ("Which plan of {s} do I need for {n}?", "From which plan on does {s} have {n}?", "What is the smallest {s} plan with {n}?", "In {s}, which plan unlocks {n}?", "Which {s} plan has {n}?",
              "What plan must I buy to get {n} in {s}?", "{n} in {s}: from which plan?", "Which plan includes {n} in {s}?", "On what plan is {n} offered by {s}?", "Lowest plan with {n} in {s}?",
    "Do all plans of {s} have {n}, or from which one on?", "What plan does {n} need in {s}?", "Is {n} in every plan of {s}? Which is the first?", "I want {n}. Which {s} plan do I take?", "{s}: which plan for {n}?",
    "At which plan of {s} does {n} start?", "For {n}, what {s} plan is required?", "What is the cheapest way to {n} in {s}, which plan?", "Who gets {n} in {s}, from what plan?", "Which level of {s} brings {n}?",
)  # fmt: skip


def _function(rng: Random) -> str:
    return rng.choice(_MODULES) if rng.random() < 0.3 else words.function(rng)


def _plan(rng: Random) -> str:
    from .names import PLANS

    return f"{rng.choice(PLANS)} plan"


def _task(rng: Random) -> str:
    """What somebody wants to do in a product: "export a report", "set up the holiday rota"."""
    kind = rng.random()
    if kind < 0.4:
        return f"{rng.choice(_VERBS)} {rng.choice(_OBJECTS)}"
    if kind < 0.6:
        return f"{rng.choice(_VERBS)} {rng.choice(words.WORK)}"
    if kind < 0.8:
        return f"{rng.choice(('set up', 'turn on', 'turn off', 'change', 'open', 'print', 'share'))} the {words.function(rng)}"
    return f"let {rng.choice(words.AUDIENCES)} {rng.choice(words.JOBS)} {rng.choice(words.WORK)}"


MONTHLY = Attribute("price", ("price", "monthly price", "cost"), price, PRICE_SAYS, (), "{s} costs {v}.", heading=("Price", "Pricing", "Cost", "What it costs", "Prices", "Billing"))
YEARLY = Attribute("yearly", ("yearly price", "annual price", "price billed yearly"), price, YEARLY_SAYS, (), "{s} costs {v}, billed yearly.", heading=("Price", "Pricing", "Yearly billing", "Billing"))

_FIXED = (
    ("trial", ("free trial", "trial", "trial period"), duration, ("{s} has a free trial of {v}.", "Try {s} free for {v}.", "The trial of {s} lasts {v}."),
     ("How long is the free trial of {s}?", "How long can I try {s} for free?", "trial length of {s}?", "How long does the {s} trial last?", "For how long is {s} free to test?",
      "Can I test {s} first, and for how long?", "How many days may I try {s}?", "When does the trial of {s} end?", "I want to try {s}. How much time do I have?", "Is there a test period for {s}?",
      "How long before I have to pay for {s}?", "What is the trial of {s}?", "free trial {s}, how long?", "For what time can we use {s} without paying?", "Do you let me test {s}, how long?"), "{s} has a free trial of {v}."),
    ("support", ("first response time", "support response time", "response time"), duration, ("Support for {s} answers within {v}.", "On {s} we reply within {v}.", "Tickets from {s} customers get a first answer within {v}."),
     ("How fast does support answer on {s}?", "How quickly do you reply to {s} customers?", "What is the support response time of {s}?", "How long do I wait for support with {s}?", "When will someone answer my ticket on {s}?",
      "How soon does support reply on {s}?", "What is the answer time of support for {s}?", "I am on {s}. When do I hear from support?", "support on {s}, how fast?", "How long until you reply to a ticket of {s}?",
      "In what time does the help desk answer for {s}?", "Within what time do {s} customers get a first answer?", "When can I expect a reply with {s}?", "How much waiting for support is there on {s}?", "What reaction time do you promise on {s}?"), "On {s}, support answers within {v}."),
    ("uptime", ("uptime", "uptime commitment", "availability", "SLA"), percent, ("We guarantee {v} uptime for {s}.", "{s} carries an uptime commitment of {v}.", "The availability of {s} is {v}."),
     ("What uptime does {s} guarantee?", "What is the SLA of {s}?", "uptime of {s}?", "How high is the availability of {s}?", "How reliable is {s}, what uptime do you promise?",
      "What availability comes with {s}?", "How much uptime does {s} have?", "Is there an SLA for {s}, and how high?", "How often is {s} available?", "Which availability can I count on with {s}?",
      "What percentage of uptime does {s} come with?", "The uptime of {s}, please.", "Do you guarantee uptime on {s}?", "what sla do you have on {s}", "What share of the time will {s} be up?"), "{s} has an uptime commitment of {v}."),
    ("storage", ("storage", "storage space"), size, ("{s} includes {v} of storage.", "{s} comes with {v} of storage space.", "Storage on {s} is {v}."),
     ("How much storage does {s} include?", "How much space do I get with {s}?", "storage on {s}?", "How many gigabytes come with {s}?", "What storage can we use on {s}?",
      "How much can I store on {s}?", "What is the storage limit of {s}?", "How many GB do we get on {s}?", "Is storage limited on {s}, and to what?", "How much room is there for files on {s}?",
      "What storage space does {s} have?", "{s}, storage?", "With {s}, how much data can we keep?", "When is my storage full on {s}?", "How much disk space does {s} give us?"), "{s} includes {v} of storage."),
    ("file", ("file size limit", "maximum file size", "upload limit"), size, ("Files on {s} can be up to {v}.", "{s} accepts files of up to {v}.", "The largest file on {s} is {v}."),
     ("How large can a file be on {s}?", "What is the maximum file size on {s}?", "biggest upload with {s}?", "What's the file size limit of {s}?", "How big may uploads get in {s}?",
      "What size of file does {s} take?", "How large may an upload be on {s}?", "How big can attachments be with {s}?", "Is there a limit on file size for {s}?", "My file is large. What does {s} allow?",
      "What is the biggest file on {s}?", "file limit of {s}", "Up to what size can I upload on {s}?", "How many MB may a file have on {s}?", "What is the size limit for uploads with {s}?"), "On {s}, files can be up to {v}."),
    ("api", ("API rate limit", "API limit", "rate limit"), rate, ("The API of {s} allows {v}.", "{s} may send {v}.", "API calls on {s} are limited to {v}."),
     ("What is the API rate limit of {s}?", "How many API calls can {s} make?", "API limit on {s}?", "How many requests does {s} allow?", "At what rate can we call the API on {s}?",
      "How often may I call the API with {s}?", "What is the request limit of {s}?", "How many calls are allowed on {s}?", "Is the API of {s} limited, and how?", "How fast can we send requests on {s}?",
      "What rate limit applies to {s}?", "Which API quota does {s} have?", "api calls with {s}, how many?", "How much traffic may our program send on {s}?", "When does the API stop us on {s}?"), "The API of {s} allows {v}."),
    ("retention", ("data retention", "retention", "history"), duration, ("{s} keeps data for {v}.", "Data on {s} is kept for {v}.", "History on {s} goes back {v}."),
     ("How long does {s} keep data?", "How long is data kept on {s}?", "data retention of {s}?", "What is the retention on {s}?", "After what time is my data deleted on {s}?",
      "How far back does the history of {s} go?", "For how long do you store data on {s}?", "When do you delete data on {s}?", "How old can data get on {s}?", "How long can I look back with {s}?",
      "What is the storage time for data on {s}?", "{s}: how long is history kept?", "How many days of history does {s} have?", "Until when can I see old data on {s}?", "How long do records stay on {s}?"), "{s} keeps data for {v}."),
    ("seats", ("minimum seats", "seat minimum", "minimum number of seats"), lambda r: f"{r.randint(2, 60)} {r.choice(('seats', 'users'))}", ("{s} needs at least {v}.", "The minimum on {s} is {v}.", "{s} is sold from {v}."),
     ("How many seats do I need at least for {s}?", "What is the minimum number of seats on {s}?", "min seats {s}?", "Is there a seat minimum for {s}, and what is it?", "How small can a team on {s} be?",
      "How many users must we be for {s}?", "From how many seats on can I buy {s}?", "To how few users is {s} sold?", "Can two people use {s}, or how many must it be?", "Do you sell {s} to small teams, from what size?",
      "What is the least number of seats for {s}?", "seat minimum of {s}?", "How many seats at the least does {s} have?", "With how many users does {s} begin?", "How many must join before we can take {s}?"), "{s} needs at least {v}."),
)  # fmt: skip
_COMPANY = (
    ("refund", ("refund window", "refund period"), duration, ("{s} refunds payments within {v}.", "You can ask for a refund within {v}.", "Refunds are possible for {v} after payment."),
     ("How long do I have to ask for a refund at {s}?", "What is the refund window of {s}?", "refund period at {s}?", "Within what time can I get my money back from {s}?", "Until when does {s} refund?", "Can I get a refund, and until when?", "Up to when can I return what I bought?",
      "Do you give money back, and for how long?", "How many days do I have to return {s}?", "How long after paying does {s} refund?", "If we do not like {s}, until when do we get our money back?", "refunds, how long?", "When is it too late for a refund?", "For how long can we ask {s} for a refund?", "What is the deadline for refunds at {s}?"), "{s} refunds payments within {v}."),
    ("notice", ("cancellation notice", "notice period"), duration, ("{s} asks for {v} of notice to cancel.", "To cancel, give {v} of notice.", "The notice period is {v}."),
     ("What is the cancellation notice at {s}?", "How much notice must I give {s} to cancel?", "notice period of {s}?", "How long before do I have to cancel with {s}?", "How early must I tell {s} that I leave?", "How far ahead must we cancel?", "What notice do you need from us?",
      "When must I cancel {s}?", "How long is the notice period?", "How many days before the end must we cancel {s}?", "I want to leave {s}. How much notice is that?", "With what notice can we cancel?", "What is the notice for leaving {s}?", "notice to cancel?", "By when should we tell you that we cancel?"), "{s} asks for {v} of notice to cancel."),
    ("terms", ("payment terms", "invoice terms"), duration, ("Invoices of {s} are due within {v}.", "Payment terms: {v}.", "Pay invoices within {v}."),
     ("When are invoices of {s} due?", "What are the payment terms of {s}?", "payment terms at {s}?", "How long do I have to pay a {s} invoice?", "In what time must we pay {s}?",
      "How many days do we have to pay?", "When do I have to pay an invoice?", "How long may we wait with paying an invoice of {s}?", "By when is an invoice of {s} due?", "What is the payment deadline?",
      "In how many days are bills of {s} due?", "payment period of {s}?", "After how long is an invoice overdue?", "What time do you give us to pay?", "How soon does {s} want its money?"), "Invoices of {s} are due within {v}."),
    ("education", ("education discount",), percent, ("{s} gives a {n} of {v}.", "The {n} is {v}.", "Schools get {v} off."),
     ("What is the {n} at {s}?", "What do schools get off at {s}?", "{n} {s}?", "How much {n} does {s} give?", "We are a school, how much is the discount at {s}?", "What do pupils and students save?", "Which percentage comes off for a school?", "What is the discount for schools?", "How much off for a university?",
      "Do schools pay less, and how much?", "What is the reduction for universities?", "I teach at a school. How much off is there at {s}?", "How many percent do students' schools save?", "What {n} can a college get from {s}?", "Is there a better price for schools?"), "{s} gives a {n} of {v}."),
    ("region", ("data region", "data location"), _of(*CITIES), ("{s} stores data in {v}.", "Data is hosted in {v}.", "The data centre is in {v}."),
     ("Where does {s} store data?", "Where is our data hosted by {s}?", "data location of {s}?", "In which city are the servers of {s}?", "Which data centre does {s} use?", "Where is our data kept?", "Which city holds the data?",
      "Where are your servers?", "In what city does {s} keep our data?", "In which place is data stored?", "Where does our data live?", "What is the location of the data centre of {s}?", "Which city is the hosting of {s} in?", "Where is {s} hosted?", "server location of {s}?"), "{s} stores data in {v}."),
    ("hours", ("support hours", "opening hours"), clock, ("Support of {s} is open from {v}.", "Support hours: {v}.", "You reach us from {v}."),
     ("When is support open at {s}?", "What are the support hours of {s}?", "opening hours of {s}?", "At what time can I reach {s}?", "During which hours does {s} answer?",
      "When does support work?", "From when to when is support there?", "Until what time can I call {s}?", "What are your hours?", "At what hours is the help desk of {s} staffed?", "Between what times can we reach you?", "When does your support open and close?", "Is anyone there at night, or what are the hours?", "When is {s} staffed?", "How late can I call?"), "Support of {s} is open from {v}."),
    ("late", ("late fee", "late payment fee"), bare_price, ("{s} charges a late fee of {v}.", "Late payments cost {v}.", "The late fee is {v}."),
     ("What is the late fee at {s}?", "How much does {s} charge for late payment?", "late fee {s}?", "What happens if I pay {s} late, what is the fee?", "What do we owe {s} on top if we pay late?", "What does a missed payment cost?", "How much is added when we pay too late?", "What does paying late cost?", "Is there a fee for late payers?",
      "What if we pay late?", "How high is the fee for late payment?", "We forgot an invoice of {s}. What does it cost?", "What do you charge for a late payment?", "Is it expensive to pay {s} late?", "fee for paying late?"), "{s} charges a late fee of {v}."),
    ("discount", ("nonprofit discount",), percent, ("{s} gives a {n} of {v}.", "The {n} is {v}.", "{n}: {v}."),
     ("What is the {n} at {s}?", "How large is the {n} of {s}?", "{n} {s}?", "How much {n} does {s} give?", "Do we get a {n} from {s}, and how much?", "We are a charity, what is our discount?", "How much off for nonprofits?",
      "What do charities save?", "We are a nonprofit. How much less do we pay at {s}?", "How high is the reduction for nonprofits?", "Is there a {n} and how large?", "How many percent off for a charity?", "Do nonprofits pay less at {s}?", "reduction for charities?", "Which {n} does a club get?"), "{s} gives a {n} of {v}."),
)  # fmt: skip


def _sampled(rng: Random) -> Attribute:
    """One attribute out of open-ended families, so that the set of attributes cannot be learnt by heart."""
    kind = rng.random()
    if kind < 0.38:
        noun = rng.choice(COUNTED) if rng.random() < 0.8 else rng.choice(words.WORK)
        return Attribute(f"count:{noun}", (noun,), lambda r: f"{number(r)} {noun}{r.choice(('', '', ' per month', ' a day'))}", _COUNT_SAYS, _COUNT_ASKS, "{s} includes {v}.", heading=("Limits", "What is included", "Quotas"))
    if kind < 0.6:
        thing, (measure, value) = rng.choice(_THINGS), rng.choice(_MEASURES)
        noun = f"{thing} {measure}"
        return Attribute(f"measure:{noun}", (noun,), value, _GENERIC_SAYS, _GENERIC_ASKS, "The {n} of {s} is {v}.", heading=("Limits", "Details", "Technical limits"))
    if kind < 0.82:
        noun = rng.choice(FEATURES) if rng.random() < 0.6 else _function(rng)
        return Attribute(f"feature:{noun}", (noun,), _of(INCLUDED, NOT_INCLUDED), (), _FEATURE_ASKS, "", heading=("Features", "What is included", "Security"))
    if kind < 0.9:
        return place(_function(rng))
    if kind < 0.94:
        return from_plan(_function(rng) if rng.random() < 0.7 else rng.choice(FEATURES))
    return howto(_task(rng))


def place(noun: str) -> Attribute:
    """Where a function of a product is found."""
    return Attribute(f"place:{noun}", (noun,), words.path, _PLACE_SAYS, _PLACE_ASKS, "In {s}, {n} is under {v}.", scope="product", heading=("Where to find it", noun.capitalize(), "Menus"))


def howto(task: str) -> Attribute:
    """Where in a product a task is done."""
    return Attribute(f"howto:{task}", (task,), words.path, _HOWTO_SAYS, _HOWTO_ASKS, "Open {v}.", scope="product", heading=("How to", "Steps", task.capitalize()))


def from_plan(noun: str) -> Attribute:
    """The smallest plan that has a function."""
    return Attribute(f"from:{noun}", (noun,), _plan, _FROM_SAYS, _FROM_ASKS, "In {s}, {n} is available from the {v}.", scope="product", heading=("Plans", "Availability", noun.capitalize()))


def task_or_function(rng: Random) -> Attribute:
    """What a how-to page is about."""
    return place(_function(rng)) if rng.random() < 0.5 else howto(_task(rng))


_PLAN_FIXED = tuple(Attribute(*row, heading=("Limits", "Details", "Terms", "Plan details")) for row in _FIXED)
_COMPANY_FIXED = tuple(Attribute(*row, scope="company", heading=("Policy", "Terms", "Rules")) for row in _COMPANY)


def attributes(rng: Random, n: int, scope: str = "plan") -> list[Attribute]:
    """``n`` different attributes of a scope; a plan's first ones are its prices more often than chance would have it."""
    chosen: dict[str, Attribute] = {}
    if scope == "plan" and rng.random() < 0.65:
        chosen[MONTHLY.key] = MONTHLY
        if n > 1 and rng.random() < 0.7:
            chosen[YEARLY.key] = YEARLY
    while len(chosen) < n:
        if scope == "company":
            attribute = rng.choice(_COMPANY_FIXED)
        elif scope == "product":
            attribute = _sampled(rng)
            if attribute.scope != "product" and rng.random() < 0.5:
                continue
        else:
            attribute = rng.choice(_PLAN_FIXED) if rng.random() < 0.5 else _sampled(rng)
            if attribute.scope == "product":
                continue
        chosen.setdefault(attribute.key, attribute)
    return list(chosen.values())


def statement(attribute: Attribute, noun: str, subject: str, value: str, rng: Random) -> str:
    """A page's sentence that states the fact."""
    if attribute.key.startswith("feature:"):
        template = rng.choice(_FEATURE_YES if value == INCLUDED else _FEATURE_NO)
    else:
        template = rng.choice(attribute.says if rng.random() < 0.85 or len(attribute.nouns) < 2 else _GENERIC_SAYS)
    text = template.format(s=subject, v=value, n=noun, o=price(rng) if "{o}" in template else "")
    return text[0].upper() + text[1:]


def answer_sentence(attribute: Attribute, noun: str, subject: str, value: str) -> str:
    """The sentence the model is taught to answer with; it always holds ``value`` verbatim."""
    if attribute.key.startswith("feature:"):
        return f"In {subject}, {noun} {value}."
    return attribute.answer.format(s=subject, v=value, n=noun)
