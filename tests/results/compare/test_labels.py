"""Words at the ends of lines: none upon another, each close to its line."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from runner.results.compare.comparison import Comparison, compare
from runner.results.compare.inputs import Side, group_by_point
from runner.results.compare.labels import ROW, apart, end_labels


@pytest.fixture
def comparison() -> Comparison:
    frame = pd.DataFrame({"lr": ["a", "b"], "loss": [1.0, 2.0]})
    side = Side("s", ["lr"], [], ["loss"], group_by_point(frame, ["lr"], [], ["loss"]), 2)
    return compare([side, side])


HEIGHTS = some.lists(some.floats(0, 1), min_size=1, max_size=30)


@given(HEIGHTS, some.floats(0.01, 0.2))
def test_places_are_apart_in_order_and_within(heights: list[float], gap: float) -> None:
    found = apart(heights, gap, 0.0, 1.0)
    order = sorted(range(len(heights)), key=lambda i: (heights[i], i))
    steps = [found[b] - found[a] for a, b in pairwise(order)]
    # Rounding of sums of at most thirty numbers up to 6.
    assert all(step >= min(gap, 1 / len(heights)) - 1e-12 for step in steps)
    assert all(-1e-12 <= place <= 1 + 1e-12 for place in found)


@given(some.lists(some.integers(0, 10), unique=True, min_size=1))
def test_what_is_apart_stays(places: list[int]) -> None:
    assert apart(places, 1.0, 0.0, 10.0) == pytest.approx(places)


def test_what_is_too_close_parts_to_both_sides() -> None:
    assert apart([0.5, 0.5], 0.2, 0.0, 1.0) == pytest.approx([0.4, 0.6])
    assert apart([0.0, 0.0], 0.2, 0.0, 1.0) == pytest.approx([0.0, 0.2])
    assert apart([], 0.2, 0.0, 1.0) == []


def test_words_are_not_cut_at_the_ends_of_the_axis(comparison: Comparison) -> None:
    ends = {"a": 0.0, "b": 1.0}
    lines = [(0, (name,), pd.DataFrame({"mean": [end]}, index=[1])) for name, end in ends.items()]
    found = end_labels(comparison, lines, 0.0, 1.0, False)
    assert [label.y for label in found] == pytest.approx([ROW / 2, 1 - ROW / 2])


@pytest.mark.parametrize("log", [False, True])
def test_labels_stand_where_lines_end_and_say_which(comparison: Comparison, log: bool) -> None:
    ends = {"a": 1.0, "b": 10.0, "c": -1.0, "d": 1.0}
    lines = [
        (1, (name,), pd.DataFrame({"mean": [50.0, end]}, index=[1, 7]))
        for name, end in ends.items()
    ]
    found = end_labels(comparison, lines[:2], 0.1, 100, log)
    assert [(label.words, label.x) for label in found] == [("B a", 7), ("B b", 7)]
    if log:
        assert [label.y for label in found] == pytest.approx([1.0, 10.0])
        # Where the axis has no place for a line's end, its last place that there is.
        negative = end_labels(comparison, lines[2:3], 0.1, 100, log)
        assert negative[0].x == 1
        assert negative[0].y == pytest.approx(50)
        upper, lower = end_labels(comparison, [lines[3], lines[0]], 0.1, 100, log)
        assert lower.y / upper.y == pytest.approx(10 ** (3 * ROW))
