"""How a dataset's own seed divides its examples, and the annotations its keys share.

Every draw has its own stream of random numbers, named by its purpose, so that no split changes
because another one did.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.base import Dataset
from runner.datasets.data import Split
from runner.errors import RequestError

Seed = Annotated[int, Field(ge=0)]
Size = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Folds = Annotated[int, Field(ge=2)] | None
Fold = Annotated[int, Field(ge=0)] | None


@dataclass(kw_only=True)
class Divided(Dataset):
    """A dataset of whose training examples a part may be set aside to validate on.

    Attributes:
        seed: The dataset's seed, which decides every random choice.
        val_fraction: The part to validate on, where there are no folds.
        folds: Into how many parts the training examples are divided; ``fold`` is validated on.
        fold: Which of the folds is validated on, from 0; None without folds.
    """

    seed: Seed
    val_fraction: Share
    folds: Folds
    fold: Fold

    def __post_init__(self) -> None:
        if self.fold is not None and self.folds is None:
            raise RequestError(
                f"dataset.fold={self.fold} needs dataset.folds, the number of folds."
            )

    def divided(self, whole: Split) -> tuple[Split, Split | None]:
        """Return the examples to train on, and those to validate on, if any.

        Raises:
            RequestError: Nothing would remain, or there is no such fold.
        """
        if self.folds is None:
            return hold_out(whole, self.val_fraction, self.seed)
        return fold_out(whole, self.folds, self.fold, self.seed)


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the random numbers that a dataset's seed gives to one purpose, e.g. ``"test"``."""
    return np.random.default_rng([seed, *purpose.encode()])


def hold_out(
    split: Split, fraction: float, seed: int, part: str = "val"
) -> tuple[Split, Split | None]:
    """Set a random part of the examples aside.

    Args:
        split: N examples.
        fraction: The part to set aside, in [0, 1); of a fraction above 0 at least one example.
        seed: The dataset's seed.
        part: What the part is for, ``"val"`` or ``"test"``.

    Returns:
        What remains, in its old order (``split`` itself where the fraction is 0), and the part
        set aside, or None.

    Raises:
        RequestError: Nothing would remain.
    """
    if fraction == 0:
        return split, None
    held = max(1, round(fraction * len(split)))
    if held >= len(split):
        raise RequestError(
            f"dataset.{part}_fraction={fraction} leaves none of {len(split)} examples to train on; "
            f"allowed: less than {1 - 1 / len(split):.6g}."
        )
    order = _permutation(len(split), seed, part)
    return split.take(order[held:].sort().values), split.take(order[:held])


def fold_out(split: Split, folds: int, fold: int | None, seed: int) -> tuple[Split, Split]:
    """Set one of several equal random parts of the examples aside, for validation.

    Over all values of ``fold`` every example is set aside once. "Dive into Deep Learning", section
    "Generalization", K-fold cross-validation.

    Args:
        split: N examples.
        folds: How many parts there are; they differ in size by one example at most.
        fold: Which part, from 0.
        seed: The dataset's seed.

    Returns:
        What remains, in its old order, and the part set aside.

    Raises:
        RequestError: There is no such fold, or there are fewer examples than folds.
    """
    if fold is None or fold >= folds:
        given = "null" if fold is None else fold
        raise RequestError(
            f"dataset.fold={given} is not one of {folds} folds; allowed: 0 to {folds - 1}, and all "
            f"of them by -m dataset.fold=range({folds})."
        )
    if folds > len(split):
        raise RequestError(
            f"dataset.folds is {folds}, but there are only {len(split)} examples to divide."
        )
    part = _permutation(len(split), seed, "folds").tensor_split(folds)
    rest = torch.cat([*part[:fold], *part[fold + 1 :]])
    return split.take(rest.sort().values), split.take(part[fold])


def subset(split: Split, size: int | None, seed: int) -> Split:
    """Keep some training examples: the first ``size`` of one random order, so that sizes nest.

    Args:
        split: N examples.
        size: How many to keep, or None for all in their old order.
        seed: The dataset's seed.

    Raises:
        RequestError: There are fewer examples.
    """
    if size is None:
        return split
    if size > len(split):
        raise RequestError(
            f"dataset.train_size is {size}, but only {len(split)} training examples are available; "
            f"allowed: 1 to {len(split)}, or null for all."
        )
    return split.take(_permutation(len(split), seed, "train")[:size])


def _permutation(length: int, seed: int, purpose: str) -> Tensor:
    return torch.from_numpy(stream(seed, purpose).permutation(length))
