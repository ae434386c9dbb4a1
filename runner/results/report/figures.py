"""The report's figures as Bokeh draws them: learning curves, and the metric by swept values.

Colours are left to the page, which knows whether it is shown on white or on black: what is named
``g<number>`` gets the colour of that entry of the legend, what is named ``ink`` that of the text.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    HoverTool,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    Scatter,
    WheelZoomTool,
    glyphs,
)
from bokeh.models.tickers import FixedTicker
from bokeh.plotting import figure

from runner.results.plots.scales import Scale, scale_of
from runner.results.report.curves import Curves, Line
from runner.results.report.groups import Groups
from runner.results.study import Study
from runner.results.words import short

HEIGHT = 320
GREY = "#808080"


def text(words: str) -> str:
    """The words as they are: two dollar signs would start a formula."""
    return words.replace("$$", "$\N{ZERO WIDTH SPACE}$")


def new_figure(height: int = HEIGHT, **options: Any) -> figure:
    """A figure as wide as the page, to be zoomed by dragging, without colours of its own."""
    tools = [BoxZoomTool(), PanTool(), WheelZoomTool(), ResetTool(), SaveTool()]
    plot = figure(height=height, sizing_mode="stretch_width", tools=tools, **options)
    plot.toolbar.logo = None
    plot.toolbar.active_drag = tools[0]  # type: ignore[assignment]
    plot.background_fill_color = plot.border_fill_color = None
    plot.outline_line_color = None
    plot.grid.grid_line_color = GREY
    plot.grid.grid_line_alpha = 0.25
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.minor_tick_line_color = None
    return plot


def curve_figure(curves: Curves, by_split: bool) -> figure:
    """Learning curves: a line per run, in the colour of its entry of the legend."""
    low, high = _margins(curves.low, curves.high, curves.log)
    plot = new_figure(
        y_axis_type="log" if curves.log else "linear",
        x_axis_label="epoch",
        y_axis_label=text(curves.label),
        y_range=Range1d(start=low, end=high),
    )
    lines = [_add_line(plot, line) for line in curves.lines]
    tips = [("epoch", "@x"), ("value", "@y{0.[0000]a}")]
    if not by_split:
        tips.insert(0, ("run", "@job"))
    plot.add_tools(HoverTool(renderers=lines, tooltips=tips))
    return plot


def _add_line(plot: figure, line: Line) -> Any:
    source = ColumnDataSource({"x": line.epochs, "y": line.values, "job": line.jobs})
    if np.isfinite(line.values).sum() <= 1 or len(np.unique(line.epochs)) == 1:
        return plot.add_glyph(source, Scatter(x="x", y="y", size=7), name=f"g{line.group}")
    glyph = glyphs.Line(x="x", y="y", line_width=1.6)
    return plot.add_glyph(source, glyph, name=f"g{line.group}")


def value_figure(study: Study, key: str, groups: Groups) -> figure:
    """The metric of each run by one swept value, and the mean at each value."""
    runs = finite_runs(study)
    scale = scale_of(study.sweep[key])
    plot = new_figure(
        x_axis_type="log" if scale.kind == "log" else "linear",
        y_axis_type="log" if study.log else "linear",
        x_axis_label=text(key),
        y_axis_label=text(study.label),
    )
    set_axis(plot.xaxis[0], scale)
    places = pd.Series(scale.of(runs[key]), index=runs.index)
    dots = [
        _add_dots(plot, study, runs[of], places[of], key, number)
        for number in range(len(groups.labels))
        if (of := runs["job"].map(groups.of_job) == number).any()
    ]
    means = runs[study.metric].groupby(places).mean()
    _add_means(plot, means, joined=scale.kind != "words")
    tips = [("run", "@job"), (text(key), "@value"), (text(study.words), "@y{0.[0000]a}")]
    plot.add_tools(HoverTool(renderers=dots, tooltips=tips))
    return plot


def _add_means(plot: figure, means: "pd.Series[Any]", joined: bool) -> None:
    """A line over numbers; a dash each over words, between which there is nothing."""
    source = ColumnDataSource({"x": means.index.to_numpy("f8"), "y": means.to_numpy("f8")})
    line = glyphs.Line(x="x", y="y", line_width=2)
    dash = Scatter(x="x", y="y", marker="dash", size=26, line_width=2)
    plot.add_glyph(source, line if joined else dash, name="ink")


def _add_dots(
    plot: figure, study: Study, runs: pd.DataFrame, places: "pd.Series[Any]", key: str, number: int
) -> Any:
    data: dict[str, Any] = {
        "x": places.to_numpy("f8"),
        "y": runs[study.metric].to_numpy("f8"),
        "job": runs["job"].to_numpy("i4"),
        "value": [short(value) for value in runs[key]],
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


def _margins(low: float, high: float, log: bool) -> tuple[float, float]:
    """The range of an axis, a little wider than the values."""
    if log:
        gap = (high / low) ** 0.05 if high > low else 1.1
        return low / gap, high * gap
    gap = 0.05 * (high - low) or max(abs(low) * 0.05, 1e-12)
    return low - gap, high + gap
