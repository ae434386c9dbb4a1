import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.results.stats import describe, pool

numbers = st.floats(-1e6, 1e6)


@given(st.lists(numbers, min_size=2))
def test_agrees_with_numpy(values: list[float]) -> None:
    sample = describe(values)
    # Rounding of sums of up to 1e6: 1e-9 of the largest is far above it.
    assert sample.mean == pytest.approx(np.mean(values), abs=1e-3)
    assert sample.std == pytest.approx(np.std(values, ddof=1), abs=1e-3)


@given(st.lists(st.lists(numbers, max_size=6), max_size=6))
def test_pool_of_parts_is_the_whole(parts: list[list[float]]) -> None:
    pooled = pool([describe(part) for part in parts])
    whole = describe([value for part in parts for value in part])
    assert pooled.n == whole.n
    assert pooled.mean == pytest.approx(whole.mean, abs=1e-3, nan_ok=True)
    assert pooled.std == pytest.approx(whole.std, abs=1e-2, nan_ok=True)


def test_one_run_has_no_spread() -> None:
    assert math.isnan(describe([3.0]).std)
    assert describe([3.0, math.nan, math.inf]).n == 1
    assert math.isnan(describe([]).mean)
