"""More features than examples: the data on which weight decay shows what it does."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.splits import Fold, Folds, Seed, Share, Size
from runner.datasets.synthetic import LinearModelData
from runner.registry import register


@register("dataset", "high-dim-linear")
class HighDimLinear(LinearModelData):
    """y = Xw + b + noise, with the same weight for each of many features.

    Source: "Dive into Deep Learning", "Weight Decay".
    """

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
        folds: Folds,
        fold: Fold,
        seed: Seed,
    ) -> None:
        super().__init__(
            bias=bias,
            noise=noise,
            train_size=train_size,
            test_size=test_size,
            val_fraction=val_fraction,
            folds=folds,
            fold=fold,
            seed=seed,
        )
        self.features = features
        self.weight = weight

    def true_weights(self) -> Tensor:
        """Return the same weight for every feature, (features,) float64."""
        return torch.full((self.features,), self.weight, dtype=torch.float64)
