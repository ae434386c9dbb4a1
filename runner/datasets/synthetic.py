"""Examples that are drawn rather than read, every split from its own stream of random numbers."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.data import Data, Split
from runner.datasets.splits import Divided, Size, fold_out, stream
from runner.models.linreg import MOST_NAMED


@dataclass(kw_only=True)
class GeneratedData(Divided):
    """Inputs and targets that follow a law, with noise.

    No split depends on another's size, and fewer examples are the first of more. Validation
    examples, if asked for, are drawn besides the training examples.

    Attributes:
        train_size: How many examples to train on.
        test_size: How many examples to test on.
        val_fraction: The validation examples' part of training and validation together.
    """

    task = "numbers"
    drawn = True
    example: ClassVar[tuple[str, ...]] = ("dataset.train_size=80", "dataset.test_size=30")

    train_size: Size
    test_size: Size

    @abstractmethod
    def draw(self, name: str, size: int) -> Split:
        """Draw the first ``size`` examples of a split: (N, D) and (N, 1) float32.

        Args:
            name: The split, which names its streams of random numbers.
            size: N.
        """

    @abstractmethod
    def true_quantities(self) -> dict[str, float]:
        """Return what the examples were made with, by the names the models give it."""

    def with_outliers(self, train: Split) -> Split:
        """Return the training examples as they are learnt from; here, as they were drawn."""
        return train

    def features_of_each(self) -> int:
        """Return D, how many features an example has; nothing is drawn."""
        return 1

    def smallest_memory(self) -> int:
        """Return the bytes of all splits as they are kept: float32."""
        examples = self.train_size + self.test_size + self._val_size()
        return 4 * examples * (self.features_of_each() + 1)

    def load(self) -> Data:
        """Draw the examples: features (N, D) and targets (N, 1), float32."""
        train, val = self._divided(self.draw("train", self.train_size))
        test = self.draw("test", self.test_size)
        return Data(train, val, test, true=self.true_quantities())

    def _divided(self, drawn: Split) -> tuple[Split, Split | None]:
        if self.folds is None:
            held = self._val_size()
            return self.with_outliers(drawn), self.draw("val", held) if held else None
        # An example is an outlier where it is learnt from, and clean in the fold that measures it.
        train, _ = fold_out(self.with_outliers(drawn), self.folds, self.fold, self.seed)
        return train, fold_out(drawn, self.folds, self.fold, self.seed)[1]

    def _val_size(self) -> int:
        if not self.val_fraction:
            return 0
        return max(1, round(self.train_size * self.val_fraction / (1 - self.val_fraction)))


@dataclass(kw_only=True)
class LinearModelData(GeneratedData):
    """y = Xw + b + noise, with X ~ N(0, 1).

    Attributes:
        bias: The true b.
        noise: The standard deviation of what is added to each target.
    """

    bias: float
    noise: Annotated[float, Field(ge=0)]

    @abstractmethod
    def true_weights(self) -> Tensor:
        """Return w, (D,) float64."""

    def true_quantities(self) -> dict[str, float]:
        """Return ``w1`` to ``wD`` and ``b``, where the model names as many weights."""
        weights = self.true_weights().tolist()
        if len(weights) > MOST_NAMED:
            return {}
        return {f"w{i}": weight for i, weight in enumerate(weights, 1)} | {"b": self.bias}

    def draw(self, name: str, size: int) -> Split:
        """Draw standard normal features and their noisy targets; see ``GeneratedData``."""
        weights = self.true_weights()
        shape = (size, len(weights))
        features = torch.from_numpy(stream(self.seed, name).standard_normal(shape)).float()
        errors = torch.from_numpy(stream(self.seed, f"{name} noise").standard_normal(size))
        targets = features.double() @ weights + self.bias + self.noise * errors
        return Split(features, targets.float().unsqueeze(1))
