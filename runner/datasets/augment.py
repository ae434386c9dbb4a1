"""Augmentation: training images, each flipped, turned, rotated and cropped at random.

Shapes: N images, C channels, H rows, W columns.
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from runner.errors import RequestError

Augmentation = Literal["flip", "flip-vertical", "quarter-turn", "rotate", "crop", "resize-crop"]

FLIPPED = 0.5  # the probability of a flip
TURNS = 4  # quarter turns until an image is where it was
DEGREES = 15.0  # the largest angle of a rotation, to either side
SIDE = 0.8  # the smallest window of a crop, as a part of the image's side
ENLARGED = 8 / 7  # what resize-crop brings a side to: 28 pixels to 32

# The columns of the random numbers. All are there whatever the kinds, so that asking for another
# kind leaves the draws of the others as they were.
DRAWS = 9
FLIP, ANGLE, WINDOW, LEFT, TOP, FLIP_VERTICAL, TURN, OFFSET_LEFT, OFFSET_TOP = range(DRAWS)


def check_augment(kinds: Sequence[Augmentation]) -> None:
    """Refuse a kind that is named twice: an image is changed by each at most once.

    Raises:
        RequestError: A kind is named twice.
    """
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    if twice:
        raise RequestError(
            f"dataset.augment=[{','.join(kinds)}] names {' and '.join(twice)} more than once; "
            f"allowed: each kind at most once."
        )


def check_square(kinds: Sequence[str], shape: Sequence[int]) -> None:
    """Refuse to turn images by a quarter where that would change their shape.

    Args:
        kinds: Which kinds of augmentation there are.
        shape: (C, H, W) of an image.

    Raises:
        RequestError: A quarter turn was asked for, and H is not W.
    """
    if "quarter-turn" in kinds and shape[-2] != shape[-1]:
        raise RequestError(
            f"dataset.augment=[{','.join(kinds)}] needs square images for its quarter-turn, and "
            f"these are {shape[-2]} by {shape[-1]} pixels; dataset.resize=N makes them N by N."
        )


def augment(images: Tensor, kinds: Sequence[str], uniform: Tensor) -> Tensor:
    """Transform each image by its own random numbers, on the images' device.

    - ``"flip"`` mirrors left and right with probability 1/2;
    - ``"flip-vertical"`` mirrors up and down with probability 1/2;
    - ``"quarter-turn"`` turns a square image by 0, 90, 180 or 270 degrees, each as likely;
    - ``"rotate"`` turns by up to 15 degrees either way;
    - ``"crop"`` takes a window of 0.8 to 1 of the side from anywhere and enlarges it to the whole;
    - ``"resize-crop"`` resizes to 8/7 of the side (28 pixels to 32) and takes a window of the old
      side at a whole pixel, as torchvision's ``Resize(32)`` and ``RandomCrop(28)``.

    Test images stay whole, as after ``Resize(28)``: a training image shows 7/8 of what they show.

    The transforms of torchvision draw one set of parameters for a whole batch, and from the global
    generator: what an example becomes would depend on how the runs were launched.

    What a rotation brings in from outside the image repeats the nearest pixel of its border: a
    fixed value would be black for images in [0, 1] and grey for standardised ones. So augmenting
    and standardising by channel may trade places.

    "Dive into Deep Learning", section "Image Augmentation".

    Args:
        images: (N, C, H, W) floating point, in any units.
        kinds: Some of the six, in any order; applied in this one.
        uniform: (N, DRAWS) random numbers in [0, 1), a row for each image.

    Returns:
        (N, C, H, W) images of the same dtype; ``images`` itself where there are no kinds.
    """
    images = _mirrored(images, kinds, uniform)
    if {"rotate", "crop", "resize-crop"}.intersection(kinds):
        images = _resampled(images, _maps(kinds, uniform.to(images.dtype), images.shape))
    return images


def _mirrored(images: Tensor, kinds: Sequence[str], uniform: Tensor) -> Tensor:
    """Flip and turn, apart from the map below, whose places are rounded: pixels stay exact."""
    if "flip" in kinds:
        images = _where(uniform[:, FLIP] < FLIPPED, images.flip(-1), images)
    if "flip-vertical" in kinds:
        images = _where(uniform[:, FLIP_VERTICAL] < FLIPPED, images.flip(-2), images)
    if "quarter-turn" in kinds:
        turns = _whole(uniform[:, TURN], TURNS)
        images = _where(turns % 2 == 1, images.rot90(1, (-2, -1)), images)
        images = _where(turns >= 2, images.flip(-1, -2), images)
    return images


def _where(rows: Tensor, changed: Tensor, images: Tensor) -> Tensor:
    return torch.where(rows.view(-1, 1, 1, 1), changed, images)


def _whole(uniform: Tensor, count: int) -> Tensor:
    """Return whole numbers from 0 to ``count - 1``, each as likely; a product may round up."""
    return (uniform * count).floor().clamp(max=count - 1)


def _maps(kinds: Sequence[str], uniform: Tensor, shape: torch.Size) -> Tensor:
    """Return (N, 2, 3) maps from the places of a new image to those of the old one.

    Places are pairs (x, y), and -1 and 1 the outer edges of the image.
    """
    centred = 2 * uniform - 1
    still = torch.zeros_like(uniform[:, 0])
    angle = math.radians(DEGREES) * centred[:, ANGLE] if "rotate" in kinds else still
    cut = ((1 - SIDE) * uniform[:, WINDOW] if "crop" in kinds else still).unsqueeze(1)
    rotation = _rotation(angle, shape[-2] / shape[-1])
    scale, centre = 1 - cut, cut * centred[:, LEFT : TOP + 1]
    if "resize-crop" in kinds:
        inner, offset = _enlarged(uniform, shape)
        scale, centre = scale * inner, centre + scale * offset
    # The window is taken from the rotated image: its places are scaled and moved, then rotated.
    window = rotation * scale.unsqueeze(1)
    return torch.cat([window, (rotation * centre.unsqueeze(1)).sum(2, keepdim=True)], dim=2)


def _enlarged(uniform: Tensor, shape: torch.Size) -> tuple[Tensor, Tensor]:
    """Return the scales and the centres, (N, 2) of (x, y), of windows of the enlarged images."""
    scales, centres = [], []
    for side, column in ((shape[-1], OFFSET_LEFT), (shape[-2], OFFSET_TOP)):
        whole = round(ENLARGED * side)
        start = _whole(uniform[:, column], whole - side + 1)
        scales.append(torch.full_like(start, side / whole))
        centres.append((2 * start + side) / whole - 1)
    return torch.stack(scales, dim=1), torch.stack(centres, dim=1)


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
