"""Which points of two sides stand against each other."""

import math
from dataclasses import dataclass, field
from typing import Literal

from runner.columns import MONITOR
from runner.results.compare.sides import Point, Side


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
        chosen: Whether the validation split chose a point out of several; choosing is then part of
            the estimate.
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
    means = {point: side.cell(point, MONITOR).sample.mean for point in choosable(side)}
    return min(means, key=lambda point: means[point]) if means else None


def choosable(side: Side) -> list[Point]:
    """The points that the validation loss may choose.

    Args:
        side: The side.

    Returns:
        The only point, whatever is known of it. Of several those with a validation loss, and with
        half as many runs that ended well as the best has at least: what seldom trains is no choice.
    """
    if len(side.points) == 1:
        return side.points
    samples = {point: side.cell(point, MONITOR).sample for point in side.points}
    most = max((sample.n for sample in samples.values()), default=0)
    return [p for p, s in samples.items() if 2 * s.n >= most and math.isfinite(s.mean)]
