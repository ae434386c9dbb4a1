"""A black body's light, against the laws of Wien and of Stefan and Boltzmann."""

from collections.abc import Callable

import torch

from runner.datasets.base import Dataset

Build = Callable[..., Dataset]


def test_without_noise_the_suns_light_is_brightest_in_green(build: Build) -> None:
    train = build("planck", noise=0.0, train_size=5000).load().train
    brightest = train.inputs[train.targets.argmax()].item()
    # Wien: 2897.77 um K / 5772 K = 0.502 um; 5,000 wavelengths are 0.0006 um apart.
    assert abs(brightest - 2897.77 / 5772) < 0.01
    # 26.2 kW/(sr m2 nm) there, from the law in SI units by hand.
    assert abs(train.targets.max().item() - 26.23) < 0.05


def test_noise_is_in_proportion(build: Build) -> None:
    clean, noisy = (
        build("planck", noise=noise, train_size=5000).load().train for noise in (0.0, 0.02)
    )
    assert torch.equal(clean.inputs, noisy.inputs)
    ratio = noisy.targets / clean.targets - 1
    for part in (clean.inputs < 1, clean.inputs >= 1):
        assert abs(ratio[part].std() / 0.02 - 1) < 0.1  # 1,400 numbers: 2 % is one deviation


def test_wavelengths_stay_as_they_are(build: Build) -> None:
    data = build("planck").load()
    prepared = data.prepare(data.train.inputs, torch.float32)
    assert torch.equal(prepared, data.train.inputs)
    assert 0.2 <= prepared.min() < 0.3 and 2.9 < prepared.max() <= 3.0


def test_the_temperature_is_known(build: Build) -> None:
    assert build("planck", temperature=3000.0).load().true == {"temperature": 3000.0}
