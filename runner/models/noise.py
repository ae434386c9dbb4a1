"""Layers that take their randomness as an input, so that they are the same function for any S."""

import torch
from torch import Tensor, nn


class NoiseLayer(nn.Module):
    """A layer that consumes uniform noise of its input's shape while training.

    The engine draws the noise of each member by its own seed and passes it in place of the buffer
    ``noise``. A model used by itself, outside the engine, draws its own; under ``vmap`` it
    may not, since what the members draw would depend on how they are grouped.
    """

    noise: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("noise", torch.empty(0), persistent=False)

    def uniform(self, inputs: Tensor) -> Tensor:
        """Return noise in [0, 1) of the shape of ``inputs``, (B, …).

        Raises:
            RuntimeError: Under ``vmap`` without noise: torch refuses to draw there, unless the
                caller asked for it with ``randomness=``.
        """
        if self.noise.numel():
            return self.noise
        return torch.rand_like(inputs)


class Dropout(NoiseLayer):
    """Zeroes each activation with probability ``rate`` and scales the rest by 1 / (1 - rate).

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.

    Args:
        rate: The probability in [0, 1); a buffer, so that members of a group may differ in it, and
            none of the weights that another model may start with.
    """

    rate: Tensor

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.register_buffer("rate", torch.tensor(float(rate)), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return (B, …) activations, thinned while training and unchanged otherwise."""
        if not self.training:
            return inputs
        return inputs * ((self.uniform(inputs) >= self.rate) / (1 - self.rate))
