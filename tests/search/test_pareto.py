"""The Pareto front, by hand."""

from hypothesis import given
from hypothesis import strategies as st

from runner.engine.monitor import Monitor
from runner.search.pareto import front

LOSS, ACCURACY = Monitor("val/loss", "lower"), Monitor("val/accuracy", "higher")


def test_who_is_beaten_in_no_goal_is_on_the_front():
    values = {0: (0.5, 0.9), 1: (0.4, 0.8), 2: (0.6, 0.8), 3: (0.4, 0.7)}
    assert front(values, [LOSS, ACCURACY]) == [1, 0]


def test_equal_points_are_both_on_it():
    assert front({5: (0.5, 0.9), 2: (0.5, 0.9)}, [LOSS, ACCURACY]) == [2, 5]


def test_one_goal_has_its_best_point():
    assert front({0: (3.0,), 1: (1.0,), 2: (2.0,)}, [LOSS]) == [1]


NUMBERS = st.floats(allow_nan=False)


@given(st.dictionaries(st.integers(0, 50), st.tuples(NUMBERS, NUMBERS), min_size=1))
def test_whoever_is_not_on_the_front_is_beaten_by_one_that_is(values):
    best = front(values, [LOSS, ACCURACY])
    assert best
    for number, (loss, accuracy) in values.items():
        if number not in best:
            assert any(values[n][0] <= loss and values[n][1] >= accuracy for n in best)
