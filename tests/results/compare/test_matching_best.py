"""Best points: each repetition is judged at the point that the others choose."""

import math

import numpy as np
import pytest

from runner.columns import MONITOR
from runner.results.compare.inputs import MetricValues, Side
from runner.results.compare.matching import Candidates, candidates, estimate_at_best
from runner.results.stats import paired, summarize

METRIC = "test/loss"
Values = dict[float, list[float]]


def cell(values: list[float], start: int) -> MetricValues:
    return MetricValues(
        summarize(values), {(start + i,): v for i, v in enumerate(values) if math.isfinite(v)}
    )


def side(loss: Values, metric: Values, start: int = 0) -> Side:
    cells = {
        (point,): {MONITOR: cell(loss[point], start), METRIC: cell(metric[point], start)}
        for point in loss
    }
    return Side("here", ["lr"], ["seed"], [MONITOR, METRIC], cells, len(cells))


def contender(loss: Values, metric: Values, start: int = 0) -> Candidates:
    return candidates(side(loss, metric, start), METRIC)


def test_each_seed_is_judged_where_the_others_choose() -> None:
    """Seed 2's loss of 0 makes the second point the best; without it the first one is."""
    loss = {1.0: [2.0, 2.0, 2.0], 2.0: [3.0, 3.0, 0.0]}
    metric = {1.0: [10.0, 20.0, 30.0], 2.0: [1.0, 2.0, 3.0]}
    found = estimate_at_best(contender(loss, metric), contender({9.0: [1.0] * 3}, {9.0: [0.0] * 3}))
    assert found.chosen[0] == ((2.0,), (2.0,), (1.0,))
    assert found.first == pytest.approx((1.0 + 2.0 + 30.0) / 3)
    assert found.tested == ((-1.0, -2.0, -30.0),)


def test_single_points_are_paired_as_ever_but_for_the_jackknife() -> None:
    """Without a choice Efron and Stein's variance is Student's times n / (n - 1)."""
    first, other = [0.5, 0.7, 0.9, 0.4], [0.6, 0.9, 0.85, 0.7]
    found = estimate_at_best(
        contender({1.0: first}, {1.0: first}), contender({2.0: other}, {2.0: other})
    )
    plain = paired([b - a for a, b in zip(first, other, strict=True)])
    assert found.estimate.difference == pytest.approx(plain.difference)
    assert found.estimate.error == pytest.approx(plain.error * math.sqrt(4 / 3))


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_have_no_interval(seeds: int) -> None:
    loss = {1.0: [0.5] * seeds, 2.0: [0.6] * seeds}
    found = estimate_at_best(contender(loss, loss), contender(loss, loss))
    assert math.isfinite(found.estimate.difference)
    assert math.isnan(found.estimate.low)
    assert math.isnan(found.estimate.p)


@pytest.mark.parametrize("start", [0, 100])
def test_wavering_choice_widens_the_interval(start: int) -> None:
    """The same numbers judged; only which point is chosen changes with the seed left out."""
    rng = np.random.default_rng(0)
    near, far = ({1.0: [0.0] * 5, 2.0: [gap] * 5} for gap in (0.0, 9.0))
    noise = rng.normal(size=(2, 5))
    metric = {1.0: [0.1, 0.2, 0.15, 0.12, 0.17], 2.0: [1.1, 1.2, 1.15, 1.12, 1.17]}
    base = contender({9.0: [0.0] * 5}, {9.0: [0.1, 0.3, 0.2, 0.15, 0.25]}, start)
    widths = []
    for loss in (far, near):
        moved = {p: list(v + noise[i]) for i, (p, v) in enumerate(
            (p, np.array(v)) for p, v in loss.items())}  # fmt: skip
        estimate = estimate_at_best(base, contender(moved, metric)).estimate
        widths.append(estimate.high - estimate.low)
    assert estimate.method == ("Welch" if start else "paired")
    assert widths[1] > 2 * widths[0]


def test_run_that_diverged_at_the_chosen_point_counts_nowhere() -> None:
    loss = {1.0: [1.0, 1.0, math.nan, 1.0], 2.0: [2.0] * 4}
    found = estimate_at_best(contender(loss, loss), contender({9.0: [0.0] * 4}, {9.0: [0.0] * 4}))
    assert found.estimate.counts == (3,)
    assert found.first == pytest.approx(1.0)


def test_accuracies_count_to_one_example() -> None:
    same = {1.0: [0.9, 0.9, 0.91]}
    other = {2.0: [0.92, 0.92, 0.93]}
    found = estimate_at_best(contender(same, same), contender(other, other), resolution=0.01)
    # All pairs differ by 0.02, which may be the step.
    assert found.estimate.error == pytest.approx(0.02 / math.sqrt(6 * 3))
