"""The digits that ship with scikit-learn: 1,797 images of 8x8 pixels, without any download."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import numpy as np
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
        train, test = hold_out(all_digits(), self.test_fraction, self.seed, "test")
        assert test is not None  # the fraction is above 0
        return self.with_test_set(train, test)


def all_digits() -> Split:
    """Return the images (1797, 1, 8, 8) uint8 and their values (1797,) int64.

    The table is read where scikit-learn keeps it: importing ``load_digits`` takes a second.
    """
    spec = find_spec("sklearn")
    assert spec is not None and spec.origin is not None  # a dependency of this program
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if path.is_file():
        table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
        images, values = table[:, :-1].reshape(-1, 8, 8), table[:, -1]
    else:  # where its next version may keep it
        from sklearn.datasets import load_digits

        bunch = load_digits()
        images, values = bunch.images.astype(np.uint8), bunch.target
    return Split(torch.tensor(images).unsqueeze(1), torch.tensor(values).long())
