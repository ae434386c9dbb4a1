"""Softmax regression."""

import math

from torch import Tensor, nn

from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.registry import register


@register("model", "softmax")
class SoftmaxRegression(Model):
    """One linear layer on the flattened inputs; the softmax itself is part of the loss.

    "Dive into Deep Learning", "Softmax Regression Implementation from Scratch".

    Args:
        inputs: The shape of one example.
        outputs: The number of classes.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``; the chapter takes 0.01.
        init_bias: How the biases are drawn.
    """

    tasks = frozenset({"classes"})

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        init: Init,
        init_std: InitStd,
        init_bias: InitBias,
    ) -> None:
        super().__init__()
        self.linear = nn.Linear(math.prod(inputs), outputs)
        initialise(self, init, init_std, init_bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, *inputs) to logits (B, outputs)."""
        logits: Tensor = self.linear(inputs.flatten(1))
        return logits
