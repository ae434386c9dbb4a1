"""Scales and axes: nothing that is not finite decides them, zero has a place, ticks stay apart."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bokeh.plotting import figure

from runner.results.figures.bokeh_axes import set_axis
from runner.results.figures.scales import room_at_top, scale_of, span_of, value_axis
from runner.results.figures.spec import AxisSpec

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("log", [False, True])
def test_span_is_that_of_the_finite_values(log: bool) -> None:
    clean, dirty = span_of([1, 2], log), span_of([NAN, 1, INF, 2, -INF], log)
    assert clean == dirty
    assert clean[0] < 1 < 2 < clean[1]
    for values in ([NAN], [0.0], [3.0]):
        low, high = span_of(values, log)
        assert low < high


@pytest.mark.parametrize("log", [False, True])
def test_crosses_stand_above_the_values_within_the_span(log: bool) -> None:
    axis = value_axis("", [1, 2], log)
    assert axis.span is not None
    (low, high), top = room_at_top(axis)
    assert low == axis.span[0]
    assert axis.span[1] < top < high


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (8, 130, [10, 20, 50, 100]),
        (0.03, 400, [0.1, 1, 10, 100]),
        (2e-3, 0.021, [2e-3, 5e-3, 0.01, 0.02]),
    ],
)
def test_log_axis_has_ticks_in_all_its_parts(low: float, high: float, wanted: Any) -> None:
    plot = figure(y_axis_type="log")
    set_axis(plot, "y", AxisSpec("", "log", (low, high)))
    axis: Any = plot.yaxis[0]
    assert axis.ticker.ticks == wanted
    assert axis.major_label_overrides == {tick: f"{tick:g}" for tick in wanted}


def test_part_of_a_power_of_ten_is_left_to_the_library() -> None:
    plot = figure(y_axis_type="log")
    before = plot.yaxis[0].ticker
    set_axis(plot, "y", AxisSpec("", "log", (1, 3)))
    assert plot.yaxis[0].ticker is before


def test_zero_among_many_values_has_its_own_label() -> None:
    scale = scale_of(pd.Series([0.0, *(10 ** (-i / 8) for i in range(30))]))
    ticks = dict(scale.axis("").ticks)
    assert ticks[scale.places[0]] == "0"
    assert len(ticks) > 3
    assert len(ticks) < len(scale.places)


def test_zero_has_a_place_left_of_the_decades() -> None:
    scale = scale_of(pd.Series([3.0, 0.0, 0.001, 0.1]))
    assert scale.kind == "log"
    assert scale.values == [0, 0.001, 0.1, 3]
    assert 0 < scale.places[0] < 0.001
    assert scale.places[1:] == [0.001, 0.1, 3]
    gap = scale.axis("").gap
    assert gap is not None
    assert scale.places[0] < gap < scale.places[1]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.2, 0.5, 0.8], "linear"),
        ([-1.0, 1.0, 1000.0], "linear"),
        ([0.001, 0.01, 0.1], "log"),
        (["[1,2]", 3.0], "words"),
        (list(np.linspace(0.001, 1, 100)), "linear"),
        (list(np.logspace(-3, 0, 100)), "log"),
        ([0.0], "linear"),
    ],
)
def test_axis_suits_the_values(values: list[Any], kind: str) -> None:
    assert scale_of(pd.Series(values)).kind == kind


def test_ticks_that_would_touch_give_way() -> None:
    apart, close = (scale_of(pd.Series(v)).axis("") for v in ([0.1, 0.2, 0.3], [0.1, 0.101, 0.5]))
    assert [words for _, words in apart.ticks] == ["0.1", "0.2", "0.3"]
    assert close.ticks == ()
