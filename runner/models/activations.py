"""The activations a model may use, by their names in a config."""

from typing import Literal

import torch
from torch import Tensor, nn

Activation = Literal[
    "relu",
    "leaky-relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "sigmoid",
    "tanh",
    "identity",
]

_LAYERS: dict[Activation, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "identity": nn.Identity,
}


def activation_layer(name: Activation) -> nn.Module:
    """Return a new layer that applies the activation elementwise, with torch's own constants.

    ``leaky-relu`` has the slope 0.01 below zero, ``elu`` scale 1, ``softplus`` sharpness 1, and
    ``gelu`` is the exact one. ``identity`` leaves a network of linear layers linear.
    """
    return _LAYERS[name]()


def curve(
    name: Activation, low: float = -6, high: float = 6, points: int = 241
) -> tuple[Tensor, Tensor, Tensor]:
    """Return an activation and its derivative on a grid, ready to plot.

    "Dive into Deep Learning", "Multilayer Perceptrons", draws them so.

    Args:
        name: The activation.
        low: The first point of the grid.
        high: The last.
        points: How many points it has, at equal distances.

    Returns:
        x, f(x) and f'(x), each (points,) in float64; at a kink f' is what autograd takes it for,
        0 for ``relu``.
    """
    x = torch.linspace(low, high, points, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        y: Tensor = activation_layer(name)(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
    return x.detach(), y.detach(), slope
