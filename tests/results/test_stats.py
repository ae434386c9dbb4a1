import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t, ttest_ind, ttest_rel

from runner.results.stats import combined, holm, outlier, paired, summarize, welch

numbers = st.floats(-1e6, 1e6)
# Hundredths: differences are either zero or far above rounding.
steps = st.integers(-500, 500).map(lambda number: number / 100)
some = st.lists(steps, min_size=2, max_size=8)


@given(st.lists(numbers, min_size=2))
def test_agrees_with_numpy(values: list[float]) -> None:
    sample = summarize(values)
    # Rounding of sums of up to 1e6: 1e-9 of the largest is far above it.
    assert sample.mean == pytest.approx(np.mean(values), abs=1e-3)
    assert sample.std == pytest.approx(np.std(values, ddof=1), abs=1e-3)


def test_one_run_has_no_spread() -> None:
    assert math.isnan(summarize([3.0]).std)
    assert summarize([3.0, math.nan, math.inf]).n == 1
    assert math.isnan(summarize([]).mean)


@given(st.lists(st.tuples(steps, steps), min_size=2, max_size=8))
def test_paired_agrees_with_scipy(pairs: list[tuple[float, float]]) -> None:
    first, other = np.array(pairs).T
    found = paired((other - first).tolist())
    if np.ptp((other - first).round(6)) == 0:
        return  # scipy has nan here; see below
    theirs = ttest_rel(other, first)
    low, high = theirs.confidence_interval(0.95)
    # Both sum a handful of numbers below 10 in float64; only the order differs.
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert found.p == pytest.approx(theirs.pvalue, abs=1e-9)
    assert found.counts == (len(pairs),)


@given(some, some)
def test_welch_agrees_with_scipy(first: list[float], other: list[float]) -> None:
    if 1 in (len(set(first)), len(set(other))):
        return  # scipy warns of these; a constant side is tested by hand below
    found = welch(summarize(first), summarize(other))
    theirs = ttest_ind(other, first, equal_var=False)
    low, high = theirs.confidence_interval(0.95)
    # As above; p is steep in t where the spread is small, hence the wider tolerance.
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-8)
    assert found.p == pytest.approx(theirs.pvalue, abs=1e-8)
    assert found.counts == (len(first), len(other))


def test_error_of_a_sum_by_hand() -> None:
    """Variances 1/3, 4/3 and 1/8, of 2, 2 and 1 degrees of freedom, and one of nothing."""
    parts = [(1 / 3, 2), (4 / 3, 2), (1 / 8, 1), (0.0, 1)]
    variance = 1 / 3 + 4 / 3 + 1 / 8
    freedom = variance**2 / ((1 / 3) ** 2 / 2 + (4 / 3) ** 2 / 2 + (1 / 8) ** 2)
    # A handful of float64 operations.
    assert combined(parts) == pytest.approx((math.sqrt(variance), freedom), rel=1e-12)
    assert combined([(0.0, 3), (0.0, 4)]) == (0, 1)


def test_resolution_widens_as_two_roundings_do() -> None:
    """Two numbers, each uniform within a step of 0.3: variances of 0.3² / 12."""
    differences = [0.1, 0.5, 0.2, 0.4]
    variance = (np.var(differences, ddof=1) + 2 * 0.3**2 / 12) / 4
    assert paired(differences, 0.3).error == pytest.approx(math.sqrt(variance))
    first, other = summarize([0.3, 0.6, 0.9]), summarize([0.9, 0.3])
    parts = [(0.09 + 0.0075) / 3, (0.18 + 0.0075) / 2]
    assert welch(first, other, 0.3).error == pytest.approx(math.sqrt(sum(parts)))


def test_equal_differences_in_steps_may_be_one_step() -> None:
    """Three times the same five examples of 200: the step may be all five."""
    found = paired([0.025] * 3, 0.005)
    assert found.error == pytest.approx(0.025 / math.sqrt(6 * 3))
    # t(2) of 3 √2 = 4.24.
    assert found.p == pytest.approx(2 * t.sf(math.sqrt(18), 2))
    sides = welch(summarize([0.9, 0.9]), summarize([0.91, 0.91]), 0.005)
    assert sides.error == pytest.approx(0.01 / math.sqrt(12))
    assert paired([0.0] * 3, 0.005).error == pytest.approx(0.005 / math.sqrt(18))


@pytest.mark.parametrize(("far", "found"), [(5.0, 5.0), (0.6, None)])
def test_outlier_by_grubbs_table(far: float, found: float | None) -> None:
    """Grubbs' critical value for n = 8 at 1 % on two sides is 2.274; here G is 2.46 and 1.80."""
    values = [0.1, -0.2, 0.3, 0.0, -0.1, 0.2, -0.3, far]
    assert outlier(values) == found
    assert outlier([0.0, 0.0, 0.0, 1e9]) is None


@pytest.mark.parametrize("values", [[], [0.3]])
def test_fewer_than_two_have_no_interval(values: list[float]) -> None:
    sample = summarize(values)
    for found in (paired(values), welch(sample, summarize([1.0, 2.0]))):
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert math.isnan(found.p)


def test_equal_differences_are_no_nonsense() -> None:
    same, moved = paired([0.0] * 4), paired([0.5] * 4)
    assert (same.difference, same.low, same.high, same.p) == (0, 0, 0, 1)
    assert (moved.difference, moved.low, moved.high) == (0.5, 0.5, 0.5)
    # Without a spread there is nothing to test by: no p is better than a p of zero.
    assert math.isnan(moved.p)
    flat = welch(summarize([1.0, 1.0]), summarize([1.0, 1.0, 1.0]))
    assert (flat.low, flat.high, flat.p) == (0, 0, 1)


def test_holm_by_hand() -> None:
    """Sorted 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1, and none below the one before."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_counts_tests_alone() -> None:
    corrected = holm([math.nan, 0.02, math.nan, 0.03])
    assert corrected[1::2] == pytest.approx([0.04, 0.04])
    assert math.isnan(corrected[0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_raises_keeps_the_order_and_stays_below_bonferroni(values: list[float]) -> None:
    corrected = holm(values)
    for p, q in zip(values, corrected, strict=True):
        assert p <= q <= min(1.0, len(values) * p)
    order = sorted(range(len(values)), key=lambda i: values[i])
    assert [corrected[i] for i in order] == sorted(corrected)
