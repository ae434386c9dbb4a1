"""Linear regression."""

import math

from torch import Tensor, nn

from runner.models.base import Model
from runner.models.init import Init, InitStd, initialise
from runner.registry import register


@register("model", "linreg")
class LinearRegression(Model):
    """One linear layer on the flattened inputs.

    "Dive into Deep Learning", "Linear Regression".

    Args:
        inputs: The shape of one example.
        outputs: The number of targets.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``; the chapter on weight decay takes 1.
    """

    tasks = frozenset({"numbers"})

    def __init__(
        self, inputs: tuple[int, ...], outputs: int, *, init: Init, init_std: InitStd
    ) -> None:
        super().__init__()
        self.linear = nn.Linear(math.prod(inputs), outputs)
        initialise(self, init, init_std)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, *inputs) to predictions (B, outputs)."""
        logits: Tensor = self.linear(inputs.flatten(1))
        return logits
