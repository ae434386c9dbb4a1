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

from runner.results.compare.comparison import Comparison, Row, Versus
from runner.results.compare.sides import Point, point_words
from runner.results.plots.style import (
    beside,
    epoch_axis,
    new_figure,
    spans_decades,
    spread_colours,
    tiles,
)
from runner.results.words import plain, short

MOST_TILES = 12
MOST_METRICS = 15
MOST_POINTS = 40
BETWEEN = 0.62  # inches between rows of panels: ticks below, a title above
LOSS = "train/loss"


def figures(comparison: Comparison) -> Iterator[tuple[str, Figure]]:
    """The figures that a comparison has data for, each with its name.

    Args:
        comparison: The sides compared.
    """
    if any(len(frame) for side in comparison.sides for frame in side.curves.values()):
        yield "curves", curves(comparison)
    if any(versus.overall for versus in comparison.versus):
        yield "differences", differences(comparison)
    if max(len(comparison.at_points(versus)) for versus in comparison.versus) > 1:
        yield "differences_by_point", differences_by_point(comparison)


def curves(comparison: Comparison) -> Figure:
    """The learning curves of all sides overlaid, a colour per side.

    At one point: training loss and the metric, side by side. At several: the metric, a tile per
    point, those of the largest differences where they are many. Lines are means over runs, bands
    their range. Sides that share no points show all of theirs, by mean alone.
    """
    wanted = _shown_points(comparison)
    metric = comparison.metric
    if wanted and len(wanted) > 1:
        plots = [(_tile_title(comparison, points), metric, points) for points in wanted]
    else:
        points = wanted[0] if wanted else [side.points for side in comparison.sides]
        plots = [("", name, points) for name in dict.fromkeys([LOSS, metric])]
        plots = [plot for plot in plots if _has(comparison, plot[1])] or plots[-1:]
    columns, several = min(len(plots), 4), len(plots) > 2
    rows = math.ceil(len(plots) / columns)
    width, height = (3.0, 2.6 * rows) if several else (4.2, 3.4)
    figure = _figure(width * columns, height, _curves_title(comparison, wanted), bool(plots[0][0]))
    axes = tiles(figure, len(plots), columns, gap=0.16 if several else 0.28, sharey=several)
    for place, (panel, (title, name, at)) in enumerate(zip(axes, plots, strict=True)):
        _draw_curves(panel, comparison, name, at, band=bool(wanted))
        panel.set_title(plain(title), fontsize=8.5, loc="left")
        if several and place % columns:
            panel.set_ylabel("")
    beside(figure, _handles(comparison.names, comparison))
    return figure


def differences(comparison: Comparison) -> Figure:
    """The difference of each metric from the first side, with its interval, a tile per metric."""
    rows = [row for versus in comparison.versus for row in versus.overall]
    metrics = list(dict.fromkeys(row.metric for row in rows))[:MOST_METRICS]
    names = [versus.name for versus in comparison.versus if versus.overall]
    columns = min(len(metrics), 3)
    height = 0.3 + 0.22 * len(names)
    rows_high = math.ceil(len(metrics) / columns)
    figure = _figure(3.3 * columns, (height + BETWEEN) * rows_high, _differences_title(rows), True)
    axes = tiles(figure, len(metrics), columns, gap=0.16, sharey=True)
    _space_rows(figure, axes, BETWEEN / height)
    for panel, metric in zip(axes, metrics, strict=True):
        _draw_intervals(panel, [row for row in rows if row.metric == metric], names, comparison)
        panel.set_title(plain(metric), fontsize=9, loc="left")
        panel.set_yticks(range(len(names)), [f"{name} - A" for name in names])
        panel.set_ylim(len(names) - 0.5, -0.5)
    beside(figure, _handles(names, comparison))
    return figure


def differences_by_point(comparison: Comparison) -> Figure:
    """The difference of the metric at each point, with its interval."""
    rows = [row for versus in comparison.versus for row in comparison.at_points(versus)]
    every = list(dict.fromkeys(row.points[0][0] for row in rows))
    places = every[:MOST_POINTS]
    many = f", the first {len(places)} of {len(every)}" if len(every) > len(places) else ""
    rows = [row for row in rows if row.points[0][0] in places]
    keys = comparison.first.keys
    title = f"{comparison.metric}: difference from A at each point{many}\n{_interval_words(rows)}"
    names = [versus.name for versus in comparison.versus if comparison.at_points(versus)]
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


def _shown_points(comparison: Comparison) -> list[list[list[Point]]]:
    """For each tile the points of every side that belong there; none where sides share none."""
    if any(versus.matching.kind == "none" for versus in comparison.versus):
        return []
    if any(versus.matching.kind == "best" for versus in comparison.versus):
        best = next(v for v in comparison.versus if v.matching.kind == "best")
        point = best.matching.points[0][0]
        return [[[point], *(_partners(versus, point) for versus in comparison.versus)]]
    sizes: dict[Point, float] = {}
    for versus in comparison.versus:
        for row in comparison.at_points(versus):
            size = abs(row.found.estimate.difference)
            point = row.points[0][0]
            sizes[point] = max(sizes.get(point, -1.0), size if math.isfinite(size) else -1.0)
    largest = set(sorted(sizes, key=lambda point: -sizes[point])[:MOST_TILES])
    return [
        [[point], *(_partners(versus, point) for versus in comparison.versus)]
        for point in sizes
        if point in largest
    ]


def _partners(versus: Versus, point: Point) -> list[Point]:
    """The point of a side that stands against one of the first, if there is one."""
    return [theirs for mine, theirs in versus.matching.points if mine == point]


def _has(comparison: Comparison, name: str) -> bool:
    frames = (frame for side in comparison.sides for frame in side.curves.values())
    return any(name in frame for frame in frames)


def _draw_curves(
    axes: Axes, comparison: Comparison, name: str, points: Sequence[Sequence[Point]], band: bool
) -> None:
    epoch_axis(axes)
    axes.set_ylabel(plain(name))
    seen: list[float] = []
    for letter, side, at in zip(comparison.names, comparison.sides, points, strict=True):
        for point in at:
            frame = side.curves.get(point)
            if frame is None or name not in frame:
                continue
            means = _over_runs(frame, name)
            seen += means[["min", "max"]].to_numpy().ravel().tolist()
            _draw_line(axes, means, _colours(comparison)[letter], band)
    if name.endswith("loss") and spans_decades(seen, 1.5):
        axes.set_yscale("log", nonpositive="mask")


def _over_runs(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    values = frame[name].where(np.isfinite(frame[name].astype(float)))
    return values.groupby(frame["epoch"]).agg(["mean", "min", "max"]).dropna()


def _draw_line(axes: Axes, means: pd.DataFrame, colour: Any, band: bool) -> None:
    marker = "o" if len(means) == 1 else None
    width = 1.6 if band else 0.9
    axes.plot(means.index, means["mean"], color=colour, lw=width, marker=marker, ms=4)
    if band:
        axes.fill_between(
            means.index, means["min"], means["max"], color=colour, alpha=0.18, linewidth=0
        )


def _draw_intervals(
    axes: Axes, rows: Sequence[Row], names: Sequence[str], comparison: Comparison
) -> None:
    axes.axvline(0, color="black", linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.ticklabel_format(axis="x", style="sci", scilimits=(-3, 4))
    axes.xaxis.get_offset_text().set_fontsize(8)
    axes.tick_params(labelsize=8)
    for row in rows:
        _draw_errors(axes, [row], [float(names.index(row.side))], _colours(comparison)[row.side])


def _draw_errors(axes: Axes, rows: Sequence[Row], where: Sequence[float], colour: Any) -> None:
    """Differences as dots, their intervals as bars; hollow dots where there is no interval."""
    for row, place in zip(rows, where, strict=True):
        estimate = row.found.estimate
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


def _tile_title(comparison: Comparison, points: Sequence[Sequence[Point]]) -> str:
    return short(point_words(comparison.first.keys, points[0][0]), 40)


def _curves_title(comparison: Comparison, wanted: Sequence[Any]) -> str:
    how = "line: mean over runs, band: lowest to highest run"
    if all(side.runs == len(side.points) for side in comparison.sides):
        how = "one run each"
    if not wanted:
        return "Learning curves of sides that share no points\na line per point: mean over runs"
    if any(versus.matching.kind == "best" for versus in comparison.versus):
        return f"Learning curves at each side's best point by val/loss\n{how}"
    shared = max(len(comparison.at_points(versus)) for versus in comparison.versus)
    many = (
        f", the {len(wanted)} of {shared} points that differ most" if shared > len(wanted) else ""
    )
    what = f"{comparison.metric} at equal points" if len(wanted) > 1 else "Learning curves"
    return f"{what}{many}\n{how}"


def _differences_title(rows: Sequence[Row]) -> str:
    points = max(len(row.points) for row in rows)
    over = f" over {points} points" if points > 1 else ""
    return f"Difference from A{over}\n{_interval_words(rows)}"


def _interval_words(rows: Sequence[Row]) -> str:
    methods = {row.found.estimate.method for row in rows if math.isfinite(row.found.estimate.low)}
    if not methods:
        return "no intervals: too few runs"
    words = {"paired": "paired by seed", "Welch": "Welch"}
    return f"bar: 95 % interval, {' or '.join(words[m] for m in sorted(methods))}"


def _point_label(point: Point) -> str:
    return plain(", ".join("-" if value is None else short(value) for value in point))
