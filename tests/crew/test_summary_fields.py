"""What a run's summary says of it besides its results."""

from datetime import UTC, datetime, timedelta

import pytest

from runner.config import check
from runner.crew.summary_fields import identity, replaced
from runner.machine import cores


def differing(composer, *overrides):
    point = composer.point(overrides)
    return replaced(check(point.resolved), point.defaults)


@pytest.mark.parametrize(
    ("overrides", "defaults"),
    [
        ([], {}),
        (["optim.lr=0.1", "repeats=1"], {}),  # as they are anyway
        (["epochs=3", "seed=4", "name=mine"], {"epochs": 20, "seed": 0, "name": None}),
        (["optim=adam"], {"optim": "sgd"}),
        # The default of a component's key is its own file's, not that of the component it replaces.
        (["optim=adam", "optim.lr=0.5"], {"optim": "sgd", "optim.lr": 0.001}),
        (["model=dropout-mlp", "model.dropout=0"], {"model": "mlp", "model.dropout": [0.2, 0.5]}),
        (["device=cpu"], {"device": "auto"}),
    ],
)
def test_replaced_defaults_are_named_and_nothing_else(composer, overrides, defaults):
    assert differing(composer, *overrides) == defaults


def test_a_studys_own_values_differ_from_the_defaults_too(composer):
    found = differing(composer, "experiment=weight-decay", "regularizer.lambda=3", "repeats=1")
    assert (found["dataset"], found["model"], found["epochs"]) == ("digits", "mlp", 20)
    assert found["regularizer.lambda"] == 0
    assert "experiment" not in found


def test_identity_tells_when_the_run_began(composer):
    point = composer.point(["epochs=3"])
    config = check(point.resolved)
    found = identity(config, replaced(config, point.defaults), 2, {})
    began = datetime.fromisoformat(found["started"])
    assert timedelta(0) <= datetime.now(UTC) - began < timedelta(minutes=1)
    assert (found["width"], found["defaults"]) == (2, {"epochs": 20})
    assert f"{cores()} core" in found["machine"]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            [],
            {
                "loss": {"direction": "lower", "label": "cross-entropy", "unit": None},
                "accuracy": {"direction": "higher", "label": "accuracy", "unit": "fraction"},
            },
        ),
        (
            ["dataset=linear", "model=linreg"],
            {
                "loss": {"direction": "lower", "label": "half squared error", "unit": None},
                "rmse": {"direction": "lower", "label": "root mean squared error", "unit": None},
                "r2": {"direction": "higher", "label": "R²", "unit": None},
            },
        ),
        (
            ["dataset=none", "model=point", "loss=himmelblau"],
            {"loss": {"direction": "lower", "label": "himmelblau", "unit": None}},
        ),
    ],
)
def test_what_is_measured_is_told_with_its_direction(composer, overrides, expected):
    point = composer.point(overrides)
    assert identity(check(point.resolved), {}, 1, {})["metrics"] == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], "half squared error, standardised"),
        (["dataset.standardize_target=false"], "half squared error"),
        (["dataset.classes=true", "model=mlp"], "cross-entropy"),
    ],
)
def test_a_loss_of_the_standardised_target_says_so(composer, more, expected):
    point = composer.point(["dataset=csv", "model=linreg", *more])
    found = identity(check(point.resolved), {}, 1, {})["metrics"]
    assert found["loss"]["label"] == expected
