"""Draws a panel's specification with Bokeh, for a page.

Colours are left to ``canvas.js``, which knows whether the page is shown on white or on black: what
is named ``g<number>`` gets the colour of that entry of the legend, what is named ``ink`` that of
the text. The page of a report keeps to the rows of the runs that are shown in every source with a
column ``job``, and of those in ``lost``, adds the column ``run`` with their settings, and fills
what is tagged ``mean`` with the means of the dots that are left, ``picked`` with the run that was
clicked in the table, ``ghost`` with the runs that are not shown, and ``brush`` with the parts of
the axes that are asked for.
"""

import re
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    HoverTool,
    LinearColorMapper,
    LogColorMapper,
    PanTool,
    ResetTool,
    SaveTool,
    Scatter,
    WheelZoomTool,
    glyphs,
)
from bokeh.models.annotations import ColorBar
from bokeh.models.renderers import DataRenderer, GlyphRenderer
from bokeh.plotting import figure
from bokeh.transform import transform

from runner.results.figures import colours
from runner.results.figures.bokeh_axes import set_axis, text
from runner.results.figures.colours import Legend
from runner.results.figures.marks import INK, Colour, Dots, Lines, Mark, Rule, Tiles, Tips, Words
from runner.results.figures.spec import Panel, Shades

Renderer: TypeAlias = "GlyphRenderer[Any]"
GREY = "#808080"
AROUND = 60  # pixels of a figure's height that are not its panel's
SOLID = {"-": "solid", "--": "dashed", "-.": "dashdot", ":": "dotted"}
NUMBER = "{0.[0000]a}"
MARKERS = {
    "o": "circle", "s": "square", "^": "triangle", "v": "inverted_triangle", "D": "diamond",
    "x": "x", "dash": "dash",
}  # fmt: skip
MOST_TOLD = 3
SMALL = 1.2
SHADED = 0.7  # how opaque lines coloured by numbers are
PAINTED = {"line_color", "fill_color", "text_color"}


def draw(panel: Panel, legend: Legend) -> figure:
    """Draw a panel, as wide as the page, to be zoomed.

    Args:
        panel: What it shows.
        legend: The entries that its colours belong to.
    """
    plot = _new_figure(panel)
    set_axis(plot, "x", panel.x)
    set_axis(plot, "y", panel.y)
    mapper = _mapper(panel.shades) if panel.shades else None
    look = _Look(legend, panel.shades, mapper, panel.y.kind == "log")
    if panel.columns:
        ghost = glyphs.MultiLine(xs="xs", ys="ys", line_width=1, line_alpha=0.03)
        _put(plot, {"xs": [], "ys": []}, ghost, INK, "ghost")
    told: dict[tuple[tuple[str, str], ...], list[DataRenderer]] = {}
    for mark in panel.marks:
        renderer = _add(plot, mark, look)
        if renderer and (tips := _tooltips(mark, renderer)):
            told.setdefault(tips, []).append(renderer)
    for tips, renderers in told.items():
        plot.add_tools(HoverTool(renderers=renderers, tooltips=list(tips), limit=MOST_TOLD))
    if panel.picks:
        _add_picked(plot, panel)
    if panel.columns:
        brush = glyphs.VBar(x="x", bottom="bottom", top="top", width=0.1, fill_alpha=0.25)
        _put(plot, {"x": [], "bottom": [], "top": []}, brush, INK, "brush")
        plot.tags = [*panel.columns]
    if mapper:
        bar = ColorBar(color_mapper=mapper, width=10, background_fill_color=None)
        plot.add_layout(bar, "right")
    return plot


def _new_figure(panel: Panel) -> figure:
    """A figure without colours of its own."""
    tools = [BoxZoomTool(), PanTool(), WheelZoomTool(), ResetTool(), SaveTool()]
    if panel.columns:  # a drag selects there; it does not zoom
        tools = [SaveTool()]
    plot = figure(
        height=round(AROUND + 100 * panel.height),
        sizing_mode="stretch_width",
        tools=tools,
        x_axis_type="log" if panel.x.kind == "log" else "linear",
        y_axis_type="log" if panel.y.kind == "log" else "linear",
    )
    plot.toolbar.logo = None
    if panel.height < SMALL:
        plot.toolbar_location = None
    plot.toolbar.active_drag = tools[0] if len(tools) > 1 else None  # type: ignore[assignment]
    plot.background_fill_color = plot.border_fill_color = None
    plot.outline_line_color = None
    plot.grid.grid_line_color = GREY
    plot.grid.grid_line_alpha = 0.25
    return plot


def _add_picked(plot: figure, panel: Panel) -> None:
    """A place for the run that was clicked in the table: a ring, or a line where runs are lines."""
    lines = [mark for mark in panel.marks if isinstance(mark, Lines) and mark.runs]
    if panel.columns:
        line = glyphs.MultiLine(xs="xs", ys="ys", line_width=4)
        _put(plot, {"xs": [], "ys": []}, line, INK, "picked")
        return
    ring = Scatter(x="x", y="y", size=16, line_width=3, fill_alpha=0)
    dots = all(line.is_dots for line in lines)
    mark = ring if dots else glyphs.Line(x="x", y="y", line_width=4)
    _put(plot, {"x": [], "y": []}, mark, INK, "picked")


def _mapper(shades: Shades) -> LinearColorMapper | LogColorMapper:
    kind = LogColorMapper if shades.log else LinearColorMapper
    ends: Any = {"low": shades.low, "high": shades.high, "nan_color": colours.NO_NUMBER}
    if not shades.thin:
        return kind(palette=list(colours.shades()), **ends)
    white, black = map(list, colours.thin_shades())
    return kind(palette=white, tags=[white, black], **ends)


class _Look(NamedTuple):
    """What colours stand for in a figure, and whether its vertical axis is logarithmic."""

    legend: Legend
    shades: Shades | None
    mapper: Any
    log: bool

    def dashes(self, colour: Colour) -> str:
        """How lines of a colour are dashed."""
        return self.legend.entries[colour].dashes if isinstance(colour, int) else "-"


def _put(
    plot: figure, data: Any, glyph: Any, colour: Colour | None, tag: str = "", group: int = 0
) -> Renderer:
    """Add a glyph under the name by which the page finds its colour, or with its own."""
    name = f"g{colour}" if isinstance(colour, int) else INK if colour == INK else None
    if name is None and colour is not None:
        for part in PAINTED & glyph.properties():
            setattr(glyph, part, colour)
    source = data if isinstance(data, ColumnDataSource) else ColumnDataSource(data)
    return plot.add_glyph(source, glyph, name=name, tags=[tag, group] if tag else [])


def _add(plot: figure, mark: Mark, look: _Look) -> "Renderer | None":
    """Add a mark; give what pointing at tells of, if anything."""
    match mark:
        case Lines(values=None):
            return _add_lines(plot, mark, look)
        case Lines():
            return _add_shaded(plot, mark, look)
        case Dots():
            return _add_dots(plot, mark, look)
        case Tiles():
            return _add_tiles(plot, mark, look)
        case Words():
            _add_words(plot, mark)
        case Rule():
            span = glyphs.VSpan(x="x", line_width=1, line_dash=SOLID[look.dashes(mark.colour)])
            _put(plot, {"x": [mark.at]}, span, mark.colour)
    return None


def _add_lines(plot: figure, mark: Lines, look: _Look) -> Renderer:
    """Lines parted by ``nan``; dots where there is nothing to join."""
    gaps, data = mark.breaks, _told(mark.tips)
    for name in ("x", "y", "low", "high"):
        column = getattr(mark, name)
        if column is not None:
            known = column if name == "x" or not look.log else np.where(column > 0, column, np.nan)
            between = column[gaps - 1] if name == "x" else np.nan
            with np.errstate(over="ignore"):
                data[name] = np.insert(known, gaps, between).astype("f8" if mark.tag else "f4")
    if mark.steps is not None:
        data["step"] = np.insert(mark.steps, gaps, mark.steps[gaps - 1]).astype("f4")
    if mark.runs and mark.parts is not None:
        data["job"] = np.insert(mark.parts, gaps, mark.parts[gaps - 1]).astype("i4")
    source = ColumnDataSource(data)
    if mark.band and mark.low is not None:
        area = glyphs.VArea(x="x", y1="low", y2="high", fill_alpha=0.18)
        _put(plot, source, area, mark.colour)
    if mark.is_dots and not mark.tag:
        dot = Scatter(x="x", y="y", size=7, line_alpha=mark.alpha, fill_alpha=mark.alpha)
        return _put(plot, source, dot, mark.colour)
    dashes = SOLID[mark.dashes or look.dashes(mark.colour)]
    line = glyphs.Line(x="x", y="y", line_width=mark.width, line_dash=dashes, line_alpha=mark.alpha)
    return _put(plot, source, line, mark.colour, mark.tag, mark.group)


def _add_shaded(plot: figure, mark: Lines, look: _Look) -> Renderer:
    xs, ys = (np.split(column.astype("f4"), mark.breaks) for column in (mark.x, mark.y))
    data = {"xs": xs, "ys": ys, "value": mark.values, **_told(mark.tips)}
    if mark.runs:
        data["job"] = np.array(mark.names, "i4")
    colour = transform("value", look.mapper)
    thin, thick = (
        glyphs.MultiLine(xs="xs", ys="ys", line_color=colour, line_width=width, line_alpha=alpha)
        for width, alpha in ((mark.width, min(mark.alpha, SHADED)), (4, SHADED))
    )
    return plot.add_glyph(ColumnDataSource(data), thin, hover_glyph=thick)


def _add_dots(plot: figure, mark: Dots, look: _Look) -> Renderer:
    data = {"x": mark.x, "y": mark.y, "value": mark.values, **_told(mark.tips)}
    if mark.jobs is not None:
        data["lost" if mark.tag == "lost" else "job"] = mark.jobs.astype("i4")
    if mark.places is not None and mark.groups is not None:
        data |= {"place": mark.places, "group": mark.groups.astype("i4")}
    if mark.low is not None:
        _add_bars(plot, mark)
    dot = Scatter(x="x", y="y", size=mark.size, marker=MARKERS[mark.marker])
    dot.update(line_alpha=mark.alpha, fill_alpha=0.0 if mark.hollow else mark.alpha)
    if mark.marker in ("x", "dash") or mark.hollow:
        dot.update(line_width=2)
    if mark.values is None:
        del data["value"]
        return _put(plot, data, dot, mark.colour, mark.tag, mark.group)
    dot.update(line_color=None, fill_color=transform("value", look.mapper))
    return _put(plot, data, dot, None, mark.tag)


def _add_bars(plot: figure, mark: Dots) -> None:
    """Bars around dots, as a glyph of their own."""
    at, ends = (mark.x, ("low", "high")) if mark.upright else (mark.y, ("at", "at"))
    lying = ("at", "at") if mark.upright else ("low", "high")
    bar = glyphs.Segment(x0=lying[0], x1=lying[1], y0=ends[0], y1=ends[1], line_width=2.5)
    _put(plot, {"at": at, "low": mark.low, "high": mark.high}, bar, mark.colour)


def _add_tiles(plot: figure, mark: Tiles, look: _Look) -> Renderer:
    data = {"x": mark.x.astype("f4"), "y": mark.y.astype("f4"), "value": mark.values}
    source = ColumnDataSource(data | _told(mark.tips))
    colour = transform("value", look.mapper)
    square = glyphs.Rect(x="x", y="y", width=1, height=1, line_color=None, fill_color=colour)
    tiles = _put(plot, source, square, None)
    if mark.words and look.shades:
        dark = map(look.shades.is_dark, mark.values)
        source.data["words"] = list(mark.words)
        source.data["ink"] = ["#ffffff" if is_dark else "#222222" for is_dark in dark]
        words = glyphs.Text(
            x="x", y="y", text="words", text_color="ink", text_align="center",
            text_baseline="middle", text_font_size="12px",
        )  # fmt: skip
        plot.add_glyph(source, words, tags=["in cells", max(map(len, mark.words), default=1)])
    return tiles


def _add_words(plot: figure, mark: Words) -> None:
    words = glyphs.Text(x_offset=6, text_font_size="11px", text_baseline="middle")
    if mark.before:
        words.update(x_offset=-6, text_align="right", text_font_size="12px")
        words.update(background_fill_color="white", background_fill_alpha=0.7)
    data = {"x": mark.x, "y": mark.y, "text": [text(some) for some in mark.words]}
    _put(plot, data, words, mark.colour)


def _told(tips: Tips) -> dict[str, Any]:
    """The columns of what is told in words."""
    words = (told for told in tips.values() if not isinstance(told, str))
    return {f"tip{number}": list(told) for number, told in enumerate(words)}


def _tooltips(mark: Mark, renderer: Renderer) -> tuple[tuple[str, str], ...]:
    """What the library shows where a mark is pointed at."""
    source: Any = renderer.data_source
    columns, found, number = source.data, [], 0
    if "job" in columns or "lost" in columns:
        found.append(("run", "@run"))
    for name, told in getattr(mark, "tips", {}).items():
        if isinstance(told, str):
            told = re.sub(r"\b(y|value|low|high)\b", rf"@\1{NUMBER}", told)
            found.append((text(name), re.sub(r"\bx\b", "@x", told)))
        else:
            found.append((text(name), f"@tip{number}"))
            number += 1
    return tuple(found)
