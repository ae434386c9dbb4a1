"""The axes of the report's figures: their ranges, and the values written along them."""

import math
from typing import Any

import numpy as np
from bokeh.models import Range1d
from bokeh.models.tickers import FixedTicker, LogTicker

from runner.results.labels import short
from runner.results.page.canvas import text
from runner.results.plots.scales import Scale

MOST_LABELS = 20
FEW_DECADES = 2.5
CROSS_ROOM = 0.08


def set_axis(axis: Any, scale: Scale) -> None:
    """Label an axis with the swept values themselves, where they are few or words."""
    if len(scale.places) > MOST_LABELS and scale.kind != "words":
        if scale.kind == "log":
            _label_many(axis, scale)
        return
    every = math.ceil(len(scale.places) / MOST_LABELS)
    shown = list(zip(scale.places, scale.values, strict=True))[::every]
    axis.ticker = FixedTicker(ticks=[place for place, _ in shown])
    axis.major_label_overrides = {place: text(short(value, 16)) for place, value in shown}
    if scale.kind == "words" and sum(len(short(value, 16)) for _, value in shown) > 40:
        axis.major_label_orientation = 0.6


def _label_many(axis: Any, scale: Scale) -> None:
    """Powers of ten and what lies between; a zero under its own label."""
    zero = scale.places[0] if scale.values[0] == 0 else None
    set_log_ticks(axis, scale.places[zero is not None], scale.places[-1], zero)


def set_log_ticks(axis: Any, low: float, high: float, zero: float | None = None) -> None:
    """Ticks in all parts of a log axis over one to a few powers of ten.

    The library spaces them there as if the axis were linear: most at its end. That is right for a
    part smaller than a power of ten; the page goes back to it when zoomed so far.

    Args:
        axis: The axis.
        low: Where it begins, above zero.
        high: Where it ends.
        zero: The place that stands for zero, if any.
    """
    decades = math.log10(high / low)
    if zero is None and not 0.8 <= decades < 6:
        return
    steps = (1, 2, 5) if decades < FEW_DECADES else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [float(f"{step}e{power}") for power in powers for step in steps]
    ticks = [tick for tick in ticks if low <= tick <= high]
    axis.major_label_overrides = {tick: f"{tick:g}" for tick in ticks}
    if zero is not None:
        axis.major_label_overrides |= {zero: "0"}
    axis.tags = [LogTicker()]
    axis.ticker = FixedTicker(ticks=ticks if zero is None else [zero, *ticks])


def set_log_range(axis: Any, span: Range1d) -> None:
    """Ticks as `set_log_ticks` makes them, over a range."""
    set_log_ticks(axis, *_ends(span))


def _ends(span: Range1d) -> tuple[float, float]:
    # They may be dates, as far as the library is concerned.
    return float(span.start), float(span.end)  # type: ignore[arg-type]


def range_of(values: Any, log: bool) -> Range1d:
    """An axis for all values, which stays as it is when the page shows fewer of them."""
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not len(values):
        return Range1d(start=1 if log else 0, end=10 if log else 1)
    low, high = margins(float(values.min()), float(values.max()), log)
    return Range1d(start=low, end=high)


def room_at_top(span: Range1d, log: bool) -> float:
    """Widen a vertical range for a row of crosses, and tell their height."""
    low, high = _ends(span)
    if log:
        span.end = high * (high / low) ** CROSS_ROOM
        return float(high * (high / low) ** (CROSS_ROOM / 2))
    span.end = high + CROSS_ROOM * (high - low)
    return high + CROSS_ROOM / 2 * (high - low)


def margins(low: float, high: float, log: bool) -> tuple[float, float]:
    """The range of an axis, a little wider than the values."""
    if log:
        gap = (high / low) ** 0.05 if high > low else 1.1
        return low / gap, high * gap
    gap = 0.05 * (high - low) or max(abs(low) * 0.05, 1e-12)
    return low - gap, high + gap
