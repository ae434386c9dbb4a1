from typing import get_args

import pytest
import torch
from torch import nn

from runner.models.activations import Activation, activation_layer, curve

BY_HAND = {
    "relu": nn.functional.relu,
    "leaky-relu": lambda x: nn.functional.leaky_relu(x, 0.01),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu": lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2,
    "elu": lambda x: torch.where(x > 0, x, torch.exp(x) - 1),
    # The constants at which mean 0 and variance 1 stay so: Klambauer et al., 2017.
    "selu": lambda x: (
        1.0507009873554804934 * torch.where(x > 0, x, 1.6732632423543772848 * (torch.exp(x) - 1))
    ),
    "silu": lambda x: x / (1 + torch.exp(-x)),
    "softplus": lambda x: torch.log(1 + torch.exp(x)),
    "identity": lambda x: x,
}


def test_every_activation_is_compared():
    assert set(BY_HAND) == set(get_args(Activation))


@pytest.mark.parametrize("name", BY_HAND)
def test_activation_is_the_function_of_its_name(name):
    x = torch.linspace(-4, 4, 81, dtype=torch.float64)
    # Rounding of float64, where exp(x) - 1 loses a digit or two.
    torch.testing.assert_close(activation_layer(name)(x), BY_HAND[name](x), rtol=1e-12, atol=1e-14)


def test_layers_are_not_shared():
    assert activation_layer("relu") is not activation_layer("relu")


SLOPES = {
    "relu": lambda x: (x > 0).double(),
    "leaky-relu": lambda x: 0.01 + 0.99 * (x > 0).double(),
    "sigmoid": lambda x: torch.sigmoid(x) * (1 - torch.sigmoid(x)),
    "tanh": lambda x: 1 - torch.tanh(x) ** 2,
    "softplus": torch.sigmoid,
    "identity": torch.ones_like,
}


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_are_those_of_the_closed_forms(name):
    x, _, slope = curve(name)
    torch.testing.assert_close(slope, SLOPES[name](x), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_curve_is_the_activation_and_its_slope_on_a_plain_grid(name):
    x, y, slope = curve(name, low=-2.5, high=3, points=56)
    assert {(t.shape, t.dtype, t.requires_grad) for t in (x, y, slope)} == {
        ((56,), torch.float64, False)
    }
    assert (x[0], x[-1]) == (-2.5, 3)
    torch.testing.assert_close(y, BY_HAND[name](x), rtol=1e-12, atol=1e-14)
    h = 1e-6  # central differences: h^2 / 6 of the third derivative, and rounding of 1e-16 / h
    smooth = x.abs() > 2 * h
    differences = (BY_HAND[name](x + h) - BY_HAND[name](x - h)) / (2 * h)
    torch.testing.assert_close(slope[smooth], differences[smooth], rtol=0, atol=1e-8)


def test_a_curve_has_a_slope_where_gradients_are_off():
    with torch.no_grad():
        assert curve("relu")[2].sum() == 120  # half of 241 points, without 0 in the middle
