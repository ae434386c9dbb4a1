"""A line (or plane) with noise, as small as a regression can be."""

from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.data import Split
from runner.datasets.splits import Share, stream
from runner.datasets.synthetic import LinearModelData
from runner.registry import register

# An outlier's error is half normal of this scale: far above the targets' own spread of about 4,
# and never negative, so that it pulls a squared loss to one side.
OUTLIER_SCALE = 20.0


@register("dataset", "linear")
@dataclass(kw_only=True)
class Linear(LinearModelData):
    """y = Xw + b + noise, with one weight given for each feature.

    Each training target is an outlier with probability ``outliers``: ``OUTLIER_SCALE`` times the
    magnitude of a standard normal number is added to it. Validation and test targets have none,
    and more outliers are the same ones and others.

    Source: "Dive into Deep Learning", "Linear Regression".

    Attributes:
        weights: The true weight of each feature.
        outliers: The probability that a training target is an outlier.
    """

    weights: Annotated[list[float], Field(min_length=1)]
    outliers: Share

    def features_of_each(self) -> int:
        """Return how many weights there are."""
        return len(self.weights)

    def true_weights(self) -> Tensor:
        """Return the weights that were given, (D,) float64."""
        return torch.tensor(self.weights, dtype=torch.float64)

    def with_outliers(self, train: Split) -> Split:
        """Add a large positive error to some targets."""
        if not self.outliers:
            return train
        chosen = stream(self.seed, "outliers").random(len(train)) < self.outliers
        errors = OUTLIER_SCALE * abs(
            stream(self.seed, "outlier errors").standard_normal(len(train))
        )
        added = torch.from_numpy(chosen * errors).unsqueeze(1)
        return Split(train.inputs, (train.targets.double() + added).float())
