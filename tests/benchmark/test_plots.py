"""The pictures: everything within them, best first, and no name that is markup."""

import re
from xml.etree import ElementTree

import pytest

from restoration.benchmark import plots
from restoration.benchmark.figures import Figure

SVG = "{http://www.w3.org/2000/svg}"


def figure(mean, error=0.1):
    return Figure(mean, error, 5)


def drawn(svg):
    picture = ElementTree.fromstring(svg)
    width, height = (float(value) for value in picture.get("viewBox").split()[2:])
    return picture, width, height


def names(picture):
    return [text.text for text in picture.iter(f"{SVG}text") if text.get("class") in ("ours", "other")]


@pytest.mark.parametrize(("higher_is_better", "order"), [(True, ["b<c", "a", "d"]), (False, ["d", "a", "b<c"])])
def test_dots_stand_within_the_picture_best_first(higher_is_better, order):
    figures = {"a": figure(2.0), "b<c": figure(3.0), "d": figure(-1.0, None)}
    picture, width, height = drawn(plots.dots(figures, ["a"], higher_is_better, 2))
    assert names(picture) == order
    places = {text: float(dot.get("cx")) for text, dot in zip(order, picture.iter(f"{SVG}circle"), strict=True)}
    assert plots.LEFT <= places["d"] < places["a"] < places["b<c"] <= width - plots.RIGHT
    for line in picture.iter(f"{SVG}line"):
        assert all(0 <= float(line.get(end)) <= width for end in ("x1", "x2"))
        assert 0 <= float(line.get("y1")) <= height


def test_a_line_of_two_standard_errors_reaches_to_both_sides():
    picture, width, _ = drawn(plots.dots({"a": figure(0.0, 0.5), "b": figure(1.0, 0.5)}, [], True, 2))
    ends = [float(line.get("x1")) for line in picture.iter(f"{SVG}line")]
    # From 1 below the lowest to 1 above the highest: a third of the width is one.
    assert ends[0] == pytest.approx(plots.LEFT + (width - plots.LEFT - plots.RIGHT) / 3, abs=0.1)
    assert ends[1] == pytest.approx(plots.LEFT, abs=0.1)


def test_curves_go_up_where_the_figures_do():
    lines = {"ours": {0.0: figure(1.0), 10.0: figure(2.0)}, "other": {0.0: figure(1.5), 10.0: figure(1.2)}}
    picture, width, height = drawn(plots.curves(lines, ["ours"], "PESQ", True))
    paths = [path.get("d") for path in picture.iter(f"{SVG}path") if "L" in path.get("d")]
    ours, other = ([float(value) for value in re.findall(r"-?[\d.]+", path)] for path in paths)
    assert ours[3] < ours[1]
    assert other[3] > other[1]
    assert all(0 <= x <= width - plots.BESIDE + 1 for x in (ours[0], ours[2]))
    assert all(0 <= y <= height for y in (ours[1], ours[3], other[1], other[3]))


def test_equal_figures_and_one_level_have_a_picture():
    drawn(plots.dots({"a": figure(1.0, None)}, [], True, 2))
    drawn(plots.curves({"a": {5.0: figure(1.0)}}, [], "PESQ", False))


def test_the_lowest_curve_is_named_first_where_lower_is_better():
    lines = {"far": {0.0: figure(3.0), 10.0: figure(2.0)}, "near": {0.0: figure(1.0), 10.0: figure(1.0)}}
    assert [names(drawn(plots.curves(lines, [], "LSD", up))[0])[0] for up in (False, True)] == ["near", "far"]
