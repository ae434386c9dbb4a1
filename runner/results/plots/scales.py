"""Axes for swept values: words, numbers, numbers over decades with a place for zero."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import NullFormatter, NullLocator

from runner.results.labels import plain, short
from runner.results.stats import spans_decades
from runner.results.sweep_view import sortable

CHARACTER_INCHES = 0.085
LINE_INCHES = 0.27
MOST_LABELS = 20


@dataclass(frozen=True)
class Scale:
    """Where swept values lie on an axis.

    Attributes:
        values: The distinct values in order.
        places: Their places.
        kind: ``"words"``, ``"linear"`` or ``"log"``; on a log scale zero stands at the left.
    """

    values: list[Any]
    places: list[float]
    kind: Literal["words", "linear", "log"]

    def of(self, column: "pd.Series[Any]") -> npt.NDArray[np.float64]:
        """The places of a column's values."""
        pairs = list(zip(self.values, self.places, strict=True))
        # A value that is missing differs even from itself.
        missing = next((place for value, place in pairs if value != value), math.nan)
        known = dict(pairs)
        return np.array([known.get(value, missing) for value in column], dtype=np.float64)


def in_order(column: "pd.Series[Any]") -> list[Any]:
    """The distinct values of a column, numbers by size, then words by letter."""
    return list(column.drop_duplicates().sort_values(key=sortable))


def word_scale(column: "pd.Series[Any]") -> Scale:
    """A place for each distinct value, all equally far apart."""
    values = in_order(column)
    return Scale(values, [float(i) for i in range(len(values))], "words")


def scale_of(column: "pd.Series[Any]") -> Scale:
    """Choose the axis of a swept key.

    Args:
        column: The key's values.

    Returns:
        Words side by side; numbers on a line, or on a log scale where the positive ones span more
        than two powers of ten. Zero then stands to the left of the smallest, under its own label.
    """
    if not pd.api.types.is_numeric_dtype(column) or column.isna().any():
        return word_scale(column)
    values = in_order(column)
    if not _wants_log(values):
        return Scale(values, [float(value) for value in values], "linear")
    positive = [value for value in values if value > 0]
    gap = max(0.6, 0.12 * math.log10(max(positive) / min(positive)))
    left = min(positive) / 10**gap
    return Scale(values, [float(value) if value > 0 else left for value in values], "log")


def set_scale(axes: Axes, which: Literal["x", "y"], scale: Scale, key: str) -> None:
    """Give one axis of a figure its scale, ticks and label.

    Args:
        axes: The axes.
        which: The axis to set.
        scale: The scale of the values on it.
        key: Their dotted name.
    """
    axis: Axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(plain(key))
    if scale.kind == "words":
        label_words(axes, which, [short(value) for value in scale.values])
    elif scale.kind == "linear":
        if len(scale.places) <= 8 and _apart(scale.places):
            axis.set_ticks(scale.places, [short(value) for value in scale.values])
    else:
        _set_log(axes, axis, which, scale)


def label_words(axes: Axes, which: Literal["x", "y"], labels: list[str]) -> None:
    """Write words along an axis, turned where they would touch, only some where they are many."""
    figure = axes.get_figure(root=True)
    box = axes.get_position()
    wide = box.width * (figure.get_figwidth() if figure else 5)
    room = wide if which == "x" else box.height * (figure.get_figheight() if figure else 4)
    most = max(2, min(MOST_LABELS, int(room / LINE_INCHES)))
    places = list(range(0, len(labels), max(1, math.ceil(len(labels) / most))))
    shown = [plain(labels[place]) for place in places]
    axis: Axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(places, shown)
    if which == "x" and max(map(len, shown)) * CHARACTER_INCHES * len(shown) > wide:
        for text in axes.get_xticklabels():
            text.set(rotation=35, ha="right", rotation_mode="anchor")


def _wants_log(values: list[float]) -> bool:
    if not spans_decades(values, decades=1.99):
        return False
    if len(values) <= MOST_LABELS:
        return True
    # Values drawn evenly from 0 to 1 span decades too, by their few smallest: leave those out.
    return spans_decades(np.quantile([v for v in values if v > 0], [0.05, 0.95]), decades=1.5)


def _set_log(axes: Axes, axis: Axis, which: Literal["x", "y"], scale: Scale) -> None:
    if which == "x":
        axes.set_xscale("log")
    else:
        axes.set_yscale("log")
    zero = scale.places[0] if scale.values[0] == 0 else None
    if len(scale.places) <= 10 and _apart([math.log10(place) for place in scale.places]):
        axis.set_ticks(scale.places, [short(value) for value in scale.values])
    else:
        _label_decades(axis, scale.places, zero)
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    if zero is not None:
        _break_axis(axes, which, math.sqrt(zero * scale.places[1]))


def _label_decades(axis: Axis, places: list[float], zero: float | None) -> None:
    positive = places if zero is None else places[1:]
    low, high = math.ceil(math.log10(min(positive))), math.floor(math.log10(max(positive)))
    powers = range(low, high + 1, max(1, math.ceil((high - low) / 6)))
    ticks = [10.0**power for power in powers]
    labels = [f"$10^{{{power}}}$" for power in powers]
    axis.set_ticks([zero, *ticks] if zero else ticks, ["0", *labels] if zero else labels)


def _break_axis(axes: Axes, which: Literal["x", "y"], middle: float) -> None:
    """Two strokes on the axis between zero and the rest: the distance there means nothing."""
    pair = np.array([middle / 1.06, middle * 1.06])
    edge = np.zeros(2)
    x, y = (pair, edge) if which == "x" else (edge, pair)
    across = axes.get_xaxis_transform() if which == "x" else axes.get_yaxis_transform()
    stroke = [(-0.5, -1), (0.5, 1)] if which == "x" else [(-1, -0.5), (1, 0.5)]
    axes.plot(
        x, y, transform=across, color="black", marker=stroke, ms=9, mew=1.1, ls="none",
        clip_on=False, label="_break",
    )  # fmt: skip


def _apart(places: Sequence[float]) -> bool:
    """Whether labels at these places would not touch."""
    gaps = np.diff(sorted(places))
    return len(gaps) == 0 or bool(gaps.min() > 0.08 * (max(places) - min(places)))
