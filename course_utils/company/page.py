"""One handbook page while it is being written, and the kinds of page there are."""

import re
from dataclasses import dataclass, field
from typing import Literal

from course_utils.company.timeline import Fact

Kind = Literal[
    "overview", "plan", "prices", "reference", "legacy", "regional", "feature", "how-to",
    "troubleshooting", "integration", "faq", "policy", "guide", "changelog",
]  # fmt: skip

# Kinds that hold other prices than `facts` and are there to mislead retrieval: plans closed to new
# customers, and price lists in euros and pounds. Their titles say what they are.
MISLEADING: frozenset[Kind] = frozenset({"legacy", "regional"})

_FOLDERS: dict[str, Kind] = {
    "plans": "plan",
    "prices": "prices",
    "reference": "reference",
    "legacy": "legacy",
    "regions": "regional",
    "features": "feature",
    "how-to": "how-to",
    "troubleshooting": "troubleshooting",
    "integrations": "integration",
    "policies": "policy",
    "guides": "guide",
    "changelog": "changelog",
}
_PLACE = re.compile(r"\{((?:starter|team|business|enterprise|feature)\.[a-z_.]+)\}")


def page_kind(path: str) -> Kind:
    """What sort of page a path of the handbook holds, from its folder: "legacy", "plan", "how-to", …"""
    *folders, name = path.split("/")
    if folders and folders[-1] in _FOLDERS:
        return _FOLDERS[folders[-1]]
    if name == "faq.md":
        return "faq"
    if name == "index.md":
        return "overview"
    raise ValueError(f"{path!r} is not the path of a handbook page")


@dataclass
class Page:
    """A page under construction: blocks of Markdown, and the keys of the facts it states."""

    path: str
    title: str
    facts: dict[str, Fact]
    blocks: list[str] = field(default_factory=list)
    states: set[str] = field(default_factory=set)

    def value(self, key: str) -> str:
        """The display value of a fact, noting that this page states it."""
        self.states.add(key)
        return self.facts[key].value

    def sentence(self, key: str) -> str:
        """The canonical sentence of a fact, noting that this page states it."""
        self.states.add(key)
        return self.facts[key].text

    def fill(self, text: str) -> str:
        """Replace {team.storage}-like places in *text* by the values of the facts of the page's product."""
        product = self.path.split("/")[1]
        return _PLACE.sub(lambda place: self.value(f"{product}.{place[1]}"), text)

    def add(self, *blocks: str) -> None:
        """Paragraphs, lists or tables, each its own block, with their places filled."""
        self.blocks += [self.fill(block.strip()) for block in blocks if block.strip()]

    def section(self, heading: str, *blocks: str) -> None:
        """A second-level heading and its blocks."""
        self.add(f"## {heading}", *blocks)

    @property
    def text(self) -> str:
        """The page as Markdown, ending in one newline."""
        return "\n\n".join([f"# {self.title}", *self.blocks]) + "\n"
