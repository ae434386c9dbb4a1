"""A linear layer, written out by hand."""

import torch
from torch import Tensor, nn


class ScratchLinear(nn.Module):
    """``x W^T + b``.

    "Dive into Deep Learning", "Linear Regression Implementation from Scratch". The weights are
    drawn uniformly from ±1/√inputs, in the order in which torch's own layer draws them, so that
    one seed gives both layers the same.

    Args:
        inputs: The number of features that enter.
        outputs: The number that leave.
        bias: Whether b is added.
    """

    def __init__(self, inputs: int, outputs: int, bias: bool) -> None:
        super().__init__()
        bound = inputs**-0.5
        self.weight = nn.Parameter(torch.empty(outputs, inputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound)) if bias else None

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, inputs) to (B, outputs)."""
        products = inputs @ self.weight.T
        return products if self.bias is None else products + self.bias
