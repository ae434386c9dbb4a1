"""What the datasets of rows and columns have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from runner.datasets.checksum import checksum_of_examples
from runner.datasets.data import Data, Split
from runner.datasets.encoding import Column, Encoding, features_of, filled, one_hot
from runner.datasets.splits import Divided, Share, Size, hold_out, subset
from runner.errors import RequestError


@dataclass(frozen=True)
class Rows:
    """All rows of a table, in the file's order.

    Attributes:
        split: Features (N, D) and targets (N,) int64 or (N, 1), float64; NaN is a missing feature.
        classes: The names of the classes; None where targets are numbers.
        target: The name of the column that is predicted.
        columns: What the features were made of; None where they have no names.
        fills: Whether missing features are taken for their mean over the training rows.
    """

    split: Split
    classes: tuple[str, ...] | None = None
    target: str = "target"
    columns: list[Column] | None = None
    fills: bool = False

    @property
    def checksum(self) -> str:
        """What tells these rows from others, their names included."""
        names = [*(self.classes or ()), self.target, *features_of(self.columns or [])]
        return checksum_of_examples({"rows": self.split}, names)

    def encoding(self, fill: Tensor | None) -> Encoding | None:
        """Return what a model must know of it, with ``fill`` (D,) for missing features."""
        if self.columns is None:
            return None
        return {"target": self.target, "columns": self.columns, "fill": fill}

    @property
    def text(self) -> Tensor:
        """Which features are values of text, 0 or 1, (D,) bool."""
        if self.columns is None:
            return torch.zeros(self.split.inputs.shape[1], dtype=torch.bool)
        return one_hot(self.columns)


@dataclass(kw_only=True)
class TabularData(Divided):
    """Rows of numeric features, each with a class or a number to predict.

    Features are standardised with the training split's means and deviations as they are used
    (``Data.mean``, ``Data.std``); ``inputs`` holds them as they are, missing ones filled in with
    the training split's mean. Features that were made of text stay 0 and 1.

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
    def read(self) -> Rows:
        """Return all rows, and what is known of them."""

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
        rows = self.read()
        whole = rows.split
        target_mean = target_std = None
        if rows.classes is None and self.standardize_target:
            target_mean, target_std = moments(whole.targets)
            whole = Split(whole.inputs, (whole.targets - target_mean) / target_std)
        splits = self._splits(self.chosen(whole))
        fill = _means(splits["train"].inputs, rows) if rows.fills else None
        if fill is not None:
            splits = {n: Split(filled(s.inputs, fill), s.targets) for n, s in splits.items()}
        mean, std = moments(splits["train"].inputs)
        cpu = torch.device("cpu")
        splits = {name: split.to(cpu, torch.float32) for name, split in splits.items()}
        return Data(
            splits["train"],
            splits.get("val"),
            splits.get("test"),
            rows.classes,
            mean=mean.masked_fill(rows.text, 0.0).float(),
            std=std.masked_fill(rows.text, 1.0).float(),
            encoding=rows.encoding(fill),
            target_mean=target_mean,
            target_std=target_std,
            checksum=rows.checksum,
        )

    def _splits(self, whole: Split) -> dict[str, Split]:
        rest, test = hold_out(whole, self.test_fraction, self.seed, "test")
        rest, val = self.divided(rest)
        parts = {"train": subset(rest, self.train_size, self.seed), "val": val, "test": test}
        return {name: part for name, part in parts.items() if part is not None}


def _means(features: Tensor, rows: Rows) -> Tensor:
    """Return the mean of each feature over the rows that have it, (D,).

    Raises:
        RequestError: No row has it.
    """
    means = features.nanmean(0)
    if means.isnan().any():
        name = features_of(rows.columns or [])[int(means.isnan().int().argmax())]
        raise RequestError(
            f"'{name}' has no value in any training row, so no mean can stand for it."
        )
    return means


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
