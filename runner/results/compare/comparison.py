"""A comparison of runs or sweeps with the first of them, as numbers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from string import ascii_uppercase

from runner.errors import RequestError
from runner.results.compare.differences import Found, find
from runner.results.compare.matching import Matching, match
from runner.results.compare.selection import candidates, find_best
from runner.results.compare.sides import Cell, Point, Side
from runner.results.measures import Measures
from runner.results.resolution import resolution
from runner.results.stats import holm, student


@dataclass(frozen=True)
class Row:
    """A difference between the first side and another.

    Attributes:
        side: The other side's name.
        metric: The metric.
        points: The pairs of points that it is over.
        found: The means, their difference and its interval.
        p: The p-value after Holm's correction; ``nan`` where there is no interval.
    """

    side: str
    metric: str
    points: tuple[tuple[Point, Point], ...]
    found: Found
    p: float = math.nan

    @property
    def over(self) -> int:
        """How many of the pairs of points have runs enough to be in the means."""
        return len(self.points) - len(self.found.dropped)


@dataclass(frozen=True)
class Versus:
    """One side against the first.

    Attributes:
        name: The other side's name.
        side: The other side.
        matching: Which points stand against each other.
        overall: A row per metric, over all pairs of points.
        by_point: A row per metric and pair of points.
        missing: The metrics that one of the two sides lacks, in words.
    """

    name: str
    side: Side
    matching: Matching
    overall: list[Row]
    by_point: list[Row]
    missing: list[str]


@dataclass(frozen=True)
class Comparison:
    """Sides compared with the first of them.

    Attributes:
        names: A letter for each side.
        sides: The sides.
        metric: The metric shown point by point.
        versus: Each side but the first against it.
        repeated: Metrics left out because they equal another: the best epoch was the last.
    """

    names: list[str]
    sides: list[Side]
    metric: str
    versus: list[Versus]
    repeated: list[str]

    @cached_property
    def measures(self) -> Measures:
        """What the sides have on record of their metrics."""
        return _measures(self.sides)

    @property
    def first(self) -> Side:
        """The side that the others are compared with."""
        return self.sides[0]

    def at_points(self, versus: Versus) -> list[Row]:
        """The metric shown point by point, of one side against the first; none of best points."""
        rows = versus.by_point if versus.matching.kind == "points" else []
        return [row for row in rows if row.metric == self.metric]


def compare(sides: Sequence[Side], metrics: Sequence[str] = ()) -> Comparison:
    """Compare sides with the first of them.

    Args:
        sides: Two or more.
        metrics: The metrics to compare; all that are shared where it is empty. The first is shown
            point by point, or the one that tells points apart on the split trained on least.

    Raises:
        RequestError: A side shares no metric with the first.
    """
    names = side_names(len(sides))
    repeated = [] if metrics else _repeated(sides)
    wanted = [m for m in metrics or sides[0].metrics if m not in repeated]
    versus = [_versus(n, sides[0], s, wanted) for n, s in zip(names[1:], sides[1:], strict=True)]
    if metrics:  # what was not asked for is not missing
        versus = [replace(one, missing=[]) for one in versus]
    shared = [name for name in wanted if all(name in side.metrics for side in sides)]
    # Where no metric is shared by all, each side still shares some with the first.
    known = shared or [name for name in wanted if name in sides[1].metrics]
    main = metrics[0] if metrics else _measures(sides).main(known) or known[0]
    return Comparison(names, list(sides), main, _corrected(versus), repeated)


def side_names(count: int) -> list[str]:
    """A, B, C, …; after Z S27, S28, …."""
    return [*ascii_uppercase[:count], *(f"S{number}" for number in range(27, count + 1))]


def _measures(sides: Sequence[Side]) -> Measures:
    return Measures.together([side.measures for side in sides])


def _versus(name: str, first: Side, other: Side, wanted: Sequence[str]) -> Versus:
    metrics = [metric for metric in wanted if metric in other.metrics]
    if not metrics:
        raise RequestError(f"'{first.path}' and '{other.path}' share no metric.")
    matching = match(first, other)
    steps = {metric: step(first, other, metric) for metric in metrics}
    if matching.chosen:
        overall = by_point = [_at_best(name, first, other, matching, m, steps[m]) for m in metrics]
    else:
        pairs = tuple(matching.points)
        of_pairs = partial(difference_row, name, first, other)
        overall = [of_pairs(pairs, m, steps[m]) for m in metrics] if pairs else []
        by_point = [of_pairs((pair,), m, steps[m]) for m in metrics for pair in pairs]
    lacking = [f"{metric} is not in {name}" for metric in wanted if metric not in metrics]
    extra = [m for m in other.metrics if m not in first.metrics and not m.startswith("best/")]
    return Versus(
        name, other, matching, overall, by_point, [*lacking, *(f"{m} is not in A" for m in extra)]
    )


def difference_row(
    name: str,
    first: Side,
    other: Side,
    pairs: tuple[tuple[Point, Point], ...],
    metric: str,
    resolution: float,
) -> Row:
    """The difference of a metric between two sides, over pairs of their points.

    Args:
        name: What the other side is called.
        first: The side compared with.
        other: The side compared.
        pairs: Points of the first and of the other that stand against each other.
        metric: The metric.
        resolution: The step in which it moves, see `step`.
    """
    cells = [(first.cell(a, metric), other.cell(b, metric)) for a, b in pairs]
    return Row(name, metric, pairs, find(cells, resolution))


def step(first: Side, other: Side, metric: str) -> float:
    """The step in which a metric moves, 0 for none, told by all its values on both sides."""
    return resolution([*first.known(metric), *other.known(metric)])


def _at_best(
    name: str, first: Side, other: Side, matching: Matching, metric: str, resolution: float
) -> Row:
    contenders = candidates(first, metric), candidates(other, metric)
    pairs = tuple(matching.points)
    if all(len(contender) for contender in contenders):
        return Row(name, metric, pairs, find_best(*contenders, resolution))
    # Of means alone nobody can say what choosing by them was worth.
    found = difference_row(name, first, other, pairs, metric, resolution).found
    estimate = found.estimate
    bare = student(estimate.difference, math.nan, 0, estimate.counts, estimate.method)
    return Row(name, metric, pairs, replace(found, estimate=bare))


def _corrected(versus: Sequence[Versus]) -> list[Versus]:
    """Holm's correction: over all metrics and sides, and of each metric over points and sides."""
    overall = iter(_holm([row for one in versus for row in one.overall]))
    by_point = [row for one in versus for row in one.by_point]
    metrics = dict.fromkeys(row.metric for row in by_point)
    queues = {m: iter(_holm([row for row in by_point if row.metric == m])) for m in metrics}
    return [
        replace(
            one,
            overall=[next(overall) for _ in one.overall],
            by_point=[next(queues[row.metric]) for row in one.by_point],
        )
        for one in versus
    ]


def _holm(rows: list[Row]) -> Iterator[Row]:
    corrected = holm([row.found.estimate.p for row in rows])
    return (replace(row, p=p) for row, p in zip(rows, corrected, strict=True))


def _repeated(sides: Sequence[Side]) -> list[str]:
    """The metrics of best epochs that were the last epochs: to test them again tells nothing."""
    best = [name for name in sides[0].metrics if name.startswith("best/")]
    return [
        name
        for name in best
        if all(
            _same(cells[name], cells[name.removeprefix("best/")])
            for side in sides
            if name in side.metrics and name.removeprefix("best/") in side.metrics
            for cells in side.cells.values()
        )
    ]


def _same(first: Cell, other: Cell) -> bool:
    if first.values or other.values:
        return first.values == other.values
    return (first.sample.mean, first.sample.n) == (other.sample.mean, other.sample.n)
