import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from runner.results.compare.pairs import CHOOSER, Found, best_point, difference, find, match
from runner.results.compare.sides import Cell, Point, Side
from runner.results.stats import describe

SEEDS = 5
steps = st.integers(-500, 500).map(lambda number: number / 100)
column = st.lists(steps, min_size=SEEDS, max_size=SEEDS)
points = st.lists(st.tuples(column, column), min_size=1, max_size=4)
Columns = list[tuple[list[float], list[float]]]


def cell(values: list[float], start: int = 0) -> Cell:
    return Cell(
        describe(values),
        {(start + i,): v for i, v in enumerate(values) if math.isfinite(v)},
    )


def found(columns: Columns, start: int = 0) -> Found:
    """By pairs; with another first seed on one side there are none."""
    return find([(cell(first), cell(other, start)) for first, other in columns])


def ends(some: Found) -> tuple[float, float, float]:
    return some.estimate.difference, some.estimate.low, some.estimate.high


def side(keys: list[str], means: dict[Point, float], metric: str = CHOOSER) -> Side:
    cells = {point: {metric: cell([mean])} for point, mean in means.items()}
    return Side("here", keys, ["seed"], [metric], cells, len(cells))


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


@given(points)
def test_a_seed_counts_once_however_many_points(columns: Columns) -> None:
    once, twice = found(columns), found(columns * 2)
    assert twice.estimate.counts == once.estimate.counts == (SEEDS,)
    assert ends(twice) == pytest.approx(ends(once), abs=1e-9)


def test_pairs_agree_with_scipy_at_one_point() -> None:
    first, other = [0.5, 0.7, 0.9, 0.4, 0.6], [0.55, 0.72, 0.93, 0.47, 0.6]
    low, high = ttest_rel(other, first).confidence_interval(0.95)
    assert ends(found([(first, other)]))[1:] == pytest.approx((low, high), rel=1e-9)


def test_common_seeds_alone_are_paired() -> None:
    some = find([(cell([1.0, 2.0, 4.0]), cell([2.5, 4.0, 9.0], start=1))])
    assert some.estimate.method == "paired"
    assert some.estimate.counts == (2,)
    assert some.estimate.difference == pytest.approx((0.5 + 0.0) / 2)
    assert some.unpaired == 2


def test_few_common_seeds_are_not_paired() -> None:
    """One of five: its pair tells nothing, ten runs tell something."""
    some = find([(cell([1.0, 2.0, 3.0, 2.0, 1.0]), cell([2.0, 3.0, 2.0, 3.0, 2.0], start=4))])
    assert some.estimate.method == "Welch"
    assert some.estimate.counts == (5, 5)


def test_point_that_few_runs_are_left_of_is_dropped() -> None:
    full, torn = [0.5, 0.6, 0.7], [0.5, math.nan, math.nan]
    some = find([(cell(full), cell(full)), (cell(full), cell(torn))])
    assert some.dropped == (1,)
    assert some.estimate.counts == (3,)


def test_writing_makes_no_difference_and_float32_does() -> None:
    assert difference(0.4495663344860077, 0.449566334) == 0
    assert difference(1.0, 1.0 + 6e-8) != 0
    assert difference(0.0, 0.0) == 0
    assert math.isnan(difference(0.0, math.nan))


def test_equal_keys_match_equal_points_in_any_order() -> None:
    first = side(["lr", "lambda"], {(0.1, 0): 1, (0.2, 0): 1, (0.4, 0): 1})
    other = side(["lambda", "lr"], {(0, 0.2): 1, (0, 0.1): 1, (0, 0.3): 1})
    matching = match(first, other)
    assert matching.points == [((0.1, 0), (0, 0.1)), ((0.2, 0), (0, 0.2))]
    assert matching.lonely == ([(0.4, 0)], [(0, 0.3)])


def test_other_keys_match_best_points_on_validation() -> None:
    first, other = side(["lr"], {(1,): 0.5, (2,): 0.3}), side(["p"], {(1,): math.nan, (2,): 0.9})
    assert match(first, other).kind == "best"
    assert match(first, other).points == [((2,), (2,))]


def test_test_split_chooses_nothing() -> None:
    first = side(["lr"], {(1,): 0.5, (2,): 0.3}, "test/loss")
    assert best_point(first) is None
    assert match(first, side(["p"], {(1,): 0.5, (2,): 0.3})).kind == "none"
    single = side([], {(): 0.5}, "test/loss")
    assert best_point(single) == ()
