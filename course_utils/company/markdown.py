"""Small pieces of Markdown and of English that pages and sentences are made of."""

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def bullets(items: list[str]) -> str:
    """A bulleted list."""
    return "\n".join(f"- {item}" for item in items)


def steps(items: list[str]) -> str:
    """A numbered list."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))


def first_sentence(text: str) -> str:
    """The first sentence of a text."""
    return text.split(". ")[0].rstrip(".") + "."


def joined(items: list[str], word: str = "and") -> str:
    """ "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"


def in_sentence(name: str) -> str:
    """A feature's name as it stands inside a sentence: "payment reminders", but "API keys" stays."""
    return name if name[:2].isalpha() and name[:2].isupper() else name[0].lower() + name[1:]
