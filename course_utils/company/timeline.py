"""What is true about Larkmoor in each monthly release, as data.

Everything the handbook states as a price, limit, feature, menu or policy is a Fact here. January is
written in the catalogue; each later release is January plus the changes of the months between, drawn
with `chance` so that they are the same everywhere. Two rules keep questions about prices sharp:

- within a product, a dollar price never equals an earlier one, that of another plan, that of an
  add-on or that of a closed plan, and none begins with another ("$4" and "$49" cannot both occur);
- a higher plan never costs less or gives less than a lower one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from course_utils.company.attributes import ATTRIBUTES, FLAGS, INCLUDED, NOT_INCLUDED, Attribute, quantity
from course_utils.company.catalogue import (
    COMPANY,
    PLANS,
    RELEASES,
    Product,
    all_products,
    check_release,
    company_content,
    products,
)
from course_utils.company.chance import number, pick
from course_utils.company.markdown import in_sentence

CURRENCIES = {"usd": "$", "eur": "€", "gbp": "£"}
REGIONS = {"eur": "the European Union", "gbp": "the United Kingdom"}
_RATES = {"eur": 0.93, "gbp": 0.8}  # a regional price starts near the dollar price times this
FEBRUARY_PLANS = 29  # plans whose prices change in February: two dollar prices each, so 58 of 80
SHOWCASE = ("tallyport", "team")  # the plan the lessons quote; it is among those that change in February


@dataclass(frozen=True)
class Fact:
    """One thing the handbook states.

    `key` is like "tallyport.team.price_monthly"; `product` and `plan` are names for people
    ("Tallyport", "Team"; "" where a fact has none); `value` is the exact string a page shows
    ("$49", "500 GB"); `unit` says of what ("per user per month"); `text` states it in one sentence.
    """

    key: str
    product: str
    plan: str
    attribute: str
    value: str
    unit: str
    text: str


@dataclass(frozen=True)
class Change:
    """A fact that differs between two releases; `old` or `new` is None where there was none."""

    key: str
    old: Fact | None
    new: Fact | None
    kind: Literal["changed", "added", "retired"]


def facts(release: str) -> dict[str, Fact]:
    """All facts of *release*, by key. Raises UnknownRelease."""
    return dict(_timeline()[check_release(release)])


def changes(old: str, new: str) -> list[Change]:
    """What differs between two releases, in the order of the facts (retired ones last)."""
    before, after = facts(old), facts(new)
    found = []
    for key, fact in after.items():
        if key not in before:
            found.append(Change(key, None, fact, "added"))
        elif fact.value != before[key].value:
            found.append(Change(key, before[key], fact, "changed"))
    found += [Change(key, fact, None, "retired") for key, fact in before.items() if key not in after]
    return found


def money(amount: float, currency: str = "usd") -> str:
    """ "$49" or "$49.50"."""
    return (
        f"{CURRENCIES[currency]}{amount:.0f}"
        if amount == int(amount)
        else f"{CURRENCIES[currency]}{amount:.2f}"
    )


def price_key(product: str, plan: str, billing: str, currency: str = "usd") -> str:
    """The fact key of a plan's price; *billing* is "monthly" or "yearly"."""
    return f"{product}.{plan}.price_{billing}" + ("" if currency == "usd" else f"_{currency}")


# --- the state that months change -------------------------------------------------------------


class _Books:
    """The raw values behind the facts, changed month by month. Keys are fact keys."""

    def __init__(self) -> None:
        self.prices: dict[str, float] = {}
        self.amounts: dict[str, float] = {}  # limits and attributes
        self.flags: dict[str, int] = {}  # "tallyport.sso" -> index of the first plan that includes it
        self.repriced: dict[str, str] = {}  # "tallyport.team" -> release of its last change in dollars
        self._used: dict[str, set[str]] = {}  # every price string a product ever showed

    def add_product(self, product: Product) -> None:
        """Enter a product with its first prices, limits and add-ons."""
        used = self._used.setdefault(product.key, set())
        for old in product.legacy:
            used |= {money(old["monthly"]), money(old["yearly"])}
        for addon in product.addons:
            self._set_price(product, f"{product.key}.addon.{addon['slug']}", addon["price"], "usd")
        for index, plan in enumerate(PLANS):
            for billing, prices in (("monthly", product.monthly), ("yearly", product.yearly)):
                self._set_price(product, price_key(product.key, plan, billing), prices[index], "usd")
        for currency, rate in _RATES.items():
            for plan in PLANS:
                self.reprice(product, plan, currency, 1.0, rate)
        self.repriced |= {f"{product.key}.{plan}": product.since for plan in PLANS}
        for limit in product.limits:
            for plan, amount in zip(PLANS, limit["values"], strict=True):
                self.amounts[f"{product.key}.{plan}.{limit['slug']}"] = amount
        for attribute in ATTRIBUTES:
            ladder = pick(attribute.ladders, product.key, attribute.key)
            for plan, amount in zip(PLANS, ladder, strict=True):
                self.amounts[f"{product.key}.{plan}.{attribute.key}"] = amount
        for flag in FLAGS:
            self.flags[f"{product.key}.{flag.key}"] = pick(flag.firsts, product.key, flag.key)

    def _set_price(self, product: Product, key: str, amount: float, currency: str) -> None:
        text = money(amount, currency)
        if not self._free(product, text):
            raise ValueError(f"{key}: the price {text} clashes with another price of {product.name}")
        self._used[product.key].add(text)
        self.prices[key] = amount

    def _free(self, product: Product, text: str) -> bool:
        used = self._used[product.key]
        return not any(text.startswith(other) or other.startswith(text) for other in used)

    def reprice(self, product: Product, plan: str, currency: str, factor: float, rate: float = 1.0) -> None:
        """Multiply a plan's prices by about *factor*, both billings, keeping the plans in order.

        `rate` other than 1 takes the dollar prices as the start (the first regional prices).
        """
        start = currency if rate == 1.0 else "usd"
        key = {billing: price_key(product.key, plan, billing, currency) for billing in ("monthly", "yearly")}
        old = self.prices[price_key(product.key, plan, "monthly", start)]
        old_yearly = self.prices[price_key(product.key, plan, "yearly", start)]

        month, year = (
            self._neighbours(product, plan, billing, currency) for billing in ("monthly", "yearly")
        )
        monthly = self._nearest_free(
            product, key["monthly"], old * rate * factor, 1.2 * month[0], 0.84 * month[1], currency
        )
        low, high = max(year[0], 0.72 * monthly), min(year[1], 0.94 * monthly)
        self._nearest_free(product, key["yearly"], old_yearly * monthly / old, low, high, currency)

    def _neighbours(self, product: Product, plan: str, billing: str, currency: str) -> tuple[float, float]:
        """The prices of the next lower and the next higher plan (0 and infinity where there is none)."""
        index = PLANS.index(plan)
        lower = (
            self.prices.get(price_key(product.key, PLANS[index - 1], billing, currency), 0.0)
            if index
            else 0.0
        )
        upper = price_key(product.key, PLANS[index + 1], billing, currency) if index + 1 < len(PLANS) else ""
        return lower, self.prices.get(upper, float("inf"))

    def _nearest_free(
        self, product: Product, key: str, target: float, low: float, high: float, currency: str
    ) -> float:
        """Set *key* to the free price nearest to *target* between *low* and *high*, whole if it can be."""
        prefix = key.rsplit(".", 1)[0]
        same_plan = {price for other, price in self.prices.items() if other.startswith(prefix + ".")}
        half_costs = 0 if number(key, target) % 8 == 0 else 2  # one price in eight may as well end in .50
        steps = range(int(target * 1.2), int(target * 3.2))
        for step in sorted(steps, key=lambda step: abs(step / 2 - target) + step % 2 * half_costs):
            price = step / 2
            if low < price < high and price not in same_plan and self._free(product, money(price, currency)):
                self._set_price(product, key, price, currency)
                return price
        raise ValueError(f"{key}: no price near {target:.2f} is free between {low:.2f} and {high:.2f}")

    def reprice_addon(self, product: Product, slug: str, target: float) -> None:
        """Give an add-on the free whole-dollar price nearest to *target*."""
        options = [float(o) for o in range(8, 120) if self._free(product, money(o))]
        self._set_price(
            product, f"{product.key}.addon.{slug}", min(options, key=lambda o: abs(o - target)), "usd"
        )

    def move_amount(self, product: Product, attribute: Attribute, plan: str, release: str) -> bool:
        """Give one attribute of a plan a new value between its neighbours; False if none is left."""
        index = PLANS.index(plan)
        row = [self.amounts[f"{product.key}.{other}.{attribute.key}"] for other in PLANS]
        lower = row[index - 1] if index else None
        upper = row[index + 1] if index + 1 < len(PLANS) else None
        options = [o for o in attribute.pool if o not in row and attribute.fits(o, lower, upper)]
        options = [o for o in options if 0.4 < o / row[index] < 2.5]
        if not options:
            return False
        self.amounts[f"{product.key}.{plan}.{attribute.key}"] = pick(
            options, release, product.key, plan, attribute.key
        )
        return True


# --- the year ---------------------------------------------------------------------------------


@lru_cache
def _timeline() -> MappingProxyType[str, MappingProxyType[str, Fact]]:
    """Facts by release, all twelve, worked out once."""
    books = _Books()
    timeline = {}
    for release in RELEASES:
        for product in all_products():
            if product.since == release:
                books.add_product(product)
        if release != RELEASES[0]:
            _apply_month(books, release)
        timeline[release] = MappingProxyType({fact.key: fact for fact in _all_facts(books, release)})
    return MappingProxyType(timeline)


def _apply_month(books: _Books, release: str) -> None:
    """Change some facts of the products that were already on sale."""
    february = release == "2026-02"
    established = [product for product in products(release) if product.since < release]
    sold = [(product, plan) for product in established for plan in PLANS]

    # The prices that stood longest change first, so no plan changes more than three times in the year.
    due = sorted(
        shuffled_pairs(sold, release, "plans"),
        key=lambda pair: (books.repriced[f"{pair[0].key}.{pair[1]}"], (pair[0].key, pair[1]) != SHOWCASE),
    )
    for product, plan in due[: FEBRUARY_PLANS if february else 3 + number(release) % 3]:
        books.repriced[f"{product.key}.{plan}"] = release
        factor = pick((0.84, 0.9, 1.08, 1.12, 1.16, 1.2, 1.24, 1.3), release, product.key, plan)
        books.reprice(product, plan, "usd", factor)

    for product, plan in shuffled_pairs(sold, release, "regions")[: 12 if february else 1]:
        for currency in _RATES if february else (pick(tuple(_RATES), release, product.key),):
            factor = pick((0.9, 1.07, 1.11, 1.18), release, product.key, plan, currency)
            books.reprice(product, plan, currency, factor)

    for product in shuffled_products(established, release, "addons")[
        : 3 if february else number(release, "addons") % 2
    ]:
        addon = pick(product.addons, release, product.key)["slug"]
        books.reprice_addon(
            product, addon, books.prices[f"{product.key}.addon.{addon}"] * pick((0.85, 1.15, 1.3), release)
        )

    wanted = 10 if february else 3 + number(release, "limits") % 4
    places = [(product, plan, attribute) for product, plan in sold for attribute in ATTRIBUTES]
    for product, plan, attribute in sorted(places, key=lambda p: number(release, p[0].key, p[1], p[2].key)):
        if wanted == 0:
            break
        wanted -= books.move_amount(product, attribute, plan, release)

    if number(release, "flag") % 3 == 0:
        product = pick(established, release, "flag")
        flag = f"{product.key}.{pick(FLAGS, release, 'which flag').key}"
        books.flags[flag] = max(1, books.flags[flag] - 1)


def shuffled_pairs(pairs: list[tuple[Product, str]], *key: object) -> list[tuple[Product, str]]:
    """(product, plan) pairs in an order chosen by *key*."""
    return sorted(pairs, key=lambda pair: number(*key, pair[0].key, pair[1]))


def shuffled_products(items: list[Product], *key: object) -> list[Product]:
    """Products in an order chosen by *key*."""
    return sorted(items, key=lambda product: number(*key, product.key))


# --- from raw values to sentences -------------------------------------------------------------


def _all_facts(books: _Books, release: str) -> Iterator[Fact]:
    for product in products(release):
        for index, plan in enumerate(PLANS):
            yield from _plan_facts(books, product, plan, index)
        yield from _addon_facts(books, product)
        yield from _feature_facts(product, release)
    yield from _policy_facts(release)


def _plan_facts(books: _Books, product: Product, plan: str, index: int) -> Iterator[Fact]:
    name = product.plan_name(plan)

    def fact(attribute: str, value: str, unit: str, text: str) -> Fact:
        return Fact(
            f"{product.key}.{plan}.{attribute}", product.name, plan.capitalize(), attribute, value, unit, text
        )

    for currency in CURRENCIES:
        where = f"In {REGIONS[currency]}, " if currency in REGIONS else ""
        for billing in ("monthly", "yearly"):
            key = price_key(product.key, plan, billing, currency)
            value = money(books.prices[key], currency)
            unit = "per user per month" + (", billed yearly" if billing == "yearly" else "")
            yield fact(key.rsplit(".", 1)[1], value, unit, f"{where}{name} costs {value} {unit}.")
    for limit in product.limits:
        value = quantity(books.amounts[f"{product.key}.{plan}.{limit['slug']}"], limit["unit"])
        text = f"{name} allows {value} {limit['per']}".rstrip() + "."
        yield fact(limit["slug"], value, limit["per"], text)
    for attribute in ATTRIBUTES:
        value = quantity(books.amounts[f"{product.key}.{plan}.{attribute.key}"], attribute.unit)
        yield fact(attribute.key, value, attribute.unit, attribute.sentence.format(name=name, value=value))
    for flag in FLAGS:
        value = INCLUDED if index >= books.flags[f"{product.key}.{flag.key}"] else NOT_INCLUDED
        yield fact(flag.key, value, "", flag.sentence(name, value))


def _addon_facts(books: _Books, product: Product) -> Iterator[Fact]:
    for addon in product.addons:
        key = f"{product.key}.addon.{addon['slug']}"
        value = money(books.prices[key])
        text = f"The {product.name} add-on {addon['name']} costs {value} per month."
        yield Fact(key, product.name, "", "addon_price", value, "per month per account", text)


def _feature_facts(product: Product, release: str) -> Iterator[Fact]:
    for feature in product.entries("features", release):
        key = f"{product.key}.feature.{feature['slug']}"
        menu, plan = at_release(feature, "menu", release), at_release(feature, "plan", release).capitalize()
        yield Fact(
            f"{key}.menu", product.name, "", "menu", menu, "menu path",
            f"In {product.name} you find {in_sentence(feature['name'])} under {menu}.",
        )  # fmt: skip
        yield Fact(
            f"{key}.plan", product.name, "", "first_plan", f"{plan} plan", "lowest plan",
            f"In {product.name} you can use {in_sentence(feature['name'])} from the {plan} plan upwards.",
        )  # fmt: skip


def _policy_facts(release: str) -> Iterator[Fact]:
    for policy in company_content()["policies"]:
        value = at_release(policy, "value", release)
        text = policy["sentence"].format(value=value, company=COMPANY)
        yield Fact(
            f"company.policy.{policy['slug']}", "", "", policy["slug"], value, policy.get("unit", ""), text
        )


def at_release(entry: dict, field: str, release: str) -> str:
    """A field of a content entry, after the changes its `later` table dates: {"2026-05" = {menu = "…"}}."""
    value = entry[field]
    for month, change in sorted(entry.get("later", {}).items()):
        if month <= release:
            value = change.get(field, value)
    return value


def last_change(keys: list[str], release: str) -> str:
    """The latest release up to *release* in which any of the facts *keys* took its present value."""
    check_release(release)
    latest = RELEASES[0]
    for before, after in pairwise(r for r in RELEASES if r <= release):
        old, new = _timeline()[before], _timeline()[after]
        if any(key in new and (key not in old or old[key].value != new[key].value) for key in keys):
            latest = after
    return latest


def values_ever(keys: list[str]) -> set[str]:
    """Every value that any of the facts *keys* has in any release."""
    return {known[key].value for known in _timeline().values() for key in keys if key in known}
