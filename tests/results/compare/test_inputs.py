"""What the sides are called: what they are, and times never."""

from typing import Any

import pytest

from runner.results.compare.comparison import side_names
from runner.results.compare.inputs import MetricValues, Side, SideNames, name_sides
from runner.results.stats import summarize

DIGITS = {"dataset.name": "digits", "model.name": "mlp"}
TIME = "outputs/sweeps/2026-11-21/10-57-26-441686"
OTHER = "outputs/sweeps/2026-11-21/10-56-48-030957"


def side(path: str, *keys: str, **more: Any) -> Side:
    cell = {"loss": MetricValues(summarize([1.0]), {})}
    known = {"config": DIGITS, **more}
    return Side(path, list(keys), [], ["loss"], {(0,) * len(keys): cell}, 1, **known)


def named(*sides: Side) -> SideNames:
    return name_sides(sides, side_names(len(sides)))


def test_sweeps_of_one_model_are_named_by_what_they_swept() -> None:
    names = named(side(TIME, "model.dropout"), side(OTHER, "regularizer.lambda"))
    assert names.title == "digits, mlp: regularizer.lambda compared with model.dropout"
    assert names.each == ["model.dropout", "regularizer.lambda"]


def test_other_data_are_named() -> None:
    linear = {"dataset.name": "high-dim-linear", "model.name": "linreg"}
    names = named(side(TIME, "optim.lr"), side(OTHER, "optim.lr", config=linear))
    assert names.title == (
        "high-dim-linear, linreg by optim.lr compared with digits, mlp by optim.lr"
    )


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"seed": 1}, "digits, mlp: seed=1 compared with seed=0"),
        ({"optim.name": "adam", "optim.eps": 1}, "optim.name=adam compared with optim.name=sgd"),
        ({"epochs": 1, "seed": 2}, "digits, mlp: B compared with A"),
    ],
)
def test_runs_are_named_by_the_one_key_that_differs(config: dict[str, Any], words: str) -> None:
    first = {**DIGITS, "seed": 0, "epochs": 3, "optim.name": "sgd"}
    names = named(side(TIME, config=first), side(OTHER, config=first | config))
    assert words in names.title


def test_files_are_named_by_their_paths_but_times_are_no_names() -> None:
    assert named(side("x/a.csv", config={}), side("x/b.csv", config={})).title == (
        "b.csv compared with a.csv"
    )
    assert named(side("s/0", config={}), side("s/1", config={})).each == ["A", "B"]
    assert named(side(TIME, config={}), side(OTHER, config={})).each == ["A", "B"]
    assert named(side("a.csv", config={}), side("a.csv", config={})).each == ["A", "B"]


def test_functions_minimised_are_named() -> None:
    config = {"dataset.name": "none", "model.name": "none", "loss.name": "beale"}
    assert named(side(TIME, "a", config=config), side(OTHER, "b", config=config)).title == (
        "beale: b compared with a"
    )


def test_many_sides_and_many_keys_stay_short() -> None:
    sides = [side(TIME, *(f"k{i}.{j}" for j in range(i))) for i in range(1, 6)]
    names = named(*sides)
    assert names.title == "digits, mlp: 4 sides compared with k1.0"
    assert names.each[-1] == "k5.0, k5.1, k5.2, 2 more"
