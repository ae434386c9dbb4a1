"""A line (or plane) with noise, as small as a regression can be."""

from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.base import Dataset
from runner.datasets.data import Data
from runner.datasets.splits import Seed, Share, Size
from runner.datasets.synthetic import linear_data
from runner.registry import register


@register("dataset", "linear")
class Linear(Dataset):
    """y = Xw + b + noise, with X ~ N(0, 1) and one weight per feature.

    Validation examples, if asked for, are drawn besides the ``train_size`` training examples.
    Source: "Dive into Deep Learning", "Linear Regression".
    """

    task = "numbers"

    def __init__(
        self,
        *,
        weights: Annotated[list[float], Field(min_length=1)],
        bias: float,
        noise: Annotated[float, Field(ge=0)],
        train_size: Size,
        test_size: Size,
        val_fraction: Share,
        seed: Seed,
    ) -> None:
        self.weights = weights
        self.bias = bias
        self.noise = noise
        self.train_size = train_size
        self.test_size = test_size
        self.val_fraction = val_fraction
        self.seed = seed

    def load(self) -> Data:
        """Draw the examples: features (N, D) and targets (N, 1), float32."""
        return linear_data(
            torch.tensor(self.weights, dtype=torch.float64),
            self.bias,
            noise=self.noise,
            train_size=self.train_size,
            test_size=self.test_size,
            val_fraction=self.val_fraction,
            seed=self.seed,
        )
