"""Widget, static rendering and function say the same; sliders, typed values, presets, export, errors."""

import sys
from html.parser import HTMLParser

import pytest

from course_utils import costs, paths, widgets
from course_utils.costs import formats, presets
from course_utils.costs import scenario as names
from course_utils.costs.quantities import quantity
from course_utils.widgets import views
from course_utils.widgets.panel import WIDGET_VIEW, Panel, nearest, stops
from course_utils.widgets.views import VIEWS, Knob

EACH = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.key)


class Cells(HTMLParser):
    """The cells of an HTML table, row by row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.rows[-1][-1] += data


def markdown_cells(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def static_of(panel: Panel) -> tuple[str, str]:
    """What a reader without widgets sees of a panel: picture and Markdown."""
    picture, numbers = panel.bundles()
    return picture["image/svg+xml"], numbers["text/markdown"]


# --- parity -------------------------------------------------------------------------------------------


def expected_cells(view, inputs) -> dict[tuple[str, int], str]:
    """Some cells of a calculator's table – row name, column – straight from the cost functions."""
    if view is views.TOTAL_COST:
        rag, tuned = (costs.yearly_cost(s, queries_per_day=inputs.queries_per_day) for s in inputs.systems())
        return {("first year", i): formats.usd(year.total_usd) for i, year in ((1, rag), (2, tuned))}
    if view is views.BREAK_EVEN:
        (found,) = costs.crossings(*inputs.systems())
        return {(formats.usd(inputs.tuning_usd_per_update), 2): formats.count(found.queries_per_day)}
    if view is views.TOKEN_PRICES:
        prompt = inputs.rented_usd_per_query()
        kept = inputs.handbook.usd_per_query(queries_per_day=inputs.queries_per_day)
        return {
            ("the whole handbook", 1): formats.usd(prompt + inputs.handbook.uncached_usd),
            ("the whole handbook, cached", 1): formats.usd(prompt + kept),
        }
    if view is views.TRAINING_PLANNER:
        memory = f"{inputs.memory.total_gib:.1f} GiB"
        fits = "fits" if inputs.memory.total_gib <= inputs.card.memory_gib else "does not fit"
        return {
            ("memory on each card", 1): f"{memory}: {fits} into {formats.count(inputs.card.memory_gib)} GiB",
            ("rent", 1): formats.usd(inputs.hours * inputs.gpus * inputs.runs * inputs.card.rent.value),
        }
    if view is views.STALE_ANSWERS:
        return {(name, 4): formats.count(stale) for name, stale in inputs.answers_per_year().items()}
    years = inputs.costs()
    return {(name, 5): formats.usd(year.total_usd) for name, year in years.items()}


@EACH
def test_widget_static_rendering_and_function_agree_in_every_preset(view):
    for inputs in view.presets().values():
        panel = Panel(view, inputs)
        picture, markdown = static_of(panel)
        assert panel.chart.value == picture == view.render(inputs).svg
        shown = Cells(panel.numbers.value).rows
        assert shown == markdown_cells(markdown)
        assert markdown.startswith(panel.rendering.answer)
        table = {row[0]: row for row in shown}
        for (row, column), cell in expected_cells(view, inputs).items():
            assert table[row][column] == cell
        # what a person reads aloud is in the picture's description, too
        assert panel.rendering.answer.split(". ")[0] in picture.replace("&#x27;", "'")


@EACH
def test_they_still_agree_after_every_slider_has_moved(view):
    for knob in view.knobs:
        panel = Panel(view)
        before = panel.rendering
        slider, values = panel.sliders[knob.name], stops(knob)
        slider.value = 3 if slider.value != 3 else 4
        assert getattr(panel.inputs, knob.name) == pytest.approx(values[slider.value])
        assert panel.boxes[knob.name].value == pytest.approx(values[slider.value])
        assert panel.rendering != before, f"{knob.name} changes nothing"
        fresh = Panel(view, panel.inputs)
        assert static_of(panel) == static_of(fresh)
        assert panel.numbers.value == fresh.numbers.value
        assert panel.answer.value == fresh.answer.value


# --- moving things ------------------------------------------------------------------------------------


def test_the_conclusion_flips_when_the_slider_moves():
    panel = widgets.total_cost()
    assert "RAG is cheaper: USD 1,095 a year against USD 6,000" in panel.answer.value
    assert "16,438" in panel.answer.value
    slider = panel.sliders["tuning_usd_per_update"]
    slider.value = stops(panel.view.knobs[1]).index(15)
    assert "fine-tuning is cheaper: USD 180 a year against USD 1,095" in panel.answer.value
    assert "493" in panel.answer.value and "equal at 493 a day" in panel.chart.value
    assert panel.preset_menu.value == "the article, USD 15 a retraining"


def test_a_typed_value_may_lie_between_the_steps():
    panel = widgets.break_even()
    panel.boxes["tuning_usd_per_update"].value = 91.25
    assert panel.inputs.tuning_usd_per_update == 91.25
    values = stops(panel.view.knobs[0])
    assert values[panel.sliders["tuning_usd_per_update"].value] == 90
    assert "both cost USD 1,095 a year" in panel.answer.value
    assert panel.preset_menu.value == "your own values"


def test_a_menu_moves_it():
    panel = widgets.training_planner()
    assert "fits" in panel.answer.value and "does not fit" not in panel.answer.value
    panel.menus["method"].value = "full"
    assert "does not fit" in panel.answer.value


def test_a_value_that_makes_no_sense_is_refused_aloud_and_the_picture_stays():
    panel = widgets.total_cost()
    before = static_of(panel)
    panel.boxes["queries_per_day"].value = -5
    assert "role='alert'" in panel.message.value
    assert "queries_per_day must be from 0 to 1,000,000,000 questions a day, not -5" in panel.message.value
    assert static_of(panel) == before and panel.inputs.queries_per_day == 3000
    panel.boxes["queries_per_day"].value = 5000
    assert panel.message.value == "" and panel.inputs.queries_per_day == 5000


def test_presets_by_menu_by_line_and_from_code():
    panel = widgets.total_cost()
    panel.preset_menu.value = "the article, USD 5,000 a retraining"
    assert "164,384" in panel.answer.value
    other = costs.Comparison(queries_per_day=777)
    panel.preset_text.value = other.share()
    assert panel.inputs == other
    panel.use("the article, USD 5 a retraining")
    assert panel.inputs.tuning_usd_per_update == 5
    panel.set(queries_per_day=42)
    assert panel.inputs.queries_per_day == 42
    assert panel.preset_text.value == panel.inputs.share()
    with pytest.raises(ValueError, match="starts with"):
        panel.use("the articel")


def test_a_damaged_preset_line_is_refused_aloud():
    panel = widgets.total_cost()
    panel.preset_text.value = panel.inputs.share().replace("3000", "many")
    assert "queries_per_day must be" in panel.message.value
    assert panel.inputs == costs.Comparison()


def test_saving_writes_what_is_shown(monkeypatch, tmp_path):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    panel = widgets.total_cost(costs.Comparison(queries_per_day=500))
    assert panel.save("md") == "work/06/total_cost.md"
    page = (tmp_path / "work" / "06" / "total_cost.md").read_text(encoding="utf-8")
    assert page == panel.markdown() and "| first year | USD 182 | USD 6,000 |" in page
    panel._saved("csv")
    assert "work/06/total_cost.csv" in panel.saved.value
    assert (tmp_path / "work" / "06" / "total_cost.csv").read_text(encoding="utf-8") == panel.csv()
    with pytest.raises(ValueError, match="kind must be one of"):
        panel.save("pdf")


def test_old_prices_are_pointed_out_in_widget_and_static_rendering(monkeypatch):
    monkeypatch.setattr("course_utils.costs.prices._today", lambda _: costs.prices.dt.date(2099, 1, 1))
    for make in (widgets.token_prices, widgets.a_year, widgets.training_planner):
        panel = make(costs.TrainingPlan(gpu="h100_80gb") if make is widgets.training_planner else None)
        assert "Past their shelf life" in panel.numbers.value
        assert "Past their shelf life" in static_of(panel)[1]
    assert "Past" not in widgets.total_cost().numbers.value, "claims of the article do not age"


# --- controls -----------------------------------------------------------------------------------------


@EACH
def test_every_control_can_be_reached_and_named(view):
    panel = Panel(view)
    assert view.question.endswith("?")
    for name in [*panel.sliders, *panel.boxes]:
        for control in (panel.sliders[name], panel.boxes[name]):
            title = control.tooltip if control.has_trait("tooltip") else control.description_tooltip
            assert view.default.label(name) in title
    for menu in panel.menus.values():
        assert menu.description


@EACH
def test_sliders_start_where_the_defaults_are(view):
    for knob in view.knobs:
        values, default = stops(knob), getattr(view.default, knob.name)
        assert values == sorted(set(values))
        assert all(quantity(knob.name).holds(value) for value in values)
        closest = values[nearest(values, default)]
        assert closest == pytest.approx(default, rel=0.06, abs=1e-9), knob.name


def test_steps_of_a_slider():
    assert stops(Knob("queries_per_day", 10, 20)) == [10, 11, 12, 13, 14, 15, 16, 18, 20]
    assert stops(Knob("usd_per_update", 9, 11, zero=True)) == [0, 9, 9.5, 10, 11]
    assert stops(Knob("share", 0, 1, step=0.25)) == [0, 0.25, 0.5, 0.75, 1]
    assert stops(Knob("gpus", 1, 3, step=1)) == [1, 2, 3]
    article = stops(Knob("tuning_usd_per_update", 1, 20_000))
    assert set(presets.article_update_costs()) <= set(article)
    assert {3000, 10_000, 100_000} <= set(stops(Knob("queries_per_day", 10, 1_000_000)))


@pytest.mark.parametrize(("value", "index"), [(0, 0), (1, 0), (1.4, 0), (1.6, 1), (2, 1), (99, 2)])
def test_the_slider_stands_at_the_nearest_step(value, index):
    assert nearest([1, 2, 3], value) == index


# --- showing ------------------------------------------------------------------------------------------


@EACH
def test_an_output_has_a_live_and_a_static_twin(view):
    panel = Panel(view)
    top, bottom = panel.bundles()
    assert top[WIDGET_VIEW]["model_id"] == panel.top.model_id
    assert bottom[WIDGET_VIEW]["model_id"] == panel.bottom.model_id
    assert top["text/plain"] and bottom["text/plain"]


def test_displaying_publishes_both(monkeypatch):
    published = []
    monkeypatch.setattr("IPython.display.publish_display_data", published.append)
    panel = widgets.break_even()
    panel._ipython_display_()
    assert [sorted(bundle) for bundle in published] == [
        [WIDGET_VIEW, "image/svg+xml", "text/plain"],
        [WIDGET_VIEW, "text/markdown", "text/plain"],
    ]


def test_colab_gets_the_widget_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    for bundle in widgets.break_even().bundles():
        assert sorted(bundle) == [WIDGET_VIEW, "text/plain"]


def test_the_six_functions_make_the_six_calculators():
    made = [widgets.total_cost(), widgets.break_even(), widgets.token_prices()]
    made += [widgets.training_planner(), widgets.a_year(), widgets.stale_answers()]
    assert [panel.view for panel in made] == list(VIEWS)
    assert names.RAG in widgets.a_year().answer.value
