"""Batch normalisation, written out by hand."""

import torch
from torch import Tensor, nn

EPS = 1e-5  # torch's own constants
MOMENTUM = 0.1


class ScratchBatchNorm(nn.Module):
    """``w (x - μ) / √(σ² + ε) + b``, with μ and σ² of the batch or, in use, running ones.

    "Dive into Deep Learning", "Batch Normalization"; Ioffe and Szegedy, "Batch normalization",
    2015. The batch is divided by its own, biased variance, and the running one follows the
    unbiased, both as torch does.

    Args:
        features: The number of features, each normalised by itself.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_var", torch.ones(features))

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, features) to as many.

        Raises:
            ValueError: While training on a single example, which has no variance.
        """
        mean, variance = self._of(inputs) if self.training else self._running()
        normalised = (inputs - mean) / torch.sqrt(variance + EPS)
        return self.weight * normalised + self.bias

    def _running(self) -> tuple[Tensor, Tensor]:
        return self.running_mean, self.running_var

    def _of(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean and the variance of a batch, and let the running ones follow."""
        examples = len(inputs)
        if examples < 2:
            raise ValueError("Batch normalisation needs more than 1 value per channel to train on.")
        mean = inputs.mean(0)
        variance = (inputs - mean).square().mean(0)
        unbiased = variance * examples / (examples - 1)
        _follow(self.running_mean, mean)
        _follow(self.running_var, unbiased)
        return mean, variance


def _follow(running: Tensor, batch: Tensor) -> None:
    # In place, so that the engine's stacked buffers see it; no gradient flows from batch to batch.
    running.mul_(1 - MOMENTUM).add_(MOMENTUM * batch.detach())
