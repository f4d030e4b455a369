"""Twelve cases to decide: what happened, what is known about it, which tools answer it, and why.

The cases are data, ``cases.toml``. Their tools were written down by hand; a test holds the tree of
``tree.py`` against them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from course_utils.decisions.tree import (
    CONSTRAINED,
    FINE_TUNING,
    LONG_CONTEXT,
    LOOKUP,
    PROMPT,
    RAG,
    Situation,
)

LETTERS = {
    "P": PROMPT,
    "L": LOOKUP,
    "W": LONG_CONTEXT,  # the Whole of it in the prompt
    "R": RAG,
    "C": CONSTRAINED,
    "F": FINE_TUNING,
}
NONE_YET = "N"
"""The letter for no tool at all, as long as nobody has measured a failure."""


@dataclass(frozen=True)
class Case:
    """One case. ``proof`` says how its answer can be shown: by a "run" in lesson 07, or by "judgement"."""

    number: int
    title: str
    story: str
    situation: Situation
    tools: tuple[str, ...]
    nudge: str  # what a wrong answer is told: a question to ask oneself, not the answer
    reasoning: str
    proof: Literal["run", "judgement"]

    @property
    def letters(self) -> str:
        """The answer as letters, in the order of ``LETTERS``."""
        return letters(self.tools)


def letters(tools: Iterable[str]) -> str:
    """``("retrieval (RAG)", "constrained decoding")`` as ``"RC"``; no tool as ``"N"``."""
    tools = set(tools)
    return "".join(letter for letter, tool in LETTERS.items() if tool in tools) or NONE_YET


def tools_of(text: str) -> tuple[str, ...]:
    """The tools that letters such as ``"RC"`` or ``"r + c"`` stand for. ValueError for another letter."""
    if not isinstance(text, str):
        raise ValueError(f"An answer is a text of letters such as 'R' or 'RC', not {text!r}.")
    given = [letter for letter in text.upper() if letter.isalnum()]
    unknown = set(given) - set(LETTERS) - {NONE_YET}
    if unknown or not given or (NONE_YET in given and len(set(given)) > 1):
        raise ValueError(
            f"An answer is made of the letters {', '.join(LETTERS)}, or it is {NONE_YET} alone; not {text!r}."
        )
    return tuple(tool for letter, tool in LETTERS.items() if letter in given)


def _read() -> tuple[Case, ...]:
    data = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))
    return tuple(
        Case(
            number=number,
            title=entry["title"],
            story=_flowing(entry["story"]),
            situation=Situation(**entry.get("situation", {})),
            tools=tools_of(entry["letters"]),
            nudge=_flowing(entry["nudge"]),
            reasoning=_flowing(entry["reasoning"]),
            proof=entry["proof"],
        )
        for number, entry in enumerate(data["case"], 1)
    )


def _flowing(text: str) -> str:
    return " ".join(text.split())


CASES = _read()
