"""``search.csv`` as it is read: what the best so far was, by points and by what they took."""

import numpy as np
import pytest

from runner.results.search.trials import read_trials


@pytest.fixture
def trials(folders):
    found = read_trials(folders.search("s"))
    assert found is not None
    return found


def test_keys_and_metric_stand_between_what_every_search_has(trials):
    assert (trials.keys, trials.metric) == (["optim", "optim.lr"], "val/loss")
    assert (len(trials.frame), len(trials.complete), len(trials.pruned)) == (60, 6, 48)
    assert trials.rungs == [1, 3, 9]


def test_best_so_far_is_known_at_the_end_of_a_round(trials):
    points, by_point = trials.best_so_far("trial")
    spent, by_spent = trials.best_so_far("member_epochs")
    seconds, by_second = trials.best_so_far("seconds")
    assert points.tolist() == list(range(1, 61))
    # A round: one point of nine epochs, two of three, seven of one.
    assert spent.tolist() == [22.0 * (round_ + 1) for round_ in range(6)]
    assert seconds.tolist() == [1.5 * (round_ + 1) for round_ in range(6)]
    np.testing.assert_array_equal(by_spent, by_point[9::10])
    np.testing.assert_array_equal(by_second, by_spent)
    assert trials.total("member_epochs") == 132


def test_best_points_are_those_trained_to_the_end(trials):
    best = trials.best
    assert len(best) == 6
    assert best["val/loss"].is_monotonic_increasing
    assert best["val/loss"].iloc[0] == trials.frame["best_so_far"].iloc[-1]


def test_a_metric_that_rises_is_ranked_the_other_way(folders):
    folder = folders.search("s")
    path = folder / "search.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    for row in rows[1:]:
        row[-2:] = [f"-{value}" if value else "" for value in row[-2:]]
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    trials = read_trials(folder)
    assert trials is not None and not trials.lower_is_better
    assert trials.best["val/loss"].iloc[0] == trials.frame["best_so_far"].iloc[-1]


@pytest.mark.parametrize("content", ["", "trial,round\n", "a,b\n1,2\n", None])
def test_what_is_no_such_table_is_none(folders, content):
    folder = folders.search("s")
    if content is None:
        (folder / "search.csv").unlink()
    else:
        (folder / "search.csv").write_text(content)
    assert read_trials(folder) is None
