"""Examples drawn from a linear model: y = Xw + b + noise."""

import torch
from torch import Tensor

from runner.datasets.data import Data, Split
from runner.datasets.splits import stream


def linear_data(
    weights: Tensor,
    bias: float,
    *,
    noise: float,
    train_size: int,
    test_size: int,
    val_fraction: float,
    seed: int,
) -> Data:
    """Draw all splits, each from its own stream, so that none depends on another's size.

    Args:
        weights: (D,) float64, the true w.
        bias: The true b.
        noise: The standard deviation of what is added to each target.
        train_size: How many examples to train on; fewer are the first of more.
        test_size: How many examples to test on.
        val_fraction: The validation examples' part of training and validation together.
        seed: The dataset's seed.

    Returns:
        Features (N, D) and targets (N, 1), float32.
    """

    def draw(name: str, size: int) -> Split:
        shape = (size, len(weights))
        features = torch.from_numpy(stream(seed, name).standard_normal(shape)).float()
        errors = torch.from_numpy(stream(seed, f"{name} noise").standard_normal(size))
        targets = features.double() @ weights + bias + noise * errors
        return Split(features, targets.float().unsqueeze(1))

    held = _val_size(train_size, val_fraction)
    return Data(
        train=draw("train", train_size),
        val=draw("val", held) if held else None,
        test=draw("test", test_size),
    )


def _val_size(train_size: int, fraction: float) -> int:
    return max(1, round(train_size * fraction / (1 - fraction))) if fraction else 0
