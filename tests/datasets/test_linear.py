"""The datasets drawn from a linear model, against the model they are drawn from."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runner.datasets.base import Dataset
from runner.datasets.linear import OUTLIER_SCALE, Linear

Build = Callable[..., Dataset]


def fit(dataset: Dataset) -> torch.Tensor:
    """Least squares with a bias, (D + 1,), the bias last."""
    train = dataset.load().train
    features = torch.cat([train.inputs, torch.ones(len(train), 1)], dim=1).double()
    return torch.linalg.lstsq(features, train.targets.double()).solution.squeeze(1)


def test_without_noise_the_truth_is_found(build: Build) -> None:
    found = fit(build("linear", noise=0.0))
    # The data is float32: seven digits.
    torch.testing.assert_close(found, torch.tensor([2.0, -3.4, 4.2]).double(), atol=1e-6, rtol=0)


def test_noise_has_the_deviation_asked_for(build: Build) -> None:
    test = build("linear", noise=0.5, test_size=10_000).load().test
    assert test is not None
    errors = test.targets.squeeze(1) - test.inputs @ torch.tensor([2.0, -3.4]) - 4.2
    # Of 10,000 normal numbers the deviation is known to 0.7 %, the mean to 0.005: four times that.
    assert abs(errors.std() - 0.5) < 0.015
    assert abs(errors.mean()) < 0.02


def test_noise_of_the_splits_is_independent(build: Build) -> None:
    data = build("linear", weights=[0.0], bias=0.0, noise=1.0, train_size=1000).load()
    assert data.test is not None
    both = torch.cat(
        [data.train.inputs, data.train.targets, data.test.inputs, data.test.targets], 1
    )
    # Correlations of 1,000 independent pairs are within 0.03 of 0, one deviation.
    off_diagonal = both.T.corrcoef() - torch.eye(4)
    assert off_diagonal.abs().max() < 0.15


def test_features_are_standard_normal(build: Build) -> None:
    inputs = build("linear", train_size=10_000).load().train.inputs
    assert inputs.mean(0).abs().max() < 0.05  # five deviations
    assert (inputs.std(0) - 1).abs().max() < 0.05


def test_weight_decay_study_has_fewer_examples_than_features(build: Build) -> None:
    data = build("high-dim-linear", noise=0.0).load()
    assert data.test is not None
    assert data.train.inputs.shape == (20, 200)
    assert data.test.inputs.shape == (100, 200)
    for split in (data.train, data.test):
        expected = split.inputs.double().sum(1, keepdim=True) * 0.01 + 0.05
        torch.testing.assert_close(split.targets.double(), expected, atol=1e-6, rtol=0)


def test_noise_alone_leaves_the_features(build: Build) -> None:
    quiet, loud = (build("linear", noise=noise).load().train for noise in (0.0, 1.0))
    assert torch.equal(quiet.inputs, loud.inputs)
    assert not torch.equal(quiet.targets, loud.targets)


@given(st.integers(1, 60), st.floats(0.01, 0.9))
def test_training_examples_do_not_pay_for_validation(train_size: int, fraction: float) -> None:
    data = Linear(
        weights=[1.0],
        bias=0.0,
        noise=0.0,
        outliers=0.0,
        train_size=train_size,
        test_size=1,
        val_fraction=fraction,
        folds=None,
        fold=None,
        seed=0,
    ).load()
    assert len(data.train) == train_size
    assert data.val is not None and len(data.val) >= 1


def outliers(dataset: Dataset) -> torch.Tensor:
    """What was added to each training target, from the weights of the YAML file."""
    train = dataset.load().train
    return train.targets.squeeze(1) - train.inputs @ torch.tensor([2.0, -3.4]) - 4.2


def test_outliers_are_large_one_sided_and_as_many_as_asked_for(build: Build) -> None:
    added = outliers(build("linear", noise=0.0, outliers=0.2, train_size=10_000))
    struck = added.abs() > 1e-4  # float32 rounding of numbers of order 10
    # 10,000 draws of probability 0.2: 40 is one deviation; four of them.
    assert abs(struck.sum() - 2000) < 160
    assert added[struck].min() > 0
    # The mean of a half normal number is sqrt(2/pi) = 0.798, over 2,000 known to 0.6/sqrt(2000).
    assert abs(added[struck].mean() / OUTLIER_SCALE - 0.798) < 0.06


@pytest.mark.parametrize("keys", [{}, {"val_fraction": 0.3}, {"folds": 4, "fold": 1}])
def test_outliers_leave_all_but_training_targets(keys: dict[str, Any], build: Build) -> None:
    clean, spoilt = (build("linear", outliers=part, **keys).load() for part in (0.0, 0.5))
    assert torch.equal(clean.train.inputs, spoilt.train.inputs)
    kept = clean.train.targets == spoilt.train.targets
    assert 0.4 < kept.float().mean() < 0.6
    for part in clean.splits.keys() - {"train"}:
        assert torch.equal(clean.splits[part].inputs, spoilt.splits[part].inputs)
        assert torch.equal(clean.splits[part].targets, spoilt.splits[part].targets)


def test_more_outliers_are_the_same_and_others(build: Build) -> None:
    few, many = (outliers(build("linear", noise=0.0, outliers=part)) for part in (0.1, 0.3))
    struck = few > 1e-4
    assert torch.equal(few[struck], many[struck])
    assert (many > 1e-4).sum() > struck.sum()


def test_the_truth_is_named_as_linear_regression_names_it(build: Build) -> None:
    assert build("linear").load().true == {"w1": 2.0, "w2": -3.4, "b": 4.2}
    assert build("high-dim-linear").load().true == {}
    few = build("high-dim-linear", features=3).load().true
    assert few == {"w1": 0.01, "w2": 0.01, "w3": 0.01, "b": 0.05}
