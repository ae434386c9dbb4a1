"""Matching of points: equal ones, or the best by validation loss, where choosing is estimated too.

A point chosen by the validation loss of some runs looks better in the test metrics of those same
runs than it is, since the two go up and down together from run to run. So each repetition is judged
at the point that the others choose (leave-one-out, as in nested cross-validation: Varma and Simon,
"Bias in error estimation when using cross-validation for model selection", 2006), and the standard
error is Efron and Stein's jackknife ("The jackknife estimate of variance", 1981), which leaves out
each repetition in turn, chooses anew, and so counts how far the choice itself wavers.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from runner.results.compare.differences import Difference, beyond_rounding, within_pairs
from runner.results.compare.inputs import Pair, PointKey, Repetition, Side
from runner.results.stats import combined, step_of, student, summarize

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

# One to choose, one to judge, and one to leave out in turn.
FEWEST = 3


@dataclass(frozen=True)
class Matching:
    """Which points of two sides stand against each other.

    Attributes:
        kind: ``"points"``: the same keys were swept, so equal points stand together. ``"best"``:
            they were not, so each side's best point by the validation loss stands for it.
            ``"none"``: neither can be.
        points: Pairs of points, those of the first side first.
        unmatched: The points of either side that stand against none.
        shared: Pairs of points that are one setting, reached by different keys: what one side
            swept the other left at that value.
        chosen: Whether the validation split chose a point out of several; choosing is then part of
            the estimate.
    """

    kind: Literal["points", "best", "none"]
    points: list[Pair]
    unmatched: tuple[list[PointKey], list[PointKey]] = ([], [])
    shared: list[Pair] = field(default_factory=list)
    chosen: bool = False

    @property
    def one_setting(self) -> bool:
        """Whether the two best points are one setting."""
        return self.kind == "best" and self.shared == self.points

    @property
    def base_and_best(self) -> tuple[Pair, Pair] | None:
        """The one setting that both sides have and their best points, where that can be told."""
        if self.kind != "best" or len(self.shared) != 1:
            return None
        return self.shared[0], self.points[0]


def match(first: Side, other: Side) -> Matching:
    """Decide which points of two sides stand against each other.

    A side of one point needs no choice.
    """
    if set(first.keys) == set(other.keys):
        order = [other.keys.index(key) for key in first.keys]
        theirs = {tuple(point[i] for i in order): point for point in other.points}
        mine = dict.fromkeys(first.points)
        if equal := [(point, theirs[point]) for point in mine if point in theirs]:
            alone = [point for point in mine if point not in theirs]
            others = [point for inner, point in theirs.items() if inner not in mine]
            return Matching("points", equal, (alone, others))
    shared = shared_settings(first, other)
    mine_best, their_best = best_point(first), best_point(other)
    if mine_best is None or their_best is None:
        return Matching("none", [], (first.points, other.points), shared)
    several = len(first.points) > 1 or len(other.points) > 1
    return Matching("best", [(mine_best, their_best)], shared=shared, chosen=several)


def shared_settings(first: Side, other: Side) -> list[Pair]:
    """The points of two sides with other swept keys that are one setting all the same.

    A sweep of dropout without a penalty, and one of the penalty without dropout, share the point
    that has neither.
    """
    keys = list(dict.fromkeys([*first.keys, *other.keys]))
    theirs = {other.setting(point, keys): point for point in other.points}
    settings = [(point, first.setting(point, keys)) for point in first.points]
    return [(p, theirs[at]) for p, at in settings if keys and at is not None and at in theirs]


def best_point(side: Side) -> PointKey | None:
    """The best point by the metric that chooses, or the only one: test data choose none."""
    sign = side.measures.sign(side.monitor)
    means = {point: sign * side.at(point, side.monitor).sample.mean for point in choosable(side)}
    return min(means, key=lambda point: means[point]) if means else None


def why_none_is_best(sides: Sequence[tuple[str, Side]]) -> str:
    """Say why there are no best points of two sides to stand for them.

    Args:
        sides: Each with what it is called.
    """
    if any(side.monitor not in side.metrics for _, side in sides):
        return "without a validation split on both none is best"
    without = [name for name, side in sides if best_point(side) is None]
    return f"no run of {' and of '.join(without)} completed, so that none is best"


def choosable(side: Side) -> list[PointKey]:
    """The points that the validation loss may choose.

    That is the only point, whatever is known of it. Of several it is those with a validation loss,
    and with at least half as many runs that completed as the best has: what seldom trains is no
    choice.
    """
    if len(side.points) == 1:
        return side.points
    samples = {point: side.at(point, side.monitor).sample for point in side.points}
    most = max((sample.n for sample in samples.values()), default=0)
    return [p for p, s in samples.items() if 2 * s.n >= most and math.isfinite(s.mean)]


@dataclass(frozen=True)
class Candidates:
    """Candidates of a side: its points, of which the validation loss chooses one.

    Attributes:
        points: The points; a single one is no choice.
        repetitions: Those that tell the metric at one of the points at least.
        loss: (n, points) the metric by which they are chosen, such that the least is the best,
            ``nan`` where a run did not complete.
        metric: (n, points) the metric by which they are judged.
    """

    points: list[PointKey]
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

    def chosen(self, rows: Rows) -> tuple[PointKey, ...]:
        """For each of some repetitions the point that the others of them choose."""
        return tuple(self.points[place] for place in self.choices(rows))

    def judged(self, rows: Rows) -> Numbers:
        """The metric of some repetitions, each at the point that the others of them choose."""
        return self.metric[rows, self.choices(rows)]


def candidates(side: Side, metric: str, point: PointKey | None = None) -> Candidates:
    """Lay out the points of a side that can be chosen: one alone where it is given."""
    points = choosable(side) if point is None else [point]
    known = list(dict.fromkeys(r for at in points for r in side.at(at, metric).values))

    def table(name: str) -> Numbers:
        values = [side.at(at, name).values for at in points]
        rows = [[of_point.get(r, math.nan) for of_point in values] for r in known]
        return np.array(rows, np.float64).reshape(len(known), len(points))

    loss = side.measures.sign(side.monitor) * table(side.monitor)
    if len(points) == 1:
        loss = np.zeros((len(known), 1))
    return Candidates(points, known, loss, table(metric))


def estimate_at_best(
    first: Candidates, other: Candidates, resolution: float = 0.0
) -> Difference:  # fmt: skip
    """Estimate the difference of two sides, each at the point that its validation loss chooses.

    Args:
        first: The first side's points.
        other: The other's.
        resolution: The step in which the metric's values move, 0 for none.

    Returns:
        The difference over the repetitions that both sides have if these are half of the smaller
        side's at least, otherwise over all, unpaired. Fewer than three can't both choose and judge:
        of those there is no interval.
    """
    common = [r for r in first.repetitions if r in set(other.repetitions)]
    if common and 2 * len(common) >= min(len(first), len(other)):
        return _by_pairs(first, other, common, resolution)
    return _by_sides(first, other, resolution)


def _by_pairs(
    first: Candidates, other: Candidates, common: Sequence[Repetition], resolution: float
) -> Difference:
    mine, theirs = first.rows(common), other.rows(common)
    a, b = first.judged(mine), other.judged(theirs)
    whole = np.isfinite(a) & np.isfinite(b)
    differences = within_pairs(list(zip(a[whole].tolist(), b[whole].tolist(), strict=True)))
    sample, error = summarize(differences), math.nan
    if sample.n >= FEWEST:
        variance = _jackknife(
            lambda rows: other.judged(theirs[rows]) - first.judged(mine[rows]), len(common)
        )
        step = step_of(resolution, sample.mean, max(differences) - min(differences))
        error = math.sqrt(variance + step**2 / 6 / sample.n)
    paired = set(common)
    alone, alone_there = (
        tuple(r for r in side.repetitions if r not in paired) * len(side.points)
        for side in (first, other)
    )
    return Difference(
        summarize(a[whole]).mean,
        summarize(b[whole]).mean,
        student(sample.mean, error, sample.n - 1, (sample.n,), "paired"),
        unpaired=(alone, alone_there),
        tested=(tuple(differences),),
        same=sample.n > 1 and not any(differences),
        chosen=(first.chosen(mine), other.chosen(theirs)),
        resolution=resolution,
    )


def _by_sides(first: Candidates, other: Candidates, resolution: float) -> Difference:
    sides = [(side, np.arange(len(side))) for side in (first, other)]
    values = [side.judged(rows) for side, rows in sides]
    known = [tuple(numbers[np.isfinite(numbers)].tolist()) for numbers in values]
    one, two = map(summarize, known)
    moved, error, freedom = beyond_rounding(one.mean, two.mean), math.nan, 0.0
    if min(one.n, two.n) >= FEWEST:
        step = step_of(resolution, moved, one.std + two.std)
        error, freedom = combined([
            (_jackknife(side.judged, len(side)) + step**2 / 12 / sample.n, sample.n - 1)
            for side, sample in ((first, one), (other, two))
        ])  # fmt: skip
    return Difference(
        one.mean,
        two.mean,
        student(moved, error, freedom, (one.n, two.n), "Welch"),
        tested=(known[0], known[1]),
        chosen=(first.chosen(sides[0][1]), other.chosen(sides[1][1])),
        resolution=resolution,
    )


def _jackknife(judged: Callable[[Rows], Numbers], n: int) -> float:
    """Efron and Stein's estimate of the variance of the mean of what is judged.

    Args:
        judged: From some repetitions to the number of each, its point chosen by the others.
        n: How many repetitions there are.
    """
    every = np.arange(n)
    left_out = (judged(np.delete(every, repetition)) for repetition in every)
    means = np.array([np.mean(numbers[np.isfinite(numbers)]) for numbers in left_out])
    return float(((means - means.mean()) ** 2).sum())
