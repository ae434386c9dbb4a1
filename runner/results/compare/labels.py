"""What is written at the ends of lines, so that those of one side can be told apart."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from runner.results.compare.comparison import Comparison
from runner.results.compare.inputs import PointKey
from runner.results.labels import point_label, short

ROW = 0.055  # of an axis' height: that of a line of small text
ROOM = 0.24  # to the right of the lines, in their width

Line = tuple[int, PointKey, pd.DataFrame]


class Label(NamedTuple):
    """Words at the end of a line.

    Attributes:
        side: The number of the side that the line belongs to.
        x: The line's last epoch.
        y: The height of the words, close to where the line ends.
        words: The side and the values of the line's point: ``A 0.2``.
    """

    side: int
    x: float
    y: float
    words: str


def end_labels(
    comparison: Comparison, lines: Sequence[Line], low: float, high: float, log: bool
) -> list[Label]:
    """The labels of lines, none upon another.

    Args:
        comparison: The sides compared.
        lines: Each line's side, point, and mean by epoch.
        low: Where the vertical axis begins.
        high: Where it ends.
        log: Whether it is logarithmic.
    """
    ends = []
    for side, point, means in lines:
        known = means["mean"][means["mean"] > 0] if log else means["mean"]
        if len(known):
            words = f"{comparison.names[side]} {short(point_label(point), 14)}".rstrip()
            ends.append(Label(side, float(known.index[-1]), float(known.iloc[-1]), words))
    to, back = (math.log10, lambda y: 10.0**y) if log else (float, float)
    bottom, top = to(low), to(high)
    row = ROW * (top - bottom)
    # Words are centred at their height, so none is cut at either end of the axis.
    heights = apart([to(end.y) for end in ends], row, bottom + row / 2, top - row / 2)
    return [end._replace(y=back(y)) for end, y in zip(ends, heights, strict=True)]


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
