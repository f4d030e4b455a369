"""Lesson 05: what its prose says of the numbers that its cells print, and of the recorded run."""

import re
from ast import literal_eval
from itertools import chain

from course_utils import evaluation, grid, recorded
from tests.unit import stored

PROSE = stored.prose("05_hybrid")
PRINTED = stored.printed("05_hybrid")
LINE = re.compile(
    r"^(?P<column>usable|fact right|page right) +(?P<part>all|answerable|unanswerable) +"
    r"(?P<a>\d+) : +(?P<b>\d+) of \d+, only one +\d+ : +\d+ +p = (?P<p>[\d.e-]+)",
    re.MULTILINE,
)


def parsed(lines: list[str]) -> dict[tuple[str, str], tuple[int, int, float]]:
    """Printed comparisons: hits of both and p, by column and half."""
    found = LINE.finditer("\n".join(lines))
    return {(m["column"], m["part"]): (int(m["a"]), int(m["b"]), float(m["p"])) for m in found}


def printed_of(other: str) -> dict[tuple[str, str], tuple[int, int, float]]:
    """What section 7 printed of the wrapper against ``other``."""
    return parsed(PRINTED.split(f"RAG, wrapped : {other}\n")[1].splitlines()[:5])


def ruled_against_the_hybrid() -> dict[tuple[str, str], tuple[int, int, float]]:
    """What section 8 printed of the wrapper with the Enterprise rule against the hybrid."""
    return parsed(PRINTED.split("RAFT-style: wrong")[1].splitlines()[2:6])


def cells(table: str) -> dict[str, dict[str, str]]:
    """A displayed table: system to column to what stands in the cell."""
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines())
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def shares(table: str) -> dict[str, dict[str, int]]:
    """A displayed grid as per cent: system to column to the pooled rate."""
    rate = re.compile(r"\*\*(\d+)\*\*")
    return {
        name: {column: int(rate.match(c)[1]) for column, c in row.items()}
        for name, row in cells(table).items()
    }


def test_the_systems_stand_where_sections_5_and_6_say():
    january, february = map(shares, stored.tables("05_hybrid")[:2])
    # Of the 72 questions with an answer 48 are about monthly prices, all that was learnt by heart.
    assert january["FT-facts"]["fact right"] >= 85 * 48 / 72, "by heart knows January's prices"
    assert february["RAG"]["valid ticket"] == 0, "RAG writes no ticket"
    assert february["hybrid"]["valid ticket"] >= 75, "the hybrid does"
    assert february["RAG, wrapped"]["valid ticket"] == 100, "and so does a program"
    assert february["RAG, decoder"]["usable"] <= 10, "a grammar alone gets none right"
    assert february["hybrid"]["fact right"] >= february["RAG"]["fact right"] - 5, "facts no worse than RAG's"
    hybrid, raft, rag = (february[name]["abstains"] for name in ("hybrid", "RAFT-style", "RAG"))
    assert hybrid <= rag - 20 and raft >= hybrid + 10, "RAG abstains most, the hybrid least"


def test_paper_by_paper_as_section_6_says():
    table = cells(stored.tables("05_hybrid")[2])

    def papers(name, column):
        return [int(share) for share in table[name][column].split(" / ")]

    def leads(name, other, column):
        return [a > b for a, b in zip(papers(name, column), papers(other, column), strict=True)]

    assert "more facts right than RAG on all three papers" in PROSE
    assert all(leads("hybrid", "RAG", "fact right"))
    assert "it leads the wrapper on two, and trails on one" in PROSE
    assert sum(leads("hybrid", "RAG, wrapped", "usable")) == 2
    assert sum(leads("RAG, wrapped", "hybrid", "usable")) == 1
    trained, wrapper = papers("RAFT-style", "usable"), papers("RAG, wrapped", "usable")
    assert max(trained) - min(trained) > 5 * (max(wrapper) - min(wrapper)), "the wrapper's hardly move"
    hardly, *others = sorted(papers("FT-behaviour", "valid ticket"))
    assert hardly < 30 and min(others) > 75, "one training hardly writes tickets, the other two do"


def test_the_verdicts_of_section_7_are_those_of_its_stored_output():
    hybrid, raft = printed_of("hybrid"), printed_of("RAFT-style")
    every = len(hybrid) + len(raft)
    assert every == 10 and "We did ten tests in one cell" in PROSE
    assert (
        "over the whole paper the hybrid does not outperform it" in PROSE
        and hybrid["usable", "all"][2] > 0.05
    )
    wrapper, trained, p = hybrid["usable", "answerable"]
    assert wrapper < trained and every * p < 0.05, "far more tickets right"
    wrapper, trained, p = hybrid["usable", "unanswerable"]
    assert wrapper > trained and every * p < 0.05, "far fewer"
    for tests in (hybrid, raft):
        wrapper, trained, p = tests["fact right", "answerable"]
        assert wrapper < trained and every * p > 0.05, "looks better, and does not survive Bonferroni"


def test_the_enterprise_rule_takes_back_what_section_8_says():
    plain, (ruled, trained, p) = printed_of("hybrid"), ruled_against_the_hybrid()["usable", "answerable"]
    assert ruled - plain["usable", "answerable"][0] > (trained - plain["usable", "answerable"][0]) / 2
    assert p > 0.05, "what it wins there can no longer be told from luck"
    wrapper, hybrid, p = ruled_against_the_hybrid()["usable", "all"]
    assert wrapper > hybrid and p > 0.05, "ahead over the whole paper, and not told apart"
    before, after = (int(share) for share in re.findall(r"^even where (\d+)%", PRINTED, re.MULTILINE))
    assert after < before / 2, "fell to less than half"


def test_what_training_bought_is_fewer_wrong_categories_and_escalations():
    found = re.findall(
        r"^(RAG, wrapped|hybrid): wrong (\{.*\})\n +together: (\{.*\})$", PRINTED, re.MULTILINE
    )
    (wrapper, its_together), (hybrid, together) = ((literal_eval(a), literal_eval(b)) for _, a, b in found)
    at_once = [together[f"answer + category + {rest}page + escalate"] for rest in ("plan + ", "")]
    assert at_once == [15, 5] and "Twenty of its tickets" in PROSE and "fifteen of them in plan" in PROSE
    assert (hybrid["category"] - 20, hybrid["escalate"] - 20) == (3, 1), "three categories and one escalation"
    assert max(wrapper, key=wrapper.get) == "answer" and hybrid["answer"] == hybrid["page"] == max(
        hybrid.values()
    )
    limit = [its_together[fault] for fault in ("nothing", "escalate", "category")]
    assert limit == [47, 11, 6] and "four of the six tickets that it could" in PROSE


def test_raft_rows_refuse_far_more_often_than_the_tickets():
    from course_utils.training_sets import facts, tickets

    rows, asked = facts.raft_ticket_rows(), tickets.asked(500)
    raft = sum("I don't know" in row["completion"][0]["content"] for row in rows) / len(rows)
    assert raft > 2.5 * sum(not question.answerable for question in asked) / len(asked)
    assert asked[: len(rows)] == tickets.asked(facts.TICKETS), "the lesson takes both from one list"


def test_the_recorded_run_has_the_arms_and_the_verdicts_that_the_lesson_names():
    arms = recorded.hybrid().arms
    assert set(arms) == {"RAG", "RAG, wrapped", "hybrid"}
    assert (
        "a recorded run of three of them with smol" in PROSE
        and "RAFT-style was not trained for smol" in PROSE
    )

    def compared(column, part):
        wrapper, trained = (grid.hits(column, arms[name], part) for name in ("RAG, wrapped", "hybrid"))
        only = evaluation.discordant(wrapper, trained)
        return sum(trained) - sum(wrapper), only, evaluation.sign_test(*only)

    more, only, _ = compared("fact right", "answerable")
    assert more == -1 and min(only) > 0, "about as many, and each a few that the other missed"
    more, _, p = compared("usable", "answerable")
    tiny = printed_of("hybrid")
    assert 0 < more < tiny["usable", "answerable"][1] - tiny["usable", "answerable"][0]
    assert "neither half is safe from luck when its p is multiplied by seven" in PROSE and 7 * p > 0.05
    more, _, p = compared("usable", "unanswerable")
    assert tiny["usable", "unanswerable"][1] - tiny["usable", "unanswerable"][0] < more < 0 and 7 * p > 0.05
    more, _, p = compared("usable", "all")
    assert "over the whole paper the two are even" in PROSE and more == -1 and p > 0.5

    def one_rule_away(outcome):
        return outcome.fact and outcome.page and not outcome.usable and ".enterprise.price" in outcome.about

    pairs = list(zip(*(chain(*arms[name]) for name in ("RAG, wrapped", "hybrid")), strict=True))
    righted = [trained.usable for wrapper, trained in pairs if one_rule_away(wrapper)]
    assert (len(righted), sum(righted)) == (16, 0), "of the sixteen that the rule rights the hybrid had none"
    assert (
        sum(one_rule_away(trained) for _, trained in pairs) == 15 and "up to fifteen of its tickets" in PROSE
    )
    ruled, trained = zip(*((w.usable or one_rule_away(w), h.usable) for w, h in pairs), strict=True)
    assert sum(ruled) > sum(trained) + 10 and "this difference is safe from luck even so" in PROSE
    assert 7 * evaluation.sign_test(*evaluation.discordant(ruled, trained)) < 0.05
