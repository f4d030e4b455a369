"""Pages that explain a product: features, how-to guides, troubleshooting, integrations, reference, FAQ.

The substance comes from `content/<product>.toml`; the frames around it (who may do it, what to check,
where to read on) are drawn per page and filled with the product's own words.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from course_utils.company.catalogue import PLANS, Product, slug
from course_utils.company.chance import number
from course_utils.company.markdown import bullets, first_sentence, in_sentence, joined, steps, table
from course_utils.company.page import Page
from course_utils.company.timeline import Fact
from course_utils.company.wording import lines, product_words, wording

Entry = dict[str, Any]
T = TypeVar("T")


def guide_pages(product: Product, release: str, facts: dict[str, Fact]) -> Iterator[Page]:
    """Every explaining page of one product, each feature's page before those that repeat its facts."""
    guide = _Guide(product, release, facts)
    yield from (guide.feature(entry) for entry in guide.features)
    yield from guide.reference()
    yield from (guide.howto(entry) for entry in guide.howtos)
    yield from (guide.trouble(entry) for entry in guide.troubles)
    yield from (guide.integration(entry) for entry in guide.integrations)


def closest(text: str, entries: Sequence[T], words: Callable[[T], str], least: int) -> T | None:
    """The entry whose text shares most long words with *text*, None if none shares *least* of them."""
    wanted = _stems(text)
    shared = [len(wanted & _stems(words(entry))) for entry in entries]
    return entries[shared.index(max(shared))] if max(shared) >= least else None


def _stems(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 3}


class _Guide:
    """Writes the explaining pages of one product in one release."""

    def __init__(self, product: Product, release: str, facts: dict[str, Fact]) -> None:
        self.product = product
        self.facts = facts
        self.words = product_words(product)
        self.features = product.entries("features", release)
        self.howtos = product.entries("howto", release)
        self.troubles = product.entries("trouble", release)
        self.integrations = product.entries("integrations", release)
        self.questions = product.entries("faq", release)

    def page(self, place: str, title: str) -> Page:
        return Page(f"products/{self.product.key}/{place}.md", title, self.facts)

    def say(self, name: str, /, *key: object, **places: object) -> str:
        """A frame filled with the product's words."""
        return wording(name, self.product.key, *key, **{**self.words, **places})

    def lines(self, name: str, /, *key: object, **places: object) -> list[str]:
        """A frame of several lines filled with the product's words."""
        return lines(name, self.product.key, *key, **{**self.words, **places})

    def feature_facts(self, page: Page, feature: Entry) -> dict[str, str]:
        """Menu place and lowest plan of a feature, noted as stated on *page*."""
        key = f"{self.product.key}.feature.{feature['slug']}"
        return {"menu": page.value(f"{key}.menu"), "plan": page.value(f"{key}.plan")}

    def by_plan(self, page: Page, attribute: str) -> list[list[str]]:
        """One attribute of all four plans: rows of plan and value."""
        return [
            [self.product.plan_name(plan), page.value(f"{self.product.key}.{plan}.{attribute}")]
            for plan in PLANS
        ]

    # --- features, guides, troubleshooting, integrations --------------------------------------

    def feature(self, feature: Entry) -> Page:
        name, title = feature["name"], in_sentence(feature["name"])
        page = self.page(f"features/{slug(name)}", f"{self.product.name}: {title}")
        words = {
            **self.feature_facts(page, feature),
            "Feature": name,
            "feature": title,
            "setting": feature["settings"][0][0],
        }
        page.add(feature["what"])
        page.section("Where to find it", self.say("feature.where", name, **words))
        page.section(
            "Plans", f"{self.say('feature.from_plan', name, **words)} {self.say('feature.not_yet', name)}"
        )
        page.section("How it works", feature["how"])
        page.section(
            f"Settings of {title}", table(["Setting", "Default", "What it decides"], feature["settings"])
        )
        page.section("Turning it on", steps(self.lines("feature.turning_on", name, **words)))
        page.section("Who may change it", self.say("feature.who", name))
        page.section("Good to know", feature["note"], self._notice(feature))
        page.section("Read on", bullets(self._related(feature)))
        return page

    def _notice(self, feature: Entry) -> str:
        """What people are told about when a feature does something, if there is such an event."""
        text = f"{feature['name']} {feature['what']}"
        row = closest(text, self.product.content["notifications"], lambda row: row[0], least=1)
        if row is None:
            return ""
        event, who, way = row
        words = {"event": in_sentence(event), "who": who, "way": way, "feature": in_sentence(feature["name"])}
        return self.say("feature.notification", feature["name"], **words)

    def _related(self, feature: Entry) -> list[str]:
        """The guides of a feature and two other features."""
        guides = [howto for howto in self.howtos if howto.get("feature") == feature["slug"]]
        others = [other for other in self.features if other is not feature]
        others.sort(key=lambda other: number(feature["name"], other["name"]))
        return [f"{howto['title']}: {howto['result']}" for howto in guides] + [
            f"{other['name']}: {first_sentence(other['what'])}" for other in others[:2]
        ]

    def howto(self, howto: Entry) -> Page:
        title, slip = howto["title"], howto["slip"]
        page = self.page(f"how-to/{slug(title)}", f"{self.product.name} how-to: {in_sentence(title)}")
        page.add(f"{self.say('howto.goal', title)} {howto['need']}")
        page.section("Steps", steps(howto["steps"]))
        page.section(
            self.say("howto.result_heading", title),
            howto["result"],
            self.say("howto.slip", title, slip=in_sentence(slip)),
        )
        for feature in self.features:
            if feature["slug"] == howto.get("feature"):
                known = {"what": first_sentence(feature["what"]), **self.feature_facts(page, feature)}
                page.section(
                    f"About {in_sentence(feature['name'])}", self.say("howto.feature", title, **known)
                )
        text = f"{title} {howto['result']}"
        trouble = closest(text, self.troubles, lambda other: f"{other['title']} {other['signs']}", least=2)
        if trouble:
            cause, remedy = trouble["causes"][0]
            known = {"title": trouble["title"], "cause": in_sentence(cause), "remedy": remedy}
            page.section("If it does not work", self.say("howto.trouble", title, **known))
        page.section(
            self.say("howto.undo_heading", title),
            self.say("howto.undo", title),
            self.say("howto.stuck", title),
        )
        self._terms(page, howto["need"], *howto["steps"], howto["result"], slip)
        return page

    def trouble(self, trouble: Entry) -> Page:
        title, signs = trouble["title"], trouble["signs"]
        page = self.page(
            f"troubleshooting/{slug(title)}", f"{self.product.name} troubleshooting: {in_sentence(title)}"
        )
        page.add(f"{signs} {self.say('trouble.first_look', title)}")
        page.section(
            "Causes and remedies", steps([f"**{cause}**: {remedy}" for cause, remedy in trouble["causes"]])
        )
        text = f"{title} {signs}"
        howto = closest(text, self.howtos, lambda other: f"{other['title']} {other['result']}", least=2)
        if howto:
            known = {"title": howto["title"], **{key: in_sentence(howto[key]) for key in ("result", "slip")}}
            page.section("The right way, step by step", self.say("trouble.guide", title, **known))
        feature = closest(text, self.features, lambda other: f"{other['name']} {other['what']}", least=2)
        if feature:
            menu = page.value(f"{self.product.key}.feature.{feature['slug']}.menu")
            known = {"feature": in_sentence(feature["name"]), "menu": menu, "note": feature["note"]}
            page.section("What lies behind it", self.say("trouble.feature", title, **known))
        page.section(
            "Does it depend on the person?",
            self.say("trouble.person", title),
            self.say("trouble.meanwhile", title),
        )
        page.section("Asking support", self.say("trouble.ask", title))
        self._terms(page, signs, *(text for pair in trouble["causes"] for text in pair))
        return page

    def _terms(self, page: Page, *texts: str) -> None:
        """A section with the glossary entries that occur in *texts*, at most three, if there are any."""
        text = " ".join(texts).lower()
        terms = [entry for entry in self.product.content["glossary"] if entry[0].lower() in text]
        if terms:
            page.section(
                "Words used here", bullets([f"**{term}**: {meaning}." for term, meaning in terms[:3]])
            )

    def integration(self, entry: Entry) -> Page:
        partner = entry["partner"]
        page = self.page(
            f"integrations/{slug(partner)}", f"{self.product.name} with {partner} ({entry['kind']})"
        )
        words = {"partner": partner, "events": self.product.content["api"]["events"]}
        page.add(f"The connection {entry['brings']}.")
        page.section(
            f"Connecting {partner}", self.say("integration.need", partner, **words), steps(entry["setup"])
        )
        page.section("Which record becomes what", table(["Record", "Becomes"], entry["fields"]))
        page.section("Limits and privacy", entry["limit"], self.say("integration.privacy", partner, **words))
        page.section("Events", self.say("integration.events", **words))
        page.section(
            "Watching and ending it",
            self.say("integration.watch", partner, **words),
            self.say("integration.end", partner, **words),
        )
        return page

    # --- reference ----------------------------------------------------------------------------

    def reference(self) -> Iterator[Page]:
        """Overview, first steps, roles, API, data, notifications, menu, features, glossary and FAQ."""
        yield self._overview()
        yield self._start()
        yield self._roles()
        yield self._api()
        yield self._data()
        yield self._notifications()
        yield self._feature_map(
            "menu", "menu", f"Where to find what in {self.product.name}", "Menu", {
                "The same in every product": bullets(self.lines("menu.shared")),
                "Searching the menu": self.say("menu.search"),
            },
        )  # fmt: skip
        addons = joined([addon["name"] for addon in self.product.addons])
        yield self._feature_map(
            "features-by-plan", "plan", f"{self.product.name} features by plan", "Lowest plan", {
                "Trying a higher plan": self.say("by_plan.trying"),
                "Features that are add-ons": self.say("by_plan.addons", addons=addons),
            },
        )  # fmt: skip
        yield self._glossary()
        yield self._faq()

    def _overview(self) -> Page:
        page = self.page("index", f"{self.product.name} overview")
        page.add(self.product.content["about"])
        page.section("Who uses it", self.product.content["audience"])
        for heading, group in (
            ("What it does", self.features[:3]),
            ("What it also does", self.features[3:6]),
            ("What else it does", self.features[6:]),
        ):
            entries = [f"**{feature['name']}**: {first_sentence(feature['what'])}" for feature in group]
            if entries:
                page.section(heading, bullets(entries))
        page.section("Plans", self.say("overview.plans"))
        partners = joined([entry["partner"] for entry in self.integrations])
        page.section("Works with", self.say("overview.works_with", partners=partners))
        return page

    def _start(self) -> Page:
        page = self.page("reference/getting-started", f"Getting started with {self.product.name}")
        page.add(self.say("start.intro"))
        page.section("First steps", steps(self.product.content["start"]))
        trials = [": ".join(row) for row in self.by_plan(page, "trial")]
        page.section("Trying it free of charge", self.say("start.trial"), bullets(trials))
        page.section("Inviting colleagues", self.say("start.inviting"))
        page.section("Bringing your data", self.product.content["import"])
        page.section(
            "Next guides", bullets([f"{howto['title']}: {howto['result']}" for howto in self.howtos[:3]])
        )
        return page

    def _roles(self) -> Page:
        roles = self.product.content["roles"]
        page = self.page("reference/roles", f"{self.product.name} roles and rights")
        page.add(self.say("roles.intro", count=len(roles), names=joined([role for role, _ in roles])))
        page.section("What each role may do", table(["Role", "May do"], roles))
        page.section("Giving a role", steps(self.lines("roles.giving")))
        page.section("Leaving colleagues", self.say("roles.leaving"))
        page.section("Rights by group", self.say("roles.groups"))
        page.section("Good practice", self.say("roles.practice"))
        return page

    def _api(self) -> Page:
        api = self.product.content["api"]
        page = self.page("reference/api", f"{self.product.name} API")
        page.add(self.say("api.intro", note=api["plan_note"]))
        page.section(
            "Calls", table(["Call", "What it does"], [[f"`{call}`", what] for call, what in api["endpoints"]])
        )
        page.section("Signing in", self.say("api.keys"))
        page.section("Rate limits", table(["Plan", "API rate limit"], self.by_plan(page, "api_rate")))
        page.section("Events", self.say("api.events", events=api["events"]))
        page.section("Errors", self.say("api.errors"))
        return page

    def _data(self) -> Page:
        content = self.product.content
        page = self.page("reference/import-and-export", f"{self.product.name} import and export")
        page.add(self.say("data.intro"))
        page.section("Import", content["import"])
        page.section("Export", content["export"])
        sizes = table(["Plan", "Largest file"], self.by_plan(page, "file_size"))
        page.section("How large a file may be", sizes, self.say("data.split"))
        page.section("Deleted data", self.say("data.deleted", restore=content["restore"]))
        page.section("Before a large import", self.say("data.large"))
        return page

    def _notifications(self) -> Page:
        rows = self.product.content["notifications"]
        page = self.page("reference/notifications", f"{self.product.name} notifications")
        page.add(self.say("notifications.intro"))
        page.section("Who is told what", table(["Event", "Who", "How"], rows))
        page.section("Changing your own", self.say("notifications.own", event=in_sentence(rows[0][0])))
        page.section("Quiet hours", self.say("notifications.quiet", urgent=rows[-1][0]))
        page.section("For everybody at once", self.say("notifications.everybody"))
        page.section("When nothing arrives", self.say("notifications.nothing"))
        return page

    def _feature_map(self, name: str, fact: str, title: str, column: str, notes: dict[str, str]) -> Page:
        """A page that lists one fact of every feature, five features to a table."""
        page = self.page(f"reference/{name}", title)
        page.add(self.say("menu.intro" if fact == "menu" else "by_plan.intro"))
        for start in range(0, len(self.features), 5):
            rows = [
                [f["name"], page.value(f"{self.product.key}.feature.{f['slug']}.{fact}")]
                for f in self.features[start : start + 5]
            ]
            heading = f"{rows[0][0]} to {in_sentence(rows[-1][0])}"
            page.section(heading, table([f"{self.product.name} feature", column], rows))
        for heading, text in notes.items():
            page.section(heading, text)
        return page

    def _glossary(self) -> Page:
        terms = self.product.content["glossary"]
        page = self.page("reference/glossary", f"{self.product.name} glossary")
        page.add(self.say("glossary.intro"))
        for group in (terms[:4], terms[4:]):
            entries = bullets([f"**{term}**: {meaning}." for term, meaning in group])
            page.section(f"{group[0][0]} to {in_sentence(group[-1][0])}", entries)
        page.section("Words all products share", bullets(self.lines("glossary.shared")))
        return page

    def _faq(self) -> Page:
        name = self.product.name
        page = self.page("faq", f"{name}: frequently asked questions")
        page.add(self.say("faq.intro"))
        for entry in self.questions:
            page.section(entry["q"], entry["a"])
        feature = self.features[0]
        where = self.say("faq.where", **self.feature_facts(page, feature))
        page.section(f"Where do I find {in_sentence(feature['name'])}?", where)
        for question, frame, attribute in (
            (f"How soon does support for {name} reply?", "faq.reply", "first_response"),
            (f"How much storage is there in {name}?", "faq.storage", "storage"),
            (f"How long can deleted data be restored in {name}?", "faq.retention", "retention"),
            (f"What uptime does {name} commit to?", "faq.uptime", "uptime"),
        ):
            values = [": ".join(row) for row in self.by_plan(page, attribute)]
            page.section(question, self.say(frame), bullets(values))
        page.section(f"Where are the prices of {name}?", self.say("faq.prices"))
        return page
