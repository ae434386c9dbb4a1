"""A dataset in memory: its splits, and how raw examples become what a model takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from runner.columns import Task
from runner.datasets.encoding import Encoding, features_of


@dataclass(frozen=True)
class Split:
    """Examples and their targets, all in memory.

    Attributes:
        inputs: (N, C, H, W) uint8 images, or (N, D) floating-point features.
        targets: (N,) int64 classes, or (N, T) floating-point numbers; T is 0 where a function is
            minimised and there is no data.
    """

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, rows: Tensor) -> "Split":
        """Return the examples at the given positions, (K,) int64, in that order."""
        return Split(self.inputs[rows], self.targets[rows])

    def to(self, device: torch.device, dtype: torch.dtype) -> "Split":
        """Return the split on a device; only floating-point tensors take the dtype."""
        return Split(*(_to(tensor, device, dtype) for tensor in (self.inputs, self.targets)))


class Preparation(TypedDict):
    """What a trained model needs to know of its data, in plain values; see ``Data`` for each.

    ``shape`` is that of an example as the model takes it, ``stored`` as the dataset stores it.
    """

    shape: list[int]
    outputs: int
    classes: list[str] | None
    scale: float
    mean: Tensor | None
    std: Tensor | None
    size: int | None
    target_mean: Tensor | None
    target_std: Tensor | None
    stored: list[int]
    encoding: Encoding | None


@dataclass(frozen=True)
class Data:
    """The splits of a dataset and the step from raw example to model input.

    Attributes:
        train: What is learnt from.
        val: What choices are made on, if there is any.
        test: What is reported and chooses nothing.
        classes: The names of the classes; None where targets are numbers.
        scale: What raw values are multiplied by first (1/255 brings bytes to [0, 1]).
        mean: (C, 1, 1), (C, H, W) or (D,): subtracted after scaling, before resizing; None leaves
            the values as they are.
        std: Of the same shape: divided by, after subtracting the mean.
        size: The side in pixels to which images are resized; None keeps theirs.
        true: The quantities that the data was made with, by the names the models give them
            (``{"w1": 2.0, "b": 4.2}``); empty where nobody knows them.
        target_mean: (T,) float64, in the target's own units, where number targets are stored
            standardised; None where they are stored as they are.
        target_std: Of the same shape: the own unit is ``target * target_std + target_mean``.
        encoding: How rows of a table became features; None where they were no columns by name.
        augment: The kinds of augmentation of the training images; see ``datasets/augment.py``.
        checksum: Of the examples as they were read; None where the keys decide them, or nobody
            has worked it out.
    """

    train: Split
    val: Split | None
    test: Split | None
    classes: tuple[str, ...] | None = None
    scale: float = 1.0
    mean: Tensor | None = None
    std: Tensor | None = None
    size: int | None = None
    true: Mapping[str, float] = field(default_factory=dict)
    target_mean: Tensor | None = None
    target_std: Tensor | None = None
    encoding: Encoding | None = None
    augment: tuple[str, ...] = ()
    checksum: str | None = None

    @property
    def task(self) -> Task:
        """What the targets are: ``"classes"``, ``"numbers"``, or nothing (``"objective"``)."""
        if self.classes is not None:
            return "classes"
        return "numbers" if self.train.targets.shape[1] else "objective"

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

    @property
    def feature_names(self) -> list[str]:
        """The features of a table by name: ``area``, ``city=Bern``; of other data none."""
        return features_of(self.encoding["columns"]) if self.encoding else []

    @property
    def preparation(self) -> Preparation:
        """What turns new examples into inputs and outputs into answers, in plain values."""
        return {
            "shape": list(self.shape),
            "outputs": self.outputs,
            "classes": None if self.classes is None else list(self.classes),
            "scale": self.scale,
            "mean": None if self.mean is None else self.mean.cpu(),
            "std": None if self.std is None else self.std.cpu(),
            "size": self.size,
            "target_mean": None if self.target_mean is None else self.target_mean.cpu(),
            "target_std": None if self.target_std is None else self.target_std.cpu(),
            "stored": list(self.train.inputs.shape[1:]),
            "encoding": self.encoding,
        }

    def to(self, device: torch.device, dtype: torch.dtype) -> "Data":
        """Return the same data on a device, its floating-point tensors in the given dtype."""
        return replace(
            self,
            train=self.train.to(device, dtype),
            val=None if self.val is None else self.val.to(device, dtype),
            test=None if self.test is None else self.test.to(device, dtype),
            mean=None if self.mean is None else _to(self.mean, device, dtype),
            std=None if self.std is None else _to(self.std, device, dtype),
            target_mean=_exactly_to(self.target_mean, device),
            target_std=_exactly_to(self.target_std, device),
        )

    def in_units(self, numbers: Tensor) -> Tensor:
        """Return outputs or targets in the target's own units; see `in_units`."""
        return in_units(numbers, self.target_mean, self.target_std)

    def prepare(self, raw: Tensor, dtype: torch.dtype, out: Tensor | None = None) -> Tensor:
        """Turn raw examples into model inputs: scale, standardise, resize.

        Args:
            raw: (B, …) examples as stored in a split.
            dtype: The floating-point type of the result.
            out: (B, …) of that dtype, reused for the scaled values where given.

        Returns:
            (B, *shape) floating-point inputs.
        """
        return prepare(raw, dtype, self.scale, self.mean, self.std, self.size, out)


def prepare(
    raw: Tensor,
    dtype: torch.dtype,
    scale: float,
    mean: Tensor | None,
    std: Tensor | None,
    size: int | None,
    out: Tensor | None = None,
) -> Tensor:
    """Scale, standardise and resize raw examples; see ``Data`` for each."""
    inputs = _scaled(raw, dtype, scale, out)
    if mean is not None and std is not None:
        inputs = (inputs - mean) / std
    if size is not None and tuple(inputs.shape[-2:]) != (size, size):
        inputs = interpolate(inputs, size=(size, size), mode="bilinear", antialias=True)
    return inputs


def in_units(numbers: Tensor, mean: Tensor | None, std: Tensor | None) -> Tensor:
    """Bring what a model was trained to give back into the target's own units.

    Args:
        numbers: (..., T) outputs or targets as they are trained on.
        mean: (T,) of the targets, or None where they are not standardised.
        std: (T,) of the targets, or None.

    Returns:
        (..., T) in the precision of ``mean``, so that a large mean costs no digits; ``numbers``
        themselves where nothing was standardised, as where the targets are classes.
    """
    if mean is None or std is None:
        return numbers
    return numbers.to(mean.dtype) * std + mean


def _scaled(raw: Tensor, dtype: torch.dtype, scale: float, out: Tensor | None) -> Tensor:
    if raw.dtype == dtype and scale == 1.0:
        return raw
    # Converted first and scaled in place: a product of mixed types makes a copy on its way.
    inputs = torch.empty_like(raw, dtype=dtype) if out is None else out
    return inputs.copy_(raw).mul_(scale)


def _to(tensor: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    return tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device)


def _exactly_to(figures: Tensor | None, device: torch.device) -> Tensor | None:
    """Keep float64 wherever the device has it; Apple's has not."""
    if figures is None:
        return None
    return figures.to(device, torch.float32 if device.type == "mps" else torch.float64)
