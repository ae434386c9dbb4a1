"""What the datasets of images with classes have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.augment import Augmentation, check_augment, check_square
from runner.datasets.checksum import checksum_of_examples
from runner.datasets.class_subset import ClassSubset, chosen, of_classes
from runner.datasets.data import Data, Split
from runner.datasets.shift import Shift, Strength, check_shift, shifted
from runner.datasets.splits import Divided, Size, subset
from runner.errors import RequestError

Resize = Literal["auto"] | Annotated[int, Field(ge=4)] | None
Normalize = bool | Literal["pixel"]

PART = 1000  # images that are summed at a time


@dataclass(kw_only=True)
class ImageClasses(Divided):
    """Images (C, H, W) of bytes, each of one class.

    Attributes:
        classes: The names of the classes, in the order of their numbers.
        class_subset: The numbers of the classes to keep, of all splits; None for all classes.
        train_size: How many of the rest to train on; None for all.
        scale: What brings the bytes to [0, 1].
        normalize: Whether images are standardised, ``True`` by channel, or each ``"pixel"`` by its
            own mean and deviation: those of the training split, of the images as stored.
        resize: The side in pixels to resize to, None for the images' own, or ``"auto"`` for what
            the model prefers. ``load`` knows no model: it leaves ``Data.size`` None for ``"auto"``.
        augment: How training images are changed at random, each time they are seen.
        shift: In what the test set differs from the training set; None for nothing.
        shift_strength: How much, from 0 (not at all) to 1.
    """

    task = "classes"
    images = True
    example: ClassVar[tuple[str, ...]] = ("dataset.train_size=80",)
    classes: ClassVar[tuple[str, ...]]
    scale: ClassVar[float]

    class_subset: ClassSubset
    train_size: Size | None
    normalize: Normalize
    resize: Resize
    augment: list[Augmentation]
    shift: Shift | None
    shift_strength: Strength

    def __post_init__(self) -> None:
        super().__post_init__()
        check_augment(self.augment)
        _check_places(self.normalize, self.augment)
        check_shift(self.shift, self.shift_strength)

    @abstractmethod
    def parts(self) -> tuple[Split, Split | None, Split | None]:
        """Return the examples to train on, to validate on and to test on, as stored."""

    def class_names(self) -> tuple[str, ...]:
        """Return the names of the classes, in the order of their numbers."""
        return self.classes

    def with_test_set(self, rest: Split, test: Split) -> tuple[Split, Split | None, Split]:
        """Return the parts of a dataset with a test set of its own, of the classes to be kept.

        Args:
            rest: The examples to train on, of which a part may be set aside to validate on.
            test: Those to test on.
        """
        rest, test = (of_classes(split, self.class_subset) for split in (rest, test))
        return *self.divided(rest), test

    def load(self) -> Data:
        """Read the images, set the validation split aside, keep ``train_size`` of the rest.

        A shift changes the test split alone, after all else is settled.

        Returns:
            The data; standardised with the training split's own figures where ``normalize``.

        Raises:
            RequestError: The files are not at hand or damaged, the split is impossible, or a
                quarter turn would change the images' shape.
        """
        classes = chosen(self.class_names(), self.class_subset)
        rest, val, test = self.parts()
        parts = {"train": rest, "val": val, "test": test}
        train = subset(rest, self.train_size, self.seed)
        size = None if self.resize == "auto" else self.resize
        data = Data(
            train,
            val,
            self._shifted(test, len(classes)),
            classes,
            self.scale,
            size=size,
            augment=tuple(self.augment),
            checksum=checksum_of_examples(parts, classes),
        )
        check_square(self.augment, data.shape)
        return standardised(data, self.normalize) if self.normalize else data

    def _shifted(self, test: Split | None, classes: int) -> Split | None:
        if test is None:
            if self.shift is not None:
                raise RequestError(f"dataset.shift={self.shift} needs a test set to change.")
            return None
        return shifted(
            test,
            self.shift,
            self.shift_strength,
            self.seed,
            largest=round(1 / self.scale),
            classes=classes,
        )


def standardised(data: Data, normalize: Normalize) -> Data:
    """Return the data with the mean and deviation over its training split.

    A channel, or a pixel, without any variation is left undivided.

    Args:
        data: Images (N, C, H, W) uint8.
        normalize: ``"pixel"`` for each pixel's own figures, otherwise each channel's.

    Returns:
        The same data with ``mean`` and ``std`` of shape (C, 1, 1) or (C, H, W), float32, in scaled
        units. They belong to the images as stored: resizing comes after.
    """
    of = _of_pixels if normalize == "pixel" else _of_channels
    mean, std = (data.scale * figure for figure in of(data.train.inputs))
    std[std == 0] = 1.0
    return replace(data, mean=mean.float(), std=std.float())


def _of_channels(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and deviation of each channel of (N, C, H, W) bytes, both (C, 1, 1).

    Bytes have 256 levels, so counting them gives both figures exactly, without a floating-point
    copy of the images.
    """
    channels = images.transpose(0, 1).flatten(1)
    counts = torch.stack([torch.bincount(channel, minlength=256) for channel in channels])
    weights = counts.double() / counts.sum(1, keepdim=True)
    levels = torch.arange(256, dtype=torch.float64)
    mean = weights @ levels
    std = (weights * (levels - mean[:, None]).square()).sum(1).sqrt()
    return mean[:, None, None], std[:, None, None]


def _of_pixels(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and deviation of each pixel of (N, C, H, W) bytes, both (C, H, W).

    The sums are of whole numbers, so that a pixel that never varies has the deviation 0 exactly.
    """
    count = len(images)
    total = images.sum(0, dtype=torch.int64)
    squares = torch.stack([part.long().square().sum(0) for part in torch.split(images, PART)]).sum(
        0
    )
    variance = (count * squares - total.square()).double() / count**2
    return total.double() / count, variance.sqrt()


def _check_places(normalize: Normalize, augment: Sequence[str]) -> None:
    if normalize == "pixel" and augment:
        raise RequestError(
            f"dataset.normalize=pixel does not go with dataset.augment=[{','.join(augment)}], "
            "which moves pixels from their places; allowed there: true or false."
        )
