"""The look that all figures share, and how they become PNG files."""

import math
import warnings
from collections.abc import Sequence
from io import BytesIO
from textwrap import fill
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from runner.results.labels import plain

# Okabe and Ito's colours, told apart by the colour-blind as well; black and yellow left out.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
SPLITS = {
    "train": {"color": "#0072B2", "linestyle": "-", "marker": "o"},
    "val": {"color": "#E69F00", "linestyle": "--", "marker": "s"},
    "test": {"color": "#D55E00", "linestyle": "-.", "marker": "^"},
}
FAILED = "#B2182B"
DPI = 110
PADDING = 0.12
CHARACTERS_PER_INCH = 14
FEWEST_CHARACTERS = 80


def new_figure(width: float, height: float, title: str, gap: float = 0.0) -> Figure:
    """A white figure with a title at its left.

    Args:
        width: In inches.
        height: In inches, without the title.
        title: One or more lines; one that is wider than the figure is broken.
        gap: Inches between the title and what is below: panels may have titles of their own.
    """
    title = _wrapped(title, width)
    lines = title.count("\n") + 1
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.subplots_adjust(top=0.94)
    top = 1 + (0.18 * lines + gap) / height
    figure.suptitle(plain(title), x=0.02, y=top, ha="left", va="top", size=10)
    return figure


def panels(figure: Figure, count: int, sharex: bool = True) -> list[Axes]:
    """Axes side by side, without the frame's upper and right lines."""
    grid = figure.subplots(1, count, sharex=sharex, squeeze=False, gridspec_kw={"wspace": 0.28})
    for axes in grid[0]:
        _open(axes)
    return list(grid[0])


def tiles(figure: Figure, count: int, columns: int, gap: float = 0.3, **kwargs: Any) -> list[Axes]:
    """Axes in rows of so many, as ``panels`` makes them; the last row may be short.

    Args:
        figure: Where they go.
        count: How many.
        columns: How many side by side, at the most.
        gap: The room between two of them side by side, in their widths.
        kwargs: Passed on to ``Figure.subplots``.
    """
    columns = min(columns, count)
    grid = figure.subplots(
        math.ceil(count / columns),
        columns,
        squeeze=False,
        gridspec_kw={"wspace": gap, "hspace": 0.42},
        **kwargs,
    )
    for axes in grid.flat[count:]:
        axes.remove()
    for axes in grid.flat[:count]:
        _open(axes)
    return list(grid.flat[:count])


def beside(
    figure: Figure, handles: Sequence[Any], title: str | None = None, left: float = 0.92
) -> None:
    """A legend to the right of all that a figure shows, beginning at a part of its width."""
    figure.legend(
        handles=list(handles), frameon=False, fontsize=8.5, title=title, title_fontsize=8.5,
        alignment="left", loc="upper left", bbox_to_anchor=(left, 0.96), borderaxespad=0,
    )  # fmt: skip


def epoch_axis(axes: Axes) -> None:
    """Label the horizontal axis in epochs, whole ones."""
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))


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
        figure.savefig(
            buffer,
            format="png",
            bbox_inches="tight",
            pad_inches=PADDING,
            pil_kwargs={"compress_level": 3},
        )
    return buffer.getvalue()


def save_whole(figure: Figure, *args: Any, **kwargs: Any) -> None:
    """``Figure.savefig``, by default cut to what is drawn, the title and the legend beside it."""
    Figure.savefig(figure, *args, **{"bbox_inches": "tight", "pad_inches": PADDING, **kwargs})


def colour_map() -> Colormap:
    """A sequential map without its palest end, which vanishes on white."""
    return matplotlib.colormaps["viridis_r"].resampled(256)


def spread_colours(count: int, ordered: bool) -> list[Any]:
    """A colour per point: shades in order where points have an order, else colours apart."""
    if not ordered and count <= len(COLOURS):
        return list(COLOURS[:count])
    shades = matplotlib.colormaps["viridis"]
    return [shades(0.92 * i / max(1, count - 1)) for i in range(count)]


def norm_of(values: Sequence[float], log: bool) -> Normalize:
    """How values become colours; on a log scale only positive values do."""
    known = [value for value in values if value == value and (value > 0 or not log)] or [1.0]
    low, high = min(known), max(known)
    if log:
        return LogNorm(low, high if high > low else low * 1.01)
    return Normalize(low, high if high > low else low + max(abs(low) * 0.01, 1e-12))


def _wrapped(title: str, width: float) -> str:
    most = max(FEWEST_CHARACTERS, int(width * CHARACTERS_PER_INCH))
    return "\n".join(fill(line, most, break_on_hyphens=False) for line in title.split("\n"))


def _open(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)
