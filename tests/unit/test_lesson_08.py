"""Lesson 08: what its prose says of the numbers that its cells print."""

import re

from tests.unit import stored

PRINTED = stored.printed("08_retrieval")


def test_typos_cost_the_search_by_meaning_some_answers():
    plain, typo = (
        float(re.search(rf"^{style} +recall@3 ([\d.]+) %", PRINTED, re.MULTILINE)[1])
        for style in ("plain", "typo")
    )
    assert plain > typo
