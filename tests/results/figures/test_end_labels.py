"""Words at the ends of lines: none upon another, each close to its line."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from runner.results.figures.end_labels import ROW, apart, end_labels
from runner.results.figures.marks import Lines
from runner.results.figures.spec import AxisSpec

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


def line(*heights: float, colour: int = 0) -> Lines:
    return Lines(np.arange(1.0, 1 + len(heights)), np.array(heights), colour)


def test_words_are_not_cut_at_the_ends_of_the_axis() -> None:
    found = end_labels([line(0.0), line(1.0)], ["a", "b"], AxisSpec(span=(0.0, 1.0)))
    assert [float(label.y[0]) for label in found] == pytest.approx([ROW / 2, 1 - ROW / 2])


@pytest.mark.parametrize("log", [False, True])
def test_labels_stand_where_lines_end_and_say_which(log: bool) -> None:
    axis = AxisSpec("", "log" if log else "linear", (0.1, 100))
    lines = [line(50.0, end, colour=1) for end in (1.0, 10.0, -1.0, 1.0)]
    found = end_labels(lines[:2], ["B a", "B b"], axis)
    told = [(*label.words, float(label.x[0]), label.colour) for label in found]
    assert told == [("B a", 2, 1), ("B b", 2, 1)]
    if log:
        assert [float(label.y[0]) for label in found] == pytest.approx([1.0, 10.0])
        # Where the axis has no place for a line's end, its last place that there is.
        (negative,) = end_labels(lines[2:3], ["B c"], axis)
        assert negative.x[0] == 1
        assert negative.y[0] == pytest.approx(50)
        upper, lower = end_labels([lines[3], lines[0]], ["B d", "B a"], axis)
        assert lower.y[0] / upper.y[0] == pytest.approx(10 ** (3 * ROW))
