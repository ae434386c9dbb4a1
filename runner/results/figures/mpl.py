"""Draws a figure's specification with matplotlib, for a PNG or a notebook."""

import math
from dataclasses import replace
from textwrap import fill
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator

from runner.results.figures import colours
from runner.results.figures.colours import Legend
from runner.results.figures.marks import INK, Colour, Dots, Lines, Mark, Rule, Tiles, Words
from runner.results.figures.mpl_layout import APART, beside, legend_key, panel_grid, say
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel, Shades
from runner.results.labels import plain

PAPER_INK = "#222222"
POINTS = 0.62  # of a mark, for a pixel of a page
MARKERS = {"dash": "_"}
TICK_INCHES, LABEL_INCHES = 0.27, 0.7
CHARACTER_INCHES = 0.085
LETTER_INCHES, LINE_INCHES = 0.07, 0.17  # of a label along an axis, and of each of its lines
MOST_TICKS = 20
SHADED = 0.8  # how opaque lines coloured by numbers are
BAND, FEW_BANDS = 0.18, 3  # how opaque so many bands are; more lie over each other, and are paler
BAR_ROOM = 1.05  # inches right of the panels that a bar of shades takes with its label


def draw(spec: FigureSpec) -> Figure:
    """Draw a figure.

    Args:
        spec: What it shows.
    """
    first = spec.panels[0]
    more = max(_broken(panel.y.label, panel.height).count("\n") for panel in spec.panels)
    figure, all_axes = panel_grid(
        spec.title, len(spec.panels), spec.columns, first.width, first.height,
        shared=spec.shared, titled=spec.titled, apart=APART + LINE_INCHES * more,
    )  # fmt: skip
    for number, (axes, panel) in enumerate(zip(all_axes, spec.panels, strict=True)):
        _draw_panel(axes, panel, spec.legend)
        if spec.titled:
            axes.set_title(plain(panel.title), fontsize=8.5, loc="left")
        if spec.shared and number % spec.columns:
            axes.set_ylabel("")
    shades = next((panel.shades for panel in spec.panels if panel.shades), None)
    if shades:
        _add_bar(figure, all_axes, shades)
    if handles := _handles(spec):
        beside(figure, handles, spec.legend.title, BAR_ROOM if shades else 0.15)
    return figure


def draw_on(axes: Axes, spec: FigureSpec) -> Figure:
    """Draw a figure's last panel on axes of another figure, its legend and bar of shades with it.

    Args:
        axes: The axes; they belong to a figure.
        spec: What it shows.

    Returns:
        The figure that the axes belong to.
    """
    figure, panel = axes.get_figure(root=True), spec.panels[-1]
    if figure is None:
        raise ValueError("The axes belong to no figure.")
    axes.grid(True, color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)
    _draw_panel(axes, panel, spec.legend)
    axes.set_title(plain(spec.title), loc="left", fontsize=10)
    if panel.shades:
        mapped = ScalarMappable(**_mapping(panel.shades))
        figure.colorbar(mapped, ax=axes, label=plain(panel.shades.label))
    if handles := _handles(spec):
        axes.legend(
            handles=handles, fontsize=8.5, title=plain(spec.legend.title), title_fontsize=8.5,
            alignment="left", framealpha=0.8, edgecolor="none",
        )  # fmt: skip
    return figure


def _handles(spec: FigureSpec) -> list[Line2D]:
    """The entries of the legend that have a mark."""
    return [
        legend_key(e.label, e.white, ls=e.dashes if e.line else "", marker=e.marker, ms=5)
        for e in (spec.legend.entries[number] for number in spec.entries)
        if e.label
    ]


def _draw_panel(axes: Axes, panel: Panel, legend: Legend) -> None:
    if panel.nothing:
        say(axes, panel.nothing)
        return
    _set_scale(axes, "x", panel.x, panel.width)
    high = axes.get_window_extent().height / axes.figure.dpi
    _set_scale(axes, "y", replace(panel.y, label=_broken(panel.y.label, high)), panel.height)
    bands = sum(isinstance(mark, Lines) and mark.has_band for mark in panel.marks)
    for mark in panel.marks:
        _draw_mark(axes, mark, legend, panel.shades, BAND / max(1, bands / FEW_BANDS))
    for which, axis in (("x", panel.x), ("y", panel.y)):
        if axis.span is not None:
            axes.set(**{f"{which}lim": axis.span})
    if panel.x.span and panel.x == replace(panel.y, label=panel.x.label):
        axes.set(yticks=axes.get_xticks(), ylim=panel.y.span)  # one scale, a square grid


def _draw_mark(axes: Axes, mark: Mark, legend: Legend, shades: Shades | None, band: float) -> None:
    match mark:
        case Lines():
            _draw_lines(axes, mark, legend, shades, band)
        case Dots():
            _draw_dots(axes, mark, legend, shades)
        case Tiles():
            _draw_tiles(axes, mark, shades)
        case Words():
            _draw_words(axes, mark, legend)
        case Rule():
            dashes = legend.entries[mark.colour].dashes if isinstance(mark.colour, int) else "-"
            axes.axvline(mark.at, color=_paint(mark.colour, legend), lw=0.9, ls=dashes)


def _draw_lines(
    axes: Axes, mark: Lines, legend: Legend, shades: Shades | None, band: float
) -> None:
    if mark.values is not None:
        lines = np.split(np.column_stack([mark.x, mark.y]), mark.breaks)
        alpha = min(mark.alpha, SHADED)
        collection = LineCollection(lines, linewidths=mark.width, alpha=alpha, **_mapping(shades))
        collection.set_array(mark.values)
        axes.add_collection(collection)
        return
    colour = _paint(mark.colour, legend)
    entry = legend.entries[mark.colour] if isinstance(mark.colour, int) else None
    x, y = (np.insert(column, mark.breaks, np.nan) for column in (mark.x, mark.y))
    marker = "o" if mark.is_dots else entry.marker if entry and mark.marked else None
    dashes = mark.dashes or (entry.dashes if entry else "-")
    axes.plot(x, y, color=colour, ls=dashes, lw=mark.width, alpha=mark.alpha, marker=marker, ms=3.5)
    if mark.has_band and mark.low is not None and mark.high is not None:
        # A polygon, which a legend keeps clear of: it does not see what fill_between draws.
        x, y = np.append(mark.x, mark.x[::-1]), np.append(mark.low, mark.high[::-1])
        axes.fill(x, y, color=colour, alpha=band, linewidth=0)


def _draw_dots(axes: Axes, mark: Dots, legend: Legend, shades: Shades | None) -> None:
    size = mark.size * POINTS
    marker = MARKERS.get(mark.marker, mark.marker)
    if mark.values is not None:
        look: dict[str, Any] = {"c": mark.values, "s": size**2 / 2, "marker": marker, "lw": 0}
        axes.scatter(mark.x, mark.y, **look, **_mapping(shades))
        return
    colour = _paint(mark.colour, legend)
    if mark.low is not None and mark.high is not None:
        add_bars, at = (axes.vlines, mark.x) if mark.upright else (axes.hlines, mark.y)
        add_bars(at, mark.low, mark.high, color=colour, lw=1.4)
    axes.plot(
        mark.x, mark.y, color=colour, ls="", marker=marker, ms=size, alpha=mark.alpha,
        mew=1.5 if mark.marker in ("x", "dash") or mark.hollow else int(mark.alpha == 1),
        mfc="white" if mark.hollow else colour, zorder=2.1,
    )  # fmt: skip


def _draw_tiles(axes: Axes, mark: Tiles, shades: Shades | None) -> None:
    axes.grid(False)
    axes.set_facecolor("#F2F2F2")
    columns, rows = mark.x.astype(int), mark.y.astype(int)
    image = np.full((rows.max(initial=0) + 1, columns.max(initial=0) + 1), np.nan)
    image[rows, columns] = mark.values
    axes.imshow(image, aspect="auto", **_mapping(shades))
    for x, y, value, words in zip(mark.x, mark.y, mark.values, mark.words, strict=False):
        colour = "white" if shades and shades.is_dark(value) else PAPER_INK
        axes.text(x, y, words, ha="center", va="center", color=colour, size=8)


def _draw_words(axes: Axes, mark: Words, legend: Legend) -> None:
    paper = {"facecolor": "white", "alpha": 0.7, "lw": 0, "pad": 1} if mark.before else None
    for x, y, words in zip(mark.x, mark.y, mark.words, strict=True):
        axes.annotate(
            plain(words), (x, y), xytext=(-4 if mark.before else 4, 0), textcoords="offset points",
            ha="right" if mark.before else "left", va="center", fontsize=7.5, bbox=paper,
            color=_paint(mark.colour, legend), annotation_clip=False,
        )  # fmt: skip


def _paint(colour: Colour, legend: Legend) -> str:
    if isinstance(colour, int):
        return legend.entries[colour].white
    return PAPER_INK if colour == INK else colour


def _mapping(shades: Shades | None) -> dict[str, Any]:
    assert shades is not None
    norm = LogNorm if shades.log else Normalize
    palette = colours.thin_shades()[0] if shades.thin else colours.shades()
    shown: Colormap = ListedColormap(list(palette))
    if shades.thin:  # a cell of a heat map without a number is left to the ground
        shown = shown.with_extremes(bad=colours.NO_NUMBER)
    return {"cmap": shown, "norm": norm(shades.low, shades.high)}


def _add_bar(figure: Figure, all_axes: list[Axes], shades: Shades) -> None:
    boxes = [axes.get_position() for axes in all_axes]
    right, wide = max(box.x1 for box in boxes), figure.get_figwidth()
    low, high = min(box.y0 for box in boxes), max(box.y1 for box in boxes)
    place = figure.add_axes((right + 0.14 / wide, low, 0.16 / wide, high - low))
    mapped = ScalarMappable(**_mapping(shades))
    figure.colorbar(mapped, cax=place, label=plain(shades.label))


def _broken(label: str, room: float) -> str:
    """A label in as many lines as so many inches ask for."""
    most = max(1, int(room / LETTER_INCHES))
    return "\n".join(fill(line, most, break_long_words=False) for line in label.split("\n"))


def _set_scale(axes: Axes, which: Literal["x", "y"], axis: AxisSpec, room: float) -> None:
    """Give one axis its scale, ticks and label; so many inches are there for them."""
    drawn = axes.xaxis if which == "x" else axes.yaxis
    drawn.set_label_text(plain(axis.label))
    if axis.hidden:
        drawn.set_visible(False)
    if axis.kind == "log":
        set_scale = axes.set_xscale if which == "x" else axes.set_yscale
        set_scale("log", nonpositive="mask")
    if axis.whole:
        drawn.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    elif which == "x" and axis.kind == "linear":
        drawn.set_major_locator(MaxNLocator(max(2, int(room / LABEL_INCHES))))
    if axis.ticks:
        _set_ticks(axes, which, axis, room)
    if axis.gap is not None:
        _break_axis(axes, which, axis.gap)


def _set_ticks(axes: Axes, which: Literal["x", "y"], axis: AxisSpec, room: float) -> None:
    """The ticks that there is room for, words turned where they would touch."""
    drawn = axes.xaxis if which == "x" else axes.yaxis
    most = max(2, min(MOST_TICKS, int(room / TICK_INCHES)))
    shown = axis.ticks[:: math.ceil(len(axis.ticks) / most)]
    drawn.set_ticks([place for place, _ in shown], [plain(words) for _, words in shown])
    drawn.set_minor_locator(NullLocator())
    drawn.set_minor_formatter(NullFormatter())
    longest = max(len(words) for _, words in shown)
    turned = axis.kind == "words" and longest * CHARACTER_INCHES * len(shown) > room
    for text in axes.get_xticklabels() if which == "x" and turned else ():
        text.set(rotation=35, ha="right", rotation_mode="anchor")


def _break_axis(axes: Axes, which: Literal["x", "y"], middle: float) -> None:
    """Two strokes on the axis between zero and the rest: the distance there means nothing."""
    pair, edge = np.array([middle / 1.06, middle * 1.06]), np.zeros(2)
    x, y = (pair, edge) if which == "x" else (edge, pair)
    across = axes.get_xaxis_transform() if which == "x" else axes.get_yaxis_transform()
    stroke = [(-0.5, -1), (0.5, 1)] if which == "x" else [(-1, -0.5), (1, 0.5)]
    axes.plot(
        x, y, transform=across, color="black", marker=stroke, ms=9, mew=1.1, ls="", clip_on=False
    )
