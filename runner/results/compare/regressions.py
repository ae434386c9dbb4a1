"""A comparison as a check: what moved for the worse by more than is tolerated."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from runner.errors import RequestError
from runner.results.compare.comparison import Comparison, Row, Versus
from runner.results.compare.differences import difference
from runner.results.compare.sections import Section
from runner.results.compare.sides import point_words
from runner.results.measures import Measures


class Tolerance(NamedTuple):
    """How far a mean may move for the worse: by ``absolute + relative · |the first side's|``.

    Attributes:
        relative: As a part of the first side's mean.
        absolute: In the metric's own unit.
    """

    relative: float
    absolute: float


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        worse: A line for each metric that moved for the worse, and for what is missing.
        tolerance: What was let pass.
    """

    worse: list[str]
    tolerance: Tolerance

    @property
    def section(self) -> Section:
        """The verdict as text."""
        beyond = f"{self.tolerance.absolute:g} + {self.tolerance.relative:g} * |A|"
        if not self.worse:
            return Section("Check", [f"CHECK: nothing moved for the worse by more than {beyond}."])
        return Section("Check", [f"CHECK: for the worse by more than {beyond}:", *self.worse])


def check(comparison: Comparison, tolerance: Tolerance) -> Verdict:
    """Check all sides against the first.

    Args:
        comparison: The sides.
        tolerance: What is let pass.

    Raises:
        RequestError: There is nothing to check.
    """
    return Verdict(regressions(comparison, tolerance), tolerance)


def regressions(comparison: Comparison, tolerance: Tolerance) -> list[str]:
    """Name every metric that moved for the worse.

    Args:
        comparison: The sides; each is held against the first, point by point.
        tolerance: What is let pass.

    Returns:
        A line per metric and side, with the point at which it moved farthest beyond what is
        tolerated. Losses and errors are worse where they rise, accuracies where they fall; a
        metric of which this is not known is named where it moved either way. What the first side
        has and another lacks (a metric, a point, a run that ended well) is named too.

    Raises:
        RequestError: There is nothing to check: no points of two sides stand against each other.
    """
    for versus in comparison.versus:
        if versus.matching.kind == "none":
            raise RequestError(
                f"'{comparison.first.path}' and '{versus.side.path}' cannot be checked: they swept "
                "different keys, and without a validation split no best points stand for them."
            )
    return [line for v in comparison.versus for line in _of_side(comparison, v, tolerance)]


def _of_side(comparison: Comparison, versus: Versus, tolerance: Tolerance) -> Iterator[str]:
    first, keys, measures = comparison.first, comparison.first.keys, comparison.measures
    if versus.side.failed > first.failed:
        yield f"{versus.side.failed} runs of {versus.name} did not end well, {first.failed} of A"
    for point in versus.matching.lonely[0]:
        yield f"{versus.name} has no {point_words(keys, point) or 'such point'}"
    for words in versus.missing:
        if words.endswith(f"in {versus.name}"):
            yield words
    for metric in dict.fromkeys(row.metric for row in versus.by_point):
        rows = [row for row in versus.by_point if row.metric == metric]
        worst = max(rows, key=lambda row: _beyond(row, tolerance, measures))
        if _beyond(worst, tolerance, measures) > 0:
            yield _words(worst, keys, measures, len(rows) > 1)


def _beyond(row: Row, tolerance: Tolerance, measures: Measures) -> float:
    """How far a mean is beyond what is tolerated; endlessly where only the first side has one."""
    before, after = row.found.first, row.found.other
    if math.isnan(before) or difference(before, after) == 0:
        return 0.0
    if math.isnan(after):
        return math.inf
    allowed = tolerance.absolute + tolerance.relative * abs(before)
    return measures.worsening(row.metric, before, after) - allowed


def _words(row: Row, keys: list[str], measures: Measures, several: bool) -> str:
    place = f" at {point_words(keys, row.points[0][0])}" if several and keys else ""
    if math.isnan(row.found.other):
        return f"{row.metric} of {row.side} has no value{place}"
    verb = "is worse" if measures.direction(row.metric) else "moved"
    move = f"{row.found.first:.6g} to {row.found.other:.6g} ({row.found.estimate.difference:+.3g})"
    return f"{row.metric} of {row.side} {verb}{place}: {move}"
