"""The reader's second register: new wordings for the recipe's attributes, decidable and split by position."""

import re
from itertools import product
from random import Random
from string import Formatter

import pytest

from tools.bundled_model import facts
from tools.bundled_model.scenes import scene
from tools.reader import registers

YEARLY = re.compile(r"year|annual|twelve|12 months|per annum|upfront|up front|in advance")
NO_WORDING = {"count:stock"}  # a mass noun: "how many stock" is not a question
SUBJECTS = ("Larkdesk Team", "the Team plan of Larkdesk", "a Larkdesk Team subscription (2019 plan)")


@pytest.fixture(scope="module")
def attributes() -> list[facts.Attribute]:
    """Every attribute that pages or open questions of 400 scenes are about, once."""
    met = {}
    for i in range(400):
        world = scene(Random(f"registers {i}"), 1 + i % 3)
        stated = [fact.attribute for chunk in world.chunks for fact in chunk.facts]
        met.update({a.key: a for a in [*stated, *(attribute for _, attribute, _ in world.decoys)]})
    return list(met.values())


def drawn(attribute: facts.Attribute, held_out: bool, n: int = 40, named: bool = False) -> set[str]:
    rng = Random(f"{attribute.key} {held_out}")
    return {template for _ in range(n) if (template := registers.ask(rng, attribute, held_out, named))}


def plain(template: str) -> str:
    """A template without case and punctuation: what makes two of them the same question."""
    return " ".join(re.findall(r"[{}\w']+", template.lower()))


def test_every_attribute_met_has_wordings(attributes):
    assert len({a.key.partition(":")[0] for a in attributes}) >= 25
    without = {a.key for a in attributes if not registers.wordings(a)}
    assert without <= NO_WORDING
    assert all(len(registers.wordings(a)) >= 15 for a in attributes if a.key not in without)


def test_there_are_many_wordings():
    counts = {a.key: len(registers.wordings(a)) for a in (facts.MONTHLY, facts.YEARLY)}
    assert counts["price"] >= 90 and counts["yearly"] >= 70
    for key in ("count:x", "measure:x fee", "feature:x"):
        assert len(registers.wordings(facts.Attribute(key, ("x",), str, (), (), ""))) >= 60


def test_a_wording_stands_once_and_in_one_split(attributes):
    for attribute in [*attributes, facts.YEARLY]:
        cores = registers.wordings(attribute)
        assert len(set(map(plain, cores))) == len(cores), attribute.key
        assert not drawn(attribute, False) & drawn(attribute, True), attribute.key
        for core in facts._split(cores, True):
            assert not any(plain(core) == plain(trained) for trained in facts._split(cores, False)), core
    held_out = facts._split(registers.wordings(facts.MONTHLY), True)
    assert set(facts._split(registers._PRICE, True)) <= set(held_out)  # yearly questions borrow these


def test_no_wording_is_one_of_the_recipes(attributes):
    tails = facts._MONTHLY_TAILS + facts._YEARLY_TAILS
    prices = {plain(stem + tail) for stem, tail in product(facts._STEMS, tails)}
    for attribute in [*attributes, facts.YEARLY]:
        noun = attribute.nouns[0]
        known = {plain(t.replace("{n}", noun)) for t in (*attribute.asks, *facts._GENERIC_ASKS)} | prices
        new = {plain(w.replace("{n}", noun)) for w in registers.wordings(attribute)}
        assert not known & new, attribute.key


def test_templates_have_no_field_but_subject_and_noun(attributes):
    for attribute in attributes:
        for template in (*registers.wordings(attribute), *drawn(attribute, False, 10)):
            assert {field for _, field, _, _ in Formatter().parse(template)} <= {"s", "n", None}, template
            assert not re.search(r"[<>\[\]]|  |\bthe (a|an|the)\b", template), template
            for subject in SUBJECTS:
                question = template.format(s=subject, n=attribute.nouns[0])
                assert question.strip() == question
                if attribute.scope != "product":  # a product goes by its name alone: "which Larkdesk plan"
                    assert not re.search(r"\b(a|an|the|my|our) (the|a|an) ", question), question


def test_only_companies_may_be_left_unnamed(attributes):
    for attribute in attributes:
        assert all("{s}" in template for template in drawn(attribute, False, 20, named=True)), attribute.key
        if attribute.scope != "company":
            assert all("{s}" in wording for wording in registers.wordings(attribute)), attribute.key
        elif ":" not in attribute.key:
            assert drawn(attribute, True, 5, named=True), attribute.key


def test_words_tell_the_yearly_price_from_the_other():
    for held_out in (False, True):
        assert all(YEARLY.search(t.lower()) for t in drawn(facts.YEARLY, held_out, 2000))
        assert not any(YEARLY.search(t.lower()) for t in drawn(facts.MONTHLY, held_out, 2000))
    assert all(YEARLY.search(w.lower()) for w in registers._YEARLY)
    assert not any(YEARLY.search(w.lower()) for w in registers.wordings(facts.MONTHLY))
    assert not any("month" in w.lower() for w in registers._PRICE)


def test_a_seed_gives_its_question_again(attributes):
    for attribute in attributes:
        first, again = (registers.ask(Random("same"), attribute, False) for _ in range(2))
        assert first == again
