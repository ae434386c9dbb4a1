import math

import numpy as np
import pytest

from runner.results.power import power_of
from runner.results.stats import paired, student, summarize, welch


@pytest.mark.parametrize(("size", "needed"), [(0.5, 34), (0.8, 15), (1.0, 10)])
def test_pairs_needed_agree_with_published_tables(size: float, needed: int) -> None:
    """Cohen's sizes at 80 % and 5 %, two-sided, one sample: 34, 15 and 10 pairs."""
    count = 20
    estimate = student(size, 1 / math.sqrt(count), count - 1, (count,), "paired")
    power = power_of(estimate)
    assert power is not None
    assert power.needed == needed


def test_runs_needed_on_either_side_agree_with_published_tables() -> None:
    """Two samples, a difference of 0.8 standard deviations: 26 on either side."""
    count = 10
    estimate = student(0.8, math.sqrt(2 / count), 2 * count - 2, (count, count), "Welch")
    power = power_of(estimate)
    assert power is not None
    assert power.needed == 26


def test_detectable_difference_is_found_in_four_of_five_tries() -> None:
    """The difference that five pairs of spread 1 detect, tried 4,000 times."""
    rng = np.random.default_rng(0)
    power = power_of(student(1.0, 1 / math.sqrt(5), 4, (5,), "paired"))
    assert power is not None
    tries = rng.normal(power.detectable, 1, (4000, 5))
    share = np.mean([paired(list(differences)).p < 0.05 for differences in tries])
    # Four standard errors of a share of 0.8 over 4,000 tries.
    assert share == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / 4000))


def test_nothing_is_said_where_nothing_is_known_of_the_spread() -> None:
    assert power_of(paired([0.5])) is None
    assert power_of(paired([0.5, 0.5])) is None
    power = power_of(welch(summarize([1.0, 2.0, 3.0]), summarize([3.0, 2.0, 1.0])))
    assert power is not None
    assert power.needed is None
