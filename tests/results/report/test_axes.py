"""The axes of the figures: nothing that is not finite decides them, ticks in all their parts."""

import math

import pandas as pd
import pytest
from bokeh.models import LinearAxis

from runner.results.plots.scales import scale_of
from runner.results.report.axes import range_of, room_at_top, set_axis, set_log_ticks

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("log", [False, True])
def test_range_is_that_of_the_finite_values(log):
    clean, dirty = range_of([1, 2], log), range_of([NAN, 1, INF, 2, -INF], log)
    assert (clean.start, clean.end) == (dirty.start, dirty.end)
    assert clean.start < 1 < 2 < clean.end
    empty = range_of([NAN], log)
    assert empty.start < empty.end


@pytest.mark.parametrize("log", [False, True])
def test_crosses_stand_above_the_values_within_the_range(log):
    span = range_of([1, 2], log)
    before = span.end
    assert before < room_at_top(span, log) < span.end


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (8, 130, [10, 20, 50, 100]),
        (0.03, 400, [0.1, 1, 10, 100]),
        (2e-3, 0.021, [2e-3, 5e-3, 0.01, 0.02]),
    ],
)
def test_log_axis_has_ticks_in_all_its_parts(low, high, wanted):
    axis = LinearAxis()
    set_log_ticks(axis, low, high)
    assert axis.ticker.ticks == wanted
    assert axis.major_label_overrides == {tick: f"{tick:g}" for tick in wanted}


def test_part_of_a_power_of_ten_is_left_to_the_library():
    axis = LinearAxis()
    before = axis.ticker
    set_log_ticks(axis, 1, 3)
    assert axis.ticker is before


def test_zero_among_many_values_has_its_own_label():
    axis = LinearAxis()
    scale = scale_of(pd.Series([0.0, *(10 ** (-i / 8) for i in range(30))]))
    set_axis(axis, scale)
    assert axis.major_label_overrides[scale.places[0]] == "0"
    assert len(axis.ticker.ticks) > 3
