from typing import get_args

import pytest
import torch
from torch import nn

from runner.models.activations import Activation, activation_layer

BY_HAND = {
    "relu": nn.functional.relu,
    "leaky-relu": lambda x: nn.functional.leaky_relu(x, 0.01),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu": lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2,
    "elu": lambda x: torch.where(x > 0, x, torch.exp(x) - 1),
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
