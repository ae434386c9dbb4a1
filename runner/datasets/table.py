"""What the datasets of rows and columns have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from runner.datasets.data import Data, Split
from runner.datasets.splits import Divided, Share, Size, hold_out, subset


@dataclass(kw_only=True)
class TabularData(Divided):
    """Rows of numeric features, each with a class or a number to predict.

    Features are standardised with the training split's means and deviations as they are used
    (``Data.mean``, ``Data.std``); ``inputs`` holds them as they are.

    Attributes:
        standardize_target: Whether number targets are trained on in standard deviations from their
            mean, both over the whole file: one unit for all splits, folds and sizes, so that
            losses compare, and learning rates don't depend on the file's unit. Metrics and
            predictions are in the target's own units all the same. Classes stay as they are.
        test_fraction: The part of the rows to test on; none for 0.
        train_size: How many of the rest to train on; None for all, in the file's order.
    """

    task = "numbers"
    example: ClassVar[tuple[str, ...]] = ("dataset.train_size=80",)

    standardize_target: bool
    test_fraction: Share
    train_size: Size | None

    @classmethod
    def standardizes_target(cls, config: Mapping[str, object]) -> bool:
        """Return whether the targets are numbers that are standardised."""
        return cls.task_of(config) == "numbers" and bool(config["standardize_target"])

    @abstractmethod
    def read(self) -> tuple[Split, tuple[str, ...] | None]:
        """Return all rows in the file's order, float64, and the names of the classes, if any."""

    def chosen(self, whole: Split) -> Split:
        """Return the rows that are used, of those that the file has; here, all."""
        return whole

    def load(self) -> Data:
        """Read the rows, divide them, and standardise.

        Returns:
            Features (N, D) float32, and targets (N,) int64 or (N, 1) float32.

        Raises:
            RequestError: The file is not at hand or faulty, or the division is impossible.
        """
        whole, classes = self.read()
        target_mean = target_std = None
        if classes is None and self.standardize_target:
            target_mean, target_std = moments(whole.targets)
            whole = Split(whole.inputs, (whole.targets - target_mean) / target_std)
        splits = self._splits(self.chosen(whole))
        mean, std = moments(splits["train"].inputs)
        cpu = torch.device("cpu")
        splits = {name: split.to(cpu, torch.float32) for name, split in splits.items()}
        return Data(
            splits["train"],
            splits.get("val"),
            splits.get("test"),
            classes,
            mean=mean.float(),
            std=std.float(),
            target_mean=target_mean,
            target_std=target_std,
        )

    def _splits(self, whole: Split) -> dict[str, Split]:
        rest, test = hold_out(whole, self.test_fraction, self.seed, "test")
        rest, val = self.divided(rest)
        parts = {"train": subset(rest, self.train_size, self.seed), "val": val, "test": test}
        return {name: part for name, part in parts.items() if part is not None}


def moments(columns: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and standard deviation of each column.

    Args:
        columns: (N, D) float64.

    Returns:
        Both (D,) float64; the deviation over N, and 1 for a column without variation, which is
        told by its values: rounding in the mean would give it a tiny deviation.
    """
    std, mean = torch.std_mean(columns, dim=0, correction=0)
    constant = (columns == columns[0]).all(0)
    return torch.where(constant, columns[0], mean), torch.where(constant, 1.0, std)
