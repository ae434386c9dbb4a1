"""What stands against what in a comparison: points against points, seeds against seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from runner.results.compare.sides import Cell, Point, Repetition, Side
from runner.results.stats import Estimate, Sample, paired, welch

# metrics.csv has nine digits: a difference beyond the eighth is one of writing, not of training.
# One of float32 is 6e-8 at the least, so none is lost.
ROUNDING = 1e-8
CHOOSER = "val/loss"


@dataclass(frozen=True)
class Matching:
    """Which points of two sides stand against each other.

    Attributes:
        kind: ``"points"``: the same keys were swept, so equal points stand together. ``"best"``:
            they were not, so each side's best point by the validation loss stands for it.
            ``"none"``: neither can be.
        points: Pairs of points, those of the first side first.
        lonely: The points of either side that stand against none.
        shared: Pairs of points that are one setting, reached by different keys: what one side
            swept the other left at that value.
        chosen: Whether the validation split chose a point out of several, and so is no judge of it.
    """

    kind: Literal["points", "best", "none"]
    points: list[tuple[Point, Point]]
    lonely: tuple[list[Point], list[Point]] = ([], [])
    shared: list[tuple[Point, Point]] = field(default_factory=list)
    chosen: bool = False

    @property
    def one_setting(self) -> bool:
        """Whether the two best points are one setting."""
        return self.kind == "best" and self.shared == self.points


def match(first: Side, other: Side) -> Matching:
    """Decide which points of two sides stand against each other.

    Args:
        first: The side compared with.
        other: The side compared.

    Returns:
        The matching; a side of one point needs no choice.
    """
    if set(first.keys) == set(other.keys):
        order = [other.keys.index(key) for key in first.keys]
        theirs = {tuple(point[i] for i in order): point for point in other.points}
        shared = [(point, theirs[point]) for point in first.points if point in theirs]
        alone = [point for point in first.points if point not in theirs]
        known = set(first.points)
        others = [point for inner, point in theirs.items() if inner not in known]
        if shared:
            return Matching("points", shared, (alone, others))
    best = best_point(first), best_point(other)
    if best[0] is None or best[1] is None:
        return Matching("none", [], (first.points, other.points), shared_settings(first, other))
    several = len(first.points) > 1 or len(other.points) > 1
    shared = shared_settings(first, other)
    return Matching("best", [(best[0], best[1])], shared=shared, chosen=several)


def shared_settings(first: Side, other: Side) -> list[tuple[Point, Point]]:
    """The points of two sides with other swept keys that are one setting all the same.

    Args:
        first: A side.
        other: Another. A sweep of dropout without a penalty, and one of the penalty without
            dropout, share the point that has neither.
    """
    keys = list(dict.fromkeys([*first.keys, *other.keys]))
    theirs = {other.setting(point, keys): point for point in other.points}
    places = [(point, first.setting(point, keys)) for point in first.points]
    return [(p, theirs[at]) for p, at in places if keys and at is not None and at in theirs]


def best_point(side: Side) -> Point | None:
    """The point with the lowest mean validation loss, the only one, or none: test data choose none.

    Args:
        side: The side.
    """
    if len(side.points) == 1:
        return side.points[0]
    means = {point: side.cell(point, CHOOSER).sample.mean for point in side.points}
    known = {point: mean for point, mean in means.items() if math.isfinite(mean)}
    return min(known, key=lambda point: known[point]) if known else None


@dataclass(frozen=True)
class Found:
    """What was found of a metric, over one or more pairs of points.

    Attributes:
        first: The first side's mean over what was compared.
        other: The other's.
        estimate: The difference and its interval.
        unpaired: How many runs have no partner and no part in it.
        dropped: The places of pairs of points that too few runs of are left to count.
    """

    first: float
    other: float
    estimate: Estimate
    unpaired: int = 0
    dropped: tuple[int, ...] = ()


def find(cells: Sequence[tuple[Cell, Cell]]) -> Found:
    """Estimate a difference, by pairs where the sides have repetitions in common.

    A repetition (a seed, or a seed and a fold) counts once however many points there are: its
    difference is the mean over the points. So neither the spread over the points nor what the runs
    of one seed share at all of them passes for a spread over seeds.

    Args:
        cells: A metric of both sides at each pair of points.

    Returns:
        What was found. Runs are paired where at least half of the smaller side's have a partner;
        otherwise all of them count, without pairs. Of several points one with less than half as
        many runs as the best is dropped: some of its runs failed.
    """
    kept, dropped = _well_filled(cells)
    common = _common(kept)
    fewest = min((len(cell.values) for pair in kept for cell in pair), default=0)
    if common and 2 * len(common) >= fewest:
        found = _by_pairs(kept, common)
    else:
        found = _by_samples([(first.sample, other.sample) for first, other in kept or cells])
    return replace(found, dropped=dropped)


def difference(first: float, other: float) -> float:
    """The second number less the first; zero where they differ by rounding alone."""
    size = max(abs(first), abs(other))
    return 0.0 if abs(other - first) <= ROUNDING * size else other - first


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


def _by_pairs(cells: Sequence[tuple[Cell, Cell]], common: Sequence[Repetition]) -> Found:
    pairs = [[(a.values[r], b.values[r]) for a, b in cells] for r in common]
    differences = [_mean([difference(a, b) for a, b in pair]) for pair in pairs]
    if differences and max(differences) - min(differences) <= _rounding(pairs):
        differences = [differences[0]] * len(differences)
    first, other = (_mean([pair[side] for at in pairs for pair in at]) for side in (0, 1))
    runs = sum(len(cell.values) for pair in cells for cell in pair)
    return Found(first, other, paired(differences), runs - 2 * len(common) * len(cells))


def _rounding(pairs: Sequence[Sequence[tuple[float, float]]]) -> float:
    """What rounding alone may do to differences of these numbers."""
    return 1e-15 * max(abs(value) for at in pairs for pair in at for value in pair)


def _by_samples(strata: Sequence[tuple[Sample, Sample]]) -> Found:
    # A spread of rounding is none, or equal runs would seem to differ for certain.
    strata = [(_steady(first), _steady(other)) for first, other in strata]
    first, other = (_mean([stratum[side].mean for stratum in strata]) for side in (0, 1))
    estimate = welch(strata)
    if difference(first, other) == 0:
        half = (estimate.high - estimate.low) / 2
        p = 1.0 if half == half else estimate.p
        estimate = replace(estimate, difference=0.0, low=-half, high=half, p=p)
    return Found(first, other, estimate)


def _steady(sample: Sample) -> Sample:
    small = sample.n > 1 and sample.std <= ROUNDING * abs(sample.mean)
    return replace(sample, std=0.0) if small else sample


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
