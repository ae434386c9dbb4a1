"""The difference of a metric between two sides, over one or more pairs of points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from runner.results.compare.sides import Cell, Point, Repetition
from runner.results.stats import Estimate, Sample, describe, paired, welch

# metrics.csv has nine digits: a difference beyond the eighth is one of writing, not of training.
# One of float32 is 6e-8 at the least, so none is lost.
ROUNDING = 1e-8


@dataclass(frozen=True)
class Found:
    """What was found of a metric, over one or more pairs of points.

    Attributes:
        first: The first side's mean over what was compared.
        other: The other's.
        estimate: The difference and its interval.
        unpaired: How many runs have no partner and no part in it.
        dropped: The places of pairs of points that too few runs of are left to count.
        tested: The numbers that the interval rests on, one per repetition: the differences of
            pairs, or each side's values; none where only means and spreads are known.
        same: Whether there are several pairs, the two numbers of each equal.
        picked: Where points were chosen, the point at which each repetition of either side is
            judged.
        resolution: The step in which the metric's values move, which the interval counts; 0 for
            none.
    """

    first: float
    other: float
    estimate: Estimate
    unpaired: int = 0
    dropped: tuple[int, ...] = ()
    tested: tuple[tuple[float, ...], ...] = ()
    same: bool = False
    picked: tuple[tuple[Point, ...], tuple[Point, ...]] = ((), ())
    resolution: float = 0.0


def find(cells: Sequence[tuple[Cell, Cell]], resolution: float = 0.0) -> Found:
    """Estimate a difference, by pairs where the sides have repetitions in common.

    A repetition (a seed, or a seed and a fold) counts once however many points there are, paired or
    not: its value is its mean over the points. So neither the spread over the points nor what the
    runs of one seed share at all of them passes for a spread over seeds.

    Args:
        cells: A metric of both sides at each pair of points.
        resolution: The step in which the metric's values move, 0 for none.

    Returns:
        What was found. Runs are paired where at least half of the smaller side's have a partner;
        otherwise all of them count, without pairs. Of several points one with less than half as
        many runs as the best is dropped: some of its runs failed.
    """
    kept, dropped = _well_filled(cells)
    common = _common(kept)
    fewest = min((len(cell.values) for pair in kept for cell in pair), default=0)
    # The mean over points is known to a fraction of a step.
    step = resolution / math.sqrt(max(1, len(kept)))
    if common and 2 * len(common) >= fewest:
        found = _by_pairs(kept, common, step)
    else:
        found = _by_sides(kept or cells, step)
    return replace(found, dropped=dropped, resolution=resolution)


def difference(first: float, other: float) -> float:
    """The second number less the first; zero where they differ by rounding alone."""
    size = max(abs(first), abs(other))
    return 0.0 if abs(other - first) <= ROUNDING * size else other - first


def between_pairs(pairs: Sequence[tuple[float, float]]) -> list[float]:
    """The difference within each pair; all the same where they differ by rounding alone.

    Args:
        pairs: The first side's number and the other's, pair by pair.
    """
    differences = [difference(first, other) for first, other in pairs]
    rounding = 1e-15 * max(abs(value) for pair in pairs for value in pair)
    if max(differences) - min(differences) <= rounding:
        return [differences[0]] * len(differences)
    return differences


def between_sides(first: Sample, other: Sample, resolution: float) -> Estimate:
    """Welch's interval, without what rounding alone does to a spread or a difference."""
    estimate = welch(_steady(first), _steady(other), resolution)
    if difference(first.mean, other.mean) != 0:
        return estimate
    half = (estimate.high - estimate.low) / 2
    p = 1.0 if half == half else estimate.p
    return replace(estimate, difference=0.0, low=-half, high=half, p=p)


def _well_filled(
    cells: Sequence[tuple[Cell, Cell]],
) -> tuple[list[tuple[Cell, Cell]], tuple[int, ...]]:
    counts = [min(first.sample.n, other.sample.n) for first, other in cells]
    enough = max(1, max(counts, default=0) / 2)
    dropped = tuple(place for place, count in enumerate(counts) if count < enough)
    return [pair for place, pair in enumerate(cells) if place not in dropped], dropped


def _common(cells: Sequence[tuple[Cell, Cell]]) -> list[Repetition]:
    """The repetitions that all cells have, in the first one's order."""
    if not cells:
        return []
    return [r for r in cells[0][0].values if all(r in c.values for pair in cells for c in pair)]


def _by_pairs(
    cells: Sequence[tuple[Cell, Cell]], common: Sequence[Repetition], resolution: float
) -> Found:
    at_points = [between_pairs([(a.values[r], b.values[r]) for r in common]) for a, b in cells]
    differences = [_mean(of_repetition) for of_repetition in zip(*at_points, strict=True)]
    first, other = (
        _mean([pair[side].values[r] for pair in cells for r in common]) for side in (0, 1)
    )
    runs = sum(len(cell.values) for pair in cells for cell in pair)
    return Found(
        first,
        other,
        paired(differences, resolution),
        unpaired=runs - 2 * len(common) * len(cells),
        tested=(tuple(differences),),
        same=len(common) > 1 and not any(d for point in at_points for d in point),
    )


def _by_sides(cells: Sequence[tuple[Cell, Cell]], resolution: float) -> Found:
    columns = [[pair[side] for pair in cells] for side in (0, 1)]
    values = [_over_points(column) for column in columns]
    first, other = (
        describe(known) if known else _told_by_samples([cell.sample for cell in column])
        for known, column in zip(values, columns, strict=True)
    )
    tested = tuple(map(tuple, values)) if all(values) else ()
    return Found(first.mean, other.mean, between_sides(first, other, resolution), tested=tested)


def _over_points(cells: Sequence[Cell]) -> list[float]:
    """A side's values, one per repetition: its mean over the points.

    A repetition that some points lack is counted at the others, as far from their means as it is
    there; the mean of all repetitions is that of the points' means.
    """
    repetitions = dict.fromkeys(r for cell in cells for r in cell.values)
    if not all(cell.values for cell in cells):
        return []
    mean, count = _mean([cell.sample.mean for cell in cells]), len(repetitions)
    return [
        mean
        + math.fsum(
            (cell.values[r] - cell.sample.mean) * count / cell.sample.n
            for cell in cells
            if r in cell.values
        )
        / len(cells)
        for r in repetitions
    ]


def _told_by_samples(samples: Sequence[Sample]) -> Sample:
    """The sample over several points of which only means and spreads are known.

    Which runs share a seed is not told then. They are taken to move together, as one seed's runs
    do at worst, so the standard error over the points is the mean of theirs.
    """
    mean, n = _mean([s.mean for s in samples]), min((s.n for s in samples), default=0)
    if n < 2:
        return Sample(mean, math.nan, n)
    error = _mean([s.std / math.sqrt(s.n) for s in samples])
    return Sample(mean, error * math.sqrt(n), n)


def _steady(sample: Sample) -> Sample:
    """A spread of rounding is none, or equal runs would seem to differ for certain."""
    small = sample.n > 1 and sample.std <= ROUNDING * abs(sample.mean)
    return replace(sample, std=0.0) if small else sample


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
