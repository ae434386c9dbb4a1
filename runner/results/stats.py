"""Means, spreads and differences of repeated runs."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

CONFIDENCE = 0.95
Method = Literal["paired", "Welch"]


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


@dataclass(frozen=True)
class Estimate:
    """A difference of two means, and how far off it may be.

    Attributes:
        difference: The second mean less the first.
        low: The lower end of its interval at 95 %, ``nan`` where there is none.
        high: The upper end.
        p: The two-sided p-value of no difference, ``nan`` where there is no interval.
        counts: The number of pairs, or of runs on either side.
        method: How the interval was found.
    """

    difference: float
    low: float
    high: float
    p: float
    counts: tuple[int, ...]
    method: Method


def describe(values: Iterable[float]) -> Sample:
    """Mean, standard deviation and count of the finite values."""
    finite = [float(value) for value in values if math.isfinite(value)]
    n = len(finite)
    if n == 0:
        return Sample(math.nan, math.nan, 0)
    mean = math.fsum(finite) / n
    # A product, unlike a power, overflows to infinity without a fault.
    squares = math.fsum((value - mean) * (value - mean) for value in finite)
    return Sample(mean, math.sqrt(squares / (n - 1)) if n > 1 else math.nan, n)


def paired(differences: Sequence[float]) -> Estimate:
    """Student's interval of the mean of differences within pairs.

    What the members of a pair share cancels, such as the initial weights and batches of a seed.

    Args:
        differences: One per pair, finite.

    Returns:
        The estimate; a single pair has no interval. Where all differences are the same the
        interval is that number, and p is 1 if it is zero and 0 if not.
    """
    sample = describe(differences)
    error = sample.std / math.sqrt(sample.n) if sample.n > 1 else math.nan
    return _estimate(sample.mean, error, sample.n - 1, (sample.n,), "paired")


def welch(strata: Sequence[tuple[Sample, Sample]]) -> Estimate:
    """Welch's interval of the difference of means, averaged over strata.

    The runs of either side are independent and may differ in spread and number. The spread between
    strata, such as the points of a sweep, has no part in it.

    Args:
        strata: First and second side of each; one pair of samples gives Welch's usual interval.

    Returns:
        The estimate, its degrees of freedom by Satterthwaite; without an interval where a sample
        has fewer than two values.
    """
    count, samples = len(strata), [sample for stratum in strata for sample in stratum]
    counts = tuple(sum(stratum[side].n for stratum in strata) for side in (0, 1))
    mean = math.fsum(b.mean - a.mean for a, b in strata) / count if count else math.nan
    if not samples or any(sample.n < 2 for sample in samples):
        return _estimate(mean, math.nan, 0, counts, "Welch")
    parts = [(s.std * s.std / (s.n * count**2), s.n - 1) for s in samples]
    variance = math.fsum(part for part, _ in parts)
    # Shares rather than squares: the square of a small variance is lost below 1e-308.
    shares = math.fsum((part / variance) ** 2 / free for part, free in parts) if variance else 1.0
    return _estimate(mean, math.sqrt(variance), 1 / shares, counts, "Welch")


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction of p-values for the number of them.

    Args:
        p_values: Any number; ``nan`` stands for no test, and counts for none.

    Returns:
        The corrected values, in the same order.
    """
    tested = sorted((p, place) for place, p in enumerate(p_values) if not math.isnan(p))
    corrected, highest = [math.nan] * len(p_values), 0.0
    for rank, (p, place) in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - rank) * p))
        corrected[place] = highest
    return corrected


def _estimate(
    mean: float, error: float, freedom: float, counts: tuple[int, ...], method: Method
) -> Estimate:
    """The estimate of a mean with its standard error, ``nan`` where that is not known."""
    if math.isnan(error):
        return Estimate(mean, math.nan, math.nan, math.nan, counts, method)
    if error == 0:
        return Estimate(mean, mean, mean, float(mean == 0), counts, method)
    # Imported late; scipy.stats has the same functions and takes a second to import.
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(mean) / error))
    return Estimate(mean, mean - half, mean + half, p, counts, method)


def spans_decades(values: Iterable[float], decades: float = 2) -> bool:
    """Whether positive values span more than so many powers of ten, and none is negative."""
    known = [value for value in values if value == value]
    positive = [value for value in known if value > 0]
    if not positive or any(value < 0 for value in known):
        return False
    return max(positive) > min(positive) * 10**decades
