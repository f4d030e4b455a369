"""Figures carry what they should: units on axes, one bar a system, an interval a rate."""

from course_utils import plots
from course_utils.evaluation import Rate


def test_verdict_bars_have_a_bar_a_system_and_shares_that_fill_it():
    figure = plots.verdict_bars({"a": ["stale", "current"], "b": ["other", "abstained", "stale", "stale"]})
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]
    assert "%" in axes.get_xlabel()
    assert sum(patch.get_width() for patch in axes.patches) == 200


def test_rates_show_their_counts_and_stay_in_range():
    figure = plots.rates({"all": Rate(10, 10), "none": Rate(0, 10)}, "share (%)")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["0/10", "10/10"]
    assert axes.get_xlim()[0] == 0


def test_the_loss_curve_names_its_unit():
    (axes,) = plots.loss_curve([1, 2], [2.0, 1.0]).axes
    assert "nats" in axes.get_ylabel()


def test_a_tornado_has_its_widest_bar_on_top_and_both_ends():
    figure = plots.tornado({"narrow": (90.0, 110.0), "wide": (200.0, 50.0)}, 100.0, "questions a day")
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["narrow", "wide"]
    ends = sorted(round(bar.get_x() + bar.get_width()) for bar in axes.patches)
    assert ends == [50, 90, 110, 200]
    assert axes.get_xscale() == "log" and axes.get_xlabel() == "questions a day"


def test_a_point_over_its_cost_has_its_name_beside_it_and_no_legend():
    figure = plots.over_cost({"slow": (100.0, Rate(9, 10)), "fast": (1.0, Rate(5, 10))}, "ms", "share (%)")
    (axes,) = figure.axes
    assert [(text.get_text(), text.xy) for text in axes.texts] == [("slow", (100, 90)), ("fast", (1, 50))]
    assert axes.get_legend() is None and axes.get_xscale() == "log"
