"""A line (or plane) with noise, as small as a regression can be."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.splits import Fold, Folds, Seed, Share, Size
from runner.datasets.synthetic import LinearModelData
from runner.registry import register


@register("dataset", "linear")
class Linear(LinearModelData):
    """y = Xw + b + noise, with one weight given for each feature.

    Source: "Dive into Deep Learning", "Linear Regression".
    """

    def __init__(
        self,
        *,
        weights: Annotated[list[float], Field(min_length=1)],
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
        self.weights = weights

    def true_weights(self) -> Tensor:
        """Return the weights that were given, (D,) float64."""
        return torch.tensor(self.weights, dtype=torch.float64)
