"""Scales of axes: words, numbers, numbers over decades with a place for zero; spans and ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.results.figures.marks import Floats
from runner.results.figures.spec import AxisSpec, ScaleKind
from runner.results.labels import short
from runner.results.stats import spans_decades
from runner.results.sweep_view import sortable

MANY = 20
MOST_TICKS = 10
LEAST_ROOM, CHARACTER_ROOM = 0.08, 0.025  # of an axis, for a label and for each of its letters
BESIDE = 0.6  # of the way from one word to the next, over which groups stand side by side
NEAR = 0.014  # of an axis of numbers, between two groups at one of them
ROOM = 0.08  # for a row of crosses, in the height of the values


@dataclass(frozen=True)
class Scale:
    """Where swept values lie on an axis.

    Attributes:
        values: The distinct values in order.
        places: Their positions.
        kind: Words, a linear or a log scale, at whose left zero stands.
    """

    values: list[object]
    places: list[float]
    kind: ScaleKind

    def of(self, column: "pd.Series[float]") -> Floats:
        """The positions of a column's values."""
        pairs = list(zip(self.values, self.places, strict=True))
        # A value that is missing differs even from itself.
        missing = next((place for value, place in pairs if value != value), math.nan)
        known = dict(pairs)
        return np.array([known.get(value, missing) for value in column], dtype=np.float64)

    def beside(self, places: Floats, number: int, count: int) -> Floats:
        """Places moved aside, so that bars of several groups at one value are seen.

        Args:
            places: Where the values lie, (K,).
            number: The number of the group.
            count: How many groups stand side by side, the middle one at the value itself.
        """
        away = number - (count - 1) / 2
        if self.kind == "words":
            return places + away * BESIDE / count
        log = self.kind == "log"
        at = np.log(self.places) if log else np.asarray(self.places)
        gap = float(np.diff(at).min()) if len(at) > 1 else math.inf
        step = away * min(NEAR * float(np.ptp(at)), BESIDE / 2 * gap / count)
        return np.asarray(places * np.exp(step) if log else places + step)

    def axis(self, label: str) -> AxisSpec:
        """The axis of these values, with ticks at the values themselves where they are few."""
        wide = span_of(self.places, self.kind == "log")
        if self.kind == "words":
            wide = (-0.6, len(self.values) - 0.4)
        zero = self.places[0] if self.kind == "log" and self.values[0] == 0 else None
        gap = None if zero is None else math.sqrt(zero * self.places[1])
        return AxisSpec(label, self.kind, wide, tuple(self._ticks(zero)), gap=gap)

    def _ticks(self, zero: float | None) -> list[tuple[float, str]]:
        longest = max(len(short(value, 16)) for value in self.values)
        room = max(LEAST_ROOM, CHARACTER_ROOM * longest)
        few = len(self.places) <= MOST_TICKS and _apart(self.places, self.kind == "log", room)
        if few or self.kind == "words":
            return [(at, short(v, 16)) for v, at in zip(self.values, self.places, strict=True)]
        if self.kind == "linear":
            return []
        ends = self.places[zero is not None], self.places[-1]
        return ([] if zero is None else [(zero, "0")]) + decades(*ends)


def in_order(column: "pd.Series[float]") -> list[object]:
    """The distinct values of a column, numbers by size, then words in the order of the runs."""
    return list(column.drop_duplicates().sort_values(key=sortable))


def word_scale(column: "pd.Series[float]") -> Scale:
    """A position for each distinct value, all equally far apart."""
    values = in_order(column)
    return Scale(values, [float(i) for i in range(len(values))], "words")


def scale_of(column: "pd.Series[float]") -> Scale:
    """Choose the scale of a swept key.

    Args:
        column: The key's values.

    Returns:
        Words side by side; numbers on a line, or on a log scale where the positive ones span more
        than two powers of ten. Zero then stands to the left of the smallest, under its own label.
    """
    if not pd.api.types.is_numeric_dtype(column) or column.isna().any():
        return word_scale(column)
    values = sorted(map(float, column.unique()))
    if not _wants_log(values):
        return Scale([*values], values, "linear")
    positive = [value for value in values if value > 0]
    gap = max(0.6, 0.12 * math.log10(max(positive) / min(positive)))
    left = min(positive) / 10**gap
    return Scale([*values], [value if value > 0 else left for value in values], "log")


def epoch_axis(epochs: npt.ArrayLike) -> AxisSpec:
    """The axis of epochs, whole ones."""
    known = np.unique(np.asarray(epochs, np.float64))
    known = known[np.isfinite(known)] if np.isfinite(known).any() else np.ones(1)
    if len(known) == 1:
        only = float(known[0])
        return AxisSpec("epoch", span=(only - 0.5, only + 0.5), ticks=((only, f"{only:g}"),))
    return AxisSpec("epoch", span=span_of(known, False), whole=True)


def value_axis(label: str, values: npt.ArrayLike, log: bool = False) -> AxisSpec:
    """The axis of measured values, a little wider than they are.

    Args:
        label: What they are.
        values: All that it is to show; what is not finite decides nothing.
        log: Whether it is logarithmic: only positive values count then.
    """
    return AxisSpec(label, "log" if log else "linear", span_of(values, log))


def span_of(values: npt.ArrayLike, log: bool) -> tuple[float, float]:
    """Where an axis for some values begins and ends; see `value_axis`."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known) & ((known > 0) | (not log))]
    if not len(known):
        return (1.0, 10.0) if log else (0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if log:
        gap = (high / low) ** 0.05 if high > low else 1.1
        return low / gap, high * gap
    gap = 0.05 * (high - low) or 0.05 * abs(low) or 1.0
    return low - gap, high + gap


def room_at_top(axis: AxisSpec) -> tuple[tuple[float, float], float]:
    """The span of an axis widened for a row of crosses, and their height."""
    low, high = axis.span or (0.0, 1.0)
    if axis.kind == "log":
        whole = (high / low) ** ROOM
        return (low, high * whole), high * math.sqrt(whole)
    return (low, high + ROOM * (high - low)), high + ROOM / 2 * (high - low)


def decades(low: float, high: float, steps: Sequence[int] = (1,)) -> list[tuple[float, str]]:
    """Ticks at powers of ten, and at so many times each of them.

    Args:
        low: Where they begin, above zero.
        high: Where they end.
        steps: ``(1, 2, 5)`` for three in each power of ten.
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = max(1, math.ceil(len(powers) / 8))
    ticks = [float(f"{step}e{power}") for power in powers[::every] for step in steps]
    return [(tick, f"{tick:g}") for tick in ticks if low <= tick <= high]


def _wants_log(values: list[float]) -> bool:
    if not spans_decades(values, decades=1.99):
        return False
    if len(values) <= MANY:
        return True
    # Values drawn evenly from 0 to 1 span decades too, by their few smallest: leave those out.
    return spans_decades(np.quantile([v for v in values if v > 0], [0.05, 0.95]), decades=1.5)


def _apart(places: Sequence[float], log: bool, room: float) -> bool:
    """Whether labels at these positions would not touch that take so much of an axis."""
    at = np.log10(places) if log else np.asarray(places)
    gaps = np.diff(np.sort(at))
    return len(gaps) == 0 or bool(gaps.min() > room * np.ptp(at))
