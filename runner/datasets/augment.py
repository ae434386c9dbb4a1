"""Augmentation: training images, each flipped, rotated and cropped at random.

Shapes: N images, C channels, H rows, W columns.
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from runner.errors import RequestError

Augmentation = Literal["flip", "rotate", "crop"]

FLIPPED = 0.5  # the probability of a flip
DEGREES = 15.0  # the largest angle of a rotation, to either side
SIDE = 0.8  # the smallest window of a crop, as a part of the image's side

# The columns of the random numbers. All are there whatever the kinds, so that asking for another
# kind leaves the draws of the others as they were.
DRAWS = 5
FLIP, ANGLE, WINDOW, LEFT, TOP = range(DRAWS)


def check_augment(kinds: Sequence[Augmentation]) -> tuple[str, ...]:
    """Return the kinds as a tuple.

    Raises:
        RequestError: A kind is named twice.
    """
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    if twice:
        raise RequestError(
            f"dataset.augment=[{','.join(kinds)}] names {' and '.join(twice)} more than once; "
            f"allowed: each kind at most once."
        )
    return tuple(kinds)


def augment(images: Tensor, kinds: Sequence[str], uniform: Tensor) -> Tensor:
    """Transform each image by its own random numbers, on the images' device.

    ``"flip"`` mirrors left and right with probability 1/2, ``"rotate"`` turns by up to 15 degrees
    either way, ``"crop"`` takes a window of 0.8 to 1 of the side from anywhere and enlarges it to
    the whole. The transforms of torchvision draw one set of parameters for a whole batch, and from
    the global generator: what an example becomes would depend on how the runs were launched.

    What a rotation brings in from outside the image repeats the nearest pixel of its border: a
    fixed value would be black for images in [0, 1] and grey for standardised ones. So augmenting
    and standardising may trade places.

    "Dive into Deep Learning", section "Image Augmentation".

    Args:
        images: (N, C, H, W) floating point, in any units.
        kinds: Some of ``"flip"``, ``"rotate"`` and ``"crop"``, in any order; applied in this one.
        uniform: (N, DRAWS) random numbers in [0, 1), a row for each image.

    Returns:
        (N, C, H, W) images of the same dtype; ``images`` itself where there are no kinds.
    """
    if "flip" in kinds:
        # Apart from the map below, whose coordinates are rounded: mirrored pixels stay exact.
        flipped = (uniform[:, FLIP] < FLIPPED).view(-1, 1, 1, 1)
        images = torch.where(flipped, images.flip(-1), images)
    if "rotate" in kinds or "crop" in kinds:
        images = _resampled(images, _maps(kinds, uniform.to(images.dtype), images.shape))
    return images


def _maps(kinds: Sequence[str], uniform: Tensor, shape: torch.Size) -> Tensor:
    """Return (N, 2, 3) maps from the places of a new image to those of the old one.

    Places are pairs (x, y), and -1 and 1 the outer edges of the image.
    """
    centred = 2 * uniform - 1
    still = torch.zeros_like(uniform[:, 0])
    angle = math.radians(DEGREES) * centred[:, ANGLE] if "rotate" in kinds else still
    cut = (1 - SIDE) * uniform[:, WINDOW] if "crop" in kinds else still
    rotation = _rotation(angle, shape[-2] / shape[-1])
    centre = cut.unsqueeze(1) * centred[:, [LEFT, TOP]]
    # The window is taken from the rotated image: its places are scaled and moved, then rotated.
    window = (1 - cut).view(-1, 1, 1) * rotation
    return torch.cat([window, (rotation * centre.unsqueeze(1)).sum(2, keepdim=True)], dim=2)


def _rotation(angle: Tensor, aspect: float) -> Tensor:
    """Return (N, 2, 2) rotations by (N,) angles, counterclockwise as an image is looked at.

    In pixels x spans W and y spans H: the aspect H / W keeps a rotation from shearing.
    """
    cosine, sine = angle.cos(), angle.sin()
    rows = [cosine, -aspect * sine, sine / aspect, cosine]
    return torch.stack(rows, dim=1).view(-1, 2, 2)


def _resampled(images: Tensor, maps: Tensor) -> Tensor:
    grid = affine_grid(maps, list(images.shape), align_corners=False)
    return grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
