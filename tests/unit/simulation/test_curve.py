"""Learning curves: means and standard errors over seeds, and their picture."""

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from wsal.errors import InputError
from wsal.simulation import Learner, LearningCurve, Wsal, draw_curves, learning_curves, replay
from wsal.simulation.curve import CurvePoint

SVG = "{http://www.w3.org/2000/svg}"


def _parse(text):
    return ET.fromstring(text)  # noqa: S314  # our own text


@pytest.fixture(scope="module")
def record(data):
    return next(iter(replay(data, Learner("wsal", Wsal()), budgets=(10,))))


def test_a_curve_is_the_mean_over_seeds_with_its_standard_error(record):
    records = [replace(record, seed=s, test=value) for s, value in enumerate([0.5, 0.7, 0.9])]
    records += [replace(record, seed=0, budget=10, test=1.0)]
    (curve,) = learning_curves(records)
    assert curve.points[0].mean == pytest.approx(0.7)
    assert curve.points[0].error == pytest.approx(0.2 / math.sqrt(3))
    assert curve.at(10).mean == 1
    assert math.isnan(curve.at(10).error)
    assert curve.at(20) is None
    assert [p["n_seeds"] for p in curve.to_dict()["points"]] == [3, 1]
    assert curve.to_dict()["points"][1]["error"] is None


def test_every_dataset_and_learner_has_a_curve_of_its_own(record):
    records = [replace(record, dataset=d, learner=x) for d in "ab" for x in "xy"]
    assert [(c.dataset, c.learner) for c in learning_curves(records, "train")] == [
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
        ("b", "y"),
    ]


def test_another_measure_than_there_are_is_refused(record):
    with pytest.raises(InputError, match="'tset' is no measure"):
        learning_curves([record], "tset")


def _curve(name, *means, error=0.01):
    points = tuple(CurvePoint(10 * 2**i, mean, error, 5) for i, mean in enumerate(means))
    return LearningCurve("set & co", name, "test", points)


def test_a_picture_is_svg_with_title_and_all_numbers_in_words_and_without_script():
    curves = [_curve("<ours>", 0.5, 0.75), _curve("theirs", 0.4, math.nan, error=math.nan)]
    text = draw_curves(curves, title="A < B")
    root = _parse(text)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "curves-title curves-desc"
    assert root.find(f"{SVG}title").text == "A < B"
    words = root.find(f"{SVG}desc").text
    assert "<ours>, set & co: 0.500 ± 0.010 at 10, 0.750 ± 0.010 at 20." in words
    assert "theirs, set & co: 0.400 at 10." in words
    assert not re.search(r"script|onload|href|style=", text)
    assert len(text) < 6000


def test_names_that_xml_cannot_hold_do_not_break_the_picture():
    assert "\ufffd" in draw_curves([_curve("a\x1b[2J", 0.5)], title="t\x00")
    _parse(draw_curves([_curve("a\x1b[2J\ud800", 0.5)], title="t\x00"))


def test_higher_is_higher_and_later_is_further_right():
    root = _parse(draw_curves([_curve("ours", 0.5, 0.6, 0.9)], title="t"))
    places = [tuple(map(float, p.split(","))) for p in root.find(f"{SVG}polyline").get("points").split()]
    assert [x for x, _ in places] == sorted({x for x, _ in places})
    assert [y for _, y in places] == sorted({y for _, y in places}, reverse=True)
    assert all(0 < x < 760 and 0 < y < 420 for x, y in places)


def test_lines_differ_by_more_than_colour():
    root = _parse(draw_curves([_curve(str(i), 0.5, 0.6) for i in range(6)], title="t"))
    lines = root.findall(f"{SVG}polyline")
    assert len({line.get("stroke-dasharray") for line in lines}) == 4
    assert len(lines) == 6


def test_equal_values_and_a_single_budget_can_be_drawn():
    flat = draw_curves([_curve("flat", 0.5, 0.5, error=math.nan)], title="t")
    point = CurvePoint(0, 0.5, math.nan, 1)
    single = draw_curves([LearningCurve("d", "x", "test", (point,))], title="t")
    for svg in (flat, single):
        values = [value for element in _parse(svg).iter() for value in element.attrib.values()]
        assert not any("nan" in value or "inf" in value for value in values)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(InputError, match="curves of one measure"):
        draw_curves([], title="t")
    with pytest.raises(InputError, match="curves of one measure"):
        draw_curves([_curve("a", 0.5), replace(_curve("b", 0.5), measure="train")], title="t")
    with pytest.raises(InputError, match="there is no quality on test items to draw"):
        draw_curves([_curve("a", math.nan)], title="t")
