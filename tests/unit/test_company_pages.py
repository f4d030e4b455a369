"""The handbook: its size and shape, and that its pages agree with the facts and with one another."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from course_utils.company import MISLEADING, RELEASES, brands, changes, facts, page_kind, pages, where_stated
from course_utils.company.catalogue import COMPANY, PLANS, Product, company_content, products
from course_utils.company.chance import number, pick, shuffled
from course_utils.company.page import Page

CHECKED = ("2026-01", "2026-02", "2026-12")  # all releases are rendered; these are read closely


def title(text: str) -> str:
    return text.splitlines()[0].removeprefix("# ")


def sections(text: str) -> list[tuple[str, str]]:
    """(heading, body) of each part of a page; the part before the first heading has the heading ""."""
    head, *parts = re.split(r"^## ", text.partition("\n")[2], flags=re.MULTILINE)
    return [("", head.strip())] + [
        (heading, body.strip()) for heading, _, body in (part.partition("\n") for part in parts)
    ]


def contains(text: str, value: str) -> bool:
    """Whether *text* holds *value* by itself: "5 GB" is not in "25 GB", nor "$49" in "$49.50"."""
    return re.search(rf"(?<![\d.,]){re.escape(value)}(?!\.?\d|,\d)", text) is not None


def test_january_has_500_pages_of_about_200k_tokens() -> None:
    texts = pages("2026-01")
    assert len(texts) == 500
    assert 700_000 <= sum(map(len, texts.values())) <= 850_000


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_renders(release: str) -> None:
    texts = pages(release)
    assert 500 <= len(texts) <= 575
    for path, text in texts.items():
        assert re.fullmatch(r"(products/[a-z]+|company)(/[a-z0-9-]+)+\.md", path)
        assert re.match(r"# \S", text) and text.endswith("\n") and not text.endswith("\n\n")
        assert not re.search(
            r"\{|\}", text.replace("{id}", "").replace("{email}", "").replace("{period}", "")
        ), path
        assert "  " not in text and not re.search(r"\bNone\b(?! of)", text), path
    assert len({title(text) for text in texts.values()}) == len(texts), "titles are unique"


@pytest.mark.parametrize("release", CHECKED)
def test_sections_fit_a_chunk_and_are_not_empty(release: str) -> None:
    for path, text in pages(release).items():
        parts = sections(text)
        assert len({heading for heading, _ in parts}) == len(parts), f"{path} repeats a heading"
        for heading, body in parts:
            assert 0 < len(body) <= 480, (path, heading, len(body))


def test_prose_is_not_one_sentence_500_times() -> None:
    """No sentence of ten words or more stands on more than one page in ten."""
    seen: dict[str, set[str]] = {}
    for path, text in pages("2026-01").items():
        for sentence in re.split(r"(?<=[.:]) |\n", text):
            if len(sentence.split()) >= 10:
                seen.setdefault(sentence, set()).add(path)
    most = max(seen.items(), key=lambda item: len(item[1]))
    assert len(most[1]) <= 50, most[0]
    assert sum(len(paths) == 1 for paths in seen.values()) > 0.75 * len(seen)


@pytest.mark.parametrize("release", CHECKED)
def test_every_fact_is_stated_where_where_stated_says(release: str) -> None:
    texts, stated = pages(release), where_stated(release)
    for key, fact in facts(release).items():
        assert stated.get(key), f"{key} is stated nowhere"
        for path in stated[key]:
            assert contains(texts[path], fact.value), (key, path)


@pytest.mark.parametrize("release", CHECKED)
def test_prices_stand_on_two_ordinary_pages(release: str) -> None:
    for product in products(release):
        for plan in PLANS:
            for billing in ("monthly", "yearly"):
                paths = where_stated(release)[f"{product.key}.{plan}.price_{billing}"]
                folder = f"products/{product.key}"
                assert paths == (f"{folder}/plans/{plan}.md", f"{folder}/prices/price-table.md")


def test_price_sections_say_both_prices_in_a_plain_sentence() -> None:
    texts, known = pages("2026-02"), facts("2026-02")
    wordings = set()
    for product in products("2026-02"):
        for plan in PLANS:
            name = product.plan_name(plan)
            text = texts[f"products/{product.key}/plans/{plan}.md"]
            assert title(text) == name
            body = dict(sections(text))["Price"]
            for billing in ("monthly", "yearly"):
                value = known[f"{product.key}.{plan}.price_{billing}"].value
                assert body.count(value) == 1
                body = body.replace(value, billing)
            assert name in body and "$" not in body
            wordings.add(body.replace(name, "NAME").split(" NAME")[0])
    assert len(wordings) >= 5


# --- nothing contradicts ----------------------------------------------------------------------

ATTRIBUTE_PATTERNS = {  # digits with these units stand for these attributes on the pages of a product
    r"\d[\d,.]* (?:GB|TB)": ("storage",),
    r"\d[\d,]* MB": ("file_size",),
    r"\d[\d,]* requests per minute": ("api_rate",),
    r"\d[\d.]*%": ("uptime",),
    r"\d+ days?": ("trial", "retention"),
    r"\d+ hours?": ("first_response",),
    r"\d+ users?": ("seats_minimum",),
}


def statements(text: str) -> Iterator[str]:
    """Sentences and table rows of a page, each with its title where it names no plan itself."""
    for line in text.splitlines():
        yield from re.split(r"(?<=[.?!]) (?=[A-Z])", line)


def plans_named(statement: str, product: Product) -> list[str]:
    return [plan for plan in PLANS if re.search(rf"\b{product.plan_name(plan)}\b", statement)]


@pytest.mark.parametrize("release", CHECKED)
def test_ordinary_pages_state_no_other_value(release: str) -> None:
    """A number with a unit that belongs to an attribute is that attribute's value for the plan named."""
    known = facts(release)
    for product in products(release):
        patterns = dict(ATTRIBUTE_PATTERNS)
        for limit in product.limits:
            patterns[rf"\d[\d,]* {limit['unit']}\b"] = (limit["slug"],)
        patterns[r"\$\d+(?:\.\d+)?"] = ("price_monthly", "price_yearly")
        addons = {
            fact.value for fact in known.values() if fact.product == product.name and fact.value[0] == "$"
        }
        for path, text in pages(release).items():
            if not path.startswith(f"products/{product.key}/") or page_kind(path) in MISLEADING:
                continue
            assert not re.search(r"[€£]\d", text), path
            page_plans = plans_named(title(text), product)
            for statement in statements(text):
                if not re.search(r"\d", statement):
                    continue
                named = plans_named(statement, product) or page_plans or list(PLANS)
                for pattern, attributes in patterns.items():
                    allowed = {known[f"{product.key}.{plan}.{a}"].value for plan in named for a in attributes}
                    if "price_monthly" in attributes and page_kind(path) == "prices":
                        allowed |= addons
                    for value in re.findall(pattern, statement):
                        assert value in allowed, (path, statement, value, allowed)


@pytest.mark.parametrize("release", CHECKED)
def test_regional_pages_hold_only_their_currency(release: str) -> None:
    known = facts(release)
    for path, text in pages(release).items():
        if page_kind(path) == "regional":
            key, currency, sign = path.split("/")[1], *(("eur", "€") if "/eu" in path else ("gbp", "£"))
            shown = set(re.findall(r"[$€£]\d+(?:\.\d+)?", text))
            expected = {
                known[f"{key}.{plan}.price_{b}_{currency}"].value
                for plan in PLANS
                for b in ("monthly", "yearly")
            }
            assert shown == expected, path
            assert {price[0] for price in shown} == {sign}


def test_closed_plans_say_so_and_hold_other_prices() -> None:
    legacy = {path: text for path, text in pages("2026-01").items() if page_kind(path) == "legacy"}
    assert len(legacy) == 20
    for path, text in legacy.items():
        assert re.search(r"\((2023|2024) plan, closed to new customers\)$", title(text))
        product = path.split("/")[1]
        shown = set(re.findall(r"\$\d+(?:\.\d+)?", text))
        assert len(shown) == 2
        for release in RELEASES:
            current = {f.value for key, f in facts(release).items() if key.startswith(f"{product}.")}
            assert not shown & current
        for heading, body in sections(text):
            if "$" in body:
                assert "20" in heading and "closed" in title(text)


@pytest.mark.parametrize("release", CHECKED)
def test_policies_are_stated_once_and_money_is_never_a_surprise(release: str) -> None:
    values = {f.value for key, f in facts(release).items() if key.startswith("company.policy.")}
    for path, text in pages(release).items():
        if path.startswith("company/"):
            for amount in re.findall(r"[$€£]\d[\d.,]*\d|\d+(?:\.\d+)?%", text):
                assert any(value.startswith(amount) for value in values), (path, amount)
    stated = where_stated(release)
    for policy in company_content()["policies"]:
        (path,) = stated[f"company.policy.{policy['slug']}"]
        assert page_kind(path) == "policy"


@pytest.mark.parametrize("release", RELEASES[1:])
def test_changelogs_name_what_changed_but_no_value(release: str) -> None:
    texts = pages(release)
    text = texts[f"company/changelog/{release}.md"]
    assert not re.search(r"[$€£%]", text)
    for change in changes(RELEASES[RELEASES.index(release) - 1], release):
        if change.kind == "changed" and change.new.attribute in ("price_monthly", "price_yearly"):
            part = dict(sections(text))[change.new.product]
            line = next(line for line in part.splitlines() if line.startswith("- Changed price:"))
            assert change.new.plan in line
    assert sum(page_kind(path) == "changelog" for path in texts) <= 3


def test_moved_menus_leave_no_trace() -> None:
    for old, new in pairwise(RELEASES):
        for change in changes(old, new):
            if change.kind == "changed" and change.new.attribute == "menu":
                folder = f"products/{change.key.split('.')[0]}/"
                for path, text in pages(new).items():
                    assert not path.startswith(folder) or change.old.value not in text, (
                        path,
                        change.old.value,
                    )


# --- from release to release ------------------------------------------------------------------


def test_a_release_rewrites_only_pages_it_concerns() -> None:
    before, after = pages("2026-02"), pages("2026-03")
    touched = {change.new.product for change in changes("2026-02", "2026-03") if change.new}
    rewritten = [path for path in after if path in before and before[path] != after[path]]
    assert 5 < len(rewritten) < 80
    plan_pages = {path for path in rewritten if page_kind(path) == "plan"}
    assert {path.split("/")[1].capitalize() for path in plan_pages} <= touched


@pytest.mark.parametrize(("old", "new"), list(pairwise(RELEASES)))
def test_every_release_retires_and_adds_pages(old: str, new: str) -> None:
    before, after = set(pages(old)), set(pages(new))
    assert 3 <= len(before - after) <= 20
    assert after - before


def test_products_to_come_are_unknown_before() -> None:
    later = {name for name in brands() - {COMPANY} if name not in {p.name for p in products("2026-01")}}
    assert later == {"Routewren", "Payfern", "Auditlark"}
    for text in pages("2026-01").values():
        assert not any(name.lower() in text.lower() for name in later)


@pytest.mark.parametrize("release", CHECKED)
def test_pages_named_in_quotes_and_titles_exist(release: str) -> None:
    """Guides and troubleshooting pages that a page sends the reader to are in the same release."""
    texts = pages(release)
    titles = {title(text).partition(": ")[2].lower() for text in texts.values()}
    for path, text in texts.items():
        for named in re.findall(r"(?:troubleshooting page(?: of \w+ is)?|guide) “([^”]+)”", text):
            assert named.lower() in titles, (path, named)


def test_page_kind_knows_every_page_and_nothing_else() -> None:
    kinds = {page_kind(path) for release in RELEASES for path in pages(release)}
    assert kinds >= {"overview", "plan", "prices", "legacy", "regional", "feature", "how-to", "faq", "policy"}
    with pytest.raises(ValueError, match="is not the path of a handbook page"):
        page_kind("notes.md")


def test_a_place_that_names_no_fact_is_an_error() -> None:
    page = Page("products/tallyport/faq.md", "Tallyport", facts("2026-01"))
    page.add("Up to {team.invoices}; `GET /invoices/{id}`.")
    assert page.text == "# Tallyport\n\nUp to 400 invoices; `GET /invoices/{id}`.\n"
    with pytest.raises(KeyError):
        page.add("{team.nonsense}")


def test_chance_depends_on_the_key_alone() -> None:
    assert number("a", 1) == number("a", 1) != number("a", 2)
    assert number("ab", "c") != number("a", "bc")
    order = shuffled("abcdefgh", "key")
    assert sorted(order) == list("abcdefgh")
    assert [x for x in order if x != "c"] == shuffled("abdefgh", "key")
    assert {pick("abc", i) for i in range(30)} == set("abc")
