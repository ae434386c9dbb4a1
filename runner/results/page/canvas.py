"""A figure as every page has it: as wide as the page, to be zoomed, without colours of its own.

Colours are left to ``canvas.js``, which knows whether the page is shown on white or on black: what
is named ``g<number>`` gets the colour of that entry of the legend, what is named ``ink`` that of
the text.
"""

import re
from typing import Any

from bokeh.models import BoxZoomTool, PanTool, ResetTool, SaveTool, WheelZoomTool
from bokeh.plotting import figure

HEIGHT = 320
GREY = "#808080"


def text(words: str) -> str:
    """The words as they are: what Bokeh takes for the beginning or end of a formula is parted."""
    return re.sub(r"(\$(?=\$)|\\(?=[()\[\]]))", "\\1\N{ZERO WIDTH SPACE}", words)


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
