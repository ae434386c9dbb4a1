import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t, ttest_ind, ttest_rel

from runner.results.stats import describe, holm, paired, welch

numbers = st.floats(-1e6, 1e6)
# Hundredths: differences are either zero or far above rounding.
steps = st.integers(-500, 500).map(lambda number: number / 100)
some = st.lists(steps, min_size=2, max_size=8)


@given(st.lists(numbers, min_size=2))
def test_agrees_with_numpy(values: list[float]) -> None:
    sample = describe(values)
    # Rounding of sums of up to 1e6: 1e-9 of the largest is far above it.
    assert sample.mean == pytest.approx(np.mean(values), abs=1e-3)
    assert sample.std == pytest.approx(np.std(values, ddof=1), abs=1e-3)


def test_one_run_has_no_spread() -> None:
    assert math.isnan(describe([3.0]).std)
    assert describe([3.0, math.nan, math.inf]).n == 1
    assert math.isnan(describe([]).mean)


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
    found = welch([(describe(first), describe(other))])
    theirs = ttest_ind(other, first, equal_var=False)
    low, high = theirs.confidence_interval(0.95)
    # As above; p is steep in t where the spread is small, hence the wider tolerance.
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-8)
    assert found.p == pytest.approx(theirs.pvalue, abs=1e-8)
    assert found.counts == (len(first), len(other))


def test_welch_over_strata_by_hand() -> None:
    """Two strata: variances 1/3 + 4/3 and 0.25/2 + 0 over four, Satterthwaite's freedom."""
    strata = [
        (describe([1.0, 2.0, 3.0]), describe([2.0, 4.0, 6.0])),
        (describe([100.0, 100.0 + math.sqrt(0.5)]), describe([101.0, 101.0])),
    ]
    parts = [1 / 3 / 4, 4 / 3 / 4, 0.25 / 2 / 4, 0.0]
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 2 + parts[1] ** 2 / 2 + parts[2] ** 2 / 1)
    half = t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    found = welch(strata)
    mean = (2.0 + 1.0 - math.sqrt(0.5) / 2) / 2
    # Two dozen float64 operations on numbers near 100.
    assert found.difference == pytest.approx(mean, abs=1e-12)
    assert found.high - found.low == pytest.approx(2 * half, rel=1e-9)


@pytest.mark.parametrize("values", [[], [0.3]])
def test_fewer_than_two_have_no_interval(values: list[float]) -> None:
    sample = describe(values)
    for found in (paired(values), welch([(sample, describe([1.0, 2.0]))])):
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert math.isnan(found.p)


def test_equal_differences_are_no_nonsense() -> None:
    same, moved = paired([0.0] * 4), paired([0.5] * 4)
    assert (same.difference, same.low, same.high, same.p) == (0, 0, 0, 1)
    assert (moved.difference, moved.low, moved.high, moved.p) == (0.5, 0.5, 0.5, 0)
    flat = welch([(describe([1.0, 1.0]), describe([1.0, 1.0, 1.0]))])
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
