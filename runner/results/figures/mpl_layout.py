"""The layout of PNGs, in inches: a title, panels of one size, a legend beside them."""

import warnings
from collections.abc import Sequence
from io import BytesIO
from textwrap import fill
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from runner.results.labels import plain

DPI = 110
PADDING = 0.12
CHARACTERS_PER_INCH = 14
FEWEST_CHARACTERS = 80
LEFT, RIGHT, BOTTOM, TOP = 0.7, 0.5, 0.5, 0.2
APART, CLOSE = 0.85, 0.35  # between panels side by side, that have axes of their own or share one
BETWEEN, TITLE = 0.62, 0.25  # between rows of panels; above one that has a title


def panel_grid(
    title: str,
    count: int,
    columns: int,
    width: float,
    height: float,
    *,
    shared: bool = False,
    titled: bool = False,
    apart: float = APART,
) -> tuple[Figure, list[Axes]]:
    """A white figure of panels in rows; the last row may be short.

    Args:
        title: One or more lines at its left; one that is wider than the figure is broken.
        count: How many panels.
        columns: How many side by side, at the most.
        width: Inches of each.
        height: Inches of each.
        shared: Whether they have one vertical axis.
        titled: Whether they have titles of their own.
        apart: Inches between two of them side by side.
    """
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    gap, between = CLOSE if shared else apart, BETWEEN + TITLE * titled
    whole = LEFT + columns * width + (columns - 1) * gap + RIGHT
    tall = BOTTOM + rows * height + (rows - 1) * between + TOP
    figure = new_figure(title, whole, tall, TITLE * titled)
    grid = figure.subplots(
        rows, columns, squeeze=False, sharey=shared,
        gridspec_kw={
            "left": LEFT / whole, "right": 1 - RIGHT / whole, "bottom": BOTTOM / tall,
            "top": 1 - TOP / tall, "wspace": gap / width, "hspace": between / height,
        },
    )  # fmt: skip
    for axes in grid.flat[count:]:
        axes.remove()
    for axes in grid.flat[:count]:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(True, color="#E5E5E5", linewidth=0.6)
        axes.set_axisbelow(True)
    return figure, list(grid.flat[:count])


def new_figure(title: str, width: float, height: float, gap: float = 0.0) -> Figure:
    """A white figure with a title above it.

    Args:
        title: One or more lines; one that is wider than the figure is broken.
        width: In inches.
        height: In inches, without the title.
        gap: Inches between the two.
    """
    most = max(FEWEST_CHARACTERS, int(width * CHARACTERS_PER_INCH))
    title = "\n".join(fill(line, most, break_on_hyphens=False) for line in title.split("\n"))
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    top = 1 + (0.18 * (title.count("\n") + 1) + gap) / height
    figure.suptitle(plain(title), x=0.02, y=top, ha="left", va="top", size=10)
    return figure


def beside(figure: Figure, handles: Sequence[Artist], title: str = "", room: float = 0.15) -> None:
    """A legend to the right of all panels, so many inches from them, below a row of crosses."""
    boxes = [axes.get_position() for axes in figure.axes]
    left = max(box.x1 for box in boxes) + room / figure.get_figwidth()
    top = max(boxes, key=lambda box: box.y1)
    figure.legend(
        handles=list(handles), frameon=False, fontsize=8.5, title=plain(title) or None,
        title_fontsize=8.5, alignment="left", loc="upper left", borderaxespad=0, borderpad=0,
        bbox_to_anchor=(left, top.y1 - 0.12 * min(top.height, 3 / figure.get_figheight())),
    )  # fmt: skip


def legend_key(label: str, colour: str, **look: Any) -> Line2D:
    """An entry of a legend."""
    return Line2D([], [], color=colour, label=plain(label), **look)


def say(axes: Axes, words: str) -> None:
    """Say in words why there is nothing to see."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, plain(words), ha="center", va="center", transform=axes.transAxes)


def png(figure: Figure) -> bytes:
    """The figure as a PNG, cut to what is drawn so that no label is clipped."""
    buffer = BytesIO()
    with warnings.catch_warnings():
        # A class may be named in a script that the font lacks; the box drawn then says enough.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        save_whole(figure, buffer, format="png", pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def save_whole(figure: Figure, *args: Any, **kwargs: Any) -> None:
    """``Figure.savefig``, by default cut to what is drawn, the title and the legend beside it."""
    Figure.savefig(figure, *args, **{"bbox_inches": "tight", "pad_inches": PADDING, **kwargs})
