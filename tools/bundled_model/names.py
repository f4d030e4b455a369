"""Invented names of companies, products and plans: thousands of them, so that a model must read and cannot recall."""

from random import Random
from zlib import crc32

# The course's own names. They are listed only so that no invented name ever equals one of them;
# tests/unit/test_model_recipe.py holds this list against course_utils.company.
RESERVED = frozenset(
    ["larkmoor", "tallyport", "quillbase", "pingrove", "shiftlane", "formwell", "mailhaven", "stocktide", "chatfold", "signmere", "meetfern", "routewren", "payfern", "auditlark"]
)

_HEADS = ["acorn", "alder", "amber", "anchor", "apple", "arbor", "arrow", "ash", "aspen", "atlas", "bark", "barn", "bay", "beacon", "beam", "bell", "birch", "blue", "bolt", "brae", "bramble", "brick", "bridge", "bright", "brook", "cairn", "candle", "cedar", "clay", "clear", "cliff", "cloud", "clover", "coast", "comet", "copper", "coral", "crane", "creek", "crest", "crisp", "crow", "dale", "dawn", "deep", "delta", "dew", "dove", "drift", "dune", "dusk", "eagle", "east", "echo", "elm", "ember", "fair", "falcon", "feather", "field", "finch", "fir", "flint", "fox", "frost", "gale", "glade", "glen", "gold", "grain", "granite", "green", "grey", "gull", "harbor", "haven", "hawk", "hazel", "heath", "hill", "holly", "honey", "horn", "iron", "ivy", "jade", "jet", "juniper", "kelp", "kestrel", "kite", "lake", "lantern", "leaf", "light", "lime", "linden", "loft", "loom", "lunar", "lynx", "maple", "marble", "marsh", "mast", "meadow", "mill", "mint", "mist", "moon", "moss", "nest", "nettle", "night", "north", "oak", "oat", "olive", "onyx", "opal", "orbit", "otter", "owl", "paper", "peak", "pearl", "pebble", "pier", "pilot", "pine", "plum", "pond", "poplar", "prairie", "quartz", "rain", "raven", "reed", "ridge", "river", "robin", "rook", "root", "rose", "rowan", "rush", "sage", "sail", "salt", "sand", "shell", "silver", "sky", "slate", "snow", "spark", "spring", "spruce", "star", "steel", "stone", "storm", "summit", "sun", "swan", "swift", "thistle", "thorn", "tide", "timber", "trail", "twig", "vale", "valley", "velvet", "violet", "wave", "west", "wheat", "willow", "wind", "winter", "wood", "wren", "yarrow", "zephyr", "zinc", "mail", "form", "chat", "sign", "stock", "shift", "ping", "tally", "quill", "meet", "route", "pay", "audit", "post", "note", "task", "desk", "ledger", "invoice", "roster", "survey", "memo", "cargo", "parcel", "booking", "ticket"]
_TAILS = ["ance", "apex", "ary", "base", "bay", "beam", "bell", "bench", "bird", "board", "bolt", "book", "box", "bridge", "byte", "card", "cast", "chart", "check", "circle", "clip", "cove", "craft", "crest", "dash", "deck", "desk", "dock", "door", "drift", "drop", "end", "feed", "fern", "field", "file", "flow", "fold", "ford", "forge", "form", "frame", "gate", "glass", "glow", "grid", "grove", "hall", "hand", "haven", "hill", "hive", "hold", "hook", "house", "hub", "ia", "ify", "io", "jet", "key", "kit", "lab", "lane", "lark", "ledger", "let", "lift", "light", "line", "link", "list", "loft", "log", "loom", "loop", "mark", "mast", "mate", "mesh", "mill", "mind", "mint", "moor", "mere", "nest", "net", "node", "note", "on", "ora", "pad", "page", "pass", "path", "peak", "pen", "pier", "pilot", "pipe", "plan", "point", "pool", "port", "post", "press", "pulse", "rack", "rail", "rank", "reach", "ring", "rise", "road", "room", "root", "row", "sail", "scope", "set", "shelf", "shift", "side", "sight", "sky", "spot", "spring", "stack", "staff", "stamp", "step", "stone", "stream", "table", "tide", "time", "track", "trail", "tree", "vale", "vault", "view", "ware", "watch", "wave", "way", "well", "wheel", "wick", "wing", "wire", "wise", "wood", "work", "wren", "yard"]
_ONSETS = ["b", "bl", "br", "c", "ch", "cl", "cr", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "h", "j", "k", "kr", "l", "m", "n", "p", "pl", "pr", "qu", "r", "s", "sc", "sh", "sk", "sl", "sm", "sp", "st", "str", "t", "th", "tr", "v", "w", "y", "z"]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "io", "oa", "ou"]
_CODAS = ["b", "ck", "d", "ft", "g", "l", "ld", "ll", "lm", "ln", "m", "mp", "n", "nd", "ng", "nt", "p", "r", "rd", "rk", "rm", "rn", "rt", "s", "sh", "sk", "st", "t", "th", "v", "x", "z"]
_ENDS = ["a", "o", "ia", "io", "ex", "ix", "on", "um", "us", "is", "ara", "eno", "ino", "ora", "ela", "ivo"]

PLANS = ["Starter", "Basic", "Free", "Lite", "Solo", "Personal", "Essential", "Standard", "Core", "Plus", "Team", "Group", "Crew", "Studio", "Growth", "Scale", "Pro", "Professional", "Premium", "Advanced", "Business", "Company", "Corporate", "Enterprise", "Ultimate", "Unlimited", "Elite", "Max", "Gold", "Silver", "Bronze", "Platinum", "Small", "Medium", "Large", "Agency", "Partner", "Campus", "Nonprofit", "Startup", "Launch", "Flex", "Prime", "Select", "Choice", "Classic", "Signature"]

REGIONS = (
    "the EU", "the UK", "Canada", "Japan", "Brazil", "India", "Norway", "Australia", "Mexico", "Switzerland", "Korea",
    "the US", "Germany", "France", "Spain", "Poland", "Chile", "Kenya", "Singapore", "New Zealand",
)  # fmt: skip


def _syllable(rng: Random) -> str:
    return rng.choice(_ONSETS) + rng.choice(_VOWELS) + (rng.choice(_CODAS) if rng.random() < 0.55 else "")


def is_held_out(word: str) -> bool:
    """One name in twenty never occurs in training; the evaluation uses only these."""
    return crc32(word.lower().encode()) % 20 == 0


def brand(rng: Random, held_out: bool = False) -> str:
    """An invented brand name of one split, never one of the course's own."""
    while True:
        kind = rng.random()
        if kind < 0.55:
            word = rng.choice(_HEADS) + rng.choice(_TAILS)
        elif kind < 0.75:
            word = _syllable(rng) + rng.choice(_TAILS)
        elif kind < 0.95:
            word = _syllable(rng) + _syllable(rng) + (rng.choice(_ENDS) if rng.random() < 0.4 else "")
        else:
            word = rng.choice(_HEADS)
        if word not in RESERVED and 4 <= len(word) <= 12 and is_held_out(word) == held_out:
            return word.capitalize()


def brands(rng: Random, n: int, held_out: bool = False) -> list[str]:
    """``n`` different brand names, sometimes deliberately alike (same first half), as real product families are."""
    found: list[str] = []
    while len(found) < n:
        name = brand(rng, held_out)
        if found and rng.random() < 0.15:
            name = (found[0][: max(3, len(found[0]) // 2)] + rng.choice(_TAILS)).capitalize()
        if name.lower() not in RESERVED and name not in found and is_held_out(name) == held_out:
            found.append(name)
    return found


def plans(rng: Random, n: int) -> list[str]:
    """``n`` different plan names; one in seven is invented too."""
    chosen = rng.sample(PLANS, n)
    return [brand(rng) if rng.random() < 0.14 else plan for plan in chosen]
