"""A dataset in memory: its splits, and how raw examples become what a model takes."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Split:
    """Examples and their targets, all in memory.

    Attributes:
        inputs: (N, C, H, W) uint8 images, or (N, D) floating-point features.
        targets: (N,) int64 classes, or (N, T) floating-point numbers.
    """

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, rows: Tensor) -> "Split":
        """Return the examples at the given positions, (K,) int64, in that order."""
        return Split(self.inputs[rows], self.targets[rows])

    def to(self, device: torch.device, dtype: torch.dtype) -> "Split":
        """Return the split on a device; floating-point tensors get the dtype, others keep theirs."""
        return Split(*(_to(tensor, device, dtype) for tensor in (self.inputs, self.targets)))


@dataclass(frozen=True)
class Data:
    """The splits of a dataset and the step from raw example to model input.

    Attributes:
        train: What is learnt from.
        val: What choices are made on, if there is any.
        test: What is reported and chooses nothing.
        classes: The names of the classes; None where targets are numbers.
        scale: What raw values are multiplied by first (1/255 brings bytes to [0, 1]).
        mean: (C, 1, 1) or (D,): subtracted after scaling; None leaves the values as they are.
        std: Of the same shape: divided by, after subtracting the mean.
        size: The side in pixels to which images are resized; None keeps theirs.
    """

    train: Split
    val: Split | None
    test: Split | None
    classes: tuple[str, ...] | None = None
    scale: float = 1.0
    mean: Tensor | None = None
    std: Tensor | None = None
    size: int | None = None

    @property
    def task(self) -> str:
        """``"classes"`` or ``"numbers"``: what the targets are."""
        return "numbers" if self.classes is None else "classes"

    @property
    def splits(self) -> dict[str, Split]:
        """The splits that exist, by name."""
        pairs = {"train": self.train, "val": self.val, "test": self.test}
        return {name: split for name, split in pairs.items() if split is not None}

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example as the model takes it."""
        shape = tuple(self.train.inputs.shape[1:])
        return shape if self.size is None else (shape[0], self.size, self.size)

    @property
    def outputs(self) -> int:
        """How many outputs a model needs: one per class, or one per target number."""
        return len(self.classes) if self.classes else self.train.targets.shape[1]

    def to(self, device: torch.device, dtype: torch.dtype) -> "Data":
        """Return the same data on a device, its floating-point tensors in the given dtype."""
        moved = {name: split.to(device, dtype) for name, split in self.splits.items()}
        stats = {
            name: None if value is None else _to(value, device, dtype)
            for name, value in (("mean", self.mean), ("std", self.std))
        }
        return replace(self, **moved, **stats)

    def prepare(self, raw: Tensor, dtype: torch.dtype, out: Tensor | None = None) -> Tensor:
        """Turn raw examples into model inputs: scale, standardise, resize.

        Args:
            raw: (B, …) examples as stored in a split.
            dtype: The floating-point type of the result.
            out: (B, …) of that dtype, reused for the scaled values where given.

        Returns:
            (B, *shape) floating-point inputs.
        """
        if raw.dtype == dtype and self.scale == 1.0:
            inputs = raw
        else:
            inputs = torch.mul(raw, self.scale, out=out) if out is not None else raw.to(dtype) * self.scale
        if self.mean is not None and self.std is not None:
            inputs = (inputs - self.mean) / self.std
        if self.size is not None and self.size != inputs.shape[-1]:
            inputs = F.interpolate(inputs, size=(self.size, self.size), mode="bilinear", antialias=True)
        return inputs


def _to(tensor: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    return tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device)
