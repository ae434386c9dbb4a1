"""Distribution shift: a test set that is not drawn as the training set was.

"Dive into Deep Learning", section "Environment and Distribution Shift", tells three kinds apart.
Each is here a change of the test split alone, of a strength from 0 (none) to 1. Its random numbers
are the dataset's own and the same at every strength, so a stronger shift changes all that a weaker
one does, and more.
"""

from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from runner.datasets.data import Split
from runner.datasets.splits import stream
from runner.errors import RequestError

Shift = Literal["covariate", "label", "concept"]
Strength = Annotated[float, Field(ge=0, le=1)]

NOISE = 0.5  # at strength 1: the noise's standard deviation, as a part of the largest value
IMBALANCE = 100.0  # at strength 1: how many times rarer the last class becomes than the first


def check_shift(kind: Shift | None, strength: float) -> None:
    """Refuse a strength of nothing.

    Raises:
        RequestError: The strength is above 0 without a kind of shift.
    """
    if kind is None and strength > 0:
        raise RequestError(
            f"dataset.shift_strength={strength:g} needs dataset.shift; "
            f"allowed: covariate, label or concept."
        )


def shifted(
    split: Split, kind: Shift | None, strength: float, seed: int, *, largest: int, classes: int
) -> Split:
    """Return the examples as another environment would have them.

    Args:
        split: Images (N, C, H, W) uint8 and classes (N,) int64; left as they are.
        kind: What differs; see ``covariate``, ``label`` and ``concept``.
        strength: From 0 to 1.
        seed: The dataset's seed.
        largest: The largest value of an image, e.g. 255.
        classes: How many classes there are.

    Returns:
        The shifted examples; ``split`` itself where there is no shift or its strength is 0.
    """
    if kind is None or strength == 0:
        return split
    random = stream(seed, kind)
    if kind == "covariate":
        return Split(covariate(split.inputs, strength, random, largest), split.targets)
    if kind == "label":
        return split.take(label(split.targets, strength, random, classes))
    return Split(split.inputs, concept(split.targets, strength, random, classes))


def covariate(images: Tensor, strength: float, random: np.random.Generator, largest: int) -> Tensor:
    """Change p(x): every pixel gets Gaussian noise.

    Args:
        images: (N, C, H, W) uint8.
        strength: The noise's standard deviation in halves of the largest value.
        random: Where the noise is drawn.
        largest: The largest value; what noise would bring beyond it or below 0 stays there.

    Returns:
        (N, C, H, W) uint8; at each pixel farther from ``images`` (or as far) the greater the
        strength.
    """
    noise = torch.from_numpy(random.standard_normal(tuple(images.shape), dtype=np.float32))
    noisy = noise.mul_(strength * NOISE * largest).add_(images)
    return noisy.round_().clamp_(0, largest).to(torch.uint8)


def label(targets: Tensor, strength: float, random: np.random.Generator, classes: int) -> Tensor:
    """Change p(y): classes become rarer the higher their number, their examples as they were.

    Of class c among C, the part ``IMBALANCE ** (-strength * c / (C - 1))`` is kept, at least one
    example: at strength 1 the last class is a hundred times rarer, the exponential imbalance of
    "Class-Balanced Loss Based on Effective Number of Samples" (Cui et al., 2019). The shifted split
    is smaller, so what is measured on it is noisier.

    Args:
        targets: (N,) classes.
        strength: From 0 to 1.
        random: Where the order is drawn in which examples go.
        classes: C.

    Returns:
        (K,) rows of the examples that are kept, in their old order.
    """
    order = torch.from_numpy(random.permutation(len(targets)))
    kept = []
    for number in range(classes):
        members = order[targets[order] == number]
        part = IMBALANCE ** (-strength * number / max(1, classes - 1))
        kept.append(members[: max(1, round(part * len(members)))])
    return torch.cat(kept).sort().values


def concept(targets: Tensor, strength: float, random: np.random.Generator, classes: int) -> Tensor:
    """Change p(y|x): some examples are called by the name of the next class.

    So may the same soft drink be ordered by another name in another place: the images are the
    same, and the strength is the share of them that come from there.

    Args:
        targets: (N,) classes.
        strength: The probability that an example is renamed.
        random: Where it is drawn which are.
        classes: How many classes there are; after the last comes the first.

    Returns:
        (N,) classes.
    """
    renamed = torch.from_numpy(random.random(len(targets)) < strength)
    return torch.where(renamed, (targets + 1) % classes, targets)
