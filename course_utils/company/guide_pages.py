"""Pages that explain a product: features, how-to guides, troubleshooting, integrations, reference, FAQ.

The substance comes from `content/<product>.toml`; the frames around it (who may do it, what to check,
where to read on) are drawn per page from several wordings and filled with the product's own words.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from course_utils.company.catalogue import PLANS, Product, slug
from course_utils.company.chance import pick, shuffled
from course_utils.company.timeline import Fact
from course_utils.company.page import Page, bullets, first_sentence, in_sentence, joined, steps, table

Entry = dict[str, Any]
T = TypeVar("T")


def guide_pages(product: Product, release: str, facts: dict[str, Fact]) -> Iterator[Page]:
    """Every explaining page of one product."""
    for feature in product.entries("features", release):
        yield _feature(product, feature, release, facts)
    yield _overview(product, release, facts)
    yield _start(product, release, facts)
    yield _roles(product, facts)
    yield _api(product, facts)
    yield _data(product, release, facts)
    yield _notifications(product, facts)
    yield _menu(product, release, facts)
    yield _features_by_plan(product, release, facts)
    yield _glossary(product, facts)
    yield _faq(product, release, facts)
    for howto in product.entries("howto", release):
        yield _howto(product, howto, release, facts)
    for trouble in product.entries("trouble", release):
        yield _trouble(product, trouble, release, facts)
    for integration in product.entries("integrations", release):
        yield _integration(product, integration, release, facts)


# --- features ---------------------------------------------------------------------------------

FROM_PLAN = (
    "{Feature} can be used from the {plan} upwards.",
    "You need the {plan} or a higher one for {feature}.",
    "{Product} offers {feature} from the {plan} on.",
    "The lowest plan with {feature} is the {plan}.",
)
WHERE = (
    "In the menu of {Product}, {feature} is found under {menu}.",
    "Open {menu} in {Product} to find {feature}.",
    "The place for {feature} in {Product} is {menu}.",
    "You reach {feature} in {Product} through {menu}.",
)
NOT_YET = (
    "On lower plans the menu entry is visible but greyed out, with a link to the plan comparison.",
    "Accounts on a lower plan see the entry with a small lock beside it.",
    "On a lower plan the page opens as a preview without the Save button.",
)
WHO_FEATURE = (
    "The role {first} may do {first_may}. For daily work the role {second} is enough: {second_may}.",
    "Settings are changed by the role {first} ({first_may}). The role {second} uses the feature: {second_may}.",
    "Two roles matter here. {first}: {first_may}. {second}: {second_may}.",
)
TURN_ON = (
    ["Sign in as {first} and open {menu}.", "Read the defaults in the table above and change what does not fit.", "Press Save; the change is recorded with your name."],
    ["Open {menu}.", "Switch {feature} on with the toggle at the top.", "Set “{setting}” first, since the rest follows from it.", "Save, and tell the people concerned."],
    ["Go to {menu} with the role {first}.", "Choose a value for “{setting}”.", "Save and watch the first day with a colleague."],
    ["Decide who looks after {feature} and give them the role {first} or {second}.", "Open {menu} and go through the settings from top to bottom.", "Save. Nothing that happened before is changed."],
)  # fmt: skip


def _feature(product: Product, feature: Entry, release: str, facts: dict[str, Fact]) -> Page:
    name = feature["name"]
    page = Page(
        f"products/{product.key}/features/{slug(name)}.md", f"{product.name}: {in_sentence(name)}", facts
    )
    key = f"{product.key}.feature.{feature['slug']}"
    words = {
        "Product": product.name,
        "Feature": name,
        "feature": in_sentence(name),
        "plan": page.value(f"{key}.plan"),
        "menu": page.value(f"{key}.menu"),
        "setting": feature["settings"][0][0],
        **_role_words(product),
    }
    page.add(feature["what"])
    plan = pick(FROM_PLAN, key).format(**words)
    page.section("Where to find it", pick(WHERE, key).format(**words))
    page.section("Plans", f"{plan} {pick(NOT_YET, key)}")
    page.section("How it works", page.fill(feature["how"], product.key))
    page.section(
        f"Settings of {in_sentence(name)}",
        table(["Setting", "Default", "What it decides"], [list(row) for row in feature["settings"]]),
    )
    page.section("Turning it on", steps([step.format(**words) for step in pick(TURN_ON, key)]))
    page.section("Who may change it", pick(WHO_FEATURE, key).format(**words))
    page.section("Good to know", page.fill(feature["note"], product.key))
    event, who, way = closest(
        f"{name} {feature['what']}", product.content["notifications"], lambda row: row[0]
    )
    page.section(
        "Notifications",
        f"Related to {in_sentence(name)} is the event “{in_sentence(event)}” in {product.name}. It is reported to {who} ({way}); everybody can change that for themselves.",
    )
    guides = [howto for howto in product.entries("howto", release) if howto.get("feature") == feature["slug"]]
    others = [other for other in product.entries("features", release) if other is not feature]
    neighbours = sorted(others, key=lambda other: shuffled([name, other["name"]], product.key)[0] != name)[:2]
    page.section(
        "Read on",
        bullets(
            [f"{howto['title']}: {howto['result']}" for howto in guides]
            + [f"{other['name']}: {first_sentence(other['what'])}" for other in neighbours]
        ),
    )
    return page


def closest(text: str, entries: list[T], words: Callable[[T], str]) -> T:
    """The entry whose text shares most words with *text* (long words only, the first of equals)."""
    wanted = set(_long_words(text))
    return max(entries, key=lambda entry: len(wanted & set(_long_words(words(entry)))))


def _long_words(text: str) -> list[str]:
    return [word[:6] for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 3]


def _role_words(product: Product) -> dict[str, str]:
    (first, first_may), (second, second_may), *_ = product.content["roles"]
    return {"first": first, "first_may": first_may, "second": second, "second_may": second_may}


# --- how-to guides ----------------------------------------------------------------------------

GOAL = (
    "This guide takes you through it in {product}, step by step.",
    "Here is the way we recommend in {product}.",
    "It takes a few minutes in {product} once everything is at hand.",
    "Follow the steps in order; {product} saves after each of them.",
)
CHECK = ("How to tell that it worked", "What you should see", "The result", "Afterwards")
SLIP = ("A common slip", "Take care", "What often goes wrong", "Please note")
UNDO = (
    "Until the last step nothing is final: leave the page and {product} drops what you entered. After the last step, "
    "ask somebody with the role {first} to reverse it.",
    "If you change your mind half-way, close the window. What is saved already stands in the history and the role "
    "{first} can take it back.",
    "The history of the record shows each step with a name and a time. The role {first} can restore the state before.",
    "To go back, open the history at the foot of the record and choose the entry before yours.",
)
IF_STUCK = (
    "If a button named here is missing, your role does not allow it. In {product} the role {first} covers {first_may}.",
    "Missing a menu entry? Compare your role: {second} covers {second_may}.",
    "Buttons that stay grey mostly mean a missing right. The role {last} covers only this: {last_may}.",
    "If the page looks different for you, you may be on a lower plan or in another role than {first}.",
)


def _howto(product: Product, howto: Entry, release: str, facts: dict[str, Fact]) -> Page:
    title = howto["title"]
    page = Page(
        f"products/{product.key}/how-to/{slug(title)}.md",
        f"{product.name} how-to: {in_sentence(title)}",
        facts,
    )
    last, last_may = product.content["roles"][-1]
    words = {"product": product.name, "last": last, "last_may": last_may, **_role_words(product)}
    page.add(f"{howto.get('why', '')} {pick(GOAL, title).format(**words)}")
    page.section("Before you start", page.fill(howto["need"], product.key))
    page.section("Steps", steps(howto["steps"]))
    page.section(pick(CHECK, title), howto["result"])
    page.section(pick(SLIP, title), howto["slip"])
    for feature in product.entries("features", release):
        if feature["slug"] == howto.get("feature"):
            key = f"{product.key}.feature.{feature['slug']}"
            page.section(
                f"About {in_sentence(feature['name'])}",
                f"{first_sentence(feature['what'])} In {product.name} you find it under {page.value(key + '.menu')}; it is "
                f"part of the {page.value(key + '.plan')} and every higher one.",
            )
    trouble = closest(
        f"{title} {howto['result']}",
        product.entries("trouble", release),
        lambda t: f"{t['title']} {t['signs']}",
    )
    cause, remedy = trouble["causes"][0]
    page.section(
        "If it does not work",
        f"The nearest troubleshooting page of {product.name} is “{trouble['title']}”. Its most frequent cause: {in_sentence(cause)}. Remedy: {remedy}",
    )
    page.section(
        pick(("Going back", "Undoing it", "Changing your mind"), title), pick(UNDO, title).format(**words)
    )
    page.section(
        pick(("If you are stuck", "If something is missing"), title), pick(IF_STUCK, title).format(**words)
    )
    terms = _terms_in(product, " ".join([howto["need"], *howto["steps"], howto["result"], howto["slip"]]))
    if terms:
        page.section("Words used here", bullets(terms))
    return page


def _terms_in(product: Product, text: str) -> list[str]:
    """Glossary entries of the product that occur in *text*, at most three."""
    lower = text.lower()
    return [
        f"**{term}**: {meaning}." for term, meaning in product.content["glossary"] if term.lower() in lower
    ][:3]


# --- troubleshooting --------------------------------------------------------------------------

FIRST_LOOK = (
    "Go through the causes from the top; the first is by far the most frequent in {product}.",
    "Check the points below in this order. Each takes a minute, and the order follows how often {product} customers meet them.",
    "Before changing settings, note what you see; the causes below look alike at first.",
    "Most {product} accounts are helped by the first point. Change one thing at a time.",
)
ASK = (
    "If none of this helps, write to support from inside {product} (Help > New ticket), so that the account and the page "
    "are attached. Add the time at which it happened and one example.",
    "Still the same? Open Help > New ticket in {product}. A screenshot of the whole window and the name of one affected "
    "record save a round of questions.",
    "When the problem stays, tell us under Help > New ticket what you expected, what you saw and since when. Support can "
    "look into {product} only after you tick “Allow access for this ticket”.",
)
KEEP = (
    "While you are looking, colleagues can go on working: nothing here locks {product} for others.",
    "None of the remedies deletes data. What you change is listed in the history under your name.",
    "If the problem affects everybody at once, look at the status page first; a known disruption is announced there.",
)
SHOWN_TO = (
    "The person affected may lack a right. {second} covers {second_may}.",
    "Try the same as {first}, who may do {first_may}. If it works there, the cause is a missing right.",
    "Ask a colleague with another role to repeat it: the role {last} covers only this: {last_may}.",
)


def _trouble(product: Product, trouble: Entry, release: str, facts: dict[str, Fact]) -> Page:
    title = trouble["title"]
    page = Page(
        f"products/{product.key}/troubleshooting/{slug(title)}.md",
        f"{product.name} troubleshooting: {in_sentence(title)}",
        facts,
    )
    last, last_may = product.content["roles"][-1]
    words = {"product": product.name, "last": last, "last_may": last_may, **_role_words(product)}
    page.add(f"{trouble['signs']} {pick(FIRST_LOOK, title).format(**words)}")
    for place, (cause, remedy) in enumerate(trouble["causes"], 1):
        page.section(f"Cause {place}: {in_sentence(cause)}", f"{_upper(remedy)}")
    guide = closest(
        f"{title} {trouble['signs']}",
        product.entries("howto", release),
        lambda h: f"{h['title']} {h['result']}",
    )
    page.section(
        "The right way, step by step",
        f"The guide “{guide['title']}” shows how it should go in {product.name}. In the end: {in_sentence(guide['result'])} Take care: {in_sentence(guide['slip'])}",
    )
    page.section("Does it depend on the person?", pick(SHOWN_TO, title).format(**words))
    page.section("In the meantime", pick(KEEP, title).format(**words))
    page.section("Asking support", pick(ASK, title).format(**words))
    terms = _terms_in(
        product, " ".join([trouble["signs"], *(text for pair in trouble["causes"] for text in pair)])
    )
    if terms:
        page.section("Words used here", bullets(terms))
    return page


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


# --- integrations -----------------------------------------------------------------------------

CONNECTOR = (
    "You need the role {first} in {product} and administrator rights in {partner}.",
    "The connection is made by somebody with the role {first} in {product} who can also sign in to {partner} as administrator.",
    "Two sign-ins are needed: {product} with the role {first}, and {partner} with the right to approve connections.",
)
WATCH = (
    "Settings > Connections shows for {partner} when data was last exchanged. A red mark means that the last three "
    "attempts failed; the text beside it says why.",
    "Every exchange with {partner} is listed in the log under Settings > Connections, with the number of records and any "
    "that were skipped.",
    "If {partner} cannot be reached, {product} keeps the changes and tries again every few minutes for a day.",
)
DISCONNECT = (
    "Choose Disconnect under Settings > Connections > {partner}. What was exchanged stays on both sides; nothing new follows.",
    "To end the connection, press Disconnect beside {partner} and withdraw the key there too. Existing records keep their links.",
    "Disconnecting {partner} takes effect at once. If you connect again within a month, {product} remembers the assignment of fields.",
)
PRIVACY = (
    "Only the fields in the table leave {product}. Notes and files stay where they are.",
    "{partner} receives what the table lists and no more; the owner can see each field before agreeing.",
    "Personal data goes to {partner} as far as the table says. Mention the connection in your own privacy notice.",
)  # fmt: skip


def _integration(product: Product, entry: Entry, release: str, facts: dict[str, Fact]) -> Page:
    partner = entry["partner"]
    page = Page(
        f"products/{product.key}/integrations/{slug(partner)}.md",
        f"{product.name} with {partner} ({entry['kind']})",
        facts,
    )
    words = {"product": product.name, "partner": partner, **_role_words(product)}
    key = (product.key, partner)
    page.add(f"The connection {entry['brings']}.")
    page.section("What you need", pick(CONNECTOR, key).format(**words))
    page.section(f"Connecting {partner}", steps(entry["setup"]))
    page.section(
        "Which record becomes what", table([product.name, partner], [list(row) for row in entry["fields"]])
    )
    page.section("Limits of the connection", entry["limit"])
    page.section("Watching it", pick(WATCH, key).format(**words))
    page.section(
        "Events",
        f"The connection with {partner} listens to these events of {product.name}: {product.content['api']['events']}. Your own programs can do the same.",
    )
    page.section("Which data is passed on", pick(PRIVACY, key).format(**words))
    page.section("Ending it", pick(DISCONNECT, key).format(**words))
    return page


# --- reference --------------------------------------------------------------------------------


def _overview(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/index.md", f"{product.name} overview", facts)
    features = product.entries("features", release)
    page.add(product.content["about"])
    page.section("Who uses it", product.content["audience"])
    for part, group in (("What it does", features[:4]), ("What it also does", features[4:])):
        page.section(
            part, bullets([f"**{feature['name']}**: {first_sentence(feature['what'])}" for feature in group])
        )
    page.section(
        "Plans",
        f"{product.name} is sold as {joined([plan.capitalize() for plan in PLANS])}. The page {product.name} plans "
        f"compared shows the differences, the page {product.name} prices the prices.",
    )
    partners = [entry["partner"] for entry in product.entries("integrations", release)]
    page.section(
        "Works with",
        f"{product.name} connects to {joined(partners)}, and to your own programs through the API.",
    )
    return page


def _start(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = Page(
        f"products/{product.key}/reference/getting-started.md", f"Getting started with {product.name}", facts
    )
    first = product.content["roles"][0][0]
    page.add(f"The first hour with {product.name}, in the order that saves the most time later.")
    page.section("First steps", steps(product.content["start"]))
    trials = [f"{product.plan_name(plan)}: {page.value(f'{product.key}.{plan}.trial')}" for plan in PLANS]
    page.section(
        "Trying it free of charge",
        f"A {product.name} account begins with a free trial. Its length depends on the plan:",
        bullets(trials),
    )
    page.section(
        "Inviting colleagues",
        f"Invite people under Settings > People. Give one other person the role {first}, so that the account is never without one.",
    )
    page.section("Bringing your data", product.content["import"])
    guides = product.entries("howto", release)[:3]
    page.section("Next guides", bullets([f"{guide['title']}: {guide['result']}" for guide in guides]))
    return page  # fmt: skip


def _roles(product: Product, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/reference/roles.md", f"{product.name} roles and rights", facts)
    roles = product.content["roles"]
    names = [role for role, _ in roles]
    page.add(f"{product.name} knows {len(roles)} roles: {joined(names)}. Everybody has at least one.")
    page.section("What each role may do", table(["Role", "May do"], [list(role) for role in roles]))
    page.section(
        "Giving a role",
        steps(
            [
                "Open Settings > People and choose the person.",
                f"Select one or more roles, for example {names[1]}.",
                "Save. The change holds from the next page the person opens.",
            ]
        ),
    )
    page.section(
        "Leaving colleagues",
        f"Deactivate the person instead of deleting them. Their records stay in {product.name}, assigned to the role {names[0]}, and their place becomes free.",
    )
    page.section(
        "Rights by group",
        f"With single sign-on, roles can follow the groups of your directory: assign a group to {names[1]} or {names[-1]} under Settings > Sign-in. Rights given by hand are added, never taken away.",
    )
    page.section(
        "Good practice",
        f"Give {names[0]} to two people and no more. Start newcomers as {names[-1]} and widen the right when they ask for something they need.",
    )
    return page  # fmt: skip


def _api(product: Product, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/reference/api.md", f"{product.name} API", facts)
    api = product.content["api"]
    page.add(
        f"With the {product.name} API your own programs can do what people do in the browser. {api['plan_note']}"
    )
    page.section(
        "Calls", table(["Call", "What it does"], [[f"`{call}`", what] for call, what in api["endpoints"]])
    )
    page.section(
        "Signing in",
        f"Send a key in the header Authorization. Keys are made under Settings > API keys and carry the rights of the role you choose, for example {product.content['roles'][1][0]}. A key is shown once.",
    )
    rates = [[product.plan_name(plan), page.value(f"{product.key}.{plan}.api_rate")] for plan in PLANS]
    page.section("Rate limits", table(["Plan", "API rate limit"], rates))
    page.section(
        "Events",
        f"{product.name} can call an address of yours when something happens. Events: {api['events']}. A call that is not answered with success is repeated, with growing pauses, for a day.",
    )
    page.section(
        "Errors",
        "Refused calls carry a code and a sentence that says what to change. A code beginning with 4 means that the same call will fail again; one beginning with 5 may be repeated after a pause.",
    )
    return page  # fmt: skip


def _data(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = Page(
        f"products/{product.key}/reference/import-and-export.md", f"{product.name} import and export", facts
    )
    page.add(
        f"How data gets into {product.name} and out again. Your data is yours; every plan can export all of it."
    )
    page.section("Import", product.content["import"])
    page.section("Export", product.content["export"])
    sizes = [[product.plan_name(plan), page.value(f"{product.key}.{plan}.file_size")] for plan in PLANS]
    page.section(
        "How large a file may be",
        table(["Plan", "Largest file"], sizes),
        "Split larger files; the preview tells where the last one ended.",
    )
    page.section(
        "Deleted data",
        f"{product.content['restore']} The page {product.name} limits says how long each plan keeps it.",
    )
    page.section(
        "Before a large import",
        f"Try it with ten rows first. If the result is wrong, choose Undo import within an hour: {product.name} removes exactly the rows that came from the file.",
    )
    return page  # fmt: skip


def _notifications(product: Product, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/reference/notifications.md", f"{product.name} notifications", facts)
    rows = [list(row) for row in product.content["notifications"]]
    page.add(
        f"{product.name} tells people what concerns them and stays silent otherwise. These are the defaults; everybody can change their own."
    )
    page.section("Who is told what", table(["Event", "Who", "How"], rows))
    page.section(
        "Changing your own",
        f"Click your picture and choose Notifications. For “{rows[0][0].lower()}” and every other event of {product.name}, choose app, e-mail, both or neither.",
    )
    page.section(
        "Quiet hours",
        f"Between the hours you set, {product.name} collects messages and delivers them together. “{rows[-1][0]}” gets through at any time.",
    )
    page.section(
        "For everybody at once",
        f"The role {product.content['roles'][0][0]} sets the defaults for new people under Settings > Notifications. Choices people have made themselves are left alone.",
    )
    page.section(
        "When nothing arrives",
        "Look at quiet hours, then at the junk folder. The list under Notifications > Sent shows each message with the address it went to.",
    )
    return page  # fmt: skip


def _menu(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/reference/menu.md", f"Where to find what in {product.name}", facts)
    page.add(
        f"A map of {product.name}: each feature and the place in the menu where it is switched on or used."
    )
    features = product.entries("features", release)
    for heading, group in (("Menu places", features[:5]), ("More menu places", features[5:])):
        rows = [[f["name"], page.value(f"{product.key}.feature.{f['slug']}.menu")] for f in group]
        if rows:
            page.section(heading, table([f"{product.name} feature", "Menu"], rows))
    page.section(
        "The same in every product",
        bullets(
            [
                "People and roles: Settings > People",
                "Bill and plan: Settings > Billing",
                "Use of limits: Settings > Usage",
                "Keys for programs: Settings > API keys",
            ]
        ),
    )
    page.section(
        "Searching the menu",
        f"Press the slash key anywhere in {product.name} and type the first letters of what you look for. Entries your role may not open are shown in grey.",
    )
    return page  # fmt: skip


def _features_by_plan(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = Page(
        f"products/{product.key}/reference/features-by-plan.md", f"{product.name} features by plan", facts
    )
    page.add(
        f"From which plan on each {product.name} feature can be used. A higher plan always includes what a lower one has."
    )
    features = product.entries("features", release)
    for heading, group in (("Features and plans", features[:5]), ("More features and plans", features[5:])):
        rows = [[f["name"], page.value(f"{product.key}.feature.{f['slug']}.plan")] for f in group]
        if rows:
            page.section(heading, table([f"{product.name} feature", "Lowest plan"], rows))
    page.section(
        "Trying a higher plan",
        f"An owner can try a feature of a higher {product.name} plan once, for the length of that plan's free trial. Afterwards the account returns to its plan, and what was made in the meantime stays readable.",
    )
    page.section(
        "Features that are add-ons",
        f"{joined([addon['name'] for addon in product.addons])} can be added to any plan; see the page {product.name} add-ons.",
    )
    return page  # fmt: skip


def _glossary(product: Product, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/reference/glossary.md", f"{product.name} glossary", facts)
    page.add(f"Words that have a fixed meaning in {product.name}.")
    terms = product.content["glossary"]
    half = (len(terms) + 1) // 2
    for group in (terms[:half], terms[half:]):
        page.section(
            f"{group[0][0]} to {in_sentence(group[-1][0])}",
            bullets([f"**{term}**: {meaning}." for term, meaning in group]),
        )
    first, last = product.content["roles"][0][0], product.content["roles"][-1][0]
    page.section(
        "Words all products share",
        bullets(
            [
                "**Account**: everything that is billed together.",
                f"**Role**: a set of rights, from {first} to {last}.",
                "**Plan**: the set of features and limits you pay for.",
                "**Release**: the monthly update of products and handbook.",
            ]
        ),
    )
    return page  # fmt: skip


FAQ_FACTS = (
    ("How soon does support for {product} reply?", "The first reply comes within this time, counted in support hours:", "first_response"),
    ("How much storage is there in {product}?", "All users of an account share it:", "storage"),
)  # fmt: skip


def _faq(product: Product, release: str, facts: dict[str, Fact]) -> Page:
    page = Page(f"products/{product.key}/faq.md", f"{product.name}: frequently asked questions", facts)
    page.add(f"Short answers to what customers of {product.name} ask most.")
    for entry in product.entries("faq", release):
        page.section(entry["q"], page.fill(entry["a"], product.key))
    feature = product.entries("features", release)[0]
    key = f"{product.key}.feature.{feature['slug']}"
    page.section(
        f"Where do I find {in_sentence(feature['name'])}?",
        f"In {product.name}, under {page.value(key + '.menu')}. You need the {page.value(key + '.plan')} or a higher one.",
    )
    for question, lead, attribute in FAQ_FACTS:
        values = [
            f"{product.plan_name(plan)}: {page.value(f'{product.key}.{plan}.{attribute}')}" for plan in PLANS
        ]
        page.section(question.format(product=product.name), lead, bullets(values))
    page.section(
        f"Where are the prices of {product.name}?",
        f"On the page {product.name} prices, and on the page of each plan. Customers in the European Union and the United Kingdom have price pages of their own.",
    )
    return page  # fmt: skip
