"""What is said of the limits of a comparison."""

import numpy as np
import pytest

from runner.results.compare.comparison import Comparison, compare
from runner.results.compare.inputs import MetricValues, Side
from runner.results.compare.significance import reliability
from runner.results.stats import summarize

METRIC = "test/loss"


def side(values: list[float], start: int = 0) -> Side:
    cell = MetricValues(summarize(values), {(start + i,): v for i, v in enumerate(values)})
    return Side("here", [], ["seed"], [METRIC], {(): {METRIC: cell}}, len(values))


def said(first: list[float], other: list[float], start: int = 0) -> str:
    comparison = compare([side(first), side(other, start)])
    return " ".join(reliability(comparison.contrasts[0]))


def normal(count: int, spread: float = 1.0) -> list[float]:
    """Quantiles of a normal spread, without its chance."""
    from scipy.special import ndtri

    return (spread * ndtri((np.arange(count) + 0.5) / count)).tolist()


@pytest.mark.parametrize(("count", "words"), [(1, "n = 1:"), (2, "too few"), (4, "few seeds")])
def test_few_runs_are_said(count: int, words: str) -> None:
    assert words in said(normal(count), normal(count), 100)


@pytest.mark.parametrize(("count", "is_said"), [(1, True), (5, False)])
def test_a_dash_is_explained_where_there_is_one(count: int, is_said: bool) -> None:
    words = "A dash (-) in the table: no interval, or no p-value, can be estimated there."
    assert (words in said(normal(count), normal(count), 100)) == is_said


@pytest.mark.parametrize(("spread", "is_said"), [(5.0, True), (1.5, False)])
def test_unlike_spreads_of_few_runs_are_said(spread: float, is_said: bool) -> None:
    words = said(normal(5), normal(5, spread), 100)
    assert ("standard deviations of test/loss are unequal" in words) == is_said
    # Ten and more on either side are enough for Welch's interval.
    assert "unequal" not in said(normal(10), normal(10, spread), 100)


def test_run_far_from_the_others_is_said() -> None:
    words = said([*normal(9), 30.0], normal(10), 100)
    assert "One seed is an outlier in test/loss of A (30, Grubbs' test)" in words
    assert "outlier" not in said(normal(10), normal(10), 100)


def test_inconclusive_comparison_says_how_many_seeds_it_would_take() -> None:
    """Spread 1, difference 0.5 within pairs: Cohen's 34 pairs, and 5 detect what is 1.7 spreads."""
    wiggle = np.array(normal(5))
    wiggle = 0.5 + wiggle / wiggle.std(ddof=1)
    words = said([0.0] * 5, wiggle.tolist())
    assert "with 5 seeds a difference of 1.7 is detected with a power of 80 %" in words
    assert "one of 0.5, as observed, would take about 34 " in words


def test_difference_that_is_told_apart_needs_no_more_seeds() -> None:
    assert "tries" not in said(normal(5, 0.01), [5 + x for x in normal(5, 0.02)], 100)


def test_sides_that_are_the_same_need_no_more_seeds() -> None:
    comparison: Comparison = compare([side(normal(5)), side(normal(5))])
    assert not list(reliability(comparison.contrasts[0]))
