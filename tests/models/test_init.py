import math
from typing import get_args

import pytest
import torch
from torch import nn

from runner.models.init import Init, InitBias, initialise

FAN_IN, FAN_OUT = 300, 200
# The deviation of n draws has a relative error of at most 1/sqrt(2n); the bounds are five of them.
FIVE_SIGMA = 5 / math.sqrt(2 * FAN_IN * FAN_OUT)


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def weight_after(init, init_std=0.01):
    layer = nn.Linear(FAN_IN, FAN_OUT)
    initialise(layer, init, init_std, "auto")
    return layer.weight.detach()


@pytest.mark.parametrize(
    ("init", "std"),
    [
        ("default", 1 / math.sqrt(3 * FAN_IN)),
        ("normal", 0.01),
        ("kaiming", math.sqrt(2 / FAN_IN)),
        ("xavier", math.sqrt(2 / (FAN_IN + FAN_OUT))),
        ("zeros", 0.0),
    ],
)
def test_weights_have_mean_zero_and_the_deviation_of_their_distribution(init, std):
    weight = weight_after(init)
    assert weight.std().item() == pytest.approx(std, rel=FIVE_SIGMA)
    assert abs(weight.mean().item()) <= 5 * std / math.sqrt(weight.numel())


@pytest.mark.parametrize(
    ("init", "bound"),
    [("default", 1 / math.sqrt(FAN_IN)), ("xavier", math.sqrt(6 / (FAN_IN + FAN_OUT)))],
)
def test_uniform_weights_fill_their_bounds(init, bound):
    # Of 60,000 draws the largest is within 0.1 % of the bound but with probability e^-60.
    largest = weight_after(init).abs().max().item()
    assert 0.999 * bound < largest <= bound * (1 + 1e-6)


def test_normal_follows_init_std():
    assert weight_after("normal", 1.0).std().item() == pytest.approx(1.0, rel=FIVE_SIGMA)


def test_a_convolution_counts_its_window_in_fan_in():
    layer = nn.Conv2d(16, 400, kernel_size=5)
    initialise(layer, "kaiming", 0.01, "auto")
    expected = math.sqrt(2 / (16 * 5 * 5))
    tolerance = 5 / math.sqrt(2 * layer.weight.numel())
    assert layer.weight.std().item() == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("init", get_args(Init))
def test_auto_takes_torchs_biases_with_torchs_weights_and_zeros_with_others(init):
    layer = nn.Linear(FAN_IN, FAN_OUT)
    initialise(layer, init, 0.01, "auto")
    assert bool(layer.bias.any()) == (init == "default")


@pytest.mark.parametrize("init", get_args(Init))
@pytest.mark.parametrize(
    ("init_bias", "std"),
    [("zeros", 0.0), ("default", 1 / math.sqrt(3 * FAN_IN)), ("normal", 0.3)],
)
def test_biases_have_the_deviation_of_their_own_distribution(init, init_bias, std):
    layers = nn.ModuleList(nn.Linear(FAN_IN, FAN_OUT) for _ in range(100))
    initialise(layers, init, 0.3, init_bias)
    biases = torch.cat([layer.bias.detach() for layer in layers])
    five_sigma = 5 / math.sqrt(2 * len(biases))  # as above
    assert biases.std().item() == pytest.approx(std, rel=five_sigma)
    assert abs(biases.mean().item()) <= 5 * std / math.sqrt(len(biases))


@pytest.mark.parametrize("init", get_args(Init))
def test_the_biases_leave_the_weights_of_a_seed_as_they_are(init):
    def weights(init_bias):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
        initialise(model, init, 0.3, init_bias)
        return [layer.weight for layer in (model[0], model[2])]

    expected = weights("auto")
    for init_bias in get_args(InitBias):
        assert all(map(torch.equal, weights(init_bias), expected))


@pytest.mark.parametrize("init_bias", get_args(InitBias))
@pytest.mark.parametrize("init", get_args(Init))
def test_normalisation_keeps_scale_one_and_shift_zero(init, init_bias):
    model = nn.Sequential(nn.Linear(3, 4, bias=False), nn.BatchNorm1d(4), nn.LayerNorm(4))
    initialise(model, init, 0.5, init_bias)
    for norm in model[1:]:
        assert torch.equal(norm.weight, torch.ones(4))
        assert torch.equal(norm.bias, torch.zeros(4))
