"""Linear regression."""

import math
from collections.abc import Mapping

from torch import Tensor, nn

from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.registry import register

# Of more weights than these, no single one is worth a column.
MOST_NAMED = 10
# A weight below this in magnitude counts as zero; gradient steps on λ·|w| come near zero and
# seldom hit it.
NEARLY_ZERO = 0.01


@register("model", "linreg")
class LinearRegression(Model):
    """One linear layer on the flattened inputs.

    "Dive into Deep Learning", "Linear Regression".

    Args:
        inputs: The shape of one example.
        outputs: The number of targets.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``; the chapter on weight decay takes 1.
        init_bias: How the biases are drawn.
    """

    tasks = frozenset({"numbers"})

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
        """Map (B, *inputs) to predictions (B, outputs)."""
        logits: Tensor = self.linear(inputs.flatten(1))
        return logits

    def quantities(self, params: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Name the weights and the bias, where they are few, and the share of weights near zero.

        Returns:
            ``w1`` to ``wD`` and ``b``, for one output and at most ``MOST_NAMED`` features; and
            ``sparsity``, the share of weights with |w| < ``NEARLY_ZERO``.
        """
        weights, biases = params["linear.weight"], params["linear.bias"]
        near_zero = (weights.abs() < NEARLY_ZERO).to(weights.dtype)
        named = {}
        if weights.shape[1] == 1 and weights.shape[2] <= MOST_NAMED:
            columns = weights[:, 0].unbind(1)
            named = {f"w{i}": w for i, w in enumerate(columns, 1)} | {"b": biases[:, 0]}
        return named | {"sparsity": near_zero.flatten(1).mean(1)}
