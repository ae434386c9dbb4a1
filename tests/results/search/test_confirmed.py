"""The best points on seeds that the search had not seen."""

import math

import pytest
from scipy import stats

from runner.results.search.confirmed import read_confirmed
from runner.results.search.trials import read_trials
from runner.results.stats import mean_interval


def confirmed_of(folder):
    trials = read_trials(folder)
    assert trials is not None
    return read_confirmed(trials)


def test_points_have_their_values_and_intervals_over_the_seeds(folders):
    found = confirmed_of(folders.search("s"))
    assert found is not None and found.metric == "best/val/loss"
    assert [point.values["optim"] for point in found.points] == ["adam", "sgd"]
    for point in found.points:
        sample = point.samples["best/val/loss"]
        half = stats.t.ppf(0.975, 4) * sample.std / math.sqrt(5)
        assert (sample.n, point.runs) == (5, 5)
        assert mean_interval(sample) == pytest.approx(
            (sample.mean - half, sample.mean + half), rel=1e-9
        )


def test_a_key_that_all_of_them_share_is_told_all_the_same(folders):
    """Of points that differ in no value of a key their tables do not speak of it."""
    (point,) = confirmed_of(folders.search("s", confirmed=1)).points
    assert point.values == {"optim": "sgd", "optim.lr": 0.001}


def test_those_confirmed_last_count(folders):
    folder = folders.search("s")
    (folder / "confirm-60").rename(folder / "confirm-9")
    (folder / "confirm-100").mkdir()
    found = confirmed_of(folder)
    assert found is not None and found.folder.name == "confirm-9"


def test_without_any_there_are_none(folders):
    assert confirmed_of(folders.search("s", confirmed=0)) is None
