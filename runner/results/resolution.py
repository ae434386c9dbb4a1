"""The resolution of a metric: the step in which its values move, of an accuracy one example."""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

# Metrics are written with nine digits and come from float32, whose own rounding is 6e-8.
PRECISION = 1e-7
FINEST = 100_000
# Beyond this distance from a whole number of steps a value is not on the grid.
NEAR = 0.02


def resolution(values: Iterable[float]) -> float:
    """Return the coarsest step, 1/N or 100/N, of which all values are whole multiples.

    An accuracy is a number of right answers over the number of examples, or a percentage of them,
    so its values lie on such a grid and a loss's do not. Few values may lie on a coarser grid by
    chance, never on a finer one: a step found here is too large rather than too small.

    Args:
        values: What a metric was, over all runs.

    Returns:
        The step; 0 where there is none of 1/100,000 of the unit or more, or fewer than two
        different values to tell it by.
    """
    distinct = np.unique(np.abs([value for value in values if math.isfinite(value)]))
    if len(distinct) < 2:
        return 0.0
    return max(_step(distinct), 100 * _step(distinct / 100))


def _step(distinct: npt.NDArray[np.float64]) -> float:
    finest = min(FINEST, int(NEAR / PRECISION / distinct[-1]))
    parts = np.arange(1.0, finest + 1)
    for value in distinct:
        counted = value * parts
        parts = parts[np.abs(counted - counted.round()) <= PRECISION * counted + 1e-12]
        if not len(parts):
            return 0.0
    return float(1 / parts[0])
