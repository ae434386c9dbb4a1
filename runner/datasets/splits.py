"""How a dataset's own seed divides its examples, and the annotations its keys share.

Every draw has its own stream of random numbers, named by its purpose, so that no split changes
because another one did.
"""

from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.data import Split
from runner.errors import RequestError

Seed = Annotated[int, Field(ge=0)]
Size = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


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
