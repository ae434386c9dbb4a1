"""What the datasets of rows and columns have in common."""

from abc import abstractmethod

import torch
from torch import Tensor

from runner.datasets.base import Dataset
from runner.datasets.data import Data, Split
from runner.datasets.splits import check_fold, fold_out, hold_out, subset


class Table(Dataset):
    """Rows of numeric features, each with a class or a number to predict.

    Features are standardised with the training split's means and deviations as they are used
    (``Data.mean``, ``Data.std``); ``inputs`` holds them as they are.

    Attributes:
        standardize_target: Whether number targets are measured in standard deviations from their
            mean, both over the whole file: one unit for all splits, folds and sizes, so that
            losses compare, and learning rates don't depend on the file's unit. Classes stay as
            they are.
        rows: How many rows of the file to use, the first ones; None for all.
        test_fraction: The part of all rows to test on; none for 0.
        val_fraction: The part of the others to validate on, where there are no folds.
        folds: Into how many parts the others are divided; ``fold`` is validated on.
        train_size: How many of the rest to train on; None for all, in the file's order.
        seed: The dataset's seed, for the division.
    """

    task = "numbers"

    def __init__(
        self,
        *,
        standardize_target: bool,
        rows: int | None,
        test_fraction: float,
        val_fraction: float,
        folds: int | None,
        fold: int | None,
        train_size: int | None,
        seed: int,
    ) -> None:
        self.standardize_target = standardize_target
        self.rows = rows
        self.test_fraction = test_fraction
        self.val_fraction = val_fraction
        check_fold(folds, fold)
        self.folds = folds
        self.fold = fold
        self.train_size = train_size
        self.seed = seed

    @abstractmethod
    def read(self) -> tuple[Split, tuple[str, ...] | None]:
        """Return all rows in the file's order, float64, and the names of the classes, if any."""

    def load(self) -> Data:
        """Read the rows, divide them, and standardise.

        Returns:
            Features (N, D) float32, and targets (N,) int64 or (N, 1) float32.

        Raises:
            RequestError: The file is not at hand or faulty, or the division is impossible.
        """
        whole, classes = self.read()
        if classes is None and self.standardize_target:
            mean, std = moments(whole.targets)
            whole = Split(whole.inputs, (whole.targets - mean) / std)
        splits = self._divided(Split(whole.inputs[: self.rows], whole.targets[: self.rows]))
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
        )

    def _divided(self, whole: Split) -> dict[str, Split]:
        rest, test = hold_out(whole, self.test_fraction, self.seed, "test")
        if self.folds is None:
            rest, val = hold_out(rest, self.val_fraction, self.seed)
        else:
            rest, val = fold_out(rest, self.folds, self.fold, self.seed)
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
