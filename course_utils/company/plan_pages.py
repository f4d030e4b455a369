"""Pages about plans and prices: plans, price tables, comparisons, add-ons, regions, closed plans.

The price of a plan stands on two pages, its plan page and the product's price table, and so does each
attribute. Wording is drawn per page, so that the plan pages are near-duplicates and not copies.
"""

from collections.abc import Iterator

from course_utils.company.attributes import ATTRIBUTES, FLAGS, quantity
from course_utils.company.catalogue import PLANS, Product, release_name
from course_utils.company.chance import number, pick, shuffled
from course_utils.company.timeline import CURRENCIES, Fact, last_change, money, price_key, values_ever
from course_utils.company.page import Page, bullets, first_sentence, in_sentence, joined, steps, table

PRICE = (
    "{name} costs {m} per user per month, or {y} per user per month when billed yearly.",
    "Billed monthly, {name} is {m} per user per month. Billed yearly, {name} is {y} per user per month.",
    "The price of {name} is {m} per user per month on monthly billing and {y} per user per month on yearly billing.",
    "You pay {m} per user per month for {name}. With yearly billing the rate falls to {y} per user per month.",
    "With monthly billing each {name} user costs {m} per month; with yearly billing, {y} per month.",
    "For {name} we charge {m} per user per month. Paid a year in advance, the charge is {y} per user per month.",
    "{name} is {m} per user per month, paid monthly. Paid once a year, {name} comes to {y} per user per month.",
    "Each user on {name} costs {m} a month. Choose yearly billing and each user costs {y} a month.",
    "A {name} subscription is {m} per user per month if you pay month by month, and {y} per user per month if you "
    "pay for the whole year.",
    "Month by month, {name} costs {m} for each user. On yearly billing the same plan works out at {y} per user "
    "per month.",
    "Paying monthly, you are charged {m} for every user on {name}. Paying yearly, you are charged {y} per user "
    "per month.",
    "The monthly rate for {name} is {m} per user. The yearly rate for {name} is {y} per user per month, collected "
    "once a year.",
)  # fmt: skip
AFTER_PRICE = (
    "Prices are in US dollars and exclude sales tax.",
    "The amount is in US dollars, before tax, and covers every feature listed on this page.",
    "Only active users count. A user you deactivate is no longer charged from the next billing period.",
    "You can change the billing period on the Billing page; the new rate starts with the next period.",
    "Users added in the middle of a period are charged for the remaining days only.",
    "Customers billed in euros or pounds find their prices on the regional pages.",
)
SENTENCES: dict[str, tuple[str, ...]] = {
    "seats_minimum": (
        "{name} is sold from {value} upwards.",
        "The smallest {name} subscription is for {value}.",
        "{name} needs at least {value} on the invoice.",
        "A {name} account starts with a minimum of {value}.",
    ),
    "storage": (
        "{name} includes {value} of storage for the whole account.",
        "The account gets {value} of storage with {name}.",
        "Files in {name} share {value} of storage.",
        "Storage on {name} is {value}, shared by all users.",
    ),
    "file_size": (
        "A single file may be as large as {value}.",
        "The largest file {name} accepts is {value}.",
        "Uploads of up to {value} per file are accepted.",
        "{name} takes files of up to {value} each.",
    ),
    "api_rate": (
        "The API rate limit of {name} is {value}.",
        "Scripts and integrations may send {value} to the API on {name}.",
        "{name} allows {value} to the API, counted over all keys of the account.",
        "On {name} the API answers up to {value}; further calls wait.",
    ),
    "retention": (
        "{name} keeps deleted data for {value}; after that it cannot be restored.",
        "Deleted data stays in the bin of {name} for {value}.",
        "Anything you delete in {name} can be restored for {value}.",
        "On {name}, deleted data is kept for {value} and then erased.",
    ),
    "uptime": (
        "The uptime commitment of {name} is {value} in each calendar month.",
        "{name} comes with an uptime commitment of {value} per calendar month.",
        "We commit to {value} uptime for {name}, measured by calendar month.",
    ),
    "first_response": (
        "Support sends a first reply to {name} customers within {value}.",
        "A first reply from support arrives within {value} on {name}.",
        "For {name}, support answers new tickets within {value}.",
    ),
    "trial": (
        "The free trial of {name} lasts {value} and needs no card.",
        "You can try {name} free for {value}.",
        "{name} can be tested free of charge for {value}.",
    ),
}
LIMIT = (
    "{name} allows {value} {per}.",
    "With {name} you can have {value} {per}.",
    "{name} covers {value} {per}.",
    "The limit on {name} is {value} {per}.",
)
USERS = (
    "Owners invite people under Settings > People; each invitation becomes a paid user once it is accepted.",
    "Guests who only open a shared link are not counted as users.",
    "A person with two roles counts once.",
    "Deactivated people keep their history and free their place for somebody else.",
)
OVER_LIMIT = (
    "At four fifths of a limit the owner gets a notice; at the limit, new entries are refused and nothing is deleted.",
    "If you reach a limit, existing work stays as it is and only new entries wait until there is room.",
    "Usage is shown under Settings > Usage and counted afresh at the start of each billing period where it is monthly.",
)
SWITCHING = (
    "Owners change the plan under Settings > Billing. A higher plan starts at once; a lower plan starts with the next "
    "billing period. Check first that the account fits the lower limits.",
    "To move to another plan, open Settings > Billing and choose Change plan. Going up takes effect at once, and the "
    "days already paid are credited. Going down waits for the end of the period.",
    "You can leave this plan for a higher or lower one at any time under Settings > Billing. Data is kept when you go "
    "down, but whatever exceeds the lower limits becomes read-only.",
)


def plan_pages(product: Product, release: str, facts: dict[str, Fact]) -> Iterator[Page]:
    """Every page about plans and prices of one product."""
    for plan in PLANS:
        yield _plan(product, plan, release, facts)
    yield _price_table(product, release, facts)
    yield _comparison(product, facts)
    yield _limits(product, facts)
    yield _addons(product, facts)
    yield _region(product, "eur", facts)
    yield _region(product, "gbp", facts)
    for closed in product.legacy:
        if release < closed["until"]:
            yield _closed_plan(product, closed, facts)


def _plan(product: Product, plan: str, release: str, facts: dict[str, Fact]) -> Page:
    name = product.plan_name(plan)
    page = Page(f"products/{product.key}/plans/{plan}.md", name, facts)

    def say(attribute: str) -> str:
        value = page.value(f"{product.key}.{plan}.{attribute}")
        return pick(SENTENCES[attribute], name, attribute).format(name=name, value=value)

    page.add(product.content["plans"][plan])

    amounts = {
        "m": page.value(price_key(product.key, plan, "monthly")),
        "y": page.value(price_key(product.key, plan, "yearly")),
    }
    order = number(product.key, "price wording")  # the four plans of a product never share a sentence
    price = PRICE[(order + PLANS.index(plan) * 5) % len(PRICE)].format(name=name, **amounts)
    page.section("Price", f"{price} {' '.join(shuffled(AFTER_PRICE, name)[:2])}")

    _features(page, product, plan, release)
    page.section("Users", f"{say('seats_minimum')} {pick(USERS, name)}")
    page.section(
        f"{product.limits[0]['unit'].capitalize()} and {product.limits[1]['unit']}",
        " ".join(_limit_sentence(page, product, plan, limit) for limit in product.limits),
        pick(OVER_LIMIT, name),
    )
    page.section("Storage and files", f"{say('storage')} {say('file_size')}")
    page.section("Restoring deleted data", f"{say('retention')} {product.content['restore']}")
    page.section("API", f"{say('api_rate')} {product.content['api']['plan_note']}")
    flags = [page.facts[f"{product.key}.{plan}.{flag.key}"].text for flag in FLAGS]
    page.states |= {f"{product.key}.{plan}.{flag.key}" for flag in FLAGS}
    page.section("Sign-in and control", bullets(flags) if number(name, "flags") % 2 else " ".join(flags))
    page.section("Support and uptime", f"{say('first_response')} {say('uptime')}")
    page.section("Free trial", f"{say('trial')} {pick(TRIAL_END, name)}")
    page.section("Changing plan", pick(SWITCHING, name))
    return page


def _plan_key(product: Product, feature: dict) -> str:
    return f"{product.key}.feature.{feature['slug']}.plan"


def _features(page: Page, product: Product, plan: str, release: str) -> None:
    """What the plan brings that the lower ones lack, and what only a higher one brings."""
    name = product.plan_name(plan)
    first = {
        feature["slug"]: PLANS.index(page.facts[_plan_key(product, feature)].value.split()[0].lower())
        for feature in product.entries("features", release)
    }
    here = PLANS.index(plan)
    new = [feature for feature in product.entries("features", release) if first[feature["slug"]] == here]
    later = [feature for feature in product.entries("features", release) if first[feature["slug"]] > here]
    if new:
        page.section(
            f"Features of {name}"
            if here == 0
            else f"New in {name} compared with {product.plan_name(PLANS[here - 1])}",
            bullets([f"**{feature['name']}**: {first_sentence(feature['what'])}" for feature in new]),
        )
    if later:
        names = [
            f"{in_sentence(feature['name'])} (from the {page.value(_plan_key(product, feature))})"
            for feature in later
        ]
        page.section("Not in this plan", f"{name} does not have {joined(names, 'or')}.")


TRIAL_END = (
    "When it ends, the account becomes read-only until you choose a plan; nothing is deleted in that time.",
    "You get a reminder two days before it ends. Data entered during the trial is kept when you subscribe.",
    "The trial holds every feature of the plan. It ends by itself, without a charge.",
)


def _limit_sentence(page: Page, product: Product, plan: str, limit: dict) -> str:
    name = product.plan_name(plan)
    value = page.value(f"{product.key}.{plan}.{limit['slug']}")
    sentence = pick(LIMIT, name, limit["slug"]).format(name=name, value=value, per=limit["per"])
    return sentence.replace(" .", ".")


def _price_table(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/prices/price-table.md", f"{product.name} prices", facts)
    keys = [price_key(product.key, plan, billing) for plan in PLANS for billing in ("monthly", "yearly")]
    page.add(
        f"All current prices of {product.name} in US dollars, plan by plan. The plan pages say what each plan holds; "
        f"customers in the European Union and the United Kingdom are billed from their regional price pages."
    )
    rows = [
        [
            product.plan_name(plan),
            *(page.value(price_key(product.key, plan, b)) for b in ("monthly", "yearly")),
        ]
        for plan in PLANS
    ]
    page.section(
        "Price per user per month",
        table(["Plan", "Billed monthly[^1]", "Billed yearly[^2]"], rows),
        "[^1]: US dollars per user per month, before tax.\n[^2]: US dollars per user per month, charged once a year "
        "for twelve months, before tax.",
    )
    page.section(
        "Valid from", f"These {product.name} prices apply from {release_name(last_change(keys, release))}."
    )
    page.section(
        "Monthly or yearly billing",
        f"With monthly billing {product.name} is charged on the same day of each month and the number of users may go "
        f"up or down every month. With yearly billing the lower rate applies, users can be added at any time, and the "
        f"number can be reduced when the year is renewed.",
    )
    page.section(
        "What the price covers",
        f"Every {product.name} price covers the product itself, updates, backups and support as described on the plan "
        f"page. Add-ons are charged separately for the whole account, not per user.",
    )
    page.section("How a price is counted", _worked_count(product))
    return page


def _worked_count(product: Product) -> str:
    return pick(
        (
            f"The bill for {product.name} is the price of the plan times the number of active users, plus add-ons, "
            f"plus tax where it is due. Everyone in an account is on the same plan.",
            f"To work out a {product.name} bill, count the people with an active login, multiply by the price of your "
            f"plan, then add any add-ons. Plans cannot be mixed within one account.",
            f"{product.name} is charged for each person who can sign in. All of them share one plan. Add-ons are added "
            f"once per account, and tax is shown on its own line.",
        ),
        product.key,
        "count",
    )


def _comparison(product: Product, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/plans/compare.md", f"{product.name} plans compared", facts)
    page.add(f"{product.content['tagline']} The four plans of {product.name} differ in the points below.")
    plans = product.content["plans"]
    page.section(
        "Which plan is for whom",
        bullets([f"**{p.capitalize()}**: {first_sentence(plans[p])}" for p in PLANS]),
    )

    def matrix(attributes: list[tuple[str, str]]) -> str:
        rows = [
            [product.plan_name(plan), *(page.value(f"{product.key}.{plan}.{key}") for key, _ in attributes)]
            for plan in PLANS
        ]
        return table(["Plan", *(label for _, label in attributes)], rows)

    labels = {attribute.key: attribute.label for attribute in ATTRIBUTES}
    page.section("Users and trial", matrix([(key, labels[key]) for key in ("seats_minimum", "trial")]))
    page.section("Support and uptime", matrix([(key, labels[key]) for key in ("first_response", "uptime")]))
    page.section(
        "Sign-in and control",
        matrix([(flag.key, flag.label.removeprefix("The ").capitalize()) for flag in FLAGS]),
    )
    page.section(
        "Choosing between two plans",
        f"Most customers of {product.name} choose by {joined([limit['unit'] for limit in product.limits], 'or')} "
        f"first and by sign-in and support second. Start with the lower plan when in doubt: moving up takes effect "
        f"at once, and nothing has to be set up again.",
    )
    return page


def _limits(product: Product, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/reference/limits.md", f"{product.name} limits", facts)
    page.add(
        f"This page lists the limits of every {product.name} plan. Limits are soft for reading and firm for writing: "
        f"nothing disappears when one is reached, but new entries are refused."
    )
    rows = [
        (limit["slug"], limit["unit"].capitalize() + (" " + limit["per"] if limit["per"] else ""))
        for limit in product.limits
    ]
    rows += [
        (a.key, a.label) for a in ATTRIBUTES if a.key in ("storage", "file_size", "api_rate", "retention")
    ]
    for key, label in rows:
        page.section(
            label,
            table(
                ["Plan", label],
                [[product.plan_name(p), page.value(f"{product.key}.{p}.{key}")] for p in PLANS],
            ),
            LIMIT_NOTES.get(
                key, f"Counted over the whole {product.name} account and shown under Settings > Usage."
            ),
        )
    page.section("When a limit is reached", pick(OVER_LIMIT, product.key, "limits page"))
    return page


LIMIT_NOTES = {
    "storage": "Earlier versions and files in the bin count towards storage until they are erased.",
    "file_size": "The limit holds for each file by itself, whatever its type.",
    "api_rate": "All keys of an account share the rate. A refused call carries the header Retry-After.",
    "retention": "Deleted data is restored by an administrator and erased for good when the period ends.",
}


def _addons(product: Product, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/prices/add-ons.md", f"{product.name} add-ons", facts)
    page.add(
        f"Add-ons extend {product.name} on any plan. They are charged per account and month, not per user, and can be "
        f"cancelled at the end of any month."
    )
    for addon in product.addons:
        value = page.value(f"{product.key}.addon.{addon['slug']}")
        sentence = pick(ADDON, addon["name"]).format(addon=addon["name"], product=product.name, value=value)
        page.section(addon["name"], f"{addon['name']} {addon['what']}. {sentence}")
    page.section(
        "Adding and removing",
        f"Owners switch an add-on on or off under Settings > Billing > Add-ons. The first month of a {product.name} "
        f"add-on is charged for the remaining days. After switching off, it keeps working until the month ends.",
    )
    return page


ADDON = (
    "The {product} add-on {addon} costs {value} per month for the whole account.",
    "{addon} adds {value} per month to the {product} bill, whatever the number of users.",
    "With {addon}, a {product} account pays {value} more per month.",
    "{addon} for {product} is {value} per month and account.",
)
REGION = {
    "eur": ("eu", "the European Union", "euros", "VAT is added at the rate of your country unless you give a valid VAT number."),
    "gbp": ("uk", "the United Kingdom", "pounds", "VAT is added at the UK rate and shown on its own line."),
}  # fmt: skip
REGION_PRICE = (
    "In {region}, {name} costs {m} per user per month, or {y} per user per month when billed yearly.",
    "Customers in {region} pay {m} per user per month for {name}, and {y} per user per month on yearly billing.",
    "{name} is {m} per user per month in {region}. Billed yearly, it is {y} per user per month.",
    "In {region} we charge {m} per user per month for {name}, or {y} if the year is paid in advance.",
)


def _region(product: Product, currency: str, facts: dict[str, Fact]) -> Page:
    code, region, money_name, tax = REGION[currency]
    page = Page(
        f"products/{product.key}/regions/{code}.md",
        f"{product.name} prices in {region} ({money_name})",
        facts,
    )
    page.add(
        f"{product.name} prices for customers with a billing address in {region}. They are set in {money_name}, not "
        f"converted from dollars, and may change at other times than the dollar prices."
    )
    for plan in PLANS:
        name = product.plan_name(plan)
        sentence = pick(REGION_PRICE, name, currency).format(
            name=name,
            region=region,
            m=page.value(price_key(product.key, plan, "monthly", currency)),
            y=page.value(price_key(product.key, plan, "yearly", currency)),
        )
        page.section(f"{name} in {money_name}", sentence)
    page.section("Tax", f"{product.name} prices in {money_name} exclude VAT. {tax}")
    page.section(
        f"Who is billed in {money_name}",
        f"The billing address of the account decides. If it lies in {region}, {product.name} is invoiced in "
        f"{money_name} ({CURRENCIES[currency]}). A change of address takes effect with the next invoice. Limits, "
        f"support and features are the same as everywhere else.",
    )
    return page


def _closed_plan(product: Product, closed: dict, facts: dict[str, Fact]) -> Page:
    plan, year = closed["plan"], closed["year"]
    name = product.plan_name(plan)
    page = Page(
        f"products/{product.key}/legacy/{plan}-{year}.md",
        f"{name} ({year} plan, closed to new customers)",
        facts,
    )
    old = _closed_limits(product, plan, year)
    page.add(
        f"The {year} version of {name} has not been sold since the end of {year}. This page is for customers who "
        f"joined before then and kept it. For everyone else the page {name} applies."
    )
    page.section(
        f"Price of the {year} plan",
        f"Customers who kept the {year} plan of {name} pay {money(closed['monthly'])} per user per month, or "
        f"{money(closed['yearly'])} per user per month when billed yearly. New customers cannot buy the {year} plan "
        f"at this price.",
    )
    page.section(
        f"What the {year} plan includes",
        f"The {year} plan of {name} includes {old['storage']} of storage, files of up to {old['file_size']} and "
        f"{old['api_rate']} to the API. Deleted data is kept for {old['retention']}. Features released after {year} "
        f"are not part of it.",
    )
    page.section(
        "Who is still on it",
        f"Accounts opened in {year} or earlier whose owner has not changed the plan. Settings > Billing shows "
        f"“{plan.capitalize()} ({year})” for them. The closed plan cannot be given to another account.",
    )
    page.section(
        f"Moving to the current {name}",
        steps(
            [
                "Open Settings > Billing as an owner.",
                f"Choose Change plan and select {name}.",
                "Check the new amount and confirm. The move takes effect at once and cannot be undone.",
            ]
        ),
    )
    page.section(
        "Support for the closed plan",
        f"The {year} plan receives security updates and answers from support by e-mail. We write to the owners before "
        f"the closed plan of {product.name} ends.",
    )
    return page


def _closed_limits(product: Product, plan: str, year: int) -> dict[str, str]:
    """Limits of a closed plan, none of them a limit that any plan of the product has in any release."""
    limits = {}
    for attribute in ATTRIBUTES:
        ever = values_ever([f"{product.key}.{other}.{attribute.key}" for other in PLANS])
        spare = [amount for amount in attribute.pool if quantity(amount, attribute.unit) not in ever]
        limits[attribute.key] = quantity(
            pick(spare[:6], product.key, plan, year, attribute.key), attribute.unit
        )
    return limits
