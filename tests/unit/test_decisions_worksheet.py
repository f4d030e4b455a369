"""The decision worksheet: from results that are there, half there, damaged or of a kind nobody expected."""

import datetime
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from course_utils import costs, paths, results
from course_utils.decisions import ARTICLE, CASES, MEASURE_NEXT, QUESTIONS, Situation
from course_utils.decisions.worksheet import LESSONS, ROWS_A_LESSON, measures, worksheet
from course_utils.evaluation import Rate

TODAY = datetime.date(2026, 12, 1)
HANDBOOK = Situation(needs_own_data=True, knowledge_tokens=200_000, form_is_wrong=None)


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    return tmp_path


def values(page: str) -> list[list[str]]:
    """The rows of all Markdown tables."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


class Text(HTMLParser):
    """The text of a page, and whether every element that was opened was closed."""

    VOID = frozenset({"meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.open = "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + "\n"


def test_whoever_has_run_nothing_reads_what_is_missing():
    page = worksheet(HANDBOOK, today=TODAY).markdown()
    for number in LESSONS:
        assert f"**MISSING: lesson {number} " in page
    assert "default scenario: run lesson 06" in page
    assert "n = " not in page.replace("(n = …)", ""), "nothing was measured, so nothing may look measured"


def test_own_results_stand_there_with_n_and_interval():
    results.record("01", fine_tuned_verdicts=["stale"] * 39 + ["other"], base_verdicts=["abstained"] * 40)
    every, right = Rate(80, 80), Rate(21, 80)
    results.record("03", scores={"constrained": {"fits": every, "parses": every, "right": right}})
    page = worksheet(HANDBOOK, today=TODAY).markdown()
    rows = values(page)
    assert ["01", "fine-tuned model: stale", str(Rate(39, 40))] in rows
    assert ["01", "fine-tuned model: current", str(Rate(0, 40))] in rows
    assert ["03", "constrained, fits the schema", str(Rate(80, 80))] in rows
    assert ["03", "constrained, right", str(Rate(21, 80))] in rows
    assert not any("parses" in row[1] for row in rows)
    assert "MISSING: lesson 01" not in page and "MISSING: lesson 02" in page


def test_the_scenario_is_the_one_of_lesson_06():
    ours = costs.Scenario(queries_per_day=77)
    results.record("06", scenario=ours.share(), first_year_usd={"basic RAG": 1.0})
    page = worksheet(HANDBOOK, today=TODAY).markdown()
    assert "the scenario that you recorded in lesson 06" in page and "MISSING: lesson 06" not in page
    assert ["basic RAG", costs.formats.usd(ours.costs()["basic RAG"].total_usd)] in values(page)
    assert ["questions a day", "77", "questions a day", "not the default"] in values(page)
    line = re.search(r"`(stale-prices-costs-[^`]*)`", page)[1]
    assert costs.Scenario.parse(line) == ours


def test_a_scenario_of_an_older_course_is_named_and_replaced():
    results.record("06", scenario="stale-prices-costs-0;scenario")
    page = worksheet(HANDBOOK, today=TODAY).markdown()
    assert "the one of lesson 06 is not readable" in page
    given = worksheet(HANDBOOK, scenario=costs.Scenario(queries_per_day=5), today=TODAY)
    assert given.scenario.queries_per_day == 5 and "scenario that was given" in given.markdown()


def test_old_prices_are_pointed_out(monkeypatch):
    for today, old in ((TODAY, False), (datetime.date(2099, 1, 1), True)):
        monkeypatch.setattr("course_utils.costs.prices._today", lambda _, today=today: today)
        assert ("Past their shelf life" in worksheet(HANDBOOK, today=TODAY).markdown()) == old


def test_the_way_through_the_tree_and_what_is_open():
    page = worksheet(HANDBOOK, today=TODAY).markdown()
    assert "Tools: long context with caching." in page and "yes: 200,000 tokens" in page
    assert f"Not measured yet, so not decided: {QUESTIONS['form'].text}" in page
    assert [QUESTIONS["form"].text, QUESTIONS["form"].measure] in values(page)
    assert ["long context with caching", MEASURE_NEXT["long context with caching"]] in values(page)
    other = worksheet(replace(HANDBOOK, form_is_wrong=False), tree=ARTICLE, today=TODAY).markdown()
    assert "Tools: retrieval (RAG), long context with caching." in other and "Not measured" not in other


def test_no_failure_no_tool():
    page = worksheet(Situation(), today=TODAY).markdown()
    assert "Tools: none. No failure has been named." in page and "A sample of real failures." in page


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.number))
def test_both_forms_say_the_same(case):
    results.record("02", rag_verdicts=["current"] * 9 + ["stale"], trap_verdicts=["stale", "current"])
    sheet = worksheet(case.situation, title="Ours <b>& theirs</b>", today=TODAY)
    page = Text(sheet.html())
    assert page.open == [], "every element is closed"
    text = " ".join(page.text.split())
    for row in values(sheet.markdown()):
        for cell in row:
            assert set(cell) <= {"-"} or cell in text, cell
    for paragraph in re.findall(r"^(?![|#`]).+$", sheet.markdown(), re.MULTILINE):
        assert " ".join(paragraph.replace("*", "").replace("`", "").split()) in text
    assert "<b>" not in sheet.html() and "Ours <b>& theirs</b>" in text
    assert "src=" not in sheet.html() and "href=" not in sheet.html(), "the page loads nothing"


def test_saving(home):
    assert worksheet(HANDBOOK, today=TODAY).save() == [
        "work/07/decision_worksheet.md",
        "work/07/decision_worksheet.html",
    ]
    page = (home / "work" / "07" / "decision_worksheet.html").read_text(encoding="utf-8")
    assert page == worksheet(HANDBOOK, today=TODAY).html() and "2026-12-01" in page


def test_a_lesson_may_record_what_it_likes():
    wild = {
        "rate": Rate(3, 4),
        "seconds": 12.3456,
        "note": "a text",
        "flag": True,
        "empty": [],
        "none": None,
        "nested": {"deep_down": {"accuracy": 0.5}},
        "not_a_rate": [3, 4],
        "pair_of_floats": [0.5, 2.0],
        "words": ["up", "down"],
    }
    found = {m.what: m.value for m in measures("05", wild)}
    assert found == {"rate": str(Rate(3, 4)), "seconds": "12.35", "nested, deep down, accuracy": "0.5"}


def test_a_headline_stands_for_everything_else_a_lesson_recorded():
    recorded = {"scores": {"RAG": Rate(1, 2)}, "headline": {"hybrid, usable": Rate(3, 4)}, "seconds": 2}
    found = measures("05", recorded)
    assert [(m.what, m.value) for m in found] == [("hybrid, usable", str(Rate(3, 4)))]


def test_a_long_list_is_cut_and_counted():
    found = measures("05", {f"value {i}": i for i in range(ROWS_A_LESSON + 3)})
    assert len(found) == ROWS_A_LESSON + 1 and found[-1].what == "and 3 more"
    assert len(measures("05", {f"value {i}": i for i in range(ROWS_A_LESSON)})) == ROWS_A_LESSON


def test_damaged_results_count_as_missing(home):
    folder = home / "work" / "02"
    folder.mkdir(parents=True)
    (folder / results.FILE).write_text("{half", encoding="utf-8")
    assert "MISSING: lesson 02" in worksheet(HANDBOOK, today=TODAY).markdown()
