"""Successive halving and the median rule, by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.search.pruning import halved, rungs, worse_than_median


@pytest.mark.parametrize(
    ("epochs", "eta", "least", "expected"),
    [
        (27, 3, 1, [1, 3, 9]),
        (100, 3, 1, [1, 3, 11, 33]),
        (81, 3, 5, [9, 27]),
        (16, 2, 4, [4, 8]),
        (2, 3, 1, []),
        (1, 2, 1, []),
    ],
)
def test_rungs_are_the_epochs_divided_by_eta_again_and_again(epochs, eta, least, expected):
    assert rungs(epochs, eta, least) == expected


def test_one_in_eta_stays():
    values = {number: float(number) for number in range(9)}
    assert halved(values, 3, "lower") == [3, 4, 5, 6, 7, 8]
    assert halved(values, 3, "higher") == [0, 1, 2, 3, 4, 5]
    assert halved({4: 1.0, 7: 0.5}, 3, "lower") == [4]  # one at least stays
    assert halved({4: 1.0}, 3, "lower") == []


def test_the_earlier_of_two_equal_points_stays():
    assert halved({3: 0.5, 1: 0.5, 2: float("inf")}, 3, "lower") == [2, 3]


@given(
    st.dictionaries(st.integers(0, 500), st.floats(allow_nan=False), min_size=1),
    st.integers(2, 5),
    st.sampled_from(["lower", "higher"]),
)
def test_whoever_stays_is_no_worse_than_whoever_goes(values, eta, direction):
    going = halved(values, eta, direction)
    staying = values.keys() - set(going)
    assert len(staying) == max(1, len(values) // eta)
    sign = 1 if direction == "lower" else -1
    for gone in going:
        assert all(sign * values[stays] <= sign * values[gone] for stays in staying)


def test_the_median_rule_lets_go_what_is_worse_than_the_median_of_all():
    values = {5: 0.1, 6: 0.5, 7: 0.9}
    assert worse_than_median(values, [], "lower") == [7]
    assert worse_than_median(values, [], "higher") == [5]
    assert worse_than_median(values, [0.05, 0.06, 0.07], "lower") == [5, 6, 7]
    assert worse_than_median(values, [2.0, 3.0, 4.0], "lower") == []
    assert worse_than_median({1: math.inf, 2: math.inf, 3: 1.0}, [], "lower") == [1, 2]
    assert worse_than_median({1: -math.inf, 2: -math.inf, 3: 1.0}, [], "higher") == [1, 2]


def test_the_cost_of_a_round_is_known_before():
    from runner.search.dry_run import member_epochs

    # 9 points to epoch 1, 3 to epoch 3, 1 to epoch 9.
    assert member_epochs(9, [1, 3], 3, 9) == 9 + 3 * 2 + 6
    assert member_epochs(9, [], 3, 9) == 81
