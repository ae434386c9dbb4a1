"""Difference of a metric between two sides, over one or more pairs of points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from runner.results.compare.inputs import MetricValues, Pair, PointKey, Repetition
from runner.results.stats import Estimate, Sample, holm, paired, summarize, welch

# metrics.csv has nine digits: a difference beyond the eighth is one of writing, not of training.
# One of float32 is 6e-8 at the least, so none is lost.
ROUNDING = 1e-8
ValuePair = tuple[MetricValues, MetricValues]


@dataclass(frozen=True)
class Difference:
    """The difference of a metric between two sides.

    Attributes:
        first: The first side's mean over what was compared.
        other: The other's.
        estimate: The difference and its interval.
        unpaired: Of either side the runs that have no partner and no part in it, each by what
            tells it apart from the others of its point.
        dropped: The places of pairs of points that too few runs of are left to count.
        tested: The numbers that the interval rests on, one per repetition: the differences of
            pairs, or each side's values; none where only means and spreads are known.
        same: Whether there are several pairs, the two numbers of each equal.
        chosen: Where points were chosen, the point at which each repetition of either side is
            judged.
        resolution: The step in which the metric's values move, which the interval counts; 0 for
            none.
        side: The other side's name.
        metric: The metric.
        points: The pairs of points that it is over.
        p: The p-value after Holm's correction; ``nan`` where there is no interval.
    """

    first: float
    other: float
    estimate: Estimate
    unpaired: tuple[tuple[Repetition, ...], tuple[Repetition, ...]] = ((), ())
    dropped: tuple[int, ...] = ()
    tested: tuple[tuple[float, ...], ...] = ()
    same: bool = False
    chosen: tuple[tuple[PointKey, ...], tuple[PointKey, ...]] = ((), ())
    resolution: float = 0.0
    side: str = ""
    metric: str = ""
    points: tuple[Pair, ...] = ()
    p: float = math.nan

    @property
    def over(self) -> int:
        """How many of the pairs of points have runs enough to be in the means."""
        return len(self.points) - len(self.dropped)

    @property
    def has_interval(self) -> bool:
        """Whether the interval is known."""
        return not math.isnan(self.estimate.low)

    def named(self, side: str, metric: str, points: Sequence[Pair]) -> "Difference":
        """The same with what it is of: the other side's name, the metric, the pairs of points."""
        return replace(self, side=side, metric=metric, points=tuple(points))


def with_holm(rows: Sequence[Difference]) -> list[Difference]:
    """The differences of one family, their p-values corrected by Holm's method."""
    corrected = holm([row.estimate.p for row in rows])
    return [replace(row, p=p) for row, p in zip(rows, corrected, strict=True)]


def estimate_difference(values: Sequence[ValuePair], resolution: float = 0.0) -> Difference:
    """Estimate a difference, by pairs where the sides have repetitions in common.

    A repetition (a seed, or a seed and a fold) counts once however many points there are, paired or
    not: its value is its mean over the points. So neither the spread over the points nor what the
    runs of one seed share at all of them passes for a spread over seeds.

    Args:
        values: A metric of both sides at each pair of points.
        resolution: The step in which the metric's values move, 0 for none.

    Returns:
        The difference. Runs are paired where at least half of the smaller side's have a partner;
        otherwise all of them count, without pairs. Of several points one with less than half as
        many runs as the best is dropped: some of its runs failed.
    """
    counts = [min(first.sample.n, other.sample.n) for first, other in values]
    enough = max(1, max(counts, default=0) / 2)
    dropped = tuple(place for place, count in enumerate(counts) if count < enough)
    kept = [pair for place, pair in enumerate(values) if place not in dropped]
    common = _common(kept)
    fewest = min((len(of_side.values) for pair in kept for of_side in pair), default=0)
    # The mean over points is known to a fraction of a step.
    step = resolution / math.sqrt(max(1, len(kept)))
    if common and 2 * len(common) >= fewest:
        found = _by_pairs(kept, common, step)
    else:
        found = _by_sides(kept or values, step)
    return replace(found, dropped=dropped, resolution=resolution)


def beyond_rounding(first: float, other: float) -> float:
    """The second number less the first; zero where they differ by rounding alone."""
    size = max(abs(first), abs(other))
    return 0.0 if abs(other - first) <= ROUNDING * size else other - first


def within_pairs(pairs: Sequence[tuple[float, float]]) -> list[float]:
    """The difference within each pair; all the same where they differ by rounding alone."""
    differences = [beyond_rounding(first, other) for first, other in pairs]
    rounding = 1e-15 * max((abs(value) for pair in pairs for value in pair), default=0.0)
    if differences and max(differences) - min(differences) <= rounding:
        return [differences[0]] * len(differences)
    return differences


def _common(values: Sequence[ValuePair]) -> list[Repetition]:
    """The repetitions that all points of both sides have, in the first one's order."""
    if not values:
        return []
    every = [of_side.values for pair in values for of_side in pair]
    return [one for one in every[0] if all(one in known for known in every)]


def _by_pairs(
    values: Sequence[ValuePair], common: Sequence[Repetition], resolution: float
) -> Difference:
    pairs = [[(a.values[r], b.values[r]) for r in common] for a, b in values]
    at_points = list(map(within_pairs, pairs))
    differences = [_mean(of_repetition) for of_repetition in zip(*at_points, strict=True)]
    first, other = (_mean([pair[side] for at in pairs for pair in at]) for side in (0, 1))
    alone, alone_there = (
        tuple(r for pair in values for r in pair[side].values if r not in common) for side in (0, 1)
    )
    return Difference(
        first,
        other,
        paired(differences, resolution),
        unpaired=(alone, alone_there),
        tested=(tuple(differences),),
        same=len(common) > 1 and not any(d for at in at_points for d in at),
    )


def _by_sides(values: Sequence[ValuePair], resolution: float) -> Difference:
    columns = [[pair[side] for pair in values] for side in (0, 1)]
    known = [_over_points(column) for column in columns]
    first, other = (
        summarize(one) if one else _from_samples([of_point.sample for of_point in column])
        for one, column in zip(known, columns, strict=True)
    )
    tested = tuple(map(tuple, known)) if all(known) else ()
    return Difference(first.mean, other.mean, _welch(first, other, resolution), tested=tested)


def _welch(first: Sample, other: Sample, resolution: float) -> Estimate:
    """Welch's interval, without what rounding alone does to a spread or a difference."""
    estimate = welch(_steady(first), _steady(other), resolution)
    if beyond_rounding(first.mean, other.mean) != 0:
        return estimate
    half = (estimate.high - estimate.low) / 2
    p = estimate.p if math.isnan(half) else 1.0
    return replace(estimate, difference=0.0, low=-half, high=half, p=p)


def _over_points(column: Sequence[MetricValues]) -> list[float]:
    """A side's values, one per repetition: its mean over the points.

    A repetition that some points lack is counted at the others, as far from their means as it is
    there; the mean of all repetitions is that of the points' means.
    """
    if not all(at.values for at in column):
        return []
    repetitions = dict.fromkeys(r for at in column for r in at.values)
    mean, count = _mean([at.sample.mean for at in column]), len(repetitions)
    return [
        mean
        + math.fsum(
            (at.values[r] - at.sample.mean) * count / at.sample.n for at in column if r in at.values
        )
        / len(column)
        for r in repetitions
    ]


def _from_samples(samples: Sequence[Sample]) -> Sample:
    """The sample over several points of which only means and spreads are known.

    Which runs share a seed is not told then. They are taken to move together, as one seed's runs
    do at worst, so the standard error over the points is the mean of theirs.
    """
    mean, n = _mean([s.mean for s in samples]), min((s.n for s in samples), default=0)
    error = _mean([s.std / math.sqrt(s.n) for s in samples]) if n > 1 else math.nan
    return Sample(mean, error * math.sqrt(n), n)


def _steady(sample: Sample) -> Sample:
    """The sample, its spread zero where that is rounding alone.

    Otherwise equal runs, whose means differ by rounding, would seem to differ for certain.
    """
    small = sample.n > 1 and sample.std <= ROUNDING * abs(sample.mean)
    return replace(sample, std=0.0) if small else sample


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
