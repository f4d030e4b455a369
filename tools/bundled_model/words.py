"""Everyday words that the invented pages and questions are put together from: who does what with which things, and
names of functions and menus, so many that a model must read and cannot recall them."""

from random import Random

AUDIENCES = ("small teams", "growing companies", "agencies", "large organisations", "freelancers", "schools", "shops", "support desks", "field teams", "offices with several sites",
             "accountants", "managers", "administrators", "new members", "guests", "auditors", "customers abroad", "warehouse staff", "editors", "the finance department", "owners", "suppliers", "volunteers")  # fmt: skip
JOBS = ("send", "plan", "track", "share", "sort", "review", "approve", "collect", "answer", "count", "write", "sign", "book", "monitor", "deliver", "print", "archive", "compare", "correct",
        "forward", "translate", "schedule", "publish", "restore", "export", "check", "combine", "assign", "confirm", "measure")  # fmt: skip
WORK = ("invoices", "orders", "shifts", "documents", "surveys", "tickets", "meetings", "newsletters", "contracts", "stock", "routes", "reports", "messages", "payments", "tasks", "credit notes", "addresses",
        "reminders", "replies", "attachments", "layouts", "permissions", "appointments", "returns", "quotes", "deliveries", "absences", "comments", "drafts", "templates", "bank transfers", "labels", "statements", "suppliers")  # fmt: skip
WHEN = ("before the end of the month", "in the browser or on a phone", "without a second account", "once the owner agrees", "from the main menu", "during the trial", "when a connection fails", "at any time of day",
        "with one click", "after signing in again", "as soon as the record is saved", "if the right is granted", "in every language we support", "while others are working", "even without a network", "under the same name",
        "when the period ends", "in the order of arrival", "by default", "until somebody turns it off", "for the whole company", "only in their own workspace", "with a short explanation", "once a night", "together with its history",
        "through the address in the footer", "and the colleague is told by e-mail", "so that nothing is entered twice", "as long as the subscription is active", "next to the customer's name")  # fmt: skip
MATTER = ("a deactivated user", "the billing address", "an unpaid amount", "the activity list", "a shared folder", "the search field", "an expired link", "a second approval", "the tax number", "a password reset",
          "the weekly summary", "a failed payment", "the company logo", "an empty field", "a duplicate record", "the start page", "an external calendar", "the account manager", "a closed account", "the role of viewer")  # fmt: skip
HAPPENS = ("is kept as it is", "appears on the right", "can be changed later", "is removed at night", "stays where it was", "is shown in grey", "needs no installation", "is sent to the owner", "cannot be undone",
           "counts only once", "is written to the log", "follows the settings of the workspace", "is checked twice", "goes back to the sender", "does not change the price", "is charged for the remaining days", "is refused with a message",
           "moves to the bin", "takes a few minutes", "is explained in the guide")  # fmt: skip
MENUS = (
    "Settings", "Billing", "Reports", "Members", "Security", "Integrations", "Account", "Workspace", "Admin", "Tools", "Files", "Exports", "Profile",
    "Notifications", "Data", "Plans", "API", "Templates", "Library", "History", "Actions", "More", "Options", "Preferences", "Usage", "Permissions",
)  # fmt: skip

_FIRST = (
    "activity", "address", "agenda", "approval", "arrival", "asset", "badge", "balance", "basket", "budget", "bundle", "buyer", "cash", "charge", "client", "colour", "column", "comment", "contract", "coupon",
    "course", "credit", "customer", "deadline", "delay", "delivery", "deposit", "draft", "duty", "entry", "event", "expense", "field", "gift", "goal", "guest", "handover", "holiday", "idea", "image", "item", "key",
    "label", "leave", "letter", "loan", "lunch", "map", "member", "mood", "night", "offer", "order", "overtime", "owner", "page", "partner", "patient", "payment", "phone", "photo", "picking", "project", "quality",
    "question", "receipt", "repair", "return", "risk", "room", "sample", "season", "serial", "service", "skill", "slot", "status", "stock", "summer", "supplier", "table", "target", "team", "test", "text", "time",
    "tour", "travel", "vendor", "visitor", "voice", "voucher", "warehouse", "weather", "week", "winter",
)  # fmt: skip
_SECOND = (
    "archive", "assistant", "board", "book", "calendar", "chart", "check", "codes", "colours", "counter", "desk", "digest", "diary", "editor", "feed", "files", "filter", "finder", "forecast", "form", "gallery",
    "groups", "guide", "history", "import", "inbox", "index", "journal", "labels", "layout", "letters", "limits", "links", "list", "locks", "log", "mail", "maps", "matching", "menu", "messages", "mode", "notes",
    "numbers", "overview", "panel", "permissions", "picker", "planner", "preview", "queue", "ratings", "register", "reminders", "replies", "requests", "rota", "rules", "scanner", "scores", "search", "sheet",
    "signs", "split", "summary", "swaps", "sync", "tags", "themes", "timer", "totals", "tracker", "transfer", "translation", "tree", "view", "wall", "warnings", "widgets",
)  # fmt: skip


def function(rng: Random) -> str:
    """The name of a function of a product: "receipt scanner", "holiday rota"."""
    return f"{rng.choice(_FIRST)} {rng.choice(_SECOND)}"


def label(rng: Random) -> str:
    """What a menu item says: "Settings", "Receipts", "Holiday rota"."""
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(MENUS)
    if kind < 0.85:
        return rng.choice((*_FIRST, *_SECOND, *JOBS, *WORK)).capitalize()
    return function(rng).capitalize()


def path(rng: Random) -> str:
    """The way through two or three menus: "Settings > Receipts"."""
    n = rng.choice((2, 2, 2, 3))
    steps = list(dict.fromkeys(label(rng) for _ in range(n + 2)))
    return " > ".join(steps[:n])


def benign(rng: Random) -> str:
    """A sentence of a customer about themselves; it changes nothing about the question beside it."""
    return rng.choice((
        f"We are {rng.randint(2, 400)} people.", f"We are {rng.choice(AUDIENCES)}.", f"I {rng.choice(JOBS)} {rng.choice(WORK)} every day.", f"It is for {rng.choice(AUDIENCES)}.",
        f"My colleagues {rng.choice(JOBS)} {rng.choice(WORK)} {rng.choice(WHEN)}.", f"I run a company with {rng.randint(2, 900)} employees.", f"{rng.choice(AUDIENCES).capitalize()} asked me.",
        f"So far we {rng.choice(JOBS)} {rng.choice(WORK)} on paper.", f"I have to {rng.choice(JOBS)} {rng.choice(WORK)} next week.", f"We already use the {function(rng)}.",
    ))  # fmt: skip
