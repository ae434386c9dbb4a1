"""The plots of a folder that the report does not draw itself, carried inside the page."""

import base64
from pathlib import Path
from typing import NamedTuple

MOST_BYTES = 300_000
REDRAWN = ("curves", "by_")
WORDS = {
    "activations": "The activation functions and their derivatives.",
    "confusion": "Confusion matrix: true classes against predicted ones.",
    "data": "Some of the examples that were trained on.",
    "fitted": "Predictions against targets.",
    "gradients": "The norms of the gradients by epoch.",
    "path": "The path of the parameters over the function that is minimised.",
    "rates": "The learning rate by epoch.",
    "trace": "The training loss within the epochs.",
    "wrong": "The examples that were most confidently classified wrong.",
}


class Drawing(NamedTuple):
    """A plot as part of the page.

    Attributes:
        words: What it shows.
        source: The image itself, as a ``data:`` address.
    """

    words: str
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
        size = path.stat().st_size
        if _is_redrawn(path) or size > left:
            continue
        left -= size
        content = base64.b64encode(path.read_bytes()).decode()
        found.append(Drawing(_words(path.stem), f"data:image/png;base64,{content}"))
    return found


def _is_redrawn(path: Path) -> bool:
    """Whether the report has a figure of the same: all heat maps but those of one key's lists."""
    pair, key = path.stem.startswith("heatmap_"), path.stem.removeprefix("heatmap_")
    if pair and path.with_name(f"by_{key}.png").exists():
        return False
    return pair or path.stem.startswith(REDRAWN)


def _words(name: str) -> str:
    if name.startswith("heatmap_"):
        key = name.removeprefix("heatmap_").replace("-", ".")
        return f"The mean of the metric over the first and the second number of {key}."
    return WORDS.get(name, f"{name.replace('_', ' ')}.")
