"""The report's figures as Bokeh draws them: learning curves, and the metric by swept values.

The page knows which runs are shown. It keeps to their rows in every source with a column
``job``, adds the column ``run`` with their swept values, and fills what is tagged ``mean`` with the
means of the dots that are left, ``picked`` with the run that was clicked in the table, ``ghost``
with the runs that are not shown, and ``brush`` with the parts of the axes that are asked for.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import (
    ColumnDataSource,
    HoverTool,
    Range1d,
    Scatter,
    glyphs,
)
from bokeh.models.tickers import FixedTicker
from bokeh.plotting import figure

from runner.results.page.canvas import new_figure, text
from runner.results.plots.scales import Scale, scale_of
from runner.results.report.curves import Curves, Line
from runner.results.report.groups import Groups
from runner.results.study import Study
from runner.results.words import short

RUN = ("run", "@run")


def curve_figure(curves: Curves, by_split: bool) -> figure:
    """Learning curves: a line per run, in the colour of its entry of the legend."""
    low, high = _margins(curves.low, curves.high, curves.log)
    plot = new_figure(
        y_axis_type="log" if curves.log else "linear",
        x_axis_label="epoch",
        y_axis_label=text(curves.label),
        x_range=_epochs(curves),
        y_range=Range1d(start=low, end=high),
    )
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


def value_figure(study: Study, key: str, groups: Groups) -> figure:
    """The metric of each run by one swept value, and the mean at each value."""
    runs = finite_runs(study)
    scale = scale_of(study.sweep[key])
    places = pd.Series(scale.of(runs[key]), index=runs.index)
    plot = new_figure(
        x_axis_type="log" if scale.kind == "log" else "linear",
        y_axis_type="log" if study.log else "linear",
        x_axis_label=text(key),
        y_axis_label=text(study.label),
        x_range=_range(places, scale.kind == "log"),
        y_range=_range(runs[study.metric], study.log),
    )
    set_axis(plot.xaxis[0], scale)
    dots = [
        _add_dots(plot, study, runs[of], places[of], number)
        for number in range(len(groups.labels))
        if (of := runs["job"].map(groups.of_job) == number).any()
    ]
    means = runs[study.metric].groupby(places).mean()
    _add_means(plot, means, joined=scale.kind != "words")
    add_empty(plot, ring(), "picked", "x", "y")
    tips = [RUN, (text(study.words), "@y{0.[0000]a}")]
    plot.add_tools(HoverTool(renderers=dots, tooltips=tips, limit=3))
    return plot


def _add_means(plot: figure, means: "pd.Series[Any]", joined: bool) -> None:
    """A line over numbers; a dash each over words, between which there is nothing."""
    source = ColumnDataSource({"x": means.index.to_numpy("f8"), "y": means.to_numpy("f8")})
    line = glyphs.Line(x="x", y="y", line_width=2)
    dash = Scatter(x="x", y="y", marker="dash", size=26, line_width=2)
    plot.add_glyph(source, line if joined else dash, name="ink", tags=["mean"])


def _add_dots(
    plot: figure, study: Study, runs: pd.DataFrame, places: "pd.Series[Any]", number: int
) -> Any:
    data: dict[str, Any] = {
        "x": places.to_numpy("f8"),
        "y": runs[study.metric].to_numpy("f8"),
        "job": runs["job"].to_numpy("i4"),
    }
    source = ColumnDataSource(data)
    glyph = Scatter(x="x", y="y", size=8, fill_alpha=0.75, line_alpha=0.75)
    return plot.add_glyph(source, glyph, name=f"g{number}")


def finite_runs(study: Study) -> pd.DataFrame:
    """The runs that ended, with a metric that can be drawn."""
    values = study.ended[study.metric].astype(float)
    return study.ended[np.isfinite(values) & ((values > 0) | (not study.log))]


def set_axis(axis: Any, scale: Scale) -> None:
    """Label an axis with the swept values themselves, where they are few or words."""
    if len(scale.places) > 20 and scale.kind != "words":
        return
    every = math.ceil(len(scale.places) / 20)
    shown = list(zip(scale.places, scale.values, strict=True))[::every]
    axis.ticker = FixedTicker(ticks=[place for place, _ in shown])
    axis.major_label_overrides = {place: text(short(value, 16)) for place, value in shown}
    if scale.kind == "words" and sum(len(short(value, 16)) for _, value in shown) > 40:
        axis.major_label_orientation = 0.6


def _epochs(curves: Curves) -> Range1d:
    epochs = np.concatenate([line.epochs for line in curves.lines])
    low, high = float(epochs.min()), float(epochs.max())
    return _range([low, high] if high > low else [low - 1, high + 1], False)


def _range(values: Any, log: bool) -> Range1d:
    """An axis for all values, which stays as it is when the page shows fewer of them."""
    values = np.asarray(values, np.float64)
    low, high = _margins(float(np.nanmin(values)), float(np.nanmax(values)), log)
    return Range1d(start=low, end=high)


def _margins(low: float, high: float, log: bool) -> tuple[float, float]:
    """The range of an axis, a little wider than the values."""
    if log:
        gap = (high / low) ** 0.05 if high > low else 1.1
        return low / gap, high * gap
    gap = 0.05 * (high - low) or max(abs(low) * 0.05, 1e-12)
    return low - gap, high + gap
