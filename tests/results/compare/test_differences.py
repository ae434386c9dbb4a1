import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind, ttest_rel

from runner.results.compare.differences import (
    Difference,
    beyond_rounding,
    estimate_difference,
    within_pairs,
)
from runner.results.compare.inputs import MetricValues
from runner.results.stats import Sample, summarize

SEEDS = 5
steps = st.integers(-500, 500).map(lambda number: number / 100)
column = st.lists(steps, min_size=SEEDS, max_size=SEEDS)
points = st.lists(st.tuples(column, column), min_size=1, max_size=4)
Columns = list[tuple[list[float], list[float]]]


def cell(values: list[float], start: int = 0) -> MetricValues:
    return MetricValues(
        summarize(values),
        {(start + i,): v for i, v in enumerate(values) if math.isfinite(v)},
    )


def found(columns: Columns, start: int = 0) -> Difference:
    """By pairs; with another first seed on one side there are none."""
    return estimate_difference([(cell(first), cell(other, start)) for first, other in columns])


def ends(some: Difference) -> tuple[float, float, float]:
    return some.estimate.difference, some.estimate.low, some.estimate.high


@given(points, st.sampled_from([0, 100]))
def test_swapping_sides_flips_the_sign(columns: Columns, start: int) -> None:
    one, two = found(columns, start), found([(b, a) for a, b in columns], start)
    # Sums of a handful of numbers below ten.
    assert ends(two) == pytest.approx([-x for x in (ends(one)[i] for i in (0, 2, 1))], abs=1e-9)
    assert two.estimate.p == pytest.approx(one.estimate.p, abs=1e-9)


@given(points, steps, st.sampled_from([0, 100]))
def test_constant_changes_nothing(columns: Columns, constant: float, start: int) -> None:
    moved = [([x + constant for x in a], [x + constant for x in b]) for a, b in columns]
    assert ends(found(moved, start)) == pytest.approx(ends(found(columns, start)), abs=1e-6)


@given(points, st.lists(steps, min_size=4, max_size=4), st.sampled_from([0, 100]))
def test_spread_over_points_has_no_part(columns: Columns, moves: list[float], start: int) -> None:
    """Each point moved by its own amount, on one side alone: the width stays as it was."""
    moved = [(a, [x + move for x in b]) for (a, b), move in zip(columns, moves, strict=False)]
    widths = [some.estimate.high - some.estimate.low for some in map(found, (columns, moved))]
    assert widths[1] == pytest.approx(widths[0], abs=1e-6)


@given(points, st.sampled_from([0, 100]))
def test_a_seed_counts_once_however_many_points(columns: Columns, start: int) -> None:
    once, twice = found(columns, start), found(columns * 2, start)
    assert set(twice.estimate.counts) == set(once.estimate.counts) == {SEEDS}
    assert ends(twice) == pytest.approx(ends(once), abs=1e-9)


def test_sides_of_other_seeds_agree_with_scipy_on_their_means_over_points() -> None:
    first = [[0.5, 0.7, 0.9, 0.4], [1.5, 1.6, 1.9, 1.3]]
    other = [[0.6, 0.9, 0.8, 0.7], [1.9, 1.2, 1.9, 1.7]]
    means = [[(x + y) / 2 for x, y in zip(*side, strict=True)] for side in (first, other)]
    theirs = ttest_ind(means[1], means[0], equal_var=False)
    mine = found(list(zip(first, other, strict=True)), start=100)
    # Both sum a handful of numbers near 1 in float64; only the order differs.
    assert ends(mine)[1:] == pytest.approx(theirs.confidence_interval(0.95), abs=1e-12)
    assert mine.estimate.p == pytest.approx(theirs.pvalue, abs=1e-12)


def test_a_seed_that_some_points_lack_counts_at_the_others() -> None:
    """By hand: at the second point, which lacks seed 2, the means are those of two seeds."""
    first = [cell([1.0, 2.0, 3.0]), cell([4.0, 6.0, math.nan])]
    other = [cell([0.0, 0.0, 0.0], 100), cell([0.0, 0.0, 0.0], 100)]
    some = estimate_difference(list(zip(first, other, strict=True)))
    # Mean (2 + 5) / 2; seed 0 is 1 below the first mean and 1 below the second, counted 3/2 times.
    values = [3.5 - (1 + 1.5) / 2, 3.5 + (0 + 1.5) / 2, 3.5 + (1 + 0) / 2]
    assert some.tested[0] == pytest.approx(values)
    assert some.first == pytest.approx(3.5)


def test_means_and_spreads_alone_count_as_if_the_points_moved_together() -> None:
    """Standard errors of 1/2 and 3/2, of four runs each: their mean."""
    alone = [MetricValues(Sample(0.0, 1.0, 4), {}), MetricValues(Sample(5.0, 3.0, 4), {})]
    known = [cell([0.0, 0.0, 0.0, 0.0])] * 2
    some = estimate_difference(list(zip(alone, known, strict=True)))
    assert some.estimate.counts == (4, 4)
    assert some.estimate.error == pytest.approx((0.5 + 1.5) / 2)


def test_pairs_are_the_same_only_at_every_point() -> None:
    """Differences that cancel between two points are differences."""
    same = [([0.5, 0.6], [0.5, 0.6])] * 2
    assert found(same).same
    assert not found([([0.5, 0.6], [0.6, 0.7]), ([0.5, 0.6], [0.4, 0.5])]).same
    assert not found([([0.5], [0.5])]).same


def test_pairs_agree_with_scipy_at_one_point() -> None:
    first, other = [0.5, 0.7, 0.9, 0.4, 0.6], [0.55, 0.72, 0.93, 0.47, 0.6]
    low, high = ttest_rel(other, first).confidence_interval(0.95)
    assert ends(found([(first, other)]))[1:] == pytest.approx((low, high), rel=1e-9)


def test_common_seeds_alone_are_paired() -> None:
    some = estimate_difference([(cell([1.0, 2.0, 4.0]), cell([2.5, 4.0, 9.0], start=1))])
    assert some.estimate.method == "paired"
    assert some.estimate.counts == (2,)
    assert some.estimate.difference == pytest.approx((0.5 + 0.0) / 2)
    assert list(map(len, some.unpaired)) == [1, 1]


def test_few_common_seeds_are_not_paired() -> None:
    """One of five: its pair tells nothing, ten runs tell something."""
    some = estimate_difference(
        [(cell([1.0, 2.0, 3.0, 2.0, 1.0]), cell([2.0, 3.0, 2.0, 3.0, 2.0], start=4))]
    )
    assert some.estimate.method == "Welch"
    assert some.estimate.counts == (5, 5)


def test_point_that_few_runs_are_left_of_is_dropped() -> None:
    full, torn = [0.5, 0.6, 0.7], [0.5, math.nan, math.nan]
    some = estimate_difference([(cell(full), cell(full)), (cell(full), cell(torn))])
    assert some.dropped == (1,)
    assert some.estimate.counts == (3,)


def test_writing_makes_no_difference_and_float32_does() -> None:
    assert beyond_rounding(0.4495663344860077, 0.449566334) == 0
    assert beyond_rounding(1.0, 1.0 + 6e-8) != 0
    assert beyond_rounding(0.0, 0.0) == 0
    assert math.isnan(beyond_rounding(0.0, math.nan))


def test_no_pairs_have_no_differences() -> None:
    assert within_pairs([]) == []
