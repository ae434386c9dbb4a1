"""A comparison's figures as Bokeh draws them: differences with intervals, curves overlaid.

Colours are left to the page: what is named ``g<number>`` belongs to that side, and is hidden by its
entry of the legend; what is named ``ink`` has the colour of the text.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d, Scatter, glyphs
from bokeh.models.tickers import BasicTicker, FixedTicker
from bokeh.plotting import figure

from runner.results.compare.comparison import Comparison
from runner.results.compare.differences import Difference
from runner.results.compare.drawn import Curves, Panel, over_runs
from runner.results.compare.inputs import PointKey, point_text
from runner.results.compare.labels import ROOM, Line, end_labels
from runner.results.labels import interval, number, p_value, short
from runner.results.page.canvas import new_figure, text
from runner.results.stats import spans_decades

MOST_PLACES = 20_000
SPREAD = 0.5  # of a point's row, over its sides


def difference_figure(comparison: Comparison, metric: str, rows: Sequence[Difference]) -> figure:
    """One metric's difference from the first side, a row for each other side."""
    names = list(dict.fromkeys(row.side for row in rows))
    plot = new_figure(
        height=64 + 26 * len(names),
        x_range=_around([0.0, *_ends(rows)]),
        y_range=Range1d(start=len(names) - 0.5, end=-0.5),
        toolbar_location=None,
    )
    plot.xaxis[0].ticker = BasicTicker(desired_num_ticks=4)
    _set_rows(plot, [f"{name} - A" for name in names])
    _add_zero(plot)
    _add_differences(plot, comparison, rows, [float(names.index(row.side)) for row in rows], metric)
    return plot


def _row_labels(points: Sequence[PointKey]) -> list[str]:
    """The values of each point, cut so far as they still tell it from the others."""
    whole = [", ".join(map(short, point)) for point in points]
    widths = (18, 30, 60)
    cut = ([short(words, width) for words in whole] for width in widths)
    distinct = len(set(whole))
    return next((labels for labels in cut if len(set(labels)) == distinct), whole)


def point_figure(
    comparison: Comparison, rows: Sequence[Difference], points: Sequence[PointKey]
) -> figure:
    """One metric's difference from the first side at each point, its sides close together."""
    names = list(dict.fromkeys(row.side for row in rows))
    plot = new_figure(
        height=max(180, 90 + (12 + 12 * len(names)) * len(points)),
        x_range=_around([0.0, *_ends(rows)]),
        y_range=Range1d(start=len(points) - 0.4, end=-0.6),
        x_axis_label=text(f"difference in {comparison.metric}"),
        y_axis_label=text(short(", ".join(comparison.first.keys), 40)),
    )
    plot.xaxis[0].ticker = BasicTicker(desired_num_ticks=5)
    _set_rows(plot, _row_labels(points))
    _add_zero(plot)
    places = {point: place for place, point in enumerate(points)}
    offsets = np.linspace(-SPREAD / 2, SPREAD / 2, len(names)) if len(names) > 1 else [0.0]
    where = [places[row.points[0][0]] + float(offsets[names.index(row.side)]) for row in rows]
    _add_differences(plot, comparison, rows, where, comparison.metric)
    return plot


def curve_figures(
    comparison: Comparison, curves: Curves, step: int
) -> Iterator[tuple[figure, bool]]:
    """The panels of learning curves, each with whether its vertical axis is logarithmic.

    Panels of one metric have one vertical axis, so that points can be told apart.

    Args:
        comparison: The sides compared.
        curves: What is to be shown of them.
        step: Every how many epochs a point is drawn.
    """
    found = [list(_lines(comparison, panel)) for panel in curves.panels]
    for panel, lines in zip(curves.panels, found, strict=True):
        wide = [line for of in found for line in of] if curves.tiled else lines
        values = np.concatenate([
            np.empty(0), *(f[["min", "max"]].to_numpy("f8").ravel() for *_, f in wide)
        ])  # fmt: skip
        log = comparison.measures.is_error(panel.metric) and spans_decades(values, 1.5)
        plot = _curve_figure(comparison, panel, lines, curves.band, log, values, step)
        if curves.labelled:
            _add_labels(plot, comparison, lines, log)
        yield plot, log


def thinning(comparison: Comparison, curves: Curves) -> int:
    """Every how many epochs a point is drawn, so that the page stays small."""
    sides = [place for panel in curves.panels for place in zip(comparison.sides, panel.points)]  # noqa: B905
    frames = (side.curves[at] for side, points in sides for at in points if at in side.curves)
    return max(1, math.ceil(sum(frame["epoch"].nunique() for frame in frames) / MOST_PLACES))


def _curve_figure(
    comparison: Comparison,
    panel: Panel,
    lines: Sequence[Line],
    band: bool,
    log: bool,
    values: Any,
    step: int,
) -> figure:
    plot = new_figure(
        y_axis_type="log" if log else "linear",
        x_axis_label="epoch",
        y_axis_label=text(panel.label),
        y_range=_around(values, log),
    )
    plot.xaxis[0].ticker = BasicTicker(min_interval=1)
    drawn = [_add_line(plot, comparison, line, band, log, step) for line in lines]
    tips = [("side", "@side"), ("point", "@point"), ("epoch", "@x"), ("mean", "@y{0.[0000]a}")]
    tips += [("runs", "@low{0.[0000]a} to @high{0.[0000]a}")]
    plot.add_tools(HoverTool(renderers=drawn, tooltips=tips))
    return plot


def _add_labels(
    plot: figure, comparison: Comparison, lines: Sequence[Line], log: bool
) -> None:  # fmt: skip
    """Each line's point at its end, in the colour of its side and hidden with it."""
    axis: Any = plot.y_range
    for label in end_labels(comparison, lines, axis.start, axis.end, log):
        source = ColumnDataSource({"x": [label.x], "y": [label.y], "text": [text(label.words)]})
        words = glyphs.Text(x_offset=6, text_font_size="11px", text_baseline="middle")
        plot.add_glyph(source, words, name=f"g{label.side}")
    epochs = [float(end) for *_, means in lines for end in means.index[[0, -1]]]
    if epochs:
        first, last = min(epochs), max(epochs)
        span = max(last - first, 1.0)
        plot.x_range = Range1d(start=first - 0.04 * span, end=last + ROOM * span)


def _lines(comparison: Comparison, panel: Panel) -> Iterator[Line]:
    """Each side's number, point, and mean, lowest and highest run by epoch."""
    sides = zip(comparison.sides, panel.points, strict=True)
    for place, (side, points) in enumerate(sides):
        for point in points:
            frame = side.curves.get(point)
            if frame is not None and panel.metric in frame:
                yield place, point, over_runs(frame, panel.metric)


def _add_line(
    plot: figure,
    comparison: Comparison,
    line: Line,
    band: bool,
    log: bool,
    step: int,
) -> Any:
    place, point, means = line
    kept = means.iloc[sorted({*range(0, len(means), step), len(means) - 1} - {-1})]
    kept = kept.where(kept > 0) if log else kept
    with np.errstate(over="ignore"):
        data = {name: kept[of].to_numpy("f4") for name, of in COLUMNS.items()}
    words = point_text(comparison.sides[place].keys, point)
    source = ColumnDataSource({
        "x": kept.index.to_numpy("f4"),
        **data,
        "side": [comparison.names[place]] * len(kept),
        "point": [short(words, 60) or "-"] * len(kept),
    })  # fmt: skip
    if band:
        area = glyphs.VArea(x="x", y1="low", y2="high", fill_alpha=0.18)
        plot.add_glyph(source, area, name=f"g{place}")
    glyph = glyphs.Line(x="x", y="y", line_width=2 if band else 1)
    dot = Scatter(x="x", y="y", size=7)
    return plot.add_glyph(source, glyph if len(kept) > 1 else dot, name=f"g{place}")


COLUMNS = {"y": "mean", "low": "min", "high": "max"}


def _add_differences(
    plot: figure,
    comparison: Comparison,
    rows: Sequence[Difference],
    where: Sequence[float],
    metric: str,
) -> None:
    """Differences as dots, their intervals as bars; hollow dots where there is no interval."""
    dots: list[Any] = []
    for name in dict.fromkeys(row.side for row in rows):
        group = f"g{comparison.names.index(name)}"
        mine = [(r, at) for r, at in zip(rows, where, strict=True) if r.side == name]
        for known in (True, False):
            some = [(r, at) for r, at in mine if math.isfinite(r.estimate.low) == known]
            if some:
                source = ColumnDataSource(_differences(some, comparison))
                if known:
                    bar = glyphs.Segment(x0="low", x1="high", y0="at", y1="at", line_width=2.5)
                    plot.add_glyph(source, bar, name=group)
                dot = Scatter(x="x", y="at", size=9, line_width=2, fill_alpha=float(known))
                dots.append(plot.add_glyph(source, dot, name=group))
    tips = [("side", "@side"), ("point", "@point"), (text(metric), "@first, A; @other, @side")]
    tips += [("difference", "@words"), ("95 % interval", "@interval"), ("p", "@p"), ("n", "@n")]
    plot.add_tools(HoverTool(renderers=dots, tooltips=tips))


def _differences(
    some: Sequence[tuple[Difference, float]], comparison: Comparison
) -> dict[str, Any]:
    found = [row for row, _ in some]
    keys = comparison.first.keys
    return {
        "x": np.array([f.estimate.difference for f in found]),
        "low": np.array([f.estimate.low for f in found]),
        "high": np.array([f.estimate.high for f in found]),
        "at": np.array([at for _, at in some]),
        "side": [row.side for row, _ in some],
        "point": [_over(row, keys) for row, _ in some],
        "first": [number(f.first) for f in found],
        "other": [number(f.other) for f in found],
        "words": [number(f.estimate.difference, "+.3g") for f in found],
        "interval": [interval(f.estimate.low, f.estimate.high) for f in found],
        "p": [p_value(row.p) for row, _ in some],
        "n": ["+".join(map(str, f.estimate.counts)) for f in found],
    }


def _over(row: Difference, keys: Sequence[str]) -> str:
    if len(row.points) > 1:
        return f"mean over {row.over}"
    return short(point_text(keys, row.points[0][0]), 60) or "-"


def _ends(rows: Sequence[Difference]) -> list[float]:
    every = (row.estimate for row in rows)
    return [end for e in every for end in (e.difference, e.low, e.high)]


def _set_rows(plot: figure, labels: Sequence[str]) -> None:
    axis = plot.yaxis[0]
    axis.ticker = FixedTicker(ticks=list(range(len(labels))))
    axis.major_label_overrides = {place: text(label) for place, label in enumerate(labels)}
    plot.ygrid[0].visible = False


def _add_zero(plot: figure) -> None:
    source = ColumnDataSource({"x": [0.0]})
    plot.add_glyph(source, glyphs.VSpan(x="x", line_width=1), name="ink")


def _around(values: Any, log: bool = False) -> Range1d:
    """A range a little wider than the finite values."""
    known = np.asarray(values, "f8")
    known = known[np.isfinite(known) & ((known > 0) | (not log))]
    if not len(known):
        return Range1d(start=0.1, end=1) if log else Range1d(start=-1, end=1)
    low, high = float(known.min()), float(known.max())
    if log:
        gap = (high / low) ** 0.05 if high > low else 1.1
        return Range1d(start=low / gap, end=high * gap)
    gap = 0.06 * (high - low) or 0.05 * abs(low) or 1.0
    return Range1d(start=low - gap, end=high + gap)
