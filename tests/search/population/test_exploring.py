"""The values of members: within their ranges, near those they came from, and the same again."""

from math import log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.request.dimensions import Dimension
from runner.request.populating import Settings
from runner.search.population.values import changed, drawn, explored

LR = Dimension("optim.lr", low=1e-3, high=1.0, log=True)
DROPOUT = Dimension("model.dropout", low=0.0, high=0.6)
STEPPED = Dimension("optim.momentum", low=0.0, high=0.9, step=0.3)
LISTED = Dimension("optim.lr", values=("0.5", "0.1", "0.2"))
LISTS = Dimension("optim.betas", values=("[0.9,0.99]", "[0.8,0.9]", "[0.5,0.9]"))
WHOLE = Dimension("model.width", low=2, high=9, whole=True)
ALL = (LR, DROPOUT, STEPPED, LISTED, LISTS, WHOLE)
SETTINGS = Settings(
    members=4, interval=1, quantile=0.25, factor=1.2, resample=0.25, metric=None, seed=0
)


def is_within(of, value):
    if of.values:
        return value in (0.5, 0.1, 0.2, [0.9, 0.99], [0.8, 0.9], [0.5, 0.9])
    return of.low <= value <= of.high


@pytest.mark.parametrize("of", ALL, ids=lambda of: f"{of.key}")
@given(seed=st.integers(0, 10**6))
def test_a_value_is_always_within_its_range(of, seed):
    draws = Random(seed)
    value = drawn(of, draws)
    assert is_within(of, value)
    for _ in range(20):
        value = changed(of, value, 1.2, draws)
        assert is_within(of, value)


def test_a_number_is_multiplied_or_divided_by_the_factor():
    found = {changed(LR, 0.1, 1.2, Random(seed)) for seed in range(50)}
    assert found == {0.12, 0.08333}  # as it is typed, with four digits
    assert {changed(LR, 1.0, 1.2, Random(seed)) for seed in range(50)} == {1.0, 0.8333}


def test_zero_stays_zero_until_it_is_drawn_afresh():
    assert {changed(DROPOUT, 0.0, 1.2, Random(seed)) for seed in range(20)} == {0.0}


def test_a_whole_number_moves_by_one_at_least():
    assert {changed(WHOLE, 2, 1.2, Random(seed)) for seed in range(50)} == {2, 3}
    assert {changed(WHOLE, 9, 1.2, Random(seed)) for seed in range(50)} == {8, 9}


def test_a_listed_number_moves_to_a_neighbour():
    assert {changed(LISTED, 0.2, 1.2, Random(seed)) for seed in range(50)} == {0.1, 0.5}
    assert {changed(LISTED, 0.5, 1.2, Random(seed)) for seed in range(50)} == {0.2}
    assert {changed(STEPPED, 0.3, 1.2, Random(seed)) for seed in range(50)} == {0.0, 0.6}


def test_of_lists_any_is_taken():
    found = [changed(LISTS, [0.9, 0.99], 1.2, Random(seed)) for seed in range(50)]
    assert len({str(value) for value in found}) == 3


def test_a_logarithmic_interval_is_drawn_evenly_over_its_powers_of_ten():
    """Of 3,000 draws a third falls into each of three; 5 standard deviations are 4 %."""
    logs = [log(drawn(LR, Random(seed)), 10) for seed in range(3000)]
    for power in (-3, -2, -1):
        share = sum(power <= value < power + 1 for value in logs) / 3000
        assert share == pytest.approx(1 / 3, abs=0.043)


@given(seed=st.integers(0, 1000))
def test_the_same_draws_give_the_same_values(seed):
    before = {"optim.lr": 0.1, "model.dropout": 0.2}
    found = [explored((LR, DROPOUT), before, SETTINGS, Random(seed)) for _ in range(2)]
    assert found[0] == found[1] and list(found[0]) == ["optim.lr", "model.dropout"]


def test_a_quarter_is_drawn_afresh():
    """Of 2,000 members; 5 standard deviations are 0.05."""
    near = (0.12, 0.08333)
    found = [
        explored((LR,), {"optim.lr": 0.1}, SETTINGS, Random(n))["optim.lr"] for n in range(2000)
    ]
    assert sum(value not in near for value in found) / 2000 == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize(
    ("interval", "epochs", "stops"),
    [
        (1, 3, [1, 2]),
        (2, 5, [2, 4]),
        (5, 5, []),
        ("auto", 30, [*range(3, 30, 3)]),
        ("auto", 4, [1, 2, 3]),
    ],
)
def test_there_is_an_exchange_after_each_interval_but_not_at_the_end(interval, epochs, stops):
    settings = SETTINGS.model_copy(update={"interval": interval})
    assert list(settings.stops(epochs)) == stops
