import math

from runner.columns import MONITOR
from runner.results.compare.inputs import MetricValues, PointKey, Side
from runner.results.compare.matching import best_point, choosable, match, why_none_is_best
from runner.results.stats import summarize


def cell(values: list[float]) -> MetricValues:
    return MetricValues(
        summarize(values), {(i,): v for i, v in enumerate(values) if math.isfinite(v)}
    )


def side(keys: list[str], means: dict[PointKey, float], metric: str = MONITOR) -> Side:
    cells = {point: {metric: cell([mean])} for point, mean in means.items()}
    return Side("here", keys, ["seed"], [metric], cells, len(cells))


def test_equal_keys_match_equal_points_in_any_order() -> None:
    first = side(["lr", "lambda"], {(0.1, 0): 1, (0.2, 0): 1, (0.4, 0): 1})
    other = side(["lambda", "lr"], {(0, 0.2): 1, (0, 0.1): 1, (0, 0.3): 1})
    matching = match(first, other)
    assert matching.points == [((0.1, 0), (0, 0.1)), ((0.2, 0), (0, 0.2))]
    assert matching.unmatched == ([(0.4, 0)], [(0, 0.3)])


def test_other_keys_match_best_points_on_validation() -> None:
    first, other = side(["lr"], {(1,): 0.5, (2,): 0.3}), side(["p"], {(1,): math.nan, (2,): 0.9})
    assert match(first, other).kind == "best"
    assert match(first, other).points == [((2,), (2,))]


def test_test_split_chooses_nothing() -> None:
    first = side(["lr"], {(1,): 0.5, (2,): 0.3}, "test/loss")
    assert best_point(first) is None
    assert match(first, side(["p"], {(1,): 0.5, (2,): 0.3})).kind == "none"
    single = side([], {(): 0.5}, "test/loss")
    assert best_point(single) == ()


def test_it_is_told_why_no_point_is_best() -> None:
    """A search of which every point was let go has a validation loss, and no run that completed."""
    first = side(["lr"], {(1,): 0.5, (2,): 0.3})
    none = side(["p"], {(1,): math.nan, (2,): math.nan})
    blind = side(["p"], {(1,): 0.5, (2,): 0.3}, "test/loss")
    assert match(first, none).kind == match(first, blind).kind == "none"
    told = why_none_is_best([("A", first), ("B", none)])
    assert told == "no run of B completed, so that none is best"
    assert "without a validation split" in why_none_is_best([("A", first), ("B", blind)])


def test_point_that_seldom_trains_is_no_choice() -> None:
    """One run of five ended, and happens to be the best of all."""
    some = side(["lr"], {(1,): 0.5, (2,): 0.1, (3,): 0.6})
    full, single = cell([0.5, 0.5, 0.6, 0.4, 0.5]), cell([0.1])
    some.measured[(1,)][MONITOR] = some.measured[(3,)][MONITOR] = full
    some.measured[(2,)][MONITOR] = single
    assert choosable(some) == [(1,), (3,)]
    assert best_point(some) == (1,)
