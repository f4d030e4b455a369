"""Pages about the company as a whole: policies, security, billing guides, and the changelogs."""

from collections.abc import Iterator

from course_utils.company.attributes import ATTRIBUTES, FLAGS
from course_utils.company.catalogue import (
    COMPANY,
    PLANS,
    RELEASES,
    all_products,
    company_content,
    products,
    release_name,
)
from course_utils.company.timeline import Change, Fact, changes
from course_utils.company.page import Page, bullets, in_sentence, joined, steps, table

CHANGELOGS_KEPT = 3  # a changelog leaves the handbook when it is this many releases old


def company_pages(release: str, facts: dict[str, Fact]) -> Iterator[Page]:
    """Every page that belongs to no single product."""
    yield _index(release, facts)
    yield _people_and_products(release, facts)
    for entry in company_content()["pages"]:
        if entry.get("since", RELEASES[0]) <= release < entry.get("until", "9999"):
            yield _written_page(entry, facts)
    for month in RELEASES[1 : RELEASES.index(release) + 1][-CHANGELOGS_KEPT:]:
        yield _changelog(month, facts)


def _written_page(entry: dict, facts: dict[str, Fact]) -> Page:
    """A page of company.toml: sections with text, a list or steps; `policy` states a policy's fact."""
    page = Page(f"company/{entry['folder']}/{entry['file']}.md", entry["title"], facts)
    page.add(entry["intro"])
    for section in entry["sections"]:
        blocks = []
        if "policy" in section:
            key = f"company.policy.{section['policy']}"
            page.states.add(key)
            blocks.append(f"{facts[key].text} {section.get('text', '')}")
        elif "text" in section:
            blocks.append(section["text"])
        blocks += [bullets(section["list"])] if "list" in section else []
        blocks += [steps(section["steps"])] if "steps" in section else []
        blocks += [table(section["table"][0], section["table"][1:])] if "table" in section else []
        page.section(section["heading"], *blocks)
    return page


def _index(release: str, facts: dict[str, Fact]) -> Page:
    page = Page("company/index.md", f"The {COMPANY} handbook", facts)
    sold = products(release)
    page.add(
        f"This is the handbook of {COMPANY}, release {release_name(release)}. It holds what customers and support need to know about {len(sold)} products."
    )
    for heading, group in (("Products", sold[:6]), ("More products", sold[6:])):
        page.section(
            heading, bullets([f"**{product.name}**: {product.content['tagline']}" for product in group])
        )
    page.section(
        "How the handbook is arranged",
        bullets(
            [
                "Plans and prices: one page per plan, a price table and regional price pages",
                "Features, how-to guides and troubleshooting",
                "Integrations, limits, roles and the API",
                "Policies and billing guides of the company",
            ]
        ),
    )
    page.section(
        "How it is kept up to date",
        f"{COMPANY} publishes a release of this handbook every month. Pages that no longer apply are taken out; the changelog names what changed.",
    )
    return page  # fmt: skip


def _people_and_products(release: str, facts: dict[str, Fact]) -> Page:
    page = Page("company/guides/products-at-a-glance.md", f"{COMPANY} products at a glance", facts)
    page.add(f"Which product of {COMPANY} does what, and which plans there are.")
    rows = [[product.name, product.noun] for product in products(release)]
    for heading, group in (
        ("Products and what they are for", rows[:7]),
        ("More products and what they are for", rows[7:]),
    ):
        if group:
            page.section(heading, table(["Product", "For"], group))
    page.section(
        "Plans",
        f"Every product is sold in four plans: {joined([plan.capitalize() for plan in PLANS])}. An account may hold several products, each on its own plan, on one invoice.",
    )
    page.section(
        "One sign-in",
        f"People use the same sign-in for all products of {COMPANY}. Roles are given product by product.",
    )
    return page  # fmt: skip


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
    before = RELEASES[RELEASES.index(month) - 1]
    page = Page(f"company/changelog/{month}.md", f"What changed in {release_name(month)}", facts)
    found = changes(before, month)
    page.add(
        f"The changes of the {release_name(month)} release, product by product. The pages named here hold the values that apply now."
    )
    for product in products(month):
        if product.since == month:
            page.section(
                f"New: {product.name}",
                f"{product.content['tagline']} {product.name} is on sale from {release_name(month)} in the four usual plans; see its overview and price pages.",
            )
            continue
        changed = [
            change for change in found if change.kind == "changed" and change.new.product == product.name
        ]
        lines = [f"{line}." for line in _changed_lines(changed)]
        titles = {kind: _titles(found, product.name, kind) for kind in ("added", "retired")}
        lines += [f"New feature: {title}." for title in titles["added"]] + [
            f"No longer offered: {title}." for title in titles["retired"]
        ]
        closed = [entry for entry in product.legacy if entry["until"] == month]
        lines += [
            f"The page of the closed {entry['year']} plan of {product.plan_name(entry['plan'])} was taken out."
            for entry in closed
        ]
        if lines:
            page.section(product.name, bullets(lines))
    policies = [change for change in found if change.kind == "changed" and not change.new.product]
    if policies:
        names = {policy["slug"]: policy["name"] for policy in company_content()["policies"]}
        page.section(
            "Policies",
            bullets(
                [f"{names[change.new.attribute]}: new rule, see the policy page." for change in policies]
            ),
        )
    return page  # fmt: skip


def _changed_lines(changed: list[Change]) -> list[str]:
    """ "Changed price: Team and Business", one line for each thing that changed."""
    plans: dict[str, dict[str, None]] = {}
    for change in changed:
        what = _WHAT.get(change.new.attribute, change.new.attribute.replace("_", " "))
        plans.setdefault(what, {})[change.new.plan] = None
    return [
        f"Changed {what}" + (f": {joined(list(names))}" if all(names) else "")
        for what, names in plans.items()
    ]


def _titles(found: list[Change], product: str, kind: str) -> list[str]:
    """Names of the features of a product that came or went."""
    keys = [change.key for change in found if change.kind == kind and change.key.endswith(".menu")]
    names = {
        f"{p.key}.feature.{f['slug']}.menu": f["name"] for p in all_products() for f in p.content["features"]
    }
    return [names[key] for key in keys if key.startswith(product.lower() + ".")]
