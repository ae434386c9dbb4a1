"""Means, spreads and differences of repeated runs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """What is known of a metric over repeated runs.

    Attributes:
        mean: The mean, ``nan`` for no runs.
        std: The standard deviation with n - 1, ``nan`` for fewer than two runs: one run has no
            spread, not a spread of zero.
        n: The number of runs.
    """

    mean: float
    std: float
    n: int


def describe(values: Iterable[float]) -> Sample:
    """Mean, standard deviation and count of the finite values."""
    finite = [float(value) for value in values if math.isfinite(value)]
    n = len(finite)
    if n == 0:
        return Sample(math.nan, math.nan, 0)
    mean = math.fsum(finite) / n
    squares = math.fsum((value - mean) ** 2 for value in finite)
    return Sample(mean, math.sqrt(squares / (n - 1)) if n > 1 else math.nan, n)


def pool(samples: Iterable[Sample]) -> Sample:
    """The sample of all runs together, from the samples of disjoint parts.

    Args:
        samples: The parts; those without runs are passed over.

    Returns:
        The same as `describe` of all the values, which need not be at hand: the squares within
        the parts and between their means add up to those of the whole.
    """
    parts = [sample for sample in samples if sample.n > 0]
    n = sum(part.n for part in parts)
    if n == 0:
        return Sample(math.nan, math.nan, 0)
    mean = math.fsum(part.n * part.mean for part in parts) / n
    within = math.fsum((part.n - 1) * part.std**2 for part in parts if part.n > 1)
    between = math.fsum(part.n * (part.mean - mean) ** 2 for part in parts)
    return Sample(mean, math.sqrt((within + between) / (n - 1)) if n > 1 else math.nan, n)
