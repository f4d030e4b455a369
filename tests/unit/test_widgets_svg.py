"""The charts: valid SVG, everything inside the picture, labels apart, no dependence on colour."""

import re
import xml.etree.ElementTree as ET

import pytest

from course_utils.widgets import svg
from course_utils.widgets.svg import Axis, Guide, Line, Mark, bar_chart, line_chart
from course_utils.widgets.views import VIEWS

SVG = "{http://www.w3.org/2000/svg}"
LETTER = 7.6  # about as wide as a letter at 13 px, on average


def texts(picture: str) -> list[tuple[float, float, float, str]]:
    """Left end, right end, height and words of every text that is not turned."""
    found = []
    for node in ET.fromstring(picture).iter(f"{SVG}text"):
        if "transform" in node.attrib:
            continue
        x, y, width = float(node.get("x")), float(node.get("y")), LETTER * len(node.text or "")
        left = {"start": x, "middle": x - width / 2, "end": x - width}[node.get("text-anchor")]
        found.append((left, left + width, y, node.text or ""))
    return found


def simple_chart(**more) -> str:
    axes = Axis("questions a day", 10, 1000, str), Axis("USD", 1, 100, str)
    lines = [Line("one", [(10, 1), (1000, 100)]), Line("two", [(10, 50), (1000, 50)])]
    return line_chart(lines, *axes, description="two lines", **more)


PICTURES = [
    pytest.param(view.render(preset).svg, id=f"{view.key}: {name}")
    for view in VIEWS
    for name, preset in view.presets().items()
]


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_is_valid_and_inside_its_frame(picture):
    root = ET.fromstring(picture)
    assert root.get("role") == "img" and len(root.get("aria-label")) > 40
    assert root.find(f"{SVG}title").text == root.get("aria-label")
    _, _, width, height = map(float, root.get("viewBox").split())
    for left, right, y, words in texts(picture):
        assert left >= -2 and right <= width + 2 and 0 < y < height, words
    assert "nan" not in picture and "inf" not in picture
    assert " id=" not in picture and "url(" not in picture, "an id is searched in the whole page"


@pytest.mark.parametrize("picture", PICTURES)
def test_no_two_words_lie_on_each_other(picture):
    found = [text for text in texts(picture) if text[3]]
    for i, (left, right, y, words) in enumerate(found):
        for other_left, other_right, other_y, other in found[i + 1 :]:
            apart = right <= other_left or other_right <= left or abs(y - other_y) >= 11
            assert apart, f"{words!r} on {other!r}"


def test_lines_differ_without_colour():
    picture = simple_chart()
    dashes = re.findall(r"<polyline[^>]*stroke-dasharray='([^']*)'", picture)
    assert len(dashes) == len(set(dashes)) == 2


def test_bars_differ_without_colour():
    assert len(set(zip(svg.FILLS, svg.HATCHES, strict=True))) == len(svg.FILLS) == 5


def test_a_log_axis_places_powers_evenly_and_keeps_zero_at_its_end():
    axis = Axis("", 1, 1000, str)
    assert [axis.place(v) for v in (1, 10, 100, 1000)] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert axis.place(0) == 0 and axis.place(5000) == 1
    assert axis.ticks() == [1, 10, 100, 1000]
    assert Axis("", 10, 1000, str).ticks() == [10, 20, 50, 100, 200, 500, 1000]


def test_a_point_lies_where_its_numbers_say():
    """Middle of both axes: (10·1000)^½ = 100 and (1·100)^½ = 10."""
    picture = simple_chart(marks=[Mark(100, 10, "here")])
    (circle,) = ET.fromstring(picture).iter(f"{SVG}circle")
    assert float(circle.get("cx")) == pytest.approx((svg.LEFT + svg.WIDTH - svg.RIGHT) / 2, abs=0.1)
    assert float(circle.get("cy")) == pytest.approx((svg.TOP + 360 - svg.BOTTOM) / 2, abs=0.1)


def test_marks_and_guides_outside_the_axes_are_left_out():
    guides = [Guide("beyond", x=5), Guide("above", y=101)]
    picture = simple_chart(marks=[Mark(5000, 10, "far")], guides=guides)
    assert "far" not in picture and "beyond" not in picture and "above" not in picture


def test_words_from_outside_cannot_break_out_of_the_picture():
    picture = bar_chart([("<script>alert('x')</script>", [1])], ["a"], "&", str, description="\"'<>&")
    assert "<script" not in picture
    ET.fromstring(picture)


def test_bars_are_as_long_as_their_values():
    picture = bar_chart([("a", [1, 3]), ("b", [0, 2])], ["x", "y"], "USD", str, description="two bars")
    boxes = [b for b in ET.fromstring(picture).iter(f"{SVG}rect") if b.get("height") == "20"]
    widths = [float(b.get("width")) for b in boxes if b.get("fill", "").startswith("#")]
    assert len(widths) == 3  # no box for the part that is 0
    assert widths[1] / widths[0] == pytest.approx(3, rel=0.01)
    assert widths[2] / widths[0] == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("style", ["/", "\\", "-"])
@pytest.mark.parametrize(("width", "height"), [(1, 20), (5, 20), (14, 14), (300, 20)])
def test_hatching_stays_in_its_box(style, width, height):
    lines = svg._hatching(style, width, height)
    assert lines
    for x1, y1, x2, y2 in lines:
        assert 0 <= min(x1, x2) <= max(x1, x2) <= width
        assert 0 <= min(y1, y2) <= max(y1, y2) <= height
        slope = {"/": -1, "\\": 1, "-": 0}[style]
        assert y2 - y1 == pytest.approx(slope * (x2 - x1))


def test_all_zero_bars_are_drawn_without_dividing_by_zero():
    assert "<svg" in bar_chart([("a", [0, 0])], ["x", "y"], "USD", str, description="nothing")
