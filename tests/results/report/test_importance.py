"""Importance: the share of the variance that a key explains alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.results.report.importance import shares
from runner.results.study import Study


def study(rows, keys):
    import pandas as pd

    sweep = pd.DataFrame([{"status": "ok", **row} for row in rows])
    return Study(sweep, sweep, keys, "test/loss", "classes", None, "")


def test_key_that_settles_the_metric_explains_all_of_it():
    rows = [{"a": a, "b": b, "test/loss": float(a)} for a in (1, 2) for b in (1, 2)]
    first, second = shares(study(rows, ["b", "a"]))
    assert (first.key, first.share) == ("a", pytest.approx(1))
    assert (second.key, second.share) == ("b", pytest.approx(0))


def test_keys_that_matter_only_together_explain_nothing_alone():
    rows = [{"a": a, "b": b, "test/loss": float(a != b)} for a in (1, 2) for b in (1, 2)]
    assert [share.share for share in shares(study(rows, ["a", "b"]))] == [0, 0]


def test_shares_of_an_additive_grid_add_up_to_one():
    rows = [{"a": a, "b": b, "test/loss": a + 3.0 * b} for a in range(3) for b in range(4)]
    assert sum(s.share for s in shares(study(rows, ["a", "b"]))) == pytest.approx(1)


@pytest.mark.parametrize("bad", [{"status": "diverged"}, {"test/loss": float("nan")}])
def test_too_few_runs_are_said_so(bad):
    rows = [{"a": a, "test/loss": float(i)} for a in (1, 2) for i in range(2)]
    rows[-1] |= bad
    (share,) = shares(study(rows, ["a"]))
    assert share.share is None
    assert "two values with two runs" in share.why_not


def test_metric_that_does_not_vary_has_no_shares():
    rows = [{"a": a, "test/loss": 1.0} for a in (1, 1, 2, 2)]
    assert shares(study(rows, ["a"]))[0].why_not == "the metric does not vary"


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
def test_shares_lie_between_nothing_and_all(pairs):
    rows = [{"a": a, "test/loss": value} for a, value in pairs]
    (share,) = shares(study(rows, ["a"]))
    assert share.share is None or 0 <= share.share <= 1
    assert share.chance is None or 0 < share.chance < 1
