"""Comparison of runs or sweeps with the first of them, as numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from string import ascii_uppercase
from typing import NamedTuple

from runner.columns import is_best, loss_beside, of_last_epoch
from runner.errors import RequestError
from runner.results.compare.differences import Difference, estimate_difference, with_holm
from runner.results.compare.inputs import Pair, PointKey, Side
from runner.results.compare.matching import Matching, candidates, estimate_at_best, match
from runner.results.measures import Measures
from runner.results.resolution import resolution
from runner.results.stats import student


class MissingMetric(NamedTuple):
    """A metric that one of two sides lacks.

    Attributes:
        metric: The metric.
        side: The name of the side without it.
    """

    metric: str
    side: str


@dataclass(frozen=True)
class Contrast:
    """Contrast of one side with the first.

    Attributes:
        first: The first side, called A.
        name: The other side's name.
        side: The other side.
        metric: The metric shown point by point.
        matching: Which points stand against each other.
        missing: The metrics that one of the two sides lacks.
        overall: A difference per metric, over all pairs of points.
        by_point: A difference per metric and pair of points.
    """

    first: Side
    name: str
    side: Side
    metric: str
    matching: Matching
    missing: list[MissingMetric]
    overall: list[Difference] = field(default_factory=list)
    by_point: list[Difference] = field(default_factory=list)

    @property
    def named_sides(self) -> list[tuple[str, Side]]:
        """Both sides with their names."""
        return [("A", self.first), (self.name, self.side)]

    @property
    def main(self) -> Difference | None:
        """The difference of that metric over all points, None where this side lacks it."""
        return next((row for row in self.overall if row.metric == self.metric), None)

    @property
    def at_points(self) -> list[Difference]:
        """The differences of that metric at equal points; none of best points."""
        rows = self.by_point if self.matching.kind == "points" else []
        return [row for row in rows if row.metric == self.metric]

    def differences(self, metric: str, groups: Sequence[Sequence[Pair]]) -> list[Difference]:
        """The difference of a metric over each of some groups of point pairs."""
        first, other, step = self.first, self.side, _step(metric, self.first, self.side)
        values = [[(first.at(a, metric), other.at(b, metric)) for a, b in of] for of in groups]
        found = [estimate_difference(of, step) for of in values]
        return [row.named(self.name, metric, of) for row, of in zip(found, groups, strict=True)]

    def difference_at_best(self, metric: str) -> Difference:
        """The difference of a metric between the best points, which the same runs chose."""
        best = self.matching.points
        contenders = candidates(self.first, metric), candidates(self.side, metric)
        if all(len(contender) for contender in contenders):
            step = _step(metric, self.first, self.side)
            return estimate_at_best(*contenders, step).named(self.name, metric, best)
        # Of means alone nobody can say what choosing by them was worth.
        (found,) = self.differences(metric, [best])
        estimate = found.estimate
        bare = student(estimate.difference, math.nan, 0, estimate.counts, estimate.method)
        return replace(found, estimate=bare)


@dataclass(frozen=True)
class Comparison:
    """Sides compared with the first of them.

    Attributes:
        names: A letter for each side.
        sides: The sides.
        metric: The metric shown point by point.
        contrasts: Each side but the first against it.
        repeated: Metrics left out because they equal another: the best epoch was the last.
        measures: What the sides have on record of their metrics.
    """

    names: list[str]
    sides: list[Side]
    metric: str
    contrasts: list[Contrast]
    repeated: list[str]
    measures: Measures

    @property
    def first(self) -> Side:
        """The side that the others are compared with."""
        return self.sides[0]

    @property
    def named_sides(self) -> list[tuple[str, Side]]:
        """Each side with its letter."""
        return list(zip(self.names, self.sides, strict=True))

    @property
    def overall(self) -> list[Difference]:
        """The differences of all sides over all points."""
        return [row for contrast in self.contrasts for row in contrast.overall]


def compare(sides: Sequence[Side], metrics: Sequence[str] = ()) -> Comparison:
    """Compare sides with the first of them.

    Args:
        sides: Two or more.
        metrics: The metrics to compare; all that are shared where it is empty. The first is shown
            point by point, or the one that judges them, on the test set where there is one.

    Raises:
        RequestError: A side shares no metric with the first.
    """
    names = side_names(len(sides))
    repeated = [] if metrics else _repeated(sides)
    wanted = [m for m in metrics or sides[0].metrics if m not in repeated]
    first, *others = sides
    for other in others:
        if not set(wanted) & set(other.metrics):
            raise RequestError(f"'{first.path}' and '{other.path}' share no metric.")
    measures = Measures.together([side.measures for side in sides])
    main = metrics[0] if metrics else _main_metric(sides, wanted, measures)
    named = zip(names[1:], others, strict=True)
    contrasts = [_contrast(first, name, other, main, wanted) for name, other in named]
    if metrics:  # what was not asked for is not missing
        contrasts = [replace(contrast, missing=[]) for contrast in contrasts]
    return Comparison(names, list(sides), main, _corrected(contrasts), repeated, measures)


def side_names(count: int) -> list[str]:
    """A, B, C, …; after Z S27, S28, …."""
    return [*ascii_uppercase[:count], *(f"S{number}" for number in range(27, count + 1))]


def at_shared(contrast: Contrast) -> list[Difference]:
    """A difference per metric, over the points that are one setting of both sides."""
    metrics = [row.metric for row in contrast.overall] or [contrast.metric]
    groups = [contrast.matching.shared] if contrast.matching.shared else []
    return with_holm([row for metric in metrics for row in contrast.differences(metric, groups)])


def gains(contrast: Contrast) -> list[Difference]:
    """Each side's best point against the one setting that both share.

    Returns:
        A difference per metric, the main one and the loss beside it, and side whose best point is
        another; none where more than one setting is shared.
    """
    if (found := contrast.matching.base_and_best) is None:
        return []
    named = contrast.named_sides
    # The points were chosen by the loss of the validation split: the same on the test set judges.
    shown = dict.fromkeys([contrast.metric, loss_beside(contrast.metric)])
    return with_holm([
        _gain(side, metric, base).named(name, metric, [(base, best)])
        for metric in shown
        if all(metric in side.metrics for _, side in named)
        for (name, side), base, best in zip(named, *found, strict=True)
        if base != best
    ])  # fmt: skip


def _gain(side: Side, metric: str, base: PointKey) -> Difference:
    """A side's best point against another of its own; that one is among those chosen from."""
    there, any_point = candidates(side, metric, base), candidates(side, metric)
    return estimate_at_best(there, any_point, _step(metric, side))


def _main_metric(sides: Sequence[Side], wanted: Sequence[str], measures: Measures) -> str:
    """The metric by which sides are judged, of those that all share."""
    shared = [[name for name in wanted if name in side.metrics] for side in sides[1:]]
    # Where no metric is shared by all, each side still shares some with the first.
    known = [name for name in wanted if all(name in metrics for metrics in shared)] or shared[0]
    return measures.judge(known) or known[0]


def _contrast(first: Side, name: str, other: Side, main: str, wanted: Sequence[str]) -> Contrast:
    metrics = [metric for metric in wanted if metric in other.metrics]
    missing = [MissingMetric(metric, name) for metric in wanted if metric not in metrics]
    extra = [m for m in other.metrics if m not in first.metrics and not is_best(m)]
    missing += [MissingMetric(metric, "A") for metric in extra]
    contrast = Contrast(first, name, other, main, match(first, other), missing)
    if contrast.matching.chosen:
        best = [contrast.difference_at_best(metric) for metric in metrics]
        return replace(contrast, overall=best, by_point=best)
    pairs = contrast.matching.points
    groups = [pairs, *([pair] for pair in pairs)] if pairs else []
    rows = [contrast.differences(metric, groups) for metric in metrics]
    overall = [row for of_metric in rows for row in of_metric[:1]]
    by_point = [row for of_metric in rows for row in of_metric[1:]]
    return replace(contrast, overall=overall, by_point=by_point)


def _step(metric: str, *sides: Side) -> float:
    """The step in which a metric moves, 0 for none, told by all its values on some sides."""
    return resolution(value for side in sides for value in side.all_values(metric))


def _corrected(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """Holm's correction: over all metrics and sides, and of each metric over points and sides."""
    overall = iter(with_holm([row for one in contrasts for row in one.overall]))
    by_point = [row for one in contrasts for row in one.by_point]
    metrics = dict.fromkeys(row.metric for row in by_point)
    queues = {m: iter(with_holm([row for row in by_point if row.metric == m])) for m in metrics}
    return [
        replace(
            one,
            overall=[next(overall) for _ in one.overall],
            by_point=[next(queues[row.metric]) for row in one.by_point],
        )
        for one in contrasts
    ]


def _repeated(sides: Sequence[Side]) -> list[str]:
    """The metrics of best epochs that were the last epochs: to test them again tells nothing."""
    return [
        name
        for name in sides[0].metrics
        if is_best(name) and all(_equals_last(side, name) for side in sides)
    ]


def _equals_last(side: Side, name: str) -> bool:
    """Whether a side's metric is the same at the best and the last epoch, or it lacks either."""
    last = of_last_epoch(name)
    if not {name, last} <= set(side.metrics):
        return True
    return all(at[name].equals(at[last]) for at in side.measured.values())
