"""Sides at their best points, where choosing the point is part of what is estimated.

A point chosen by the validation loss of some runs looks better in the test metrics of those same
runs than it is, since the two go up and down together from run to run. So each repetition is judged
at the point that the others choose (leave-one-out, as in nested cross-validation: Varma and Simon,
"Bias in error estimation when using cross-validation for model selection", 2006), and the standard
error is Efron and Stein's jackknife ("The jackknife estimate of variance", 1981), which leaves out
each repetition in turn, chooses anew, and so counts how far the choice itself wavers.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runner.columns import MONITOR
from runner.results.compare.differences import Found, between_pairs, difference
from runner.results.compare.matching import choosable
from runner.results.compare.sides import Point, Repetition, Side
from runner.results.stats import combined, describe, step_of, student

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

# One to choose, one to judge, and one to leave out in turn.
FEWEST = 3


@dataclass(frozen=True)
class Candidates:
    """A side's points, of which the validation loss chooses one.

    Attributes:
        points: The points; a single one is no choice.
        repetitions: Those that tell the metric at one of the points at least.
        loss: (n, points) the validation loss by which they are chosen, ``nan`` where a run did not
            end well.
        metric: (n, points) the metric by which they are judged.
    """

    points: list[Point]
    repetitions: list[Repetition]
    loss: Numbers
    metric: Numbers

    def __len__(self) -> int:
        return len(self.repetitions)

    def rows(self, repetitions: Sequence[Repetition]) -> Rows:
        """Where some repetitions stand."""
        return np.array([self.repetitions.index(one) for one in repetitions], np.int64)

    def choices(self, rows: Rows) -> Rows:
        """For each of some repetitions the place of the point that the others of them choose."""
        known = np.isfinite(self.loss[rows])
        loss = np.where(known, self.loss[rows], 0.0)
        # A repetition by itself has nobody else to choose for it.
        own = 0.0 if len(rows) == 1 else 1.0
        counts = known.sum(0) - own * known
        sums = loss.sum(0) - own * loss
        means = np.divide(sums, counts, out=np.full(loss.shape, np.inf), where=counts > 0)
        places: Rows = means.argmin(1)
        return places

    def judged(self, rows: Rows) -> Numbers:
        """The metric of some repetitions, each at the point that the others of them choose."""
        return self.metric[rows, self.choices(rows)]


def candidates(side: Side, metric: str, point: Point | None = None) -> Candidates:
    """Lay out the points of a side that can be chosen.

    Args:
        side: A side.
        metric: The metric by which they are judged.
        point: The point, where there is no choice.
    """
    points = choosable(side) if point is None else [point]
    known = list(dict.fromkeys(r for at in points for r in side.cell(at, metric).values))
    loss = _table(side, points, MONITOR, known) if len(points) > 1 else np.zeros((len(known), 1))
    return Candidates(points, known, loss, _table(side, points, metric, known))


def find_best(first: Candidates, other: Candidates, resolution: float = 0.0) -> Found:
    """Estimate the difference of two sides, each at the point that its validation loss chooses.

    Args:
        first: The first side's points.
        other: The other's.
        resolution: The step in which the metric's values move, 0 for none.

    Returns:
        What was found, over the repetitions that both sides have if these are half of the smaller
        side's at least, otherwise over all, unpaired. Fewer than three can't both choose and judge:
        of those there is no interval.
    """
    common = [r for r in first.repetitions if r in set(other.repetitions)]
    if common and 2 * len(common) >= min(len(first), len(other)):
        return _by_pairs(first, other, common, resolution)
    return _by_sides(first, other, resolution)


def _by_pairs(
    first: Candidates, other: Candidates, common: Sequence[Repetition], resolution: float
) -> Found:
    mine, theirs = first.rows(common), other.rows(common)
    a, b = first.judged(mine), other.judged(theirs)
    whole = np.isfinite(a) & np.isfinite(b)
    pairs = list(zip(a[whole].tolist(), b[whole].tolist(), strict=True))
    differences = between_pairs(pairs)
    sample, n = describe(differences), len(pairs)
    error = math.nan
    if n >= FEWEST:
        variance = _variance(
            lambda rows: other.judged(theirs[rows]) - first.judged(mine[rows]), len(common)
        )
        spread = max(differences) - min(differences)
        error = math.sqrt(variance + step_of(resolution, sample.mean, spread) ** 2 / 6 / n)
    left_out = [(len(side) - len(common)) * len(side.points) for side in (first, other)]
    return Found(
        describe(a[whole]).mean,
        describe(b[whole]).mean,
        student(sample.mean, error, n - 1, (n,), "paired"),
        unpaired=sum(left_out),
        tested=(tuple(differences),),
        same=n > 1 and not any(differences),
        picked=(_picked(first, mine), _picked(other, theirs)),
        resolution=resolution,
    )


def _by_sides(first: Candidates, other: Candidates, resolution: float) -> Found:
    every = [np.arange(len(side)) for side in (first, other)]
    values = [side.judged(rows) for side, rows in zip((first, other), every, strict=True)]
    known = [tuple(numbers[np.isfinite(numbers)].tolist()) for numbers in values]
    one, two = (describe(numbers) for numbers in known)
    moved, error, freedom = difference(one.mean, two.mean), math.nan, 0.0
    if min(one.n, two.n) >= FEWEST:
        step = step_of(resolution, moved, one.std + two.std)
        error, freedom = combined([
            (_variance(side.judged, len(side)) + step**2 / 12 / sample.n, sample.n - 1)
            for side, sample in ((first, one), (other, two))
        ])  # fmt: skip
    return Found(
        one.mean,
        two.mean,
        student(moved, error, freedom, (one.n, two.n), "Welch"),
        tested=(known[0], known[1]),
        picked=(_picked(first, every[0]), _picked(other, every[1])),
        resolution=resolution,
    )


def _variance(judged: Callable[[Rows], Numbers], n: int) -> float:
    """Efron and Stein's estimate of the variance of the mean of what is judged.

    Args:
        judged: From some repetitions to the number of each, its point chosen by the others.
        n: How many repetitions there are.
    """
    every = np.arange(n)
    left_out = (judged(np.delete(every, repetition)) for repetition in every)
    means = np.array([np.mean(numbers[np.isfinite(numbers)]) for numbers in left_out])
    return float(((means - means.mean()) ** 2).sum())


def _picked(side: Candidates, rows: Rows) -> tuple[Point, ...]:
    return tuple(side.points[place] for place in side.choices(rows))


def _table(
    side: Side, points: Sequence[Point], metric: str, repetitions: Sequence[Repetition]
) -> Numbers:
    values = [side.cell(point, metric).values for point in points]
    rows = [[cell.get(r, math.nan) for cell in values] for r in repetitions]
    return np.array(rows, np.float64).reshape(len(repetitions), len(points))
