"""Lesson 05: the exam, its scores, the training sets behind the shipped adapters, the plots."""

import re

import pytest

from course_utils import company, evaluation, grid, plots
from course_utils.costs import ALL_LINEAR
from course_utils.evaluation import Rate, states
from course_utils.grid import scoring
from course_utils.plots.grid import FOUR
from course_utils.retrieval import Chunk, Hit
from course_utils.support_desk import in_json, read_ticket
from course_utils.training_sets import facts
from tools.adapters import plans
from tools.notebooks.catalogue import ROOT

FEBRUARY = company.facts("2026-02")


def found_nothing(query):
    return [Hit(Chunk("id", "company/index.md", "Larkmoor", "About", "Nothing."), 0.5)]


@pytest.fixture(scope="module")
def raft_rows():
    return facts.raft_ticket_rows()


@pytest.fixture(scope="module")
def papers():
    return {
        month: [grid.cases(release, repeat, found_nothing) for repeat in range(grid.REPEATS)]
        for month, release in grid.MONTHS.items()
    }


class TestExam:
    def test_the_same_words_in_both_months(self, papers):
        for january, february in zip(*papers.values(), strict=True):
            assert [c.question.text for c in january] == [c.question.text for c in february]
            assert [c.kind for c in january] == [c.kind for c in february]

    def test_told_is_a_passage_that_states_the_answer_on_its_page(self):
        question = next(q for kind, q in grid.questions(grid.FEBRUARY, 0) if kind == "changed")
        page, told = question.pages[0], f"It costs {question.value}."

        def case(page, text):
            return grid.Case(question, "changed", "", (text,), (page,))

        assert case(page, told).told
        assert not case(page, "It costs money.").told and not case("company/index.md", told).told

    def test_a_changed_price_is_right_in_one_month_only(self, papers):
        for case in papers["February"][0]:
            january = next(c for c in papers["January"][0] if c.question.text == case.question.text)
            if case.kind == "changed":
                assert case.other_price == january.question.value != case.question.value
                assert january.other_price == case.question.value
            else:
                assert case.question.value == january.question.value
                assert case.question.answerable == (case.kind != "unanswerable")

    def test_each_repeat_asks_other_questions(self, papers):
        first, second, third = ({c.question.text for c in paper} for paper in papers["February"])
        assert len(first & second) < 6 and len(second & third) < 6 and len(first & third) < 6

    def test_no_question_of_the_exam_is_trained_on(self, papers, raft_rows):
        asked = {c.question.text.lower() for month in papers.values() for paper in month for c in paper}
        rows = facts.swapped_rows() + raft_rows
        trained = {row["prompt"][-1]["content"].rpartition("Question: ")[2].lower() for row in rows}
        assert len(trained) > 300
        assert not asked & trained

    def test_the_desks_pages_state_the_price_of_every_plan(self):
        pages = grid.desk_pages("2026-02")
        assert len(grid.price_keys()) == 4 * len(grid.PRODUCTS)
        for key in grid.price_keys():
            assert any(FEBRUARY[key].value in text for text in pages.values())
        assert not any("signmere" in path for path in pages)


def case_of(kind="changed", value="$55", other="$49", month="2026-02"):
    key = "tallyport.team.price_monthly"
    question = company.questions(
        month, 1, seed=1, fact_keys=None if kind == "unanswerable" else [key],
        answerable=False if kind == "unanswerable" else None,
    )[0]  # fmt: skip
    pages = (question.page or "company/index.md", "products/pingrove/plans/team.md")
    return grid.Case(question, kind, other if kind == "changed" else "", ("one", "two"), pages)


def ticket(answer, page=1, **changes):
    from course_utils.support_desk import Ticket

    fields = dict(category="pricing", plan="Team", page=page, escalate=False) | changes
    return in_json(Ticket(answer=f"Thanks for asking! {answer}", **fields))


class TestOutcome:
    def test_a_right_ticket_is_usable(self):
        found = grid.outcome(ticket("Tallyport Team costs $55."), case_of())
        assert found.fact and found.valid and found.page and found.usable and not found.silent
        assert found.verdict == "current"

    def test_a_right_sentence_has_the_fact_and_the_page_and_no_form(self):
        found = grid.outcome("Tallyport Team costs $55. [1]", case_of())
        assert found.fact and found.page and not found.valid and not found.usable

    @pytest.mark.parametrize(
        ("text", "fact", "page", "verdict"),
        [
            (ticket("Tallyport Team costs $49."), False, True, "stale"),
            (ticket("Tallyport Team costs $47."), False, True, "other"),
            (ticket("Tallyport Team costs $55.", page=2), True, False, "current"),
            (ticket("Tallyport Team costs $55.", page=None), True, False, "current"),
            (ticket("Tallyport Team costs $55.", page=9), True, False, "current"),
            ("Tallyport Team costs $55. [1] [2]", True, False, "current"),
            ("Tallyport Team costs $55.", True, False, "current"),
            ("It was $49, now it is $55. [1]", False, True, "other"),
            ("I don't know.", False, False, "abstained"),
            ("", False, False, "other"),
        ],
    )
    def test_what_is_wrong_is_seen(self, text, fact, page, verdict):
        found = grid.outcome(text, case_of())
        assert (found.fact, found.page, found.verdict) == (fact, page, verdict)
        assert not found.usable

    @pytest.mark.parametrize(
        ("text", "fact", "silent", "verdict"),
        [
            ('{"answer": "Tallyport Team costs $55.", "policy": "$140", "in": true}', True, False, "current"),
            ('{"answer": "It costs $49.", "price": "$55"}', False, False, "stale"),
            ('{"answer": "It was $49, now it is $55."}', False, False, "other"),
            ('{"answer": "Thanks for asking! I don\'t know."}', False, True, "abstained"),
            ('{"answer": null, "category": null, "plan": null, "page": null}', False, True, "abstained"),
            ('{"answer": ""}', False, False, "other"),
            ('{"answer": 55, "price": "$55"}', False, False, "other"),
            ('{"answer": ["$55"], "policy": "$140"}', True, False, "current"),
            # without an answer of its own, and where it is no JSON at all, the whole text is read
            ('{"price": "$55"}', True, False, "current"),
            ('{"price": "$55", "policy": "$140"}', False, False, "other"),
            ('["$55"]', True, False, "current"),
            ('{"answer": "It costs $55.", "policy": "$140"', False, False, "other"),
            ('Sure: {"answer": "It costs $55.", "policy": "$140"}', False, False, "other"),
        ],
    )  # fmt: skip
    def test_of_a_ticket_that_does_not_fit_the_answer_counts_alone(self, text, fact, silent, verdict):
        found = grid.outcome(text, case_of())
        assert (found.fact, found.silent, found.verdict) == (fact, silent, verdict)
        assert not found.valid and not found.usable and not found.page

    def test_a_null_answer_is_a_refusal_without_form(self):
        found = grid.outcome('{"answer": null, "escalate": true}', case_of("unanswerable"))
        assert found.silent and found.fact and not found.valid and not found.usable
        january = case_of(month="2026-01", other="$55")
        assert grid.outcome('{"answer": null}', january).verdict == "abstained"
        assert grid.outcome('{"answer": "It costs $49.", "was": "$47"}', january).verdict == "current"

    def test_in_january_no_price_is_stale(self):
        january = case_of(month="2026-01", other="$55")
        assert grid.outcome("Tallyport Team costs $49.", january).verdict == "current"
        assert grid.outcome("Tallyport Team costs $55.", january).verdict == "other"
        assert grid.outcome("I don't know.", january).verdict == "abstained"

    def test_a_refusal_is_right_where_there_is_no_answer(self):
        refusal = in_json(facts.REFUSAL)
        found = grid.outcome(refusal, case_of("unanswerable"))
        assert found.silent and found.fact and found.usable and not found.answerable and not found.verdict
        assert grid.outcome(refusal, case_of()).silent and not grid.outcome(refusal, case_of()).usable
        assert not grid.outcome(ticket("It costs $5."), case_of("unanswerable")).usable


def outcomes(*facts, kind="changed"):
    return [
        scoring.Outcome(kind, fact, True, not fact, fact, fact, str(i), "current" if fact else "other")
        for i, fact in enumerate(facts)
    ]


class TestRates:
    def test_each_column_counts_its_own_questions(self):
        both = outcomes(True, False) + outcomes(True, True, False, kind="unanswerable")
        assert grid.rate("fact right", both).n == 2
        assert grid.rate("wrongly silent", both).hits == 1
        assert grid.rate("abstains", both).n == 3
        assert grid.rate("usable", both).n == 5
        with pytest.raises(ValueError, match="n ≥ 1"):
            grid.rate("abstains", outcomes(True))

    def test_pooled_and_spread(self):
        repeats = [outcomes(True, True), outcomes(True, False), outcomes(False, False)]
        assert (grid.pooled("fact right", repeats).hits, grid.pooled("fact right", repeats).n) == (3, 6)
        assert grid.spread("fact right", repeats) == (0, 1)
        assert "| RAG | 100 / 50 / 0 |" in grid.spreads({"RAG": repeats}, ["fact right"])

    def test_the_table_has_a_row_an_arm_and_intervals(self):
        repeats = [outcomes(*[True] * 9, False) + outcomes(True, kind="unanswerable")]
        text = grid.table({"RAG": repeats, "hybrid": repeats})
        assert len(text.splitlines()) == 4
        assert "| RAG | **90** [60, 98] |" in text
        assert {line.count("|") for line in text.splitlines()} == {len(grid.COLUMNS) + 2}

    def test_the_summary_keeps_hits_and_verdicts(self):
        repeats = [outcomes(True, False) + outcomes(True, kind="unanswerable")] * 2
        kept = grid.summary({"February": {"RAG": repeats}})
        assert kept["scores"]["February"]["RAG"]["fact right"] == Rate.of([True, False] * 2, "0101")
        assert kept["verdicts"]["February"]["RAG"] == ["current", "other"] * 2

    def test_paired_comparison(self):
        assert evaluation.discordant([True, True, False], [False, True, False]) == (1, 0)
        with pytest.raises(ValueError, match="shorter"):
            evaluation.discordant([True], [])
        assert evaluation.sign_test(0, 0) == 1
        # Six tosses that all fall the same way, either way: 2 / 2**6.
        assert evaluation.sign_test(6, 0) == pytest.approx(2 / 64)
        assert evaluation.sign_test(3, 3) == 1


def answer(row):
    return row["completion"][0]["content"]


def passages(row):
    return row["prompt"][-1]["content"].rpartition("Question: ")[0]


class TestTrainingSets:
    def test_facts_are_januarys_without_passages(self):
        rows = facts.by_heart_rows()
        values = {company.facts("2026-01")[key].value for key in grid.price_keys()}
        assert len(rows) == facts.FACTS and not any(passages(row) for row in rows)
        assert {re.search(r"\$\d+", answer(row))[0] for row in rows} == values

    @pytest.mark.parametrize("rows", [facts.reading_rows, facts.swapped_rows])
    def test_a_row_with_passages_is_answered_from_them_or_not_at_all(self, rows):
        made = rows()
        assert made[: facts.FACTS] == facts.by_heart_rows()
        silent = 0
        for row in made[facts.FACTS :]:
            if answer(row) == "I don't know.":
                silent += 1
                continue
            number = re.search(r"\[(\d)\]$", answer(row))[1]
            cited = passages(row).split(f"[{number}] ")[1].split("\n\n[")[0]
            assert states(cited, re.search(r"\$\d+", answer(row))[0])
        assert 0.1 < silent / facts.READING < 0.3

    def test_a_swapped_price_is_nowhere_januarys(self):
        plain, swapped = facts.reading_rows(), facts.swapped_rows()
        told = [
            (old, new)
            for old, new in zip(plain, swapped, strict=True)
            if passages(old) and answer(old) != "I don't know."
        ]
        assert all(old["prompt"][-1]["content"] != new["prompt"][-1]["content"] for old, new in told)
        for old, new in told:
            price = re.search(r"\$\d+", answer(old))[0]
            assert answer(old) != answer(new) and not states(passages(new), price)

    def test_raft_tickets_have_three_passages_and_some_refuse(self, raft_rows):
        rows = raft_rows
        assert len(rows) == facts.TICKETS
        assert {len(re.findall(r"^\[\d\] ", passages(row), re.MULTILINE)) for row in rows} == {3}
        tickets = [read_ticket(answer(row)) for row in rows]
        assert None not in tickets
        refusals = sum(ticket == facts.REFUSAL for ticket in tickets)
        unanswerable = sum(not q.answerable for q in facts.tickets.asked(facts.TICKETS))
        assert 0.1 < (refusals - unanswerable) / facts.TICKETS < 0.3

    def test_a_distracted_row_has_no_passage_that_tells(self, raft_rows):
        questions = facts.tickets.asked(facts.TICKETS)
        distracted = [
            (question, row)
            for question, row in zip(questions, raft_rows, strict=True)
            if question.answerable and read_ticket(answer(row)) == facts.REFUSAL
        ]
        assert distracted
        for question, row in distracted:
            for chunk in facts._distractors(question):
                assert chunk.text in passages(row)
                assert not (chunk.page in question.pages and states(chunk.text, question.value))

    @pytest.mark.parametrize(
        ("text", "right"),
        [("$15", "$9"), ("$150 $15.50 $15,000", "$150 $15.50 $15,000"), ("$15. $15, or", "$9. $9, or")],
    )
    def test_swapping_keeps_other_prices(self, text, right):
        assert facts.swapped(text, "$15", "$9") == right

    def test_rows_are_the_same_each_time(self):
        assert facts.swapped_rows() == facts.swapped_rows()

    def test_each_seed_of_the_tickets_has_rows_of_its_own(self, raft_rows, monkeypatch):
        monkeypatch.setattr(facts, "TICKETS", 3)
        assert facts.raft_ticket_rows(0) == raft_rows[:3] != facts.raft_ticket_rows(1)

    def test_there_is_a_plan_for_every_adapter_the_lesson_loads(self):
        assert plans.GRID.keys() == {"facts_seed1", "facts_seed2", "facts_swapped"} | {
            f"{kind}_seed{seed}" for kind in ("raft", "facts_read") for seed in range(3)
        }
        for name, plan in plans.GRID.items():
            assert name.endswith(f"seed{plan.seed}") or plan.seed == 0

    def test_the_seed_trained_live_is_trained_as_the_seeds_that_ship(self):
        source = (ROOT / "solutions" / "05_hybrid.py").read_text(encoding="utf-8")
        [given] = re.findall(r"^settings = dict\((.*)\)$", source, re.MULTILINE)
        live = {name: float(value) for name, value in (pair.split("=") for pair in given.split(", "))}
        shipped = plans.GRID["facts_seed1"].settings()
        assert live == {name: shipped[name] for name in live} | {"seed": 0}
        assert shipped["targets"] == list(ALL_LINEAR) and not shipped["four_bit"], "what fine_tune takes"


class TestPictures:
    def test_the_plane_has_two_points_and_an_arrow_a_system(self):
        half = [outcomes(True, False) + outcomes(True, kind="unanswerable")]
        full = [outcomes(True, True) + outcomes(True, kind="unanswerable")]
        months = {"RAG": full, "prompt": half, "base": half}, {"RAG": full, "prompt": half, "base": full}
        axes = plots.plane(*months).axes[0]
        assert [tuple(map(float, line.get_xydata()[0])) for line in axes.lines] == [
            (100, 100), (100, 100), (50, 100), (50, 100), (50, 100), (100, 100),
        ]  # fmt: skip
        assert [text.get_text() for text in axes.texts] == ["", "", "", "prompt", "RAG, base"]
        assert "%" in axes.get_xlabel() and "%" in axes.get_ylabel()

    # Lesson 05's systems, and tighter corners: (fact right, valid ticket) in per cent.
    @pytest.mark.parametrize(
        "places",
        [
            {
                "base": (0, 0), "RAG": (61, 0), "RAG, wrapped": (61, 100), "RAG, decoder": (33, 100),
                "FT-facts": (17, 0), "FT-behaviour": (0, 64), "hybrid": (74, 96),
                "hybrid, decoder": (74, 100), "RAFT-style": (81, 97),
            },
            {"hybrid": (93, 100), "hybrid, decoder": (94, 100), "RAG, wrapped": (93, 99), "RAFT": (97, 98)},
            {"base": (0, 0), "FT-facts": (3, 0), "RAG": (9, 1), "FT-behaviour": (0, 4)},
        ],
    )  # fmt: skip
    def test_no_two_labels_of_the_plane_touch_and_none_leaves_it(self, places, monkeypatch):
        monkeypatch.setattr("course_utils.plots.grid._place", lambda place: place)
        january = places | {name: (65, 0) for name in ("FT-facts",) if name in places}
        figure = plots.plane(january, places)
        figure.draw_without_rendering()
        [axes] = figure.axes
        boxes = {text.get_text(): text.get_window_extent() for text in axes.texts if text.get_text()}
        assert boxes.keys() == places.keys()
        marks = [axes.transData.transform(line.get_xydata()[0]) for line in axes.lines]
        for name, box in boxes.items():
            assert not [other for other in boxes if other != name and box.overlaps(boxes[other])], name
            assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 and axes.bbox.y0 <= box.y0, name
            assert not any(box.contains(*mark) for mark in marks), name

    def test_before_and_after_shows_every_verdict_in_both_months(self):
        refusal = outcomes(True, kind="unanswerable")
        right, wrong = ([outcomes(True, True, True, last) + refusal] for last in (True, False))
        marks = {
            "January": {name: right for name in FOUR},
            "February": {name: wrong if name == "RAG" else right for name in FOUR},
        }
        figure = plots.before_after(grid.summary(marks), "Title")
        assert [axes.get_title() for axes in figure.axes] == ["January", "February"]
        labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert labels == [f"{name}\n100 % valid tickets" for name in FOUR.values()]
        assert [text.get_text() for text in figure.axes[0].texts] == ["100 %"] * 4
        assert [text.get_text() for text in figure.axes[1].texts] == ["100 %"] * 2 + ["75 %", "25 %", "100 %"]


def test_hits_are_those_of_one_half_of_the_exam():
    def one(kind, usable):
        return grid.Outcome(kind, usable, True, False, False, usable)

    repeats = [[one("changed", True), one("unanswerable", False)], [one("other", False)]]
    assert grid.hits("usable", repeats) == [True, False, False]
    assert grid.hits("usable", repeats, "answerable") == [True, False]
    assert grid.hits("usable", repeats, "unanswerable") == [False]
    assert grid.hits("fact right", repeats, "unanswerable") == []


class TestTheShareAtWhichTwoArmsAreEven:
    @staticmethod
    def arm(answerable: str, unanswerable: str) -> list[list[grid.Outcome]]:
        """One repeat; a letter a question: ``x`` is usable. Three questions each are about one fact."""
        kinds = {"changed": answerable, "unanswerable": unanswerable}
        return [
            [
                grid.Outcome(kind, True, True, False, True, letter == "x", about=f"{kind}{i // 3}")
                for kind, letters in kinds.items()
                for i, letter in enumerate(letters)
            ]
        ]

    def test_by_hand(self):
        """Won 6 of 12, lost 4 of 16: 0.5 / (0.5 + 0.25)."""
        first, second = self.arm("." * 12, "x" * 16), self.arm("x" * 6 + "." * 6, "x" * 12 + "." * 4)
        share, low, high = grid.even_share(first, second)
        assert share == pytest.approx(2 / 3) and low < share < high <= 1
        assert grid.even_share(first, second) == (share, low, high), "drawn the same way each time"

    def test_who_wins_nothing_is_never_ahead_and_who_loses_nothing_always(self):
        better, worse = self.arm("x" * 6, "x" * 6), self.arm("." * 6, "." * 6)
        assert grid.even_share(better, worse) == (0, 0, 0)
        assert grid.even_share(worse, better) == (1, 1, 1)

    def test_both_halves_are_needed(self):
        with pytest.raises(ValueError, match="with and without an answer"):
            grid.even_share(self.arm("x", ""), self.arm("x", ""))
        with pytest.raises(ValueError, match="zip"):
            grid.even_share(self.arm("x", "x"), self.arm("xx", "x"))
