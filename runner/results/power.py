"""The power of a comparison: how large a difference it finds, and how many repetitions that takes.

Power is the probability of finding a true difference significant, at a level of 5 %. Cohen,
"Statistical power analysis for the behavioral sciences", 1988, takes 80 % as the usual aim.
"""

import math
from dataclasses import dataclass

from runner.results.stats import CONFIDENCE, Estimate

POWER = 0.8
MOST = 100_000


@dataclass(frozen=True)
class Power:
    """What repetitions of this spread can tell.

    Attributes:
        repetitions: How many there are: pairs, or on the smaller side.
        detectable: The difference that so many find with a power of 80 %, in the metric's unit.
        needed: How many it takes for a difference of the size found; None above 100,000, or where
            none was found.
    """

    repetitions: int
    detectable: float
    needed: int | None


def power_of(estimate: Estimate) -> Power | None:
    """Return what as many repetitions as an estimate's can tell, and how many it would take.

    Args:
        estimate: A difference with its standard error.

    Returns:
        The power, for repetitions that spread as these do; None where nothing is known of the
        spread.
    """
    if not estimate.error > 0:
        return None
    count = min(estimate.counts)
    smallest = _noncentrality(estimate.freedom) * estimate.error
    return Power(count, smallest, _needed(estimate, count))


def _needed(estimate: Estimate, count: int) -> int | None:
    """The least number of repetitions whose detectable difference is no larger than that found."""
    enough, too_few = count, 1
    while _detectable(estimate, count, enough) > abs(estimate.difference):
        enough, too_few = 2 * enough, enough
        if enough > MOST:
            return None
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if _detectable(estimate, count, middle) > abs(estimate.difference):
            too_few = middle
        else:
            enough = middle
    return enough


def _detectable(estimate: Estimate, count: int, repetitions: int) -> float:
    """What so many repetitions would find, if they spread as those that there are."""
    if repetitions < 2:
        return math.inf
    freedom = estimate.freedom * (repetitions - 1) / (count - 1)
    return _noncentrality(freedom) * estimate.error * math.sqrt(count / repetitions)


def _noncentrality(freedom: float) -> float:
    """The difference over its standard error that is found with a power of 80 %."""
    from scipy.special import nctdtrinc, stdtrit

    critical = float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
    return float(nctdtrinc(freedom, 1 - POWER, critical))
