"""Images with captions, in rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from runner.results.labels import plain

Captioned = tuple[npt.NDArray[Any], str]


def draw_images(
    axes: Axes, images: Sequence[Captioned], columns: int, below: Sequence[Captioned] = ()
) -> None:
    """Lay images into cells of 1.5 by 1.75, each below its caption.

    Args:
        axes: Where they go; they fill it.
        images: Images (C, H, W) in 0..1, each with its caption.
        columns: How many side by side.
        below: Images that begin a row of their own.
    """
    axes.set_axis_off()
    rows = -(-len(images) // columns)
    cells = [*enumerate(images), *enumerate(below, rows * columns)]
    for place, (image, caption) in cells:
        _place(axes, image, caption, *divmod(place, columns))
    rows += -(-len(below) // columns)
    axes.set(xlim=(0, 1.5 * columns), ylim=(1.75 * rows, 0), aspect="equal")


def _place(axes: Axes, image: npt.NDArray[Any], caption: str, row: int, column: int) -> None:
    left, top = 1.5 * column, 1.75 * row
    high, wide = image.shape[1:]
    scale = 1.3 / max(high, wide)
    x, y = left + 0.75 - wide * scale / 2, top + 0.4
    pixels = image.transpose(1, 2, 0) if image.shape[0] == 3 else image.mean(axis=0)
    box = (x, x + wide * scale, y + high * scale, y)
    axes.imshow(np.clip(pixels, 0, 1), cmap="gray", vmin=0, vmax=1, extent=box)
    axes.text(left + 0.75, top + 0.36, plain(caption), ha="center", va="bottom", size=7.5)
