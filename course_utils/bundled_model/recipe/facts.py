"""What a page can say about a subject: attributes, how values look, how pages state them and how people ask.

Templates use ``{s}`` for the subject, ``{v}`` for the value, ``{n}`` for the attribute's noun. Question templates are
split by position: every fifth one is held out from training and kept for the evaluation (see ``ask``).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

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


def ask(rng: Random, attribute: Attribute, held_out: bool) -> str:
    """A question template of one split; the two splits share none."""
    if attribute.key in ("price", "yearly"):
        return price_ask(rng, attribute.key == "yearly", held_out)
    lead = rng.choice(_ANY_LEADS) if rng.random() < 0.06 else ""
    return lead + rng.choice(_split(attribute.asks, held_out))


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


_clock = lambda rng: f"{rng.randint(6, 11)}:{rng.choice(('00', '30'))} to {rng.randint(15, 22)}:{rng.choice(('00', '30'))}"  # noqa: E731

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
              "I am writing an offer. ", "We are thinking about an upgrade. ", "I am new here. ", "Before we sign up: ", "For our budget: ", "One thing before I order: ", "Just checking. ")  # fmt: skip
_MONTHLY_LEADS = ("We pay by the month. ", "I would rather pay monthly. ", "No long contracts please. ", "We want monthly invoices. ", "Monthly billing suits us. ")
_YEARLY_LEADS = ("We pay once a year. ", "I would rather pay yearly. ", "We want one invoice for the whole year. ", "Annual billing suits us. ", "We can pay the year in one go. ", "We sign for twelve months. ",
                 "Our finance team prefers annual contracts. ", "I would commit for a year. ", "Suppose we take the annual contract. ", "We always buy a full year. ")  # fmt: skip


def _split(items: tuple[str, ...], held_out: bool) -> tuple[str, ...]:
    return tuple(t for i, t in enumerate(items) if (i % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) == held_out)


def price_ask(rng: Random, yearly: bool, held_out: bool) -> str:
    """A question for a monthly or a yearly price, as a template with ``{s}``; no stem is in both splits."""
    stem = rng.choice(_split(_STEMS, held_out))
    if rng.random() < 0.2:
        lead = rng.choice(_split(_YEARLY_LEADS if yearly else _MONTHLY_LEADS, held_out))
        return lead + stem + "?"
    tail = rng.choice(_split(_YEARLY_TAILS if yearly else _MONTHLY_TAILS, held_out))
    if yearly and rng.random() < 0.25:
        tail, stem = "", stem.replace("price", rng.choice(("yearly price", "annual price"))) if "price" in stem else stem + tail
    lead = rng.choice(_ANY_LEADS) if rng.random() < 0.12 else ""
    return lead + stem + tail + rng.choice("??????.")


PRICE_SAYS = (
    "{s} costs {v}.", "The price of {s} is {v}.", "{s} is {v}.", "{s} is priced at {v}.", "You pay {v} for {s}.", "We charge {v} for {s}.",
    "{s} is available for {v}.", "For {s} the price is {v}.", "{s}: {v}.", "Price: {v}.", "{s} starts at {v}.", "Each customer on {s} pays {v}.",
    "The monthly price of {s} is {v}.", "Get {s} for {v}!", "{s} now costs {v}.", "From today, {s} is only {v}.", "The list price of {s} is {v}.",
    "Heads up: {s} is {v} from now on.", "{s} goes for {v}.", "Our price for {s}: {v}.", "Billed monthly, {s} costs {v}.", "{s} is billed at {v}.",
    "{s} will set you back {v}.", "Choose {s} and pay {v}.", "If you take {s}, you are billed {v}.", "We sell {s} at {v}.", "As of this release {s} costs {v}.",
    "New price! {s} is now {v}.", "The fee for {s} is {v}.", "{s} has a list price of {v}.", "Customers pay {v} for {s}.", "{s} comes at {v}.",
)  # fmt: skip
YEARLY_SAYS = (
    "Billed yearly, {s} costs {v}.", "With yearly billing {s} is {v}.", "When billed yearly, {s} comes to {v}.", "The yearly price of {s} is {v}.",
    "{s} costs {v} when billed yearly.", "Pay for a year and {s} is {v}.", "On an annual contract {s} costs {v}.", "{s} is {v} with annual billing.",
    "The annual rate for {s} is {v}.", "Yearly price: {v}.", "Customers who pay yearly get {s} for {v}.", "{s} billed yearly: {v}.",
)  # fmt: skip
BOTH_SAYS = (
    "{s} costs {v}, or {y} when billed yearly.", "{s} is {v} billed monthly and {y} billed yearly.", "The price of {s} is {v}; with annual billing it is {y}.",
    "You pay {v} for {s}, and {y} if you pay once a year.", "{s} is priced at {v} on monthly billing, {y} on yearly billing.", "Monthly billing: {v}. Yearly billing: {y}.",
    "{s} lists at {v}. Paid yearly it drops to {y}.", "With yearly billing {s} costs {y}; month to month it is {v}.", "Choose monthly ({v}) or yearly billing ({y}) for {s}.",
    "Month to month, {s} is {v}. Committing to a year brings it to {y}.", "For {s} we charge {v}, or {y} on an annual contract.", "{s}: {v} monthly, {y} yearly.",
)  # fmt: skip

_GENERIC_ASKS = (
    "What is the {n} of {s}?", "What's the {n} for {s}?", "{n} of {s}?", "Tell me the {n} on {s}.", "Which {n} does {s} have?",
    "How high is the {n} on {s}?", "What {n} do I get with {s}?", "{s} {n}?", "What is the {n} on {s}?", "What should I know about the {n} of {s}?",
    "What {n} comes with {s}?", "Could you tell me the {n} for {s}?", "I need the {n} of {s}.", "Does {s} have a {n}, and what is it?", "With {s}, what is our {n}?",
)  # fmt: skip
_GENERIC_SAYS = (
    "The {n} of {s} is {v}.", "{s} has a {n} of {v}.", "{n}: {v}.", "{s} comes with a {n} of {v}.", "For {s}, the {n} is {v}.", "On {s} the {n} is {v}.",
    "The {n} is {v} on {s}.", "{s} offers a {n} of {v}.", "We set the {n} of {s} to {v}.", "{v} is the {n} for {s}.",
)  # fmt: skip
_COUNT_ASKS = (
    "How many {n} does {s} include?", "How many {n} can I have on {s}?", "What is the limit of {n} on {s}?", "How many {n} do we get with {s}?", "What's the maximum number of {n} for {s}?",
    "{n} limit of {s}?", "How many {n} are included in {s}?", "max {n} on {s}", "What is the {n} limit on {s}?", "Is there a cap on {n} with {s}, and how many is it?",
    "How many {n} are allowed on {s}?", "Up to how many {n} does {s} go?", "{s}: how many {n}?", "We need many {n}, how many does {s} allow?", "What number of {n} comes with {s}?",
)  # fmt: skip
_COUNT_SAYS = (
    "{s} includes {v}.", "{s} comes with {v}.", "You can have up to {v} on {s}.", "{s} is limited to {v}.", "With {s} you get {v}.", "Up to {v} are included in {s}.",
    "{s} allows {v}.", "The limit on {s} is {v}.", "{s} covers {v}.", "A maximum of {v} can be used with {s}.",
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
)  # fmt: skip
_FEATURE_YES = ("{s} includes {n}.", "{n} is part of {s}.", "{n} is available on {s}.", "{s} comes with {n}.", "{n}: yes.", "You can use {n} on {s}.", "{n} is included in {s}.", "{s} has {n}.", "{n} is among the features of {s}.")
_FEATURE_NO = ("{s} does not include {n}.", "{n} is not part of {s}.", "{n} is not available on {s}.", "{s} comes without {n}.", "{n}: no.", "You cannot use {n} on {s}.", "{n} is not included in {s}.", "{s} has no {n}.", "{n} is missing from {s}.")

_VERBS = ["export", "import", "delete", "archive", "share", "rename", "restore", "duplicate", "print", "schedule", "lock", "publish", "merge", "filter", "download", "upload", "cancel", "approve", "assign", "move", "sort", "tag", "link", "pause", "reset"]
_OBJECTS = (
    "a report", "an invoice", "a contact list", "a form", "a calendar", "a project", "a workspace", "a template", "a user", "the audit log", "an API key", "a webhook",
    "a shift", "a survey", "a campaign", "a document", "a monitor", "an order", "a booking", "a signature", "a ticket", "my account", "my password", "the subscription", "a payment method",
)  # fmt: skip
_MENUS = (
    "Settings", "Billing", "Reports", "Members", "Security", "Integrations", "Account", "Workspace", "Admin", "Tools", "Files", "Exports", "Profile",
    "Notifications", "Data", "Plans", "API", "Templates", "Library", "History", "Actions", "More", "Options", "Preferences", "Usage", "Permissions",
)  # fmt: skip
_HOWTO_SAYS = ("To {n} in {s}, open {v}.", "{n}: go to {v}.", "In {s} you can {n} under {v}.", "You {n} under {v}.", "If you want to {n}, open {v}.", "Open {v} to {n}.")
_HOWTO_ASKS = (
    "How do I {n} in {s}?", "How can I {n} with {s}?", "Where do I {n} in {s}?", "where can i {n} ({s})", "What is the way to {n} in {s}?",
    "I want to {n} in {s}, how?", "In {s}, how does one {n}?", "Where in {s} can we {n}?", "How to {n} in {s}?", "Help, I can't find where to {n} in {s}.",
)  # fmt: skip


_MODULES = (
    "calendar sync", "invoice numbers", "late reminders", "discount codes", "team chat", "file history", "status page", "on-call rota", "holiday planner", "price lists", "bulk mail", "contact merge", "stock count",
    "signature order", "room booking", "survey logic", "question bank", "delivery notes", "tax rates", "currency rates", "print layouts", "inbox rules", "user groups", "data cleanup", "usage report", "alert rules", "form themes",
    "guest links", "address book", "barcode labels", "returns", "deposits", "quotes", "recurring orders", "shift swaps", "absence list", "live chat", "canned replies", "public roadmap", "page templates", "link tracking",
)  # fmt: skip
_PLACE_SAYS = ("In {s}, {n} is under {v}.", "You find {n} under {v}.", "Look for {n} in {v}.", "{n} lives in {v}.", "{s} keeps {n} under {v}.", "The menu {v} holds {n}.", "Open {v} for {n}.", "{n}: see {v}.")
_PLACE_ASKS = ("Where is {n} in {s}?", "Where do I find {n} in {s}?", "In which menu of {s} is {n}?", "I am looking for {n} in {s}.", "Where can I see {n} in {s}?", "which menu has {n} in {s}", "How do I get to {n} in {s}?",
               "Where did you put {n} in {s}?", "{n} in {s}, where?", "What do I click to reach {n} in {s}?")  # fmt: skip
_FROM_SAYS = ("{n} is available from the {v} of {s}.", "{n} comes with the {v} and everything above it.", "{n} is part of the {v} and every higher one.", "You need at least the {v} of {s} for {n}.", "{s} offers {n} from the {v} on.", "{n} requires the {v}.")
_FROM_ASKS = ("Which plan of {s} do I need for {n}?", "From which plan on does {s} have {n}?", "What is the smallest {s} plan with {n}?", "In {s}, which plan unlocks {n}?", "Which {s} plan has {n}?",
              "What plan must I buy to get {n} in {s}?", "{n} in {s}: from which plan?", "Which plan includes {n} in {s}?", "On what plan is {n} offered by {s}?", "Lowest plan with {n} in {s}?")  # fmt: skip


def _plan(rng: Random) -> str:
    from .names import PLANS

    return f"{rng.choice(PLANS)} plan"


def _path(rng: Random) -> str:
    return " > ".join(rng.sample(_MENUS, rng.choice((2, 2, 3))))


MONTHLY = Attribute("price", ("price", "monthly price", "cost"), price, PRICE_SAYS, (), "{s} costs {v}.", heading=("Price", "Pricing", "Cost", "What it costs", "Prices", "Billing"))
YEARLY = Attribute("yearly", ("yearly price", "annual price", "price billed yearly"), price, YEARLY_SAYS, (), "{s} costs {v}, billed yearly.", heading=("Price", "Pricing", "Yearly billing", "Billing"))

_FIXED = (
    ("trial", ("free trial", "trial", "trial period"), duration, ("{s} has a free trial of {v}.", "Try {s} free for {v}.", "The trial of {s} lasts {v}."),
     ("How long is the free trial of {s}?", "How long can I try {s} for free?", "trial length of {s}?", "How long does the {s} trial last?", "For how long is {s} free to test?"), "{s} has a free trial of {v}."),
    ("support", ("first response time", "support response time", "response time"), duration, ("Support for {s} answers within {v}.", "On {s} we reply within {v}.", "Tickets from {s} customers get a first answer within {v}."),
     ("How fast does support answer on {s}?", "How quickly do you reply to {s} customers?", "What is the support response time of {s}?", "How long do I wait for support with {s}?", "When will someone answer my ticket on {s}?"), "On {s}, support answers within {v}."),
    ("uptime", ("uptime", "uptime commitment", "availability", "SLA"), percent, ("We guarantee {v} uptime for {s}.", "{s} carries an uptime commitment of {v}.", "The availability of {s} is {v}."),
     ("What uptime does {s} guarantee?", "What is the SLA of {s}?", "uptime of {s}?", "How high is the availability of {s}?", "How reliable is {s}, what uptime do you promise?"), "{s} has an uptime commitment of {v}."),
    ("storage", ("storage", "storage space"), size, ("{s} includes {v} of storage.", "{s} comes with {v} of storage space.", "Storage on {s} is {v}."),
     ("How much storage does {s} include?", "How much space do I get with {s}?", "storage on {s}?", "How many gigabytes come with {s}?", "What storage can we use on {s}?"), "{s} includes {v} of storage."),
    ("file", ("file size limit", "maximum file size", "upload limit"), size, ("Files on {s} can be up to {v}.", "{s} accepts files of up to {v}.", "The largest file on {s} is {v}."),
     ("How large can a file be on {s}?", "What is the maximum file size on {s}?", "biggest upload with {s}?", "What's the file size limit of {s}?", "How big may uploads get in {s}?"), "On {s}, files can be up to {v}."),
    ("api", ("API rate limit", "API limit", "rate limit"), rate, ("The API of {s} allows {v}.", "{s} may send {v}.", "API calls on {s} are limited to {v}."),
     ("What is the API rate limit of {s}?", "How many API calls can {s} make?", "API limit on {s}?", "How many requests does {s} allow?", "At what rate can we call the API on {s}?"), "The API of {s} allows {v}."),
    ("retention", ("data retention", "retention", "history"), duration, ("{s} keeps data for {v}.", "Data on {s} is kept for {v}.", "History on {s} goes back {v}."),
     ("How long does {s} keep data?", "How long is data kept on {s}?", "data retention of {s}?", "What is the retention on {s}?", "After what time is my data deleted on {s}?"), "{s} keeps data for {v}."),
    ("seats", ("minimum seats", "seat minimum", "minimum number of seats"), lambda r: f"{r.randint(2, 60)} {r.choice(('seats', 'users'))}", ("{s} needs at least {v}.", "The minimum on {s} is {v}.", "{s} is sold from {v}."),
     ("How many seats do I need at least for {s}?", "What is the minimum number of seats on {s}?", "min seats {s}?", "Is there a seat minimum for {s}, and what is it?", "How small can a team on {s} be?"), "{s} needs at least {v}."),
)  # fmt: skip
_COMPANY = (
    ("refund", ("refund window", "refund period"), duration, ("{s} refunds payments within {v}.", "You can ask for a refund within {v}.", "Refunds are possible for {v} after payment."),
     ("How long do I have to ask for a refund at {s}?", "What is the refund window of {s}?", "refund period at {s}?", "Within what time can I get my money back from {s}?", "Until when does {s} refund?", "Can I get a refund, and until when?", "Up to when can I return what I bought?"), "{s} refunds payments within {v}."),
    ("notice", ("cancellation notice", "notice period"), duration, ("{s} asks for {v} of notice to cancel.", "To cancel, give {v} of notice.", "The notice period is {v}."),
     ("What is the cancellation notice at {s}?", "How much notice must I give {s} to cancel?", "notice period of {s}?", "How long before do I have to cancel with {s}?", "How early must I tell {s} that I leave?", "How far ahead must we cancel?", "What notice do you need from us?"), "{s} asks for {v} of notice to cancel."),
    ("terms", ("payment terms", "invoice terms"), duration, ("Invoices of {s} are due within {v}.", "Payment terms: {v}.", "Pay invoices within {v}."),
     ("When are invoices of {s} due?", "What are the payment terms of {s}?", "payment terms at {s}?", "How long do I have to pay a {s} invoice?", "In what time must we pay {s}?"), "Invoices of {s} are due within {v}."),
    ("education", ("education discount",), percent, ("{s} gives a {n} of {v}.", "The {n} is {v}.", "Schools get {v} off."),
     ("What is the {n} at {s}?", "What do schools get off at {s}?", "{n} {s}?", "How much {n} does {s} give?", "We are a school, how much is the discount at {s}?", "By when must invoices be paid?", "What is the due date of invoices?", "What is the discount for schools?", "How much off for a university?"), "{s} gives a {n} of {v}."),
    ("region", ("data region", "data location"), _of(*CITIES), ("{s} stores data in {v}.", "Data is hosted in {v}.", "The data centre is in {v}."),
     ("Where does {s} store data?", "Where is our data hosted by {s}?", "data location of {s}?", "In which city are the servers of {s}?", "Which data centre does {s} use?", "Where is our data kept?", "Which city holds the data?"), "{s} stores data in {v}."),
    ("hours", ("support hours", "opening hours"), _clock, ("Support of {s} is open from {v}.", "Support hours: {v}.", "You reach us from {v}."),
     ("When is support open at {s}?", "What are the support hours of {s}?", "opening hours of {s}?", "At what time can I reach {s}?", "During which hours does {s} answer?"), "Support of {s} is open from {v}."),
    ("late", ("late fee", "late payment fee"), bare_price, ("{s} charges a late fee of {v}.", "Late payments cost {v}.", "The late fee is {v}."),
     ("What is the late fee at {s}?", "How much does {s} charge for late payment?", "late fee {s}?", "What happens if I pay {s} late, what is the fee?", "What do we owe {s} on top if we pay late?", "When can I call you?", "When are you open?", "What does paying late cost?", "Is there a fee for late payers?"), "{s} charges a late fee of {v}."),
    ("discount", ("nonprofit discount",), percent, ("{s} gives a {n} of {v}.", "The {n} is {v}.", "{n}: {v}."),
     ("What is the {n} at {s}?", "How large is the {n} of {s}?", "{n} {s}?", "How much {n} does {s} give?", "Do we get a {n} from {s}, and how much?", "We are a charity, what is our discount?", "How much off for nonprofits?"), "{s} gives a {n} of {v}."),
)  # fmt: skip


def _sampled(rng: Random) -> Attribute:
    """One attribute out of open-ended families, so that the set of attributes cannot be learnt by heart."""
    kind = rng.random()
    if kind < 0.38:
        noun = rng.choice(COUNTED)
        return Attribute(f"count:{noun}", (noun,), lambda r: f"{number(r)} {noun}{r.choice(('', '', ' per month', ' a day'))}", _COUNT_SAYS, _COUNT_ASKS, "{s} includes {v}.", heading=("Limits", "What is included", "Quotas"))
    if kind < 0.6:
        thing, (measure, value) = rng.choice(_THINGS), rng.choice(_MEASURES)
        noun = f"{thing} {measure}"
        return Attribute(f"measure:{noun}", (noun,), value, _GENERIC_SAYS, _GENERIC_ASKS, "The {n} of {s} is {v}.", heading=("Limits", "Details", "Technical limits"))
    if kind < 0.82:
        noun = rng.choice(FEATURES)
        return Attribute(f"feature:{noun}", (noun,), _of(INCLUDED, NOT_INCLUDED), (), _FEATURE_ASKS, "", heading=("Features", "What is included", "Security"))
    if kind < 0.91:
        noun = rng.choice(_MODULES)
        return Attribute(f"place:{noun}", (noun,), _path, _PLACE_SAYS, _PLACE_ASKS, "In {s}, {n} is under {v}.", scope="product", heading=("Where to find it", noun.capitalize(), "Menus"))
    if kind < 0.95:
        noun = rng.choice(_MODULES + FEATURES)
        return Attribute(f"from:{noun}", (noun,), _plan, _FROM_SAYS, _FROM_ASKS, "In {s}, {n} is available from the {v}.", scope="product", heading=("Plans", "Availability", noun.capitalize()))
    noun = f"{rng.choice(_VERBS)} {rng.choice(_OBJECTS)}"
    return Attribute(f"howto:{noun}", (noun,), _path, _HOWTO_SAYS, _HOWTO_ASKS, "Open {v}.", scope="product", heading=("How to", "Steps", noun.capitalize()))


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
