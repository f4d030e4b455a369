"""The dated price table ``prices.toml``: what something costs, since when we say so, and who says so."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from course_utils.costs.quantities import Quantity, quantity

FILE = Path(__file__).with_name("prices.toml")
KINDS = ("primary", "secondary", "claim", "assumption")
AGEING = ("primary", "secondary")
ARTICLE_DATE = dt.date(2026, 5, 4)


class PriceTableError(Exception):
    """The table has a mistake; the message names the entry."""


@dataclass(frozen=True)
class Price:
    """One number of the table. ``shelf_life_days`` is None for claims and assumptions, which do not age."""

    name: str
    value: float
    unit: str
    date: dt.date
    kind: str
    source: str
    shelf_life_days: int | None = None

    def aged(self, today: dt.date | None = None) -> bool:
        """Whether the price is older than its shelf life."""
        if self.shelf_life_days is None:
            return False
        return (_today(today) - self.date).days > self.shelf_life_days

    @property
    def origin(self) -> str:
        """Where the number comes from, in one phrase."""
        if self.kind == "assumption":
            return f"assumption: {self.source}"
        return f"{self.source} ({self.kind}, {self.date})"


@dataclass(frozen=True)
class Gpu:
    """A card: GiB of memory, dense 16-bit peak in TFLOPS, what an hour costs, what buying one costs."""

    key: str
    name: str
    memory_gib: float
    peak_tflops: float
    rent: Price
    purchase: Price | None = None


@dataclass(frozen=True)
class Claim:
    """A row of the article's cost table, as a range; ``low`` = ``high`` where it names one number."""

    name: str
    row: str
    unit: str
    low: float
    high: float

    @property
    def value(self) -> float:
        """The number, where the article names one; ValueError where it names a range."""
        if self.low != self.high:
            raise ValueError(f"The article gives a range for {self.name}: {self.low} to {self.high}.")
        return self.low


@dataclass(frozen=True)
class PriceTable:
    prices: Mapping[str, Price]
    gpus: Mapping[str, Gpu]
    article: Mapping[str, Claim]

    def __getitem__(self, name: str) -> Price:
        try:
            return self.prices[name]
        except KeyError:
            raise KeyError(f"The price table has no {name!r}; it has {sorted(self.prices)}.") from None

    def dated(self) -> list[Price]:
        """Every price of tokens and GPUs."""
        owned = [price for gpu in self.gpus.values() for price in (gpu.rent, gpu.purchase) if price]
        return [*self.prices.values(), *owned]


def notice(prices: Iterable[Price], today: dt.date | None = None) -> str:
    """What to say about prices past their shelf life; an empty text when there are none."""
    old = [price for price in prices if price.aged(today)]
    if not old:
        return ""
    named = "; ".join(f"{p.name} of {p.date} (good for {p.shelf_life_days} days)" for p in old)
    return (
        f"Past their shelf life: {named}. Look the prices up and put yours in; "
        "for everybody, update course_utils/costs/prices.toml."
    )


@cache
def price_table() -> PriceTable:
    """The course's table. Raises PriceTableError when the file has a mistake."""
    return load(FILE.read_text(encoding="utf-8"))


def load(text: str) -> PriceTable:
    """The table that ``text`` (TOML) holds. Raises PriceTableError, naming the entry, on any mistake."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PriceTableError(f"The price table is not valid TOML: {problem}.") from problem
    unknown = sorted(set(data) - {"price", "gpu", "article"})
    if unknown:
        raise PriceTableError(f"The price table knows price, gpu and article, not {unknown}.")
    prices = {name: _price(name, entry) for name, entry in data.get("price", {}).items()}
    gpus = {key: _gpu(key, entry) for key, entry in data.get("gpu", {}).items()}
    article = {name: _claim(name, entry) for name, entry in data.get("article", {}).items()}
    return PriceTable(prices, gpus, article)


def _price(name: str, entry: dict[str, Any], unit_of: str | None = None) -> Price:
    _keys(name, entry, needed={"value", "date", "kind", "source"}, allowed={"shelf_life_days", "unit_of"})
    kind, date, life = entry["kind"], entry["date"], entry.get("shelf_life_days")
    if kind not in KINDS:
        raise PriceTableError(f"{name}: kind must be one of {list(KINDS)}, not {kind!r}.")
    if not isinstance(date, dt.date) or isinstance(date, dt.datetime):
        raise PriceTableError(f"{name}: date must be a date such as 2026-06-30, not {date!r}.")
    if (kind in AGEING) != isinstance(life, int) or (life is not None and life < 1):
        raise PriceTableError(f"{name}: prices need shelf_life_days, claims and assumptions have none.")
    if not isinstance(entry["source"], str) or not entry["source"].strip():
        raise PriceTableError(f"{name}: say in `source` where the number comes from.")
    unit = _unit(name, unit_of or entry.get("unit_of", name))
    return Price(name, _number(name, entry["value"], unit), unit.unit, date, kind, entry["source"], life)


def _gpu(key: str, entry: dict[str, Any]) -> Gpu:
    _keys(key, entry, needed={"name", "memory_gib", "peak_tflops", "rent"}, allowed={"purchase"})
    buy = entry.get("purchase")
    return Gpu(
        key=key,
        name=str(entry["name"]),
        memory_gib=_number(key, entry["memory_gib"], quantity("gib")),
        peak_tflops=_number(key, entry["peak_tflops"], quantity("tflops")),
        rent=_price(f"{key}.rent", entry["rent"], unit_of="usd_per_gpu_hour"),
        purchase=_price(f"{key}.purchase", buy, unit_of="usd") if buy is not None else None,
    )


def _claim(name: str, entry: dict[str, Any]) -> Claim:
    ends = ("value", "value") if "value" in entry else ("low", "high")
    _keys(name, entry, needed={"row", *ends}, allowed=set())
    unit = _unit(name, name)
    low, high = (_number(name, entry[end], unit) for end in ends)
    if low > high:
        raise PriceTableError(f"{name}: low is above high.")
    return Claim(name, str(entry["row"]), unit.unit, low, high)


def _keys(name: str, entry: Any, needed: set[str], allowed: set[str]) -> None:
    if not isinstance(entry, dict):
        raise PriceTableError(f"{name}: an entry is a table with {sorted(needed)}.")
    if missing := sorted(needed - set(entry)):
        raise PriceTableError(f"{name}: {missing} missing.")
    if unknown := sorted(set(entry) - needed - allowed):
        raise PriceTableError(f"{name}: unknown {unknown}.")


def _unit(name: str, unit_of: str) -> Quantity:
    try:
        return quantity(unit_of)
    except KeyError:
        raise PriceTableError(f"{name}: the name does not end in a known unit.") from None


def _number(name: str, value: Any, unit: Quantity) -> float:
    if not unit.holds(value):
        raise PriceTableError(f"{name}: the value must be {unit.allowed}, not {value!r}.")
    return value


def _today(today: dt.date | None) -> dt.date:
    return today or dt.date.today()
