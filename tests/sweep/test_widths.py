import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.sweep.widths import best, evenly, predicted, told


@given(st.integers(1, 3000), st.integers(1, 1024))
def test_a_group_is_cut_into_as_few_as_can_be_of_nearly_one_size(members, widest):
    cut = evenly(range(members), widest)
    assert [member for part in cut for member in part] == list(range(members))
    sizes = [len(part) for part in cut]
    assert max(sizes) <= widest and max(sizes) - min(sizes) <= 1
    assert (len(cut) - 1) * widest < members
    assert sizes == sorted(sizes, reverse=True)


def test_130_runs_are_two_of_65_rather_than_128_and_2():
    assert [len(part) for part in evenly(range(130), 128)] == [65, 65]


def test_widths_are_those_of_the_cuts_and_cost_what_the_parts_do():
    costs = predicted(lambda width: 1.0 + width, 5)
    # 5 runs in groups of at most 1, 2, 4 and 8: 1+1+1+1+1, 2+2+1, 3+2, 5
    assert costs == {
        1: pytest.approx(10 / 5),
        2: pytest.approx((3 + 3 + 2) / 5),
        3: pytest.approx((4 + 3) / 5),
        5: pytest.approx(6 / 5),
    }


def test_no_width_is_above_the_widest():
    assert max(predicted(float, 1000, widest=300)) <= 300
    assert list(predicted(float, 3000)) == [1, 2, 4, 8, 16, 32, 64, 125, 250, 500, 1000]


@pytest.mark.parametrize(
    ("costs", "width"),
    [
        ({1: 1.0, 2: 0.95}, 1),  # a near tie goes to one after another
        ({1: 1.0, 2: 0.8}, 2),
        ({1: 1.0, 2: 1.5, 4: 0.5}, 4),
        ({1: 1.0, 2: 0.5, 4: 0.49, 8: 0.48}, 2),  # and among widths to the smaller one
        ({1: 1.0, 2: 0.5, 4: 0.3, 8: 0.6}, 4),
        ({1: 1.0, 2: 1.2, 4: 0.92}, 1),
    ],
)
def test_the_best_width_pays_clearly(costs, width):
    assert best(costs) == width


def test_what_was_predicted_is_told_in_milliseconds():
    assert told({1: 4.9e-4, 2: 2.5e-4, 8: 6.123e-5}) == (
        "predicted ms per step and run: 0.49 alone, 0.25 at width 2, 0.0612 at 8"
    )
    # memory may leave no other width
    assert told({1: 4.9e-4}) == "predicted ms per step and run: 0.49 alone"
