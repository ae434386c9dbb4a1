"""The plots of a folder that the report has no figures of its own of, carried inside the page."""

import base64
from pathlib import Path
from typing import NamedTuple

from runner.guarded_files import read_bytes
from runner.printable import printable
from runner.results.plots.registry import find_plot

MOST_BYTES = 300_000


class Drawing(NamedTuple):
    """A plot as part of the page.

    Attributes:
        caption: What it shows.
        source: The image itself, as a ``data:`` address.
    """

    caption: str
    source: str


def drawings(folder: Path) -> list[Drawing]:
    """The plots that lie in a folder, but for those that the report has as figures of its own.

    Args:
        folder: The folder of the sweep or run.

    Returns:
        As many as keep the page small, by name.
    """
    found, left = [], MOST_BYTES
    for path in sorted((folder / "plots").glob("*.png")):
        plot = find_plot(path.stem)
        if plot and plot.redrawn:
            continue
        try:
            image = read_bytes(path, left)
        except OSError:  # it is none, leads elsewhere, or is too large for the page
            continue
        left -= len(image)
        content = base64.b64encode(image).decode()
        caption = plot.caption if plot else f"{printable(path.stem.replace('_', ' '))}."
        found.append(Drawing(caption, f"data:image/png;base64,{content}"))
    return found
