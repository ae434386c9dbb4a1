"""More features than examples: the data on which weight decay shows what it does."""

from dataclasses import dataclass

import torch
from torch import Tensor

from runner.datasets.splits import Size
from runner.datasets.synthetic import LinearModelData
from runner.registry import register


@register("dataset", "high-dim-linear")
@dataclass(kw_only=True)
class HighDimLinear(LinearModelData):
    """y = Xw + b + noise, with the same weight for each of many features.

    Source: "Dive into Deep Learning", "Weight Decay".

    Attributes:
        features: How many features there are.
        weight: The true weight of every feature.
    """

    features: Size
    weight: float

    def features_of_each(self) -> int:
        """Return how many features there are."""
        return self.features

    def true_weights(self) -> Tensor:
        """Return the same weight for every feature, (features,) float64."""
        return torch.full((self.features,), self.weight, dtype=torch.float64)
