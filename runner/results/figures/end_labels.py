"""Words at the ends of lines, none upon another."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from runner.results.figures.marks import Lines, Words
from runner.results.figures.spec import AxisSpec

ROW = 0.055  # of an axis' height: that of a line of small text
ROOM = 0.24  # to the right of the lines, in their width


def end_labels(lines: Sequence[Lines], labels: Sequence[str], y: AxisSpec) -> list[Words]:
    """Words where each line ends, in its colour, moved apart where they would touch.

    Args:
        lines: The lines.
        labels: What stands at the end of each.
        y: The axis upwards; where it has no place for a line's end, its last that there is counts.
    """
    ends = []
    for line, label in zip(lines, labels, strict=True):
        known = np.flatnonzero(line.y > 0 if y.kind == "log" else np.isfinite(line.y))
        if len(known):
            ends.append(Words(line.x[known[-1:]], line.y[known[-1:]], [label], line.colour))
    low, high = y.span or (0.0, 1.0)
    to, back = (math.log10, lambda at: 10.0**at) if y.kind == "log" else (float, float)
    bottom, top = to(low), to(high)
    row = ROW * (top - bottom)
    # Words are centred at their height, so none is cut at either end of the axis.
    heights = apart([to(end.y[0]) for end in ends], row, bottom + row / 2, top - row / 2)
    return [replace(end, y=np.array([back(at)])) for end, at in zip(ends, heights, strict=True)]


def with_room(x: AxisSpec) -> AxisSpec:
    """An axis across with room for words at the ends of lines."""
    low, high = x.span or (0.0, 1.0)
    if x.kind == "log":
        return replace(x, span=(low, high * (high / low) ** ROOM))
    return replace(x, span=(low, high + ROOM * (high - low)))


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The nearest places, in the same order, of which no two are closer than a gap.

    Args:
        places: Where something is to be.
        gap: How far from each other; less where there is no room for it.
        low: The lowest that is allowed.
        high: The highest.

    Returns:
        A place for each: of all such places those with the least sum of squared moves.
    """
    count = len(places)
    gap = min(gap, (high - low) / max(1, count))
    order = sorted(range(count), key=lambda i: places[i])
    # Without the gaps they must but keep their order: means of neighbours that would cross.
    blocks: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        blocks.append((places[i] - rank * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (last, m), (before, n) = blocks.pop(), blocks.pop()
            blocks.append(((last * m + before * n) / (m + n), m + n))
    flat = [value for value, size in blocks for _ in range(size)]
    highest = high - (count - 1) * gap
    found = dict(zip(order, (max(low, min(value, highest)) for value in flat), strict=True))
    ranks = {i: rank for rank, i in enumerate(order)}
    return [found[i] + ranks[i] * gap for i in range(count)]
