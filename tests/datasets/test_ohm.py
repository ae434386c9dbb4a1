"""Ohm's law, read back from the drawn measurements."""

from collections.abc import Callable

import torch

from runner.datasets.base import Dataset

Build = Callable[..., Dataset]


def test_without_noise_voltages_are_resistance_times_current(build: Build) -> None:
    data = build("ohm", resistance=4.7, noise=0.0, val_fraction=0.2).load()
    for split in data.splits.values():
        # The data is float32: seven digits.
        torch.testing.assert_close(split.targets, 4.7 * split.inputs, rtol=1e-6, atol=0)


def test_currents_fill_their_range(build: Build) -> None:
    currents = build("ohm", largest_current=3.0, train_size=5000).load().train.inputs
    assert 0 <= currents.min() < 0.01 and 2.99 < currents.max() <= 3
    assert abs(currents.mean() - 1.5) < 0.05  # four deviations


def test_least_squares_finds_the_resistance_that_is_declared_true(build: Build) -> None:
    data = build("ohm", resistance=12.0, noise=0.5, train_size=2000).load()
    train = data.train
    features = torch.cat([train.inputs, torch.ones(len(train), 1)], dim=1)
    slope, offset = torch.linalg.lstsq(features, train.targets).solution.flatten().tolist()
    assert data.true == {"w1": 12.0, "b": 0.0}
    # Deviations: of the slope 0.5 / (sqrt(2000) * 0.577) = 0.02, of the offset 0.022; four of them.
    assert abs(slope - data.true["w1"]) < 0.08
    assert abs(offset - data.true["b"]) < 0.09


def test_the_noise_has_the_deviation_asked_for(build: Build) -> None:
    train = build("ohm", noise=0.3, train_size=10_000).load().train
    errors = train.targets - 4.7 * train.inputs
    # Of 10,000 normal numbers the deviation is known to 0.7 %: four times that.
    assert abs(errors.std() / 0.3 - 1) < 0.03
