"""The plots of a folder that the report has no figures of its own of, carried inside the page."""

import base64
from pathlib import Path
from typing import NamedTuple

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
        if path.is_symlink():  # a stranger's may lead to any file
            continue
        plot, size = find_plot(path.stem), path.stat().st_size
        if (plot and plot.redrawn) or size > left:
            continue
        left -= size
        content = base64.b64encode(path.read_bytes()).decode()
        caption = plot.caption if plot else f"{path.stem.replace('_', ' ')}."
        found.append(Drawing(caption, f"data:image/png;base64,{content}"))
    return found
