"""The figures of a comparison: the curves of all sides overlaid, differences with intervals."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from runner.results.compare.comparison import Comparison
from runner.results.compare.differences import Difference
from runner.results.compare.drawn import (
    Curves,
    Panel,
    curves_of,
    interval_words,
    over_runs,
    overall_rows,
    point_rows,
)
from runner.results.compare.inputs import PointKey
from runner.results.compare.labels import ROOM, Line, end_labels
from runner.results.labels import plain, short
from runner.results.plots.style import beside, epoch_axis, new_figure, spread_colours, tiles
from runner.results.stats import spans_decades

BETWEEN = 0.62  # inches between rows of panels: ticks below, a title above


def figures(comparison: Comparison) -> Iterator[tuple[str, Figure]]:
    """The figures that a comparison has data for, each with its name.

    Args:
        comparison: The sides compared.
    """
    if shown := curves_of(comparison):
        yield "curves", curves(comparison, shown)
    if any(contrast.overall for contrast in comparison.contrasts):
        yield "differences", differences(comparison)
    if max(len(contrast.at_points) for contrast in comparison.contrasts) > 1:
        yield "differences_by_point", differences_by_point(comparison)


def curves(comparison: Comparison, shown: Curves) -> Figure:
    """The learning curves of all sides overlaid, a colour per side.

    At one point: training loss and the metric, side by side. At several: the metric, a tile per
    point, those of the largest differences where they are many. Lines are means over runs, bands
    their range. Sides that share no points show all of theirs, by mean alone.
    """
    plots = shown.panels
    several = shown.tiled
    columns = min(len(plots), 4 if several else 2)
    rows = math.ceil(len(plots) / columns)
    width, height = (3.0, 2.6 * rows) if several else (4.2, 3.4 * rows)
    title = f"{shown.title}\n{shown.how}"
    figure = _figure(width * columns, height, title, bool(plots[0].title))
    axes = tiles(figure, len(plots), columns, gap=0.16 if several else 0.28, sharey=several)
    for place, (panel, plot) in enumerate(zip(axes, plots, strict=True)):
        _draw_curves(panel, comparison, plot, shown)
        panel.set_title(plain(plot.title), fontsize=8.5, loc="left")
        if several and place % columns:
            panel.set_ylabel("")
    beside(figure, _handles(comparison.names, comparison))
    return figure


def differences(comparison: Comparison) -> Figure:
    """The difference of each metric from the first side, with its interval, a tile per metric."""
    metrics = overall_rows(comparison)
    rows = [row for of in metrics.values() for row in of]
    names = [contrast.name for contrast in comparison.contrasts if contrast.overall]
    columns = min(len(metrics), 3)
    height = 0.3 + 0.22 * len(names)
    rows_high = math.ceil(len(metrics) / columns)
    figure = _figure(3.3 * columns, (height + BETWEEN) * rows_high, _differences_title(rows), True)
    axes = tiles(figure, len(metrics), columns, gap=0.16, sharey=True)
    _space_rows(figure, axes, BETWEEN / height)
    for panel, metric in zip(axes, metrics, strict=True):
        _draw_intervals(panel, metrics[metric], names, comparison)
        panel.set_title(plain(metric), fontsize=9, loc="left")
        panel.set_yticks(range(len(names)), [f"{name} - A" for name in names])
        panel.set_ylim(len(names) - 0.5, -0.5)
    beside(figure, _handles(names, comparison))
    return figure


def differences_by_point(comparison: Comparison) -> Figure:
    """The difference of the metric at each point, with its interval."""
    rows, places, many = point_rows(comparison)
    keys = comparison.first.keys
    title = f"{comparison.metric}: difference from A at each point{many}\n{interval_words(rows)}"
    names = [contrast.name for contrast in comparison.contrasts if contrast.at_points]
    height = max(1.6, (0.16 + 0.12 * len(names)) * len(places) + 0.5)
    figure = _figure(5.2, height, title, False)
    (panel,) = tiles(figure, 1, 1)
    spread = np.linspace(-0.25, 0.25, len(names)) if len(names) > 1 else [0.0]
    for name, offset in zip(names, spread, strict=True):
        mine = [row for row in rows if row.side == name]
        where = [places.index(row.points[0][0]) + float(offset) for row in mine]
        _draw_errors(panel, mine, where, _colours(comparison)[name])
    panel.axvline(0, color="black", linewidth=0.8)
    panel.set_yticks(range(len(places)), [_point_label(point) for point in places], fontsize=8)
    panel.set_ylim(len(places) - 0.4, -0.6)
    panel.set_ylabel(plain(", ".join(keys)))
    panel.set_xlabel(plain(f"difference in {comparison.metric}"))
    beside(figure, _handles(names, comparison))
    return figure


def _figure(width: float, height: float, title: str, titled: bool) -> Figure:
    """A figure whose title stands close above its panels, however high it is."""
    return new_figure(width, height, title, gap=(0.32 if titled else 0.12) - 0.06 * height)


def _space_rows(figure: Figure, axes: Sequence[Axes], room: float) -> None:
    """Put so much room between rows of panels, in their heights."""
    grid = axes[0].get_gridspec()
    assert grid is not None
    grid.hspace = room
    for panel in axes:
        spec = panel.get_subplotspec()
        assert spec is not None
        panel.set_position(spec.get_position(figure))


def _draw_curves(axes: Axes, comparison: Comparison, plot: Panel, shown: Curves) -> None:
    name = plot.metric
    epoch_axis(axes)
    axes.set_ylabel(plain(plot.label))
    seen: list[float] = []
    lines: list[Line] = []
    sides = zip(comparison.names, comparison.sides, plot.points, strict=True)
    for number, (letter, side, at) in enumerate(sides):
        for point in at:
            frame = side.curves.get(point)
            if frame is None or name not in frame:
                continue
            means = over_runs(frame, name)
            seen += means[["min", "max"]].to_numpy().ravel().tolist()
            lines.append((number, point, means))
            _draw_line(axes, means, _colours(comparison)[letter], shown.band)
    if comparison.measures.is_error(name) and spans_decades(seen, 1.5):
        axes.set_yscale("log", nonpositive="mask")
    if shown.labelled:
        _label_ends(axes, comparison, lines)


def _label_ends(axes: Axes, comparison: Comparison, lines: Sequence[Line]) -> None:
    """Write each line's point at its end, in the colour of its side."""
    low, high = axes.get_ylim()
    first, last = axes.dataLim.intervalx
    for label in end_labels(comparison, lines, low, high, axes.get_yscale() == "log"):
        axes.annotate(
            plain(label.words), (label.x, label.y), xytext=(4, 0), textcoords="offset points",
            color=_colours(comparison)[comparison.names[label.side]], fontsize=7.5, va="center",
        )  # fmt: skip
    axes.set_ylim(low, high)
    if lines:
        span = max(last - first, 1.0)
        axes.set_xlim(first - 0.04 * span, last + ROOM * span)


def _draw_line(axes: Axes, means: pd.DataFrame, colour: Any, band: bool) -> None:
    marker = "o" if len(means) == 1 else None
    width = 1.6 if band else 0.9
    axes.plot(means.index, means["mean"], color=colour, lw=width, marker=marker, ms=4)
    if band:
        axes.fill_between(
            means.index, means["min"], means["max"], color=colour, alpha=0.18, linewidth=0
        )


def _draw_intervals(
    axes: Axes, rows: Sequence[Difference], names: Sequence[str], comparison: Comparison
) -> None:
    axes.axvline(0, color="black", linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.ticklabel_format(axis="x", style="sci", scilimits=(-3, 4))
    axes.xaxis.get_offset_text().set_fontsize(8)
    axes.tick_params(labelsize=8)
    for row in rows:
        _draw_errors(axes, [row], [float(names.index(row.side))], _colours(comparison)[row.side])


def _draw_errors(
    axes: Axes, rows: Sequence[Difference], where: Sequence[float], colour: Any
) -> None:
    """Differences as dots, their intervals as bars; hollow dots where there is no interval."""
    for row, place in zip(rows, where, strict=True):
        estimate = row.estimate
        if not math.isfinite(estimate.difference):
            axes.text(0, place, " no value", fontsize=7, va="center", color=colour)
            continue
        known = math.isfinite(estimate.low)
        if known:
            axes.plot([estimate.low, estimate.high], [place, place], color=colour, lw=1.6)
        face = colour if known else "white"
        axes.plot(estimate.difference, place, "o", color=colour, mfc=face, ms=5)


def _colours(comparison: Comparison) -> dict[str, Any]:
    count = len(comparison.names)
    return dict(zip(comparison.names, spread_colours(count, ordered=False), strict=True))


def _handles(names: Sequence[str], comparison: Comparison) -> list[Line2D]:
    paths = dict(zip(comparison.names, (side.path for side in comparison.sides), strict=True))
    return [
        Line2D([], [], color=_colours(comparison)[name], lw=2, label=plain(f"{name}  {_end(path)}"))
        for name, path in paths.items()
        if name in names
    ]


def _end(path: str) -> str:
    return path if len(path) <= 28 else f"…{path[-27:]}"


def _differences_title(rows: Sequence[Difference]) -> str:
    points = max(row.over for row in rows)
    over = f" over {points} points" if points > 1 else ""
    return f"Difference from A{over}\n{interval_words(rows)}"


def _point_label(point: PointKey) -> str:
    return plain(", ".join("-" if value is None else short(value) for value in point))
