"""Check of a comparison for regressions: what moved for the worse by more than is tolerated."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from runner.errors import RequestError
from runner.results.compare.comparison import Comparison, Contrast
from runner.results.compare.differences import Difference, beyond_rounding
from runner.results.compare.inputs import point_text
from runner.results.compare.matching import why_none_is_best
from runner.results.measures import Measures
from runner.results.text_tables import Section


class Tolerance(NamedTuple):
    """How far a mean may move for the worse: by ``absolute + relative · |the first side's|``.

    Attributes:
        relative: As a part of the first side's mean.
        absolute: In the metric's own unit.
    """

    relative: float
    absolute: float


def check_section(worse: list[str], tolerance: Tolerance) -> Section:
    """What `regressions` found, as text."""
    beyond = f"{tolerance.absolute:g} + {tolerance.relative:g} * |A|"
    if not worse:
        return Section("Check", [f"CHECK: nothing moved for the worse by more than {beyond}."])
    return Section("Check", [f"CHECK: for the worse by more than {beyond}:", *worse])


def regressions(comparison: Comparison, tolerance: Tolerance) -> list[str]:
    """Name every metric that moved for the worse.

    Args:
        comparison: The sides; each is held against the first, point by point.
        tolerance: What is let pass.

    Returns:
        A line per metric and side, with the point at which it moved farthest beyond what is
        tolerated. Losses and errors are worse where they rise, accuracies where they fall; a
        metric of which nothing tells the direction is named where it moved either way. What the
        first side has and another lacks (a metric, a point, a run that completed) is named too.

    Raises:
        RequestError: There is nothing to check: no points of two sides stand against each other.
    """
    for contrast in comparison.contrasts:
        if contrast.matching.kind == "none":
            sides = [(f"'{side.path}'", side) for side in (comparison.first, contrast.side)]
            raise RequestError(
                f"{' and '.join(path for path, _ in sides)} cannot be checked: they swept "
                f"different keys, and {why_none_is_best(sides)}."
            )
    measures = comparison.measures
    return [line for one in comparison.contrasts for line in _of_side(one, measures, tolerance)]


def _of_side(contrast: Contrast, measures: Measures, tolerance: Tolerance) -> Iterator[str]:
    first, name = contrast.first, contrast.name
    if contrast.side.failed > first.failed:
        yield f"{contrast.side.failed} runs of {name} did not complete, {first.failed} of A"
    for point in contrast.matching.unmatched[0]:
        yield f"{name} has no {point_text(first.keys, point) or 'such point'}"
    yield from (f"{m.metric} is not in {name}" for m in contrast.missing if m.side == name)
    for metric in dict.fromkeys(row.metric for row in contrast.by_point):
        rows = [row for row in contrast.by_point if row.metric == metric]
        beyond = [_beyond(row, measures, tolerance) for row in rows]
        if max(beyond) > 0:
            worst = rows[beyond.index(max(beyond))]
            at = point_text(first.keys, worst.points[0][0]) if len(rows) > 1 else ""
            verb = "is worse" if measures.direction(metric) else "moved"
            yield _line(worst, verb, f" at {at}" if at else "")


def _beyond(row: Difference, measures: Measures, tolerance: Tolerance) -> float:
    """How far a mean is beyond what is tolerated; endlessly where only the first side has one."""
    if math.isnan(row.first) or beyond_rounding(row.first, row.other) == 0:
        return 0.0
    if math.isnan(row.other):
        return math.inf
    allowed = tolerance.absolute + tolerance.relative * abs(row.first)
    return measures.worsening(row.metric, row.first, row.other) - allowed


def _line(row: Difference, verb: str, place: str) -> str:
    if math.isnan(row.other):
        return f"{row.metric} of {row.side} has no value{place}"
    move = f"{row.first:.6g} to {row.other:.6g} ({row.estimate.difference:+.3g})"
    return f"{row.metric} of {row.side} {verb}{place}: {move}"
