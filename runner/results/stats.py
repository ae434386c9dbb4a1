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
        counts: The number of pairs, or of repetitions on either side.
        method: How the interval was found.
        error: The difference's standard error, ``nan`` where it is not known.
        freedom: Its degrees of freedom.
    """

    difference: float
    low: float
    high: float
    p: float
    counts: tuple[int, ...]
    method: Method
    error: float = math.nan
    freedom: float = 0.0


def summarize(values: Iterable[float]) -> Sample:
    """Mean, standard deviation and count of the finite values."""
    finite = [float(value) for value in values if math.isfinite(value)]
    n = len(finite)
    if n == 0:
        return Sample(math.nan, math.nan, 0)
    mean = math.fsum(finite) / n
    # A product, unlike a power, overflows to infinity without a fault.
    squares = math.fsum((value - mean) * (value - mean) for value in finite)
    return Sample(mean, math.sqrt(squares / (n - 1)) if n > 1 else math.nan, n)


def paired(differences: Sequence[float], resolution: float = 0.0) -> Estimate:
    """Student's interval of the mean of differences within pairs.

    What the members of a pair share cancels, such as the initial weights and batches of a seed.
    Numbers that are known to a step, as an accuracy is to one example, are taken as uniform within
    it (Sheppard, "On the calculation of the most probable values of frequency constants", 1898):
    either number of a pair adds a twelfth of its square to the variance of a difference.

    Args:
        differences: One per pair, finite.
        resolution: The step of the numbers in each pair; 0 where they have none.

    Returns:
        The estimate; a single pair has no interval. Where all differences are the same, their step
        may be as large as they are, and is taken to be so; without a resolution the interval is
        then that number: p is 1 if it is zero, and ``nan`` if not, since without a spread there is
        no test.
    """
    sample, error = summarize(differences), math.nan
    if sample.n > 1:
        # Equal numbers have a spread of rounding alone.
        std = 0.0 if max(differences) == min(differences) else sample.std
        step = step_of(resolution, sample.mean, std)
        error = math.sqrt((std * std + step * step / 6) / sample.n)
    return student(sample.mean, error, sample.n - 1, (sample.n,), "paired")


def welch(first: Sample, other: Sample, resolution: float = 0.0) -> Estimate:
    """Welch's interval of the difference of two means.

    Welch, "The generalization of 'Student's' problem when several different population variances
    are involved", 1947. The repetitions of either side are independent and may differ in spread
    and number.

    Args:
        first: The first side, a value per repetition.
        other: The second.
        resolution: The step of the values; of it, and of sides without a spread, see `paired`.

    Returns:
        The estimate, its degrees of freedom by Satterthwaite; without an interval where a side
        has fewer than two repetitions.
    """
    difference, counts = other.mean - first.mean, (first.n, other.n)
    if min(counts) < 2:
        return student(difference, math.nan, 0, counts, "Welch")
    step = step_of(resolution, difference, first.std + other.std)
    parts = [((s.std * s.std + step * step / 12) / s.n, s.n - 1) for s in (first, other)]
    return student(difference, *combined(parts), counts, "Welch")


def step_of(resolution: float, difference: float, spread: float) -> float:
    """The step to reckon with: where nothing spreads, it may be as large as the difference.

    Args:
        resolution: The step of the values; 0 for none, which stays none.
        difference: What was found.
        spread: The spread that it was found with.
    """
    return max(resolution, abs(difference)) if resolution and spread == 0 else resolution


def combined(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The standard error of a sum of independent numbers, with its degrees of freedom.

    Satterthwaite, "An approximate distribution of estimates of variance components", 1946.

    Args:
        parts: The variance of each number, and that variance's degrees of freedom.
    """
    variance = math.fsum(part for part, _ in parts)
    # Shares rather than squares: the square of a small variance is lost below 1e-308.
    shares = math.fsum((part / variance) ** 2 / free for part, free in parts) if variance else 1.0
    return math.sqrt(variance), 1 / shares


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


def student(
    mean: float, error: float, freedom: float, counts: tuple[int, ...], method: Method
) -> Estimate:
    """The estimate of a difference by Student's t.

    Args:
        mean: The difference.
        error: Its standard error, ``nan`` where it is not known: there is no interval then.
        freedom: Its degrees of freedom.
        counts: What it is over.
        method: How the error was found.
    """
    if math.isnan(error):
        return Estimate(mean, math.nan, math.nan, math.nan, counts, method)
    if error == 0:
        p = 1.0 if mean == 0 else math.nan
        return Estimate(mean, mean, mean, p, counts, method, error, freedom)
    # Imported late; scipy.stats has the same functions and takes a second to import.
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(mean) / error))
    return Estimate(mean, mean - half, mean + half, p, counts, method, error, freedom)


def mean_interval(sample: Sample) -> tuple[float, float]:
    """Student's interval of a mean at 95 %; ``nan`` for fewer than two runs."""
    error = sample.std / math.sqrt(sample.n) if sample.n > 1 else math.nan
    found = student(sample.mean, error, sample.n - 1, (sample.n,), "paired")
    return found.low, found.high


def outlier(values: Sequence[float], significance: float = 0.01) -> float | None:
    """The value farthest from the mean, where normal values hardly ever lie so far.

    Grubbs, "Procedures for detecting outlying observations in samples", 1969.

    Args:
        values: The sample.
        significance: How often normal values are said to have one.

    Returns:
        The value; None where it lies as far as may be, or of fewer than five.
    """
    sample = summarize(values)
    if sample.n < 5 or not sample.std > 0:
        return None
    from scipy.special import stdtrit

    farthest = max(values, key=lambda value: abs(value - sample.mean))
    t = float(stdtrit(sample.n - 2, 1 - significance / (2 * sample.n)))
    limit = (sample.n - 1) / math.sqrt(sample.n) * math.sqrt(t * t / (sample.n - 2 + t * t))
    return farthest if abs(farthest - sample.mean) > limit * sample.std else None


def spans_decades(values: Iterable[float], decades: float = 2) -> bool:
    """Whether positive values span more than so many powers of ten, and none is negative."""
    known = [value for value in values if value == value]
    positive = [value for value in known if value > 0]
    if not positive or any(value < 0 for value in known):
        return False
    return max(positive) > min(positive) * 10**decades
