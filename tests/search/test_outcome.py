"""Where a point stands, by its runs."""

import math

import pytest

from runner.search.outcome import RunSoFar, outcome

DIVERGED, ENDED = RunSoFar("diverged", 1, (math.nan,)), RunSoFar("ok", 9, (0.5,))


@pytest.mark.parametrize(
    ("runs", "status", "epoch", "values", "epochs"),
    [
        ([ENDED, RunSoFar("ok", 7, (0.7,))], "ok", 9, (0.6,), 16),  # one was stopped by patience
        ([ENDED, DIVERGED], "diverged", 9, None, 10),
        ([ENDED, RunSoFar("failed", 0, (math.nan,))], "failed", 9, None, 9),
        ([RunSoFar("paused", 3, (0.5,)), DIVERGED], "diverged", 3, None, 4),
    ],
)
def test_a_point_is_as_well_as_its_worst_run(runs, status, epoch, values, epochs):
    found = outcome(runs)
    assert (found.status, found.epoch, found.member_epochs) == (status, epoch, epochs)
    assert found.values == (values and pytest.approx(values))
