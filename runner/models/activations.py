"""The activations a model may use, by their names in a config."""

from typing import Literal

from torch import nn

Activation = Literal["relu", "leaky-relu", "sigmoid", "tanh", "gelu", "elu"]

_LAYERS: dict[Activation, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "elu": nn.ELU,
}


def activation_layer(name: Activation) -> nn.Module:
    """Return a new layer that applies the activation elementwise, with torch's own constants.

    ``leaky-relu`` has the slope 0.01 below zero, ``elu`` scale 1, and ``gelu`` is the exact one.
    """
    return _LAYERS[name]()
