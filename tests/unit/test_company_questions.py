"""The customers' questions: answerable from their gold page, varied, and the same for the same seed."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.company import (
    MIX,
    RELEASES,
    Question,
    UnknownRelease,
    changes,
    facts,
    pages,
    questions,
    wordings,
)
from course_utils.company.asking import NO_ANSWER, STYLE_MIX
from course_utils.company.catalogue import PLANS, company_content, products, read_content
from course_utils.company.styles import STYLES

CHECKED = ("2026-01", "2026-02", "2026-12")


def chunks(text: str) -> list[str]:
    """A page's sections, each with the page's title."""
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    name = head.splitlines()[0].removeprefix("# ")
    return [head, *(f"{name} > {part}" for part in parts)]


def contains(text: str, value: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(value)}(?!\.?\d|,\d)", text) is not None


@pytest.mark.parametrize("release", CHECKED)
@pytest.mark.parametrize("split", ["train", "test"])
def test_every_answerable_question_is_answered_on_its_gold_page(release: str, split: str) -> None:
    """In one section of it, which names product and plan in its title or text."""
    texts, known = pages(release), facts(release)
    asked = [q for intent in MIX for q in questions(release, 600, intents=(intent,), split=split)]
    about = {question.fact_key: question for question in asked if question.answerable}
    assert about.keys() == known.keys(), "every fact is asked about"
    for question in about.values():
        fact = known[question.fact_key]
        assert question.value == fact.value and question.answerable and question.release == release
        assert question.value in question.answer
        assert question.page == question.pages[0]
        names = f"{fact.product} {fact.plan}".strip()
        holding = [
            chunk for chunk in chunks(texts[question.page]) if contains(chunk, fact.value) and names in chunk
        ]
        assert holding, (question.text, question.page)
        assert all(contains(texts[page], fact.value) for page in question.pages)


@pytest.mark.parametrize("release", RELEASES)
def test_unanswerable_questions_have_no_answer_on_any_page(release: str) -> None:
    handbook = "\n".join(pages(release).values()).lower()
    topics = read_content("questions.toml")["missing"]
    for question in questions(release, 400, answerable=False):
        assert (question.answer, question.value, question.page, question.pages) == (NO_ANSWER, "", "", ())
        first, *rest = question.fact_key.split(".")
        terms = topics[rest[0]]["terms"] if first == "missing" else [first]
        assert not any(term in handbook for term in terms), (question.text, terms)
        assert question.fact_key not in facts(release)


def test_missing_topics_are_recognised_by_their_terms() -> None:
    """Each wording speaks of its topic, so that its terms being absent from the handbook means no answer."""
    for topic, entry in read_content("questions.toml")["missing"].items():
        stems = {word[:5] for term in entry["terms"] for word in re.findall(r"[a-z0-9]+", term)}
        for wording in entry["train"] + entry["test"]:
            words = {word[:5] for word in re.findall(r"[a-z0-9]+", wording.lower())}
            assert any(word.startswith(stem) for stem in stems for word in words), (topic, wording)


def test_products_to_come_are_asked_about_before_they_exist() -> None:
    keys = {q.fact_key for q in questions("2026-01", 1500, intents=("unanswerable",))}
    assert "routewren.team.price_monthly" in keys
    assert not any(
        key.startswith("routewren")
        for key in {q.fact_key for q in questions("2026-02", 1500, answerable=False)}
    )
    (question,) = questions("2026-02", 1, fact_keys=("routewren.team.price_monthly",))
    assert question.answerable and question.answer.startswith("Routewren Team costs $")


def test_price_answers() -> None:
    for question in questions("2026-02", 160, intents=("price",)):
        fact = facts("2026-02")[question.fact_key]
        name = f"{fact.product} {fact.plan}"
        assert question.answer in (
            f"{name} costs {fact.value} per user per month.",
            f"{name} costs {fact.value} per user per month, billed yearly.",
        )
        assert ("yearly" in question.fact_key) == question.answer.endswith(", billed yearly.")


# --- wordings ---------------------------------------------------------------------------------


def test_train_and_test_wordings_are_disjoint() -> None:
    def plainly(wording: str) -> str:
        return re.sub(r"[^a-z{} ]", "", wording.lower().replace("{product} {plan}", "{name}"))

    assert not {plainly(w) for w in wordings("train")} & {plainly(w) for w in wordings("test")}
    one_seed = {q.text for q in questions("2026-01", 3000, split="train", style="plain")}
    assert not one_seed & {q.text for q in questions("2026-01", 3000, split="test", style="plain")}


def test_there_are_enough_wordings() -> None:
    tables = read_content("questions.toml")
    for key in ("price_monthly", "price_yearly"):
        assert len(set(tables[key]["train"])) >= 10
        assert len(set(tables[key]["test"])) >= 12
    for name, entry in {**tables, **{p["slug"]: p["ask"] for p in company_content()["policies"]}}.items():
        if name not in ("missing", "strangers"):
            assert len(set(entry["train"])) >= 4, name
            assert len(set(entry["test"])) >= 4, name
    for split in ("train", "test"):
        assert len({w for entry in tables["missing"].values() for w in entry[split]}) >= 40


def test_price_wordings_say_which_billing_is_meant() -> None:
    tables = read_content("questions.toml")
    for split in ("train", "test"):
        for wording in tables["price_monthly"][split]:
            assert re.search("month", wording, re.IGNORECASE), wording
        for wording in tables["price_yearly"][split]:
            assert re.search(r"year|annual|twelve months", wording, re.IGNORECASE), wording


@pytest.mark.parametrize("style", list(STYLE_MIX))
def test_questions_are_short_and_name_their_subject(style: str) -> None:
    known = facts("2026-02")
    addons = {f"{p.key}.addon.{a['slug']}": a["name"] for p in products("2026-02") for a in p.addons}
    for question in questions("2026-02", 3000, style=style):
        assert question.style == style
        assert len(question.text.split()) <= 25, question.text
        assert "{" not in question.text and "  " not in question.text
        if style != "typo" and question.answerable:
            fact, text = known[question.fact_key], question.text.lower()
            assert fact.product.lower() in text, question
            assert fact.plan.lower() in text, question
            assert addons.get(question.fact_key, "").lower() in text, question


# --- styles -----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(list(STYLES)), st.sampled_from(["train", "test"]), st.integers(0, 10**6), st.data())
def test_styles_keep_digits_and_first_letters_of_names(
    style: str, split: str, key: int, data: st.DataObject
) -> None:
    product = data.draw(st.sampled_from(products("2026-12")))
    plan = data.draw(st.sampled_from(PLANS)).capitalize()
    text = f"Please tell me how much storage 1200 people get with {product.name} {plan} before 2027?"
    changed = STYLES[style](text, split, (key,))
    assert re.findall(r"\d+", changed) == re.findall(r"\d+", text)
    initials = [word[0].lower() for word in changed.split()]
    assert product.name[0].lower() in initials
    assert plan.lower() in changed.lower()
    if style == "casual":
        assert changed == changed.lower() and not changed.endswith(".")
    if style == "typo":
        different = sum(a != b for a, b in zip(changed.split(), text.split(), strict=True))
        assert 1 <= different <= 2


def test_typos_rarely_touch_a_products_name() -> None:
    asked = questions("2026-01", 1000, style="typo", intents=("price",))
    whole = sum(any(p.name in q.text for p in products("2026-01")) for q in asked)
    assert 0.9 < whole / len(asked) < 1


# --- sampling ---------------------------------------------------------------------------------


def test_a_day_of_three_thousand_questions() -> None:
    day = questions("2026-01", 3000)
    assert len(day) == 3000 == len({question.id for question in day})
    assert len({question.text for question in day}) > 2700
    intents = Counter(question.intent for question in day)
    for intent, share in MIX.items():
        assert intents[intent] == pytest.approx(30 * share, abs=1)
    styles = Counter(question.style for question in day)
    for style, share in STYLE_MIX.items():
        assert styles[style] == pytest.approx(30 * share, abs=150)


def test_facts_are_asked_equally_often() -> None:
    asked = questions("2026-01", 1000, intents=("price",))
    counts = Counter(question.fact_key for question in asked)
    assert len(counts) == 80
    assert set(counts.values()) == {12, 13}
    first = Counter(question.fact_key for question in questions("2026-01", 80, intents=("price",)))
    assert set(first.values()) == {1}
    per_fact = Counter((question.fact_key, question.text) for question in asked)
    assert max(per_fact.values()) == 1, "a fact is asked in another wording each time"


def test_the_same_call_gives_the_same_questions() -> None:
    assert questions("2026-03", 300, seed=5) == questions("2026-03", 300, seed=5)
    assert questions("2026-03", 300, seed=5) != questions("2026-03", 300, seed=6)


def test_a_price_is_asked_in_the_same_words_before_and_after_it_changed() -> None:
    keys = [
        c.key
        for c in changes("2026-01", "2026-02")
        if c.kind == "changed" and c.new.attribute == "price_monthly"
    ]
    before = questions("2026-01", 2 * len(keys), fact_keys=keys)
    after = questions("2026-02", 2 * len(keys), fact_keys=keys)
    assert [q.text for q in before] == [q.text for q in after]
    assert all(old.value != new.value for old, new in zip(before, after, strict=True))


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 40),
    st.sampled_from([None, ("price",), ("limit", "policy"), ("unanswerable",)]),
    st.sampled_from([None, ("Tallyport",), ("Pingrove", "Meetfern")]),
    st.sampled_from([None, *STYLE_MIX]),
)
def test_choices_are_kept(n: int, intents: tuple | None, names: tuple | None, style: str | None) -> None:
    asked = questions("2026-01", n, intents=intents, products=names, style=style)
    assert len(asked) == n
    for question in asked:
        assert isinstance(question, Question)
        assert intents is None or question.intent in intents
        assert names is None or any(name.lower() in question.fact_key for name in names)
        assert style is None or question.style == style
        assert question.answerable == (question.intent != "unanswerable")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"intents": ("prices",)}, "unknown intent 'prices': choose among addon, "),
        ({"products": ("Routewren",)}, "unknown product 'Routewren': choose among Chatfold, "),
        ({"style": "angry"}, "unknown style 'angry': choose among casual, plain"),
        ({"split": "dev"}, "unknown split 'dev': choose among test, train"),
        ({"fact_keys": ("tallyport.team.colour",)}, "no question of release 2026-01 fits"),
        ({"intents": ("price",), "answerable": False}, "no question of release 2026-01 fits"),
        ({"n": -1}, "n must not be negative, but is -1"),
    ],
)
def test_wrong_choices_say_what_is_possible(choice: dict, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        questions("2026-01", **{"n": 5, **choice})
    with pytest.raises(UnknownRelease, match="unknown release '2026-13'"):
        questions("2026-13", 5)
