"""The report's figures of several swept keys: heat maps, and parallel coordinates."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from bokeh.models import (
    ColumnDataSource,
    HoverTool,
    LinearColorMapper,
    LogColorMapper,
    MultiLine,
    Rect,
    SaveTool,
    Scatter,
    Text,
    VBar,
)
from bokeh.models.annotations import ColorBar
from bokeh.models.tickers import FixedTicker
from bokeh.palettes import viridis
from bokeh.plotting import figure
from bokeh.transform import transform

from runner.results.labels import short
from runner.results.page.canvas import new_figure, text
from runner.results.plots.pairs import FEW_CELLS, SPARSE, Cells, make_cells
from runner.results.plots.scales import Scale, scale_of, word_scale
from runner.results.plots.style import FAILED
from runner.results.report.axes import set_axis
from runner.results.report.figures import RUN, add_empty, finite_runs, ring
from runner.results.sweep_view import SweepView

# Without its ends: the palest vanishes on white, the darkest on black.
PALETTE = tuple(reversed(viridis(256)[30:235]))

_LABEL = Text(
    x="x", y="y", text="text", x_offset=-6, text_align="right", text_baseline="middle",
    text_font_size="12px", background_fill_color="white", background_fill_alpha=0.7,
)  # fmt: skip


def heat_figure(view: SweepView, down: str, across: str) -> figure:
    """The mean of the metric over two swept keys; a cross where no run ended well.

    A search at random fills next to none of the cells; its runs are then drawn as dots where
    their values lie.

    Args:
        view: The sweep.
        down: The key of the rows.
        across: The key of the columns.
    """
    rows, columns = word_scale(view.runs[down]), word_scale(view.runs[across])
    cells = make_cells(view, rows.of(view.runs[down]), columns.of(view.runs[across]))
    if _is_sparse(cells):
        return _draw_dots(view, down, across)
    plot = new_figure(
        height=min(560, 175 + 34 * len(rows.values)),
        x_axis_label=text(across),
        y_axis_label=text(down),
    )
    plot.grid.visible = False
    plot.y_range.flipped = True  # type: ignore[attr-defined]
    set_axis(plot.xaxis[0], columns)
    set_axis(plot.yaxis[0], rows)
    _draw_cells(plot, view, cells, (down, rows), (across, columns))
    lost = np.argwhere(cells.lost).astype("f8")
    plot.scatter(lost[:, 1], lost[:, 0], marker="x", size=12, line_width=2, line_color=FAILED)
    return plot


def shows_runs(view: SweepView, down: str, across: str) -> bool:
    """Whether the heat map of two keys has next to no cell filled, and so a dot for each run."""
    rows, columns = word_scale(view.runs[down]), word_scale(view.runs[across])
    return _is_sparse(make_cells(view, rows.of(view.runs[down]), columns.of(view.runs[across])))


def _is_sparse(cells: Cells) -> bool:
    """Whether next to no pair of values was run."""
    return cells.runs.size > FEW_CELLS and (cells.runs > 0).mean().item() < SPARSE


def _draw_cells(
    plot: figure, view: SweepView, cells: Cells, down: tuple[str, Scale], across: tuple[str, Scale]
) -> None:
    shown = np.argwhere(np.isfinite(cells.mean) & ((cells.mean > 0) | (not view.log)))
    mapper = _mapper(view, cells.mean[tuple(shown.T)])
    source = ColumnDataSource(_columns(view, shown, cells, down[1], across[1]))
    colour = transform("mean", mapper)
    square = Rect(x="x", y="y", width=1, height=1, line_color=None, fill_color=colour)
    squares = plot.add_glyph(source, square)
    if cells.runs.size <= FEW_CELLS:
        plot.text(
            "x", "y", text="words", source=source, text_color="colour", text_align="center",
            text_baseline="middle", text_font_size="12px",
        )  # fmt: skip
    tips = [(text(down[0]), "@down"), (text(across[0]), "@across")]
    tips += [(f"mean {text(view.words)}", "@words"), ("runs", "@runs")]
    plot.add_tools(HoverTool(renderers=[squares], tooltips=tips))
    _add_bar(plot, mapper)


def _draw_dots(view: SweepView, down: str, across: str) -> figure:
    runs = finite_runs(view)
    x, y = scale_of(view.runs[across]), scale_of(view.runs[down])
    plot = new_figure(
        height=420,
        x_axis_type="log" if x.kind == "log" else "linear",
        y_axis_type="log" if y.kind == "log" else "linear",
        x_axis_label=text(across),
        y_axis_label=text(down),
    )
    set_axis(plot.xaxis[0], x)
    set_axis(plot.yaxis[0], y)
    mapper = _mapper(view, runs[view.metric].to_numpy(np.float64))
    source = ColumnDataSource(
        {
            "x": x.of(runs[across]),
            "y": y.of(runs[down]),
            "metric": runs[view.metric].to_numpy("f8"),
            "job": runs["job"].to_numpy("i4"),
        }
    )
    glyph = Scatter(x="x", y="y", size=9, line_color=None, fill_color=transform("metric", mapper))
    dots = plot.add_glyph(source, glyph)
    add_empty(plot, ring(), "picked", "x", "y")
    tips = [RUN, (text(view.words), "@metric{0.[0000]a}")]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tips, limit=3))
    _add_bar(plot, mapper)
    return plot


def _add_bar(plot: figure, mapper: Any) -> None:
    plot.add_layout(ColorBar(color_mapper=mapper, width=10, background_fill_color=None), "right")


def _columns(
    view: SweepView, shown: npt.NDArray[np.intp], cells: Cells, rows: Scale, columns: Scale
) -> dict[str, Any]:
    values = cells.mean[tuple(shown.T)]
    scaled = np.log(values) if view.log else values
    spread = np.ptp(scaled) if len(scaled) else 0.0
    dark = (scaled - scaled.min()) > 0.5 * spread if spread else np.zeros(len(values), bool)
    form = "{:.3f}" if view.measures.is_fraction(view.metric) else "{:.3g}"
    return {
        "x": shown[:, 1].astype("f4"),
        "y": shown[:, 0].astype("f4"),
        "mean": values,
        "runs": cells.runs[tuple(shown.T)].astype("i4"),
        "words": [form.format(value) for value in values],
        "colour": ["#ffffff" if is_dark else "#222222" for is_dark in dark],
        "down": [short(rows.values[row]) for row, _ in shown],
        "across": [short(columns.values[column]) for _, column in shown],
    }


def _mapper(view: SweepView, values: npt.NDArray[np.float64]) -> LinearColorMapper | LogColorMapper:
    low, high = (float(values.min()), float(values.max())) if len(values) else (1.0, 1.0)
    high = high if high > low else low + max(abs(low) * 0.01, 1e-12)
    kind = LogColorMapper if view.log else LinearColorMapper
    return kind(palette=list(PALETTE), low=low, high=high)


def parallel_figure(view: SweepView) -> figure:
    """A line per run across an axis for each swept key and one for the metric, coloured by it.

    The figure's tags are the columns of the axes, so that the page can tell which one is brushed.
    """
    better_last = view.measures.direction(view.metric) == "higher"
    runs = finite_runs(view).sort_values(view.metric, ascending=better_last, kind="stable")
    scales = [scale_of(view.runs[key]) for key in view.keys]
    heights = [
        _heights(scale, view.runs[key]) for scale, key in zip(scales, view.keys, strict=True)
    ]
    metric = runs[view.metric].to_numpy(np.float64)
    metric = np.log10(metric) if view.log else metric
    low, spread = metric.min(), np.ptp(metric) or 1.0
    ends = (metric - low) / spread
    lines = np.column_stack([*(part[runs.index] for part in heights), ends])
    return _draw_parallel(view, runs, lines, scales)


def _heights(scale: Scale, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Where the values of a key lie on its axis, from 0 to 1."""
    places = scale.of(column)
    places = np.log10(places) if scale.kind == "log" else places
    spread = np.ptp(places)
    return pd.Series((places - places.min()) / spread if spread else 0.5, index=column.index)


def _draw_parallel(
    view: SweepView, runs: pd.DataFrame, lines: npt.NDArray[np.float64], scales: list[Scale]
) -> figure:
    axes = [*_last_parts(view.keys), view.words]
    plot = new_figure(height=380, x_range=(-0.35, len(axes) - 0.65), y_range=(-0.08, 1.08))
    # A drag selects here; it does not zoom.
    plot.toolbar.tools = [SaveTool()]
    plot.tags = [*view.keys, view.metric]
    plot.yaxis.visible = plot.ygrid.visible = False
    plot.xaxis.ticker = FixedTicker(ticks=list(range(len(axes))))
    plot.xaxis.major_label_overrides = {i: text(short(name, 18)) for i, name in enumerate(axes)}
    plot.xaxis.axis_line_color = None
    mapper = _mapper(view, runs[view.metric].to_numpy(np.float64))
    source = ColumnDataSource(
        {
            "xs": [np.arange(len(axes), dtype="f4")] * len(runs),
            "ys": list(lines.astype("f4")),
            "job": runs["job"].to_numpy("i4"),
            "metric": runs[view.metric].to_numpy("f8"),
        }
    )
    ghost = MultiLine(xs="xs", ys="ys", line_width=1, line_alpha=0.03)
    add_empty(plot, ghost, "ghost", "xs", "ys")
    drawn = plot.add_glyph(source, _lines(mapper, 1.6), hover_glyph=_lines(mapper, 4))
    add_empty(plot, MultiLine(xs="xs", ys="ys", line_width=4), "picked", "xs", "ys")
    tips = [RUN, (text(view.words), "@metric{0.[0000]a}")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, limit=3))
    _add_bar(plot, mapper)
    _label_axes(plot, view, scales)
    brush = VBar(x="x", bottom="bottom", top="top", width=0.1, fill_alpha=0.25)
    add_empty(plot, brush, "brush", "x", "bottom", "top")
    return plot


def _last_parts(keys: list[str]) -> list[str]:
    """The keys by the last parts of their names, where these still tell them apart."""
    parts = [key.rpartition(".")[2] for key in keys]
    return parts if len(set(parts)) == len(parts) else keys


def _lines(mapper: Any, width: float) -> MultiLine:
    colour = transform("metric", mapper)
    return MultiLine(xs="xs", ys="ys", line_color=colour, line_width=width, line_alpha=0.7)


def _label_axes(plot: figure, view: SweepView, scales: list[Scale]) -> None:
    """Write the swept values along each axis, all of them where they are few."""
    for place, (key, scale) in enumerate(zip(view.keys, scales, strict=True)):
        heights = _heights(scale, view.runs[key])
        known = dict(zip((short(v, 12) for v in view.runs[key]), heights, strict=True))
        marks = sorted(known.items(), key=lambda mark: mark[1])
        shown = marks if len(marks) <= 8 else [marks[0], marks[len(marks) // 2], marks[-1]]
        data: dict[str, Any] = {
            "x": [place] * len(shown),
            "y": [height for _, height in shown],
            "text": [text(words) for words, _ in shown],
        }
        plot.add_glyph(ColumnDataSource(data), _LABEL.clone(), name="ink")
