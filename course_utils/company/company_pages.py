"""Pages about the company as a whole: policies, billing guides, and the changelogs."""

from collections.abc import Iterator
from typing import Any

from course_utils.company.attributes import ATTRIBUTES, FLAGS
from course_utils.company.catalogue import (
    COMPANY,
    RELEASES,
    Product,
    alive,
    company_content,
    products,
    release_name,
)
from course_utils.company.markdown import bullets, in_sentence, joined, steps, table
from course_utils.company.page import Page
from course_utils.company.timeline import Change, Fact, changes
from course_utils.company.wording import lines, wording

CHANGELOGS_KEPT = 3  # a changelog leaves the handbook when it is this many releases old


def company_pages(release: str, facts: dict[str, Fact]) -> Iterator[Page]:
    """Every page that belongs to no single product."""
    yield _index(release, facts)
    yield _at_a_glance(release, facts)
    for entry in company_content()["pages"]:
        if alive(entry, release):
            yield _from_content(entry, facts)
    for month in RELEASES[1 : RELEASES.index(release) + 1][-CHANGELOGS_KEPT:]:
        yield _changelog(month, facts)


def _from_content(entry: dict[str, Any], facts: dict[str, Fact]) -> Page:
    """A page of company.toml: sections with text, a list, steps or a table; `policy` states that policy."""
    page = Page(f"company/{entry['folder']}/{entry['file']}.md", entry["title"], facts)
    page.add(entry["intro"])
    for section in entry["sections"]:
        text = section.get("text", "")
        if "policy" in section:
            text = f"{page.sentence('company.policy.' + section['policy'])} {text}"
        page.section(
            section["heading"],
            text,
            bullets(section.get("list", [])),
            steps(section.get("steps", [])),
            table(section["table"][0], section["table"][1:]) if "table" in section else "",
        )
    return page


def _groups(items: tuple[Product, ...], size: int) -> Iterator[tuple[str, tuple[Product, ...]]]:
    """Products in groups, each with a heading."""
    for start in range(0, len(items), size):
        group = items[start : start + size]
        yield f"{group[0].name} to {group[-1].name}", group


def _index(release: str, facts: dict[str, Fact]) -> Page:
    page = Page("company/index.md", f"The {COMPANY} handbook", facts)
    sold = products(release)
    words = {"company": COMPANY, "month": release_name(release), "count": len(sold)}
    page.add(wording("company.index", **words))
    for heading, group in _groups(sold, 4):
        entries = [f"**{product.name}**: {product.content['tagline']}" for product in group]
        page.section(heading, bullets(entries))
    page.section("How the handbook is arranged", bullets(lines("company.arranged")))
    page.section("How it is kept up to date", wording("company.kept", **words))
    return page


def _at_a_glance(release: str, facts: dict[str, Fact]) -> Page:
    page = Page("company/guides/products-at-a-glance.md", f"{COMPANY} products at a glance", facts)
    page.add(wording("company.glance", company=COMPANY))
    for heading, group in _groups(products(release), 7):
        rows = [[product.name, product.noun] for product in group]
        page.section(heading, table(["Product", "For"], rows))
    page.section("Plans", wording("company.plans"))
    page.section("One sign-in", wording("company.sign_in", company=COMPANY))
    return page


# --- changelogs -------------------------------------------------------------------------------
# A changelog names what changed and sends the reader to the page that holds the value. It states no
# value, neither old nor new: a changelog stays in the handbook for three months, and a value in it
# would be out of date by then without saying so.

_WHAT = {
    "price_monthly": "price",
    "price_yearly": "price",
    "price_monthly_eur": "price in euros",
    "price_yearly_eur": "price in euros",
    "price_monthly_gbp": "price in pounds",
    "price_yearly_gbp": "price in pounds",
    "addon_price": "add-on price",
    "menu": "menu place of a feature",
    "first_plan": "lowest plan of a feature",
    **{attribute.key: in_sentence(attribute.label) for attribute in ATTRIBUTES},
    **{flag.key: in_sentence(flag.label.removeprefix("The ")) for flag in FLAGS},
}


def _changelog(month: str, facts: dict[str, Fact]) -> Page:
    page = Page(f"company/changelog/{month}.md", f"What changed in {release_name(month)}", facts)
    page.add(wording("company.changelog", month=release_name(month)))
    found = changes(RELEASES[RELEASES.index(month) - 1], month)
    for product in products(month):
        if product.since == month:
            words = {"tagline": product.content["tagline"], "month": release_name(month)}
            page.section(
                f"New: {product.name}", wording("company.new_product", product=product.name, **words)
            )
        elif news := _product_news(product, month, found):
            page.section(product.name, bullets(news))
    names = {policy["slug"]: policy["name"] for policy in company_content()["policies"]}
    policies = [change.new.attribute for change in found if change.key.startswith("company.") and change.new]
    if policies:
        page.section(
            "Policies", bullets([f"{names[policy]}: new rule, see its policy page." for policy in policies])
        )
    return page


def _product_news(product: Product, month: str, found: list[Change]) -> list[str]:
    """One line for each thing that changed in a product, such as "Changed price: Team and Business."."""
    plans: dict[str, dict[str, None]] = {}
    for change in found:
        if change.kind == "changed" and change.key.startswith(f"{product.key}."):
            limits = {limit["slug"]: limit["unit"] for limit in product.limits}
            attribute = change.new.attribute
            plans.setdefault(_WHAT.get(attribute) or limits[attribute], {})[change.new.plan] = None
    news = [
        f"Changed {what}{': ' + joined(list(names)) if all(names) else ''}." for what, names in plans.items()
    ]
    for feature in product.content["features"]:
        for field, what in (("since", "New feature"), ("until", "No longer offered")):
            if feature.get(field) == month:
                news.append(f"{what}: {in_sentence(feature['name'])}.")
    for closed in product.legacy:
        if closed["until"] == month:
            name = product.plan_name(closed["plan"])
            news.append(f"The page of the closed {closed['year']} plan of {name} was taken out.")
    return news
