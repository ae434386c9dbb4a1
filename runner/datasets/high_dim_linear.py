"""More features than training examples: what weight decay is shown on."""

from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.base import Dataset
from runner.datasets.data import Data
from runner.datasets.splits import Seed, Share, Size
from runner.datasets.synthetic import linear_data
from runner.registry import register


@register("dataset", "high-dim-linear")
class HighDimLinear(Dataset):
    """y = Xw + b + noise, with X ~ N(0, 1) and the same weight for each of many features.

    Validation examples, if asked for, are drawn besides the ``train_size`` training examples.
    Source: "Dive into Deep Learning", "Weight Decay".
    """

    task = "numbers"

    def __init__(
        self,
        *,
        features: Size,
        weight: float,
        bias: float,
        noise: Annotated[float, Field(ge=0)],
        train_size: Size,
        test_size: Size,
        val_fraction: Share,
        seed: Seed,
    ) -> None:
        self.features = features
        self.weight = weight
        self.bias = bias
        self.noise = noise
        self.train_size = train_size
        self.test_size = test_size
        self.val_fraction = val_fraction
        self.seed = seed

    def load(self) -> Data:
        """Draw the examples: features (N, features) and targets (N, 1), float32."""
        return linear_data(
            torch.full((self.features,), self.weight, dtype=torch.float64),
            self.bias,
            noise=self.noise,
            train_size=self.train_size,
            test_size=self.test_size,
            val_fraction=self.val_fraction,
            seed=self.seed,
        )
