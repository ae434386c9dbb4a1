"""The axes of a page's figures: their ranges, and what is written along them."""

import math
import re
from typing import Any, Literal

from bokeh.models import Range1d
from bokeh.models.tickers import BasicTicker, FixedTicker, LogTicker
from bokeh.plotting import figure

from runner.results.figures.scales import decades
from runner.results.figures.spec import AxisSpec

MOST_TICKS = 20
MOST_CHARACTERS = 40
FEW_DECADES = 2.5
TURNED = 0.6  # radians


def text(words: str) -> str:
    """The words as they are: what Bokeh takes for the beginning or end of a formula is parted."""
    return re.sub(r"(\$(?=\$)|\\(?=[()\[\]]))", "\\1\N{ZERO WIDTH SPACE}", words)


def set_axis(plot: figure, which: Literal["x", "y"], axis: AxisSpec) -> None:
    """Give one axis of a figure its range, ticks and label.

    Args:
        plot: The figure; whether the axis is logarithmic it knows already.
        which: The axis to set.
        axis: What it is to be.
    """
    drawn: Any = (plot.xaxis if which == "x" else plot.yaxis)[0]
    grid: Any = (plot.xgrid if which == "x" else plot.ygrid)[0]
    drawn.axis_label = text(axis.label)
    drawn.axis_label_text_font_style = "normal"
    drawn.minor_tick_line_color = None
    drawn.visible = not axis.hidden
    grid.visible = not axis.hidden and axis.kind != "words"
    if axis.span is not None:
        setattr(plot, f"{which}_range", Range1d(start=axis.span[0], end=axis.span[1]))
    if axis.ticks:
        _set_ticks(drawn, which, axis)
    elif axis.kind == "log" and axis.span is not None:
        _spread_ticks(drawn, *axis.span)
    elif axis.whole:
        drawn.ticker = BasicTicker(min_interval=1)
    elif which == "x":
        drawn.ticker = BasicTicker(desired_num_ticks=5)


def _set_ticks(drawn: Any, which: Literal["x", "y"], axis: AxisSpec) -> None:
    every = math.ceil(len(axis.ticks) / MOST_TICKS)
    shown = {place: text(words) for place, words in axis.ticks[::every]}
    drawn.ticker = FixedTicker(ticks=[*shown])
    drawn.major_label_overrides = shown
    count = sum(map(len, shown.values()))
    if which == "x" and axis.kind == "words":
        drawn.major_label_orientation = TURNED if count > MOST_CHARACTERS else "horizontal"
        drawn.tags = ["words", count, TURNED]
    if axis.kind == "log":
        drawn.tags = [LogTicker()]


def _spread_ticks(drawn: Any, low: float, high: float) -> None:
    """Ticks in all parts of a log axis over one to a few powers of ten.

    The library spaces them there as if the axis were linear: most at its end. That is right for a
    part smaller than a power of ten; the page goes back to it when zoomed so far.
    """
    size = math.log10(high / low)
    if 0.8 <= size < 6:
        ticks = decades(low, high, (1, 2, 5) if size < FEW_DECADES else (1,))
        drawn.tags = [LogTicker()]
        drawn.ticker = FixedTicker(ticks=[place for place, _ in ticks])
        drawn.major_label_overrides = dict(ticks)
