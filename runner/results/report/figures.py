"""The report's figures as Bokeh draws them: learning curves, and the metric by swept values.

The page knows which runs are shown. It keeps to their rows in every source with a column
``job``, adds the column ``run`` with their swept values, and fills what is tagged ``mean`` with the
means of the dots that are left, ``picked`` with the run that was clicked in the table, ``ghost``
with the runs that are not shown, and ``brush`` with the parts of the axes that are asked for.
"""

from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, Range1d, Scatter, glyphs
from bokeh.models.tickers import BasicTicker
from bokeh.plotting import figure

from runner.results.page.canvas import new_figure, text
from runner.results.plots.scales import scale_of
from runner.results.plots.style import FAILED
from runner.results.report.axes import (
    margins,
    range_of,
    room_at_top,
    set_axis,
    set_log_range,
    set_log_ticks,
)
from runner.results.report.curves import Curves, Line
from runner.results.report.groups import Groups
from runner.results.sweep_view import SweepView

RUN = ("run", "@run")


def curve_figure(curves: Curves, by_split: bool) -> figure:
    """Learning curves: a line per run, in the colour of its entry of the legend."""
    low, high = margins(curves.low, curves.high, curves.log)
    plot = new_figure(
        y_axis_type="log" if curves.log else "linear",
        x_axis_label="epoch",
        y_axis_label=text(curves.label),
        x_range=_epochs(curves),
        y_range=Range1d(start=low, end=high),
    )
    plot.xaxis[0].ticker = BasicTicker(min_interval=1)
    if curves.log:
        set_log_ticks(plot.yaxis[0], low, high)
    lines = [_add_line(plot, line) for line in curves.lines]
    tips = [("epoch", "@x"), ("value", "@y{0.[0000]a}")]
    if not by_split:
        tips.insert(0, RUN)
        add_empty(plot, _picked_curve(curves), "picked", "x", "y")
    plot.add_tools(HoverTool(renderers=lines, tooltips=tips, limit=1))
    return plot


def add_empty(plot: figure, glyph: Any, tag: str, *columns: str) -> None:
    """A place in a figure that the page fills, in the colour of the text."""
    source = ColumnDataSource({column: [] for column in columns})
    plot.add_glyph(source, glyph, name="ink", tags=[tag])


def ring() -> Scatter:
    """What is drawn around the dot of the run that was clicked in the table."""
    return Scatter(x="x", y="y", size=16, line_width=3, fill_alpha=0)


def _picked_curve(curves: Curves) -> Any:
    dots = all(_is_dots(line) for line in curves.lines)
    return ring() if dots else glyphs.Line(x="x", y="y", line_width=4)


def _is_dots(line: Line) -> bool:
    """Whether there is nothing to join by a line."""
    return bool(np.isfinite(line.values).sum() <= 1 or len(np.unique(line.epochs)) == 1)


def _add_line(plot: figure, line: Line) -> Any:
    source = ColumnDataSource({"x": line.epochs, "y": line.values, "job": line.jobs})
    if _is_dots(line):
        return plot.add_glyph(source, Scatter(x="x", y="y", size=7), name=f"g{line.group}")
    glyph = glyphs.Line(x="x", y="y", line_width=1.6)
    return plot.add_glyph(source, glyph, name=f"g{line.group}")


def value_figure(view: SweepView, key: str, groups: Groups) -> figure:
    """The metric of each run by one swept value, and the mean at each value."""
    runs = finite_runs(view)
    scale = scale_of(view.runs[key])
    places = pd.Series(scale.of(runs[key]), index=runs.index)
    lost = _lost_runs(view)
    y_range = range_of(runs[view.metric], view.log)
    top = room_at_top(y_range, view.log) if len(lost) else 0.0
    plot = new_figure(
        x_axis_type="log" if scale.kind == "log" else "linear",
        y_axis_type="log" if view.log else "linear",
        x_axis_label=text(key),
        y_axis_label=text(view.label),
        x_range=range_of(scale.places, scale.kind == "log"),
        y_range=y_range,
    )
    set_axis(plot.xaxis[0], scale)
    if view.log:
        set_log_range(plot.yaxis[0], y_range)
    dots = [
        _add_dots(plot, view, runs[of], places[of], number)
        for number in range(len(groups.labels))
        if (of := runs["job"].map(groups.of_job) == number).any()
    ]
    means = runs[view.metric].groupby(places).mean()
    _add_means(plot, means, joined=scale.kind != "words")
    if len(lost):
        _add_lost(plot, lost, scale.of(lost[key]), top)
    add_empty(plot, ring(), "picked", "x", "y")
    tips = [RUN, (text(view.words), "@y{0.[0000]a}")]
    plot.add_tools(HoverTool(renderers=dots, tooltips=tips, limit=3))
    return plot


def _lost_runs(view: SweepView) -> pd.DataFrame:
    return view.runs[view.runs["status"] != "ok"]


def _add_lost(plot: figure, lost: pd.DataFrame, places: Any, top: float) -> None:
    """A cross at the top for each run that did not end well; the page keeps to those shown."""
    data: dict[str, Any] = {
        "x": places.astype("f8"),
        "y": np.full(len(lost), top),
        "lost": lost["job"].to_numpy("i4"),
        "status": list(lost["status"]),
    }
    cross = Scatter(x="x", y="y", marker="x", size=10, line_width=2, line_color=FAILED)
    crosses = plot.add_glyph(ColumnDataSource(data), cross, tags=["lost"])
    tips = [RUN, ("status", "@status")]
    plot.add_tools(HoverTool(renderers=[crosses], tooltips=tips, limit=3))


def _add_means(plot: figure, means: "pd.Series[Any]", joined: bool) -> None:
    """A line over numbers; a dash each over words, between which there is nothing."""
    source = ColumnDataSource({"x": means.index.to_numpy("f8"), "y": means.to_numpy("f8")})
    line = glyphs.Line(x="x", y="y", line_width=2)
    dash = Scatter(x="x", y="y", marker="dash", size=26, line_width=2)
    plot.add_glyph(source, line if joined else dash, name="ink", tags=["mean"])


def _add_dots(
    plot: figure, view: SweepView, runs: pd.DataFrame, places: "pd.Series[Any]", number: int
) -> Any:
    data: dict[str, Any] = {
        "x": places.to_numpy("f8"),
        "y": runs[view.metric].to_numpy("f8"),
        "job": runs["job"].to_numpy("i4"),
    }
    source = ColumnDataSource(data)
    glyph = Scatter(x="x", y="y", size=8, fill_alpha=0.75, line_alpha=0.75)
    return plot.add_glyph(source, glyph, name=f"g{number}")


def finite_runs(view: SweepView) -> pd.DataFrame:
    """The runs that ended, with a metric that can be drawn."""
    values = view.ended[view.metric].astype(float)
    return view.ended[np.isfinite(values) & ((values > 0) | (not view.log))]


def _epochs(curves: Curves) -> Range1d:
    epochs = np.concatenate([line.epochs for line in curves.lines])
    epochs = epochs[np.isfinite(epochs)]
    if not len(epochs):
        return Range1d(start=0, end=2)
    low, high = float(epochs.min()), float(epochs.max())
    return range_of([low, high] if high > low else [low - 1, high + 1], False)
