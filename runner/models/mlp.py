"""The multilayer perceptron."""

import math
from itertools import pairwise

from pydantic import PositiveInt
from torch import Tensor, nn

from runner.models.activations import Activation, activation_layer
from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.registry import register


@register("model", "mlp")
class MLP(Model):
    """Fully connected layers on the flattened inputs, an activation after each but the last.

    "Dive into Deep Learning", "Multilayer Perceptrons".

    ``activate_logits`` builds a known slip of course work on purpose, so that its price can be
    measured: an activation after the last layer too. After ReLU no class can be voted down, and
    where all logits of an example are 0 it has no gradient; after a sigmoid they differ by at
    most 1, so that the cross-entropy never falls near 0.

    Args:
        inputs: The shape of one example.
        outputs: The number of classes or of targets.
        hidden: The width of each hidden layer; none at all leaves softmax or linear regression.
        activation: What follows each hidden layer.
        activate_logits: Whether it follows the last layer too.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``.
        init_bias: How the biases are drawn.
    """

    example = ("model.hidden=[12]",)

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        hidden: list[PositiveInt],
        activation: Activation,
        activate_logits: bool,
        init: Init,
        init_std: InitStd,
        init_bias: InitBias,
    ) -> None:
        super().__init__()
        widths = [math.prod(inputs), *hidden]
        layers: list[nn.Module] = [nn.Flatten()]
        for before, after in pairwise(widths):
            layers += [nn.Linear(before, after), activation_layer(activation)]
        layers.append(nn.Linear(widths[-1], outputs))
        if activate_logits:
            layers.append(activation_layer(activation))
        self.layers = nn.Sequential(*layers)
        initialise(self, init, init_std, init_bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, *inputs) to logits (B, outputs)."""
        logits: Tensor = self.layers(inputs)
        return logits
