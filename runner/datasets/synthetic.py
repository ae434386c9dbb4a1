"""Examples drawn from a linear model: y = Xw + b + noise."""

from abc import abstractmethod

import torch
from torch import Tensor

from runner.datasets.base import Dataset
from runner.datasets.data import Data, Split
from runner.datasets.splits import check_fold, fold_out, stream


class LinearModelData(Dataset):
    """y = Xw + b + noise, with X ~ N(0, 1), every split from its own stream of random numbers.

    So no split depends on another's size, and fewer examples are the first of more. Validation
    examples, if asked for, are drawn besides the training examples.

    Attributes:
        bias: The true b.
        noise: The standard deviation of what is added to each target.
        train_size: How many examples to train on.
        test_size: How many examples to test on.
        val_fraction: The validation examples' part of training and validation together.
        folds: Into how many parts the training examples are divided; ``fold`` is validated on.
        seed: The dataset's seed.
    """

    task = "numbers"

    def __init__(
        self,
        *,
        bias: float,
        noise: float,
        train_size: int,
        test_size: int,
        val_fraction: float,
        folds: int | None,
        fold: int | None,
        seed: int,
    ) -> None:
        self.bias = bias
        self.noise = noise
        self.train_size = train_size
        self.test_size = test_size
        self.val_fraction = val_fraction
        check_fold(folds, fold)
        self.folds = folds
        self.fold = fold
        self.seed = seed

    @abstractmethod
    def true_weights(self) -> Tensor:
        """Return w, (D,) float64."""

    def load(self) -> Data:
        """Draw the examples: features (N, D) and targets (N, 1), float32."""
        train, val = self._divided(self._draw("train", self.train_size))
        return Data(train, val, self._draw("test", self.test_size))

    def _divided(self, train: Split) -> tuple[Split, Split | None]:
        if self.folds is not None:
            return fold_out(train, self.folds, self.fold, self.seed)
        held = self._val_size()
        return train, self._draw("val", held) if held else None

    def _draw(self, name: str, size: int) -> Split:
        weights = self.true_weights()
        shape = (size, len(weights))
        features = torch.from_numpy(stream(self.seed, name).standard_normal(shape)).float()
        errors = torch.from_numpy(stream(self.seed, f"{name} noise").standard_normal(size))
        targets = features.double() @ weights + self.bias + self.noise * errors
        return Split(features, targets.float().unsqueeze(1))

    def _val_size(self) -> int:
        if not self.val_fraction:
            return 0
        return max(1, round(self.train_size * self.val_fraction / (1 - self.val_fraction)))
