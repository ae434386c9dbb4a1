"""Which values are not worth another try."""

from runner.request.dimensions import Dimension
from runner.search.avoid import to_avoid

LR = Dimension("lr", low=0.0, high=1.0)
KIND = Dimension("kind", values=("a", "b"))


def points(*rates, kind="a"):
    return [{"lr": str(lr), "kind": kind} for lr in rates]


def test_the_end_of_an_interval_beyond_which_all_diverged():
    found = to_avoid([LR], points(0.1, 0.9, 0.3, 0.7, 0.8), [False, True, False, True, True])
    assert found == ["lr ≥ 0.7: all 3 points diverged"]
    found = to_avoid([LR], points(0.1, 0.2, 0.3, 0.7), [True, True, True, False])
    assert found == ["lr ≤ 0.3: all 3 points diverged"]


def test_too_few_points_say_nothing():
    assert to_avoid([LR], points(0.1, 0.8, 0.9), [False, True, True]) == []


def test_one_that_did_not_diverge_is_a_limit():
    rates, lost = (0.1, 0.6, 0.7, 0.75, 0.8, 0.9), [False, True, True, False, True, True]
    assert to_avoid([LR], points(*rates), lost) == []


def test_a_choice_with_which_all_diverged():
    both = points(0.1, 0.2, 0.3) + points(0.1, 0.2, 0.3, kind="b")
    found = to_avoid([KIND], both, [False, True, True, True, True, True])
    assert found == ["kind=b: all 3 points diverged"]


def test_where_all_diverged_no_value_is_to_blame():
    assert to_avoid([LR], points(0.1, 0.2, 0.3), [True] * 3) == []


def test_a_key_that_a_point_has_not_counts_for_nothing():
    some = [{"kind": "a"}, *points(0.7, 0.8, 0.9), *points(0.1)]
    assert to_avoid([LR], some, [True, True, True, True, False]) == [
        "lr ≥ 0.7: all 3 points diverged"
    ]
