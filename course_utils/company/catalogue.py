"""What Larkmoor sells, read once from the TOML files in ``content/``.

`content/catalogue.toml` holds plans, first prices, limits and add-ons; `content/<product>.toml` holds
what the handbook tells about a product (features, guides, troubleshooting); `content/company.toml`
holds policies and the pages of the company as a whole.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

COMPANY = "Larkmoor"
RELEASES: tuple[str, ...] = tuple(f"2026-{month:02d}" for month in range(1, 13))
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
PLANS: tuple[str, ...] = ("starter", "team", "business", "enterprise")


class UnknownRelease(ValueError):
    """Asked for a month in which the handbook was not released."""


def check_release(release: str) -> str:
    """*release* itself, or UnknownRelease saying which releases there are."""
    if release not in RELEASES:
        raise UnknownRelease(f"unknown release {release!r}: choose one of {', '.join(RELEASES)}")
    return release


def release_name(release: str) -> str:
    """ "February 2026" for "2026-02"."""
    year, month = check_release(release).split("-")
    return f"{MONTH_NAMES[int(month) - 1]} {year}"


def slug(name: str) -> str:
    """A file name for a title: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def alive(entry: dict[str, Any], release: str) -> bool:
    """Whether a piece of content is in the handbook: from its `since` on, before its `until`."""
    return entry.get("since", RELEASES[0]) <= release < entry.get("until", "9999")


@dataclass(frozen=True)
class Product:
    """One product: its catalogue entry and its handbook content."""

    key: str  # "tallyport"
    name: str  # "Tallyport"
    noun: str  # "invoicing"
    since: str  # first release that holds it
    monthly: tuple[float, ...]  # first dollar prices by plan, per user per month
    yearly: tuple[float, ...]  # the same when billed yearly
    limits: tuple[dict[str, Any], ...]
    addons: tuple[dict[str, Any], ...]
    legacy: tuple[dict[str, Any], ...]
    content: dict[str, Any]

    def plan_name(self, plan: str) -> str:
        """ "Tallyport Team" for "team"."""
        return f"{self.name} {plan.capitalize()}"

    def entries(self, section: str, release: str) -> list[dict[str, Any]]:
        """The entries of one kind of content ("features", "howto", ...) that *release* holds."""
        return [entry for entry in self.content.get(section, []) if alive(entry, release)]


def read_content(name: str) -> dict[str, Any]:
    """A TOML file of `content/`."""
    return tomllib.loads((files(__package__) / "content" / name).read_text(encoding="utf-8"))


@lru_cache
def all_products() -> tuple[Product, ...]:
    """Every product Larkmoor ever sells in 2026, the oldest first."""
    return tuple(
        Product(
            key=key,
            content=read_content(f"{key}.toml"),
            **{field: tuple(value) if isinstance(value, list) else value for field, value in entry.items()},
        )
        for key, entry in read_content("catalogue.toml").items()
    )


def products(release: str) -> tuple[Product, ...]:
    """The products on sale in *release*."""
    check_release(release)
    return tuple(product for product in all_products() if product.since <= release)


@lru_cache
def company_content() -> dict[str, Any]:
    """Policies and company pages (`content/company.toml`)."""
    return read_content("company.toml")


def brands() -> frozenset[str]:
    """The company's name and the names of all its products, those of later releases too."""
    return frozenset({COMPANY} | {product.name for product in all_products()})
