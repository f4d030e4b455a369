"""Pages about plans and prices: plans, price tables, comparisons, add-ons, regions, closed plans.

The price of a plan stands on two pages, its plan page and the product's price table, and so does each
attribute. Wording is drawn per page, so that the plan pages are near-duplicates and not copies.
"""

from collections.abc import Iterator
from typing import Any

from course_utils.company.attributes import ATTRIBUTES, FLAGS, quantity
from course_utils.company.catalogue import PLANS, Product, release_name
from course_utils.company.chance import number, pick, shuffled
from course_utils.company.markdown import bullets, first_sentence, in_sentence, joined, steps, table
from course_utils.company.page import Page
from course_utils.company.timeline import (
    CURRENCIES,
    REGIONS,
    Fact,
    last_change,
    money,
    price_key,
    values_ever,
)
from course_utils.company.wording import frames, lines, wording

BILLINGS = ("monthly", "yearly")


def plan_pages(product: Product, release: str, facts: dict[str, Fact]) -> Iterator[Page]:
    """Every page about plans and prices of one product."""
    for plan in PLANS:
        yield _plan(product, plan, release, facts)
    yield _price_table(product, release, facts)
    yield _comparison(product, facts)
    yield _limits(product, facts)
    yield _addons(product, facts)
    for currency in REGIONS:
        yield _region(product, currency, facts)
    for closed in product.legacy:
        if release < closed["until"]:
            yield _closed_plan(product, closed, facts)


def _new_page(product: Product, place: str, title: str, facts: dict[str, Fact]) -> Page:
    return Page(f"products/{product.key}/{place}.md", title, facts)


def _prices(page: Page, product: Product, plan: str, currency: str = "usd") -> list[str]:
    """The plan's prices, billed monthly and yearly."""
    return [page.value(price_key(product.key, plan, billing, currency)) for billing in BILLINGS]


# --- plans ------------------------------------------------------------------------------------


def _plan(product: Product, plan: str, release: str, facts: dict[str, Fact]) -> Page:
    name = product.plan_name(plan)
    page = _new_page(product, f"plans/{plan}", name, facts)

    def say(attribute: str) -> str:
        value = page.value(f"{product.key}.{plan}.{attribute}")
        return wording(f"plan.{attribute}", name, name=name, value=value)

    def limit(entry: dict[str, Any]) -> str:
        value = page.value(f"{product.key}.{plan}.{entry['slug']}")
        sentence = wording("plan.limit", name, entry["slug"], name=name, value=value, per=entry["per"])
        return sentence.replace(" .", ".")

    page.add(product.content["plans"][plan])
    page.section("Price", f"{_price_sentence(page, product, plan)} {_after_price(name)}")
    _features(page, product, plan, release)
    page.section("Users", f"{say('seats_minimum')} {wording('plan.users', name)}")
    first, second = product.limits
    page.section(
        f"{first['unit'].capitalize()} and {second['unit']}",
        f"{limit(first)} {limit(second)}",
        wording("plan.over_limit", name),
    )
    page.section("Storage and files", f"{say('storage')} {say('file_size')}")
    page.section("Restoring deleted data", f"{say('retention')} {product.content['restore']}")
    page.section("API", f"{say('api_rate')} {product.content['api']['plan_note']}")
    flags = [page.sentence(f"{product.key}.{plan}.{flag.key}") for flag in FLAGS]
    page.section("Sign-in and control", bullets(flags) if number(name, "flags") % 2 else " ".join(flags))
    page.section("Support and uptime", f"{say('first_response')} {say('uptime')}")
    addons = joined([addon["name"] for addon in product.addons])
    page.section("Add-ons", wording("plan.addons", name, name=name, product=product.name, addons=addons))
    page.section("Free trial", f"{say('trial')} {wording('plan.trial_end', name)}")
    page.section("Changing plan", wording("plan.switching", name))
    return page


def _price_sentence(page: Page, product: Product, plan: str) -> str:
    """Both prices in a sentence that no other plan of the product uses."""
    options = frames()["plan"]["price"]
    place = number(product.key, "price wording") + PLANS.index(plan) * 5
    monthly, yearly = _prices(page, product, plan)
    return options[place % len(options)].format(name=product.plan_name(plan), m=monthly, y=yearly)


def _after_price(name: str) -> str:
    return " ".join(shuffled(frames()["plan"]["after_price"], name)[:2])


def _features(page: Page, product: Product, plan: str, release: str) -> None:
    """What the plan brings that the lower ones lack, and what only a higher one brings."""
    name, here = product.plan_name(plan), PLANS.index(plan)
    new, missing = [], []
    for feature in product.entries("features", release):
        key = f"{product.key}.feature.{feature['slug']}.plan"
        first_plan = page.facts[key].value  # such as "Team plan"
        place = PLANS.index(first_plan.split()[0].lower())
        if place == here:
            new.append(f"**{feature['name']}**: {first_sentence(feature['what'])}")
        elif place > here:
            page.states.add(key)
            missing.append(f"{in_sentence(feature['name'])} (from the {first_plan})")
    compared = (
        f"New in {name} compared with {product.plan_name(PLANS[here - 1])}" if here else f"Features of {name}"
    )
    for heading, group in ((compared, new[:3]), (f"More features of {name}", new[3:])):
        if group:
            page.section(heading, bullets(group))
    if missing:
        page.section("Not in this plan", f"{name} does not have {joined(missing, 'or')}.")


# --- all plans of a product -------------------------------------------------------------------


def _price_table(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = _new_page(product, "prices/price-table", f"{product.name} prices", facts)
    keys = [price_key(product.key, plan, billing) for plan in PLANS for billing in BILLINGS]
    month = release_name(last_change(keys, release))
    words = {"product": product.name}
    page.add(wording("price_table.intro", **words))
    page.section(
        "Price per user per month",
        table(
            ["Plan", "Billed monthly[^1]", "Billed yearly[^2]"],
            [[product.plan_name(plan), *_prices(page, product, plan)] for plan in PLANS],
        ),
        wording("price_table.footnotes"),
    )
    page.section("Valid from", wording("price_table.since", month=month, **words))
    page.section("Monthly or yearly billing", wording("price_table.billing", **words))
    page.section("What the price covers", wording("price_table.covers", **words))
    page.section("How a price is counted", wording("price_table.count", product.key, **words))
    return page


def _comparison(product: Product, facts: dict[str, Fact]) -> Page:
    page = _new_page(product, "plans/compare", f"{product.name} plans compared", facts)
    page.add(wording("compare.intro", product=product.name, tagline=product.content["tagline"]))
    audience = product.content["plans"]
    page.section(
        "Which plan is for whom",
        bullets([f"**{plan.capitalize()}**: {first_sentence(audience[plan])}" for plan in PLANS]),
    )
    labels = {attribute.key: attribute.label for attribute in ATTRIBUTES}
    labels |= {flag.key: flag.label.removeprefix("The ").capitalize() for flag in FLAGS}
    for heading, columns in (
        ("Users and trial", ("seats_minimum", "trial")),
        ("Support and uptime", ("first_response", "uptime")),
        ("Sign-in and control", tuple(flag.key for flag in FLAGS)),
    ):
        rows = [
            [product.plan_name(p), *(page.value(f"{product.key}.{p}.{key}") for key in columns)]
            for p in PLANS
        ]
        page.section(heading, table(["Plan", *(labels[key] for key in columns)], rows))
    units = joined([limit["unit"] for limit in product.limits], "or")
    page.section("Choosing between two plans", wording("compare.choosing", product=product.name, units=units))
    return page


def _limits(product: Product, facts: dict[str, Fact]) -> Page:
    page = _new_page(product, "reference/limits", f"{product.name} limits", facts)
    page.add(wording("limits.intro", product=product.name))
    listed = [
        (limit["slug"], f"{limit['unit'].capitalize()} {limit['per']}".strip()) for limit in product.limits
    ]
    listed += [
        (a.key, a.label) for a in ATTRIBUTES if a.key in ("storage", "file_size", "api_rate", "retention")
    ]
    for key, label in listed:
        rows = [[product.plan_name(plan), page.value(f"{product.key}.{plan}.{key}")] for plan in PLANS]
        note = f"limits.{key}" if key in frames()["limits"] else "limits.counted"
        page.section(label, table(["Plan", label], rows), wording(note, product=product.name))
    page.section("When a limit is reached", wording("plan.over_limit", product.key))
    return page


def _addons(product: Product, facts: dict[str, Fact]) -> Page:
    page = _new_page(product, "prices/add-ons", f"{product.name} add-ons", facts)
    page.add(wording("addons.intro", product=product.name))
    for addon in product.addons:
        name, value = addon["name"], page.value(f"{product.key}.addon.{addon['slug']}")
        price = wording("addons.price", name, product=product.name, addon=name, value=value)
        page.section(name, f"{name} {addon['what']}. {price}")
    page.section("Adding and removing", wording("addons.switching", product=product.name))
    return page


# --- pages that mislead on purpose ------------------------------------------------------------


def _region(product: Product, currency: str, facts: dict[str, Fact]) -> Page:
    code, money_name = {"eur": ("eu", "euros"), "gbp": ("uk", "pounds")}[currency]
    words = {
        "product": product.name,
        "region": REGIONS[currency],
        "money": money_name,
        "symbol": CURRENCIES[currency],
    }
    title = f"{product.name} prices in {REGIONS[currency]} ({money_name})"
    page = _new_page(product, f"regions/{code}", title, facts)
    page.add(wording("region.intro", **words))
    for plan in PLANS:
        name = product.plan_name(plan)
        monthly, yearly = _prices(page, product, plan, currency)
        price = wording("region.price", name, currency, name=name, m=monthly, y=yearly, **words)
        page.section(f"{name} in {money_name}", price)
    page.section("Tax", wording(f"region.tax_{currency}", **words))
    page.section(f"Who is billed in {money_name}", wording("region.who", **words))
    return page


def _closed_plan(product: Product, closed: dict[str, Any], facts: dict[str, Fact]) -> Page:
    plan, year = closed["plan"], closed["year"]
    name = product.plan_name(plan)
    words = {
        "product": product.name,
        "name": name,
        "plan": plan.capitalize(),
        "year": year,
        "m": money(closed["monthly"]),
        "y": money(closed["yearly"]),
        **_closed_limits(product, plan, year),
    }
    page = _new_page(
        product, f"legacy/{plan}-{year}", f"{name} ({year} plan, closed to new customers)", facts
    )
    page.add(wording("closed.intro", **words))
    page.section(f"Price of the {year} plan", wording("closed.price", **words))
    page.section(f"What the {year} plan includes", wording("closed.includes", **words))
    page.section("Who is still on it", wording("closed.who", **words))
    page.section(f"Moving to the current {name}", steps(lines("closed.moving", **words)))
    page.section("Support for the closed plan", wording("closed.support", **words))
    return page


def _closed_limits(product: Product, plan: str, year: int) -> dict[str, str]:
    """Limits of a closed plan, none of them a limit that any plan of the product has in any release."""
    limits = {}
    for attribute in ATTRIBUTES:
        ever = values_ever([f"{product.key}.{other}.{attribute.key}" for other in PLANS])
        spare = [amount for amount in attribute.pool if quantity(amount, attribute.unit) not in ever]
        amount = pick(spare[:6], product.key, plan, year, attribute.key)
        limits[attribute.key] = quantity(amount, attribute.unit)
    return limits
