"""The inputs of a calculator: checked, explained, exported, and shared as one line of text.

A calculator's inputs are a frozen dataclass on ``Inputs``. The unit and the allowed range of a number follow
from its name (see ``quantities``); label and source stand beside its default.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, ClassVar, Self

from course_utils.costs.prices import Price
from course_utils.costs.quantities import quantity, require

FORMAT = "stale-prices-costs-1"  # raise the number when a string of before would be read differently
LONGEST = 4000  # characters of a preset string
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
ASSUMPTION = "assumption: change me"

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Headings, and rows of as many cells."""


def number(label: str, default: float, source: str = ASSUMPTION) -> Any:
    """A number with its label and where its default comes from."""
    return field(default=default, metadata={"label": label, "source": source, "price": None})


def priced(label: str, price: Price) -> Any:
    """A number whose default is a price of the table."""
    return field(default=price.value, metadata={"label": label, "source": price.origin, "price": price})


def choice(
    label: str,
    default: str,
    options: Sequence[str],
    source: str = "your choice",
    named: Mapping[str, str] | None = None,
) -> Any:
    """One of several words; ``named`` says how people call them where that differs."""
    about = {"label": label, "source": source, "options": tuple(options), "named": named or {}}
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Inputs:
    """Base of a calculator's inputs. Creating one with a value that makes no sense raises ValueError."""

    KIND: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for entry in fields(self):
            value, options = getattr(self, entry.name), entry.metadata.get("options")
            if options is None:
                require(**{entry.name: value})
                if quantity(entry.name).whole:
                    object.__setattr__(self, entry.name, int(value))
            elif value not in options:
                raise ValueError(f"{entry.name} must be one of {list(options)}, not {value!r}.")

    def changed(self, **values: Any) -> Self:
        """A copy with some values replaced; ValueError for a name that does not exist."""
        self._known(values)
        return replace(self, **values)

    # --- sharing --------------------------------------------------------------------------------------

    def share(self) -> str:
        """One line that ``parse`` turns into the same inputs again: format, calculator, every value."""
        values = (f"{entry.name}={_spelt(getattr(self, entry.name))}" for entry in fields(self))
        return ";".join([FORMAT, self.KIND, *values])

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inputs that ``share`` wrote.

        Strict: every value is there exactly once, nothing else is, all make sense. Otherwise ValueError.
        """
        if not isinstance(text, str) or len(text) > LONGEST:
            raise ValueError(f"A preset is one line of at most {LONGEST} characters.")
        head, _, rest = text.strip().partition(";")
        kind, *pairs = rest.split(";")
        if head != FORMAT:
            raise ValueError(f"A preset starts with {FORMAT!r}; this one starts with {head[:40]!r}.")
        if kind != cls.KIND:
            raise ValueError(f"This is a preset for {kind[:40]!r}; {cls.KIND!r} is needed here.")
        values: dict[str, Any] = {}
        for pair in pairs:
            name, equals, value = pair.partition("=")
            if not equals:
                raise ValueError(f"{pair[:60]!r} is not of the form name=value.")
            if name in values:
                raise ValueError(f"{name} is given twice.")
            cls._known([name])
            values[name] = cls._read(name, value)
        if missing := [entry.name for entry in fields(cls) if entry.name not in values]:
            raise ValueError(f"The preset lacks {', '.join(missing)}.")
        return cls(**values)

    @classmethod
    def _known(cls, names) -> None:
        known = [entry.name for entry in fields(cls)]
        for name in names:
            if name not in known:
                raise ValueError(f"There is no input {name[:60]!r}; the inputs are {', '.join(known)}.")

    @classmethod
    def _read(cls, name: str, value: str) -> Any:
        if "options" in cls.entry(name).metadata:
            return value
        if not _NUMBER.fullmatch(value):
            raise ValueError(f"{name} must be {quantity(name).allowed}, not {value[:60]!r}.")
        return float(value)

    # --- showing --------------------------------------------------------------------------------------

    @classmethod
    def entry(cls, name: str) -> Field:
        """The dataclass field with this name."""
        return next(entry for entry in fields(cls) if entry.name == name)

    @classmethod
    def label(cls, name: str) -> str:
        return cls.entry(name).metadata["label"]

    def source(self, name: str) -> str:
        """Where the value comes from: the default's source, or that it is not the default."""
        entry = self.entry(name)
        return entry.metadata["source"] if getattr(self, name) == entry.default else "not the default"

    def prices(self) -> list[Price]:
        """The table's prices that are still in use: those whose value was not changed."""
        found = [(entry, entry.metadata.get("price")) for entry in fields(self)]
        return [price for entry, price in found if price and getattr(self, entry.name) == entry.default]

    def table(self) -> Table:
        """Every input with label, value, unit and source."""
        rows = []
        for entry in fields(self):
            unit = "" if "options" in entry.metadata else quantity(entry.name).unit
            value = _spelt(getattr(self, entry.name))
            rows.append((entry.metadata["label"], value, unit, self.source(entry.name)))
        return ("input", "value", "unit", "source"), rows


def markdown_table(table: Table) -> str:
    """The table in Markdown; a bar in a cell is escaped."""
    head, rows = table
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def to_markdown(title: str, inputs: Inputs, result: Table) -> str:
    """A scenario as a Markdown page: the result, every input with its source, the preset string."""
    return (
        f"# {title}\n\n{markdown_table(result)}\n\n## Inputs\n\n{markdown_table(inputs.table())}\n\n"
        f"## Preset\n\n```\n{inputs.share()}\n```\n"
    )


def to_csv(inputs: Inputs, result: Table) -> str:
    """A scenario as CSV: the result, an empty line, the inputs. Opens in any spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for head, rows in (result, inputs.table()):
        writer.writerow(head)
        writer.writerows(rows)
        writer.writerow([])
    return text.getvalue().rstrip("\n") + "\n"


def _spelt(value: float | str) -> str:
    """The shortest text that reads back as the same number."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else repr(float(value))
