"""Importance: the share of the variance that a key explains alone, and what chance would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.results.measures import Measures
from runner.results.report.importance import shares, shares_with_chance
from runner.results.sweep_view import SweepView


def view(rows, keys):
    import pandas as pd

    sweep = pd.DataFrame([{"status": "ok", **row} for row in rows])
    return SweepView(sweep, sweep, keys, "val/loss", Measures("classes"), "")


def test_key_that_settles_the_metric_explains_all_of_it():
    rows = [{"a": a, "b": b, "val/loss": float(a)} for a in (1, 2) for b in (1, 2)]
    first, second = shares(view(rows, ["b", "a"]))
    assert (first.key, first.share) == ("a", pytest.approx(1))
    assert (second.key, second.share) == ("b", pytest.approx(0))


def test_keys_that_matter_only_together_explain_nothing_alone():
    rows = [{"a": a, "b": b, "val/loss": float(a != b)} for a in (1, 2) for b in (1, 2)]
    assert [share.share for share in shares(view(rows, ["a", "b"]))] == [0, 0]


def test_shares_of_an_additive_grid_add_up_to_one():
    rows = [{"a": a, "b": b, "val/loss": a + 3.0 * b} for a in range(3) for b in range(4)]
    assert sum(s.share for s in shares(view(rows, ["a", "b"]))) == pytest.approx(1)


@pytest.mark.parametrize("bad", [{"status": "diverged"}, {"val/loss": float("nan")}])
def test_too_few_runs_are_said_so(bad):
    rows = [{"a": a, "val/loss": float(i)} for a in (1, 2) for i in range(2)]
    rows[-1] |= bad
    (share,) = shares(view(rows, ["a"]))
    assert share.share is None
    assert "two values with two completed runs" in share.why_not


def test_metric_that_does_not_vary_has_no_shares():
    rows = [{"a": a, "val/loss": 1.0} for a in (1, 1, 2, 2)]
    assert shares(view(rows, ["a"]))[0].why_not == "the metric does not vary"


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
def test_shares_lie_between_nothing_and_all(pairs):
    rows = [{"a": a, "val/loss": value} for a, value in pairs]
    (share,) = shares(view(rows, ["a"]))
    assert share.share is None or 0 <= share.share <= 1


def grid_of(effect, seeds=5, noise=1.0, seed=0):
    """Two keys and seeds, one key with an effect, seeds that lie apart."""
    rng = np.random.default_rng(seed)
    apart = rng.normal(0, 2, seeds)
    return [
        {"a": a, "b": b, "seed": s, "val/loss": effect * b + apart[s] + noise * rng.normal()}
        for a in range(4)
        for b in range(3)
        for s in range(seeds)
    ]


def test_strong_key_does_not_lend_its_variance_to_chance():
    """(values - 1) / (runs - 1) is 0.05, and nearly all of the variance is b's."""
    found = {share.key: share for share in shares_with_chance(view(grid_of(5.0), ["a", "b"]))}
    assert found["a"].chance < 0.015
    # One of 999 permutations and the runs as they were, for two keys.
    assert found["b"].p == pytest.approx(2 / 1000)


def test_key_without_meaning_seldom_passes():
    """Sixty sweeps in which nothing matters: more than 9 below 0.05 would be one in a thousand."""
    lowest = [
        min(share.p for share in shares_with_chance(view(grid_of(0.0, seed=i), ["a", "b"])))
        for i in range(60)
    ]
    assert sum(p < 0.05 for p in lowest) <= 9


def test_weak_key_is_found_beside_a_strong_one():
    rows = [row | {"val/loss": row["val/loss"] + row["a"]} for row in grid_of(10.0)]
    found = {share.key: share for share in shares_with_chance(view(rows, ["a", "b"]))}
    assert found["a"].share < 0.05
    assert found["a"].p < 0.01


def test_runs_that_differ_in_more_than_a_key_tell_nothing_of_it_alone():
    """The two keys go together, so neither can be shuffled with the other as it is."""
    rows = [
        {"a": a, "b": a, "seed": s, "val/loss": float(a + s)} for a in range(3) for s in range(3)
    ]
    for share in shares_with_chance(view(rows, ["a", "b"])):
        assert share.share is not None
        assert share.chance is None
        assert np.isnan(share.p)


def test_seeds_of_their_own_do_not_hinder_the_shuffling():
    rows = [{"a": i % 2, "seed": i, "val/loss": float(i % 2 + 0.1 * i)} for i in range(12)]
    (share,) = shares_with_chance(view(rows, ["a"]))
    assert share.p < 0.2
