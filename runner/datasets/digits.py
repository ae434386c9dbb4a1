"""The digits that ship with scikit-learn: 1,797 images of 8x8 pixels, without any download."""

from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.data import Split
from runner.datasets.images import ImageClasses
from runner.datasets.splits import hold_out
from runner.registry import register


@register("dataset", "digits")
@dataclass(kw_only=True)
class Digits(ImageClasses):
    """Handwritten digits (1, 8, 8) of values 0 to 16, divided at random by ``seed``.

    The test split is ``test_fraction`` of all images, the validation split ``val_fraction`` of the
    others. Source: "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998), its
    test set, as ``sklearn.datasets.load_digits``.

    Attributes:
        test_fraction: The part of all images to test on.
    """

    classes = tuple("0123456789")
    scale = 1 / 16
    example = ("dataset.train_size=80", "dataset.val_fraction=0", "dataset.test_fraction=0.02")

    test_fraction: Annotated[float, Field(gt=0, lt=1)]

    def parts(self) -> tuple[Split, Split | None, Split]:
        """Return the examples to train on, to validate on and to test on, drawn by ``seed``."""
        from sklearn.datasets import load_digits  # 0.5 s and more, needed here alone

        bunch = load_digits()
        images = torch.from_numpy(bunch.images).to(torch.uint8).unsqueeze(1)
        whole = Split(images, torch.from_numpy(bunch.target).long())
        train, test = hold_out(whole, self.test_fraction, self.seed, "test")
        assert test is not None  # the fraction is above 0
        return self.with_test_set(train, test)
