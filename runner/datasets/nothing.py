"""No data at all: for functions that are minimised by themselves."""

from dataclasses import dataclass

import torch

from runner.datasets.base import Dataset
from runner.datasets.data import Data, Split
from runner.datasets.splits import Size
from runner.registry import register


@register("dataset", "none")
@dataclass(kw_only=True)
class Nothing(Dataset):
    """Says how many steps an epoch has, where there are no examples to count.

    ``batch_size`` has no meaning beside it, and ``train/loss`` is the function's value after the
    epoch's last step. Epoch 0, the start, has a row too.

    Attributes:
        steps_per_epoch: The steps between two rows of ``metrics.csv``.
    """

    task = "objective"
    drawn = True
    example = ("dataset.steps_per_epoch=10",)

    steps_per_epoch: Size

    def load(self) -> Data:
        """Return an empty example (no features, no targets) for every step of an epoch."""
        empty = torch.empty(self.steps_per_epoch, 0)
        return Data(Split(empty, empty), None, None)
