"""Dropout, written out by hand."""

import torch
from torch import Tensor

from runner.models.noise import NoiseLayer


class ScratchDropout(NoiseLayer):
    """While training, a unit is 0 with probability ``rate`` and h / (1 - rate) otherwise.

    So its expectation stays h. "Dive into Deep Learning", "Dropout".

    Args:
        rate: The probability in [0, 1); a buffer, so that members of a group may differ in it.
    """

    rate: Tensor

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.register_buffer("rate", torch.tensor(float(rate)), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return (B, …) activations, thinned while training and unchanged otherwise."""
        if not self.training:
            return inputs
        kept = self.uniform(inputs) >= self.rate
        return kept * inputs / (1 - self.rate)
