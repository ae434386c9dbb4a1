"""A comparison in words: what differs, by how much, and what may be concluded from it."""

import math
from collections import Counter
from collections.abc import Iterator

from runner.columns import MONITOR
from runner.results.compare.baseline import baseline
from runner.results.compare.caveats import caveats
from runner.results.compare.comparison import Comparison, Row, Versus
from runner.results.compare.differences import Found
from runner.results.compare.numbers import (
    head,
    number,
    point_label,
    repetition,
    row_cells,
    runs_words,
)
from runner.results.compare.reliability import ALPHA, TOO_FEW, reliability, unit
from runner.results.compare.sections import Grid, Section
from runner.results.compare.sides import Point, Side, point_words
from runner.results.compare.speed import speed_section
from runner.results.stats import Sample


def sections(comparison: Comparison) -> list[Section]:
    """A comparison as text with tables.

    Args:
        comparison: The sides compared.

    Returns:
        Who is compared, what differs in the configurations, then each side against the first (what
        was paired with what, the verdict, all metrics), the same point by point, and the speed.
    """
    return [*opening(comparison), *closing(comparison)]


def opening(comparison: Comparison) -> list[Section]:
    """Who is compared, what differs, and what came of it over all."""
    parts = [_who(comparison), *_what_differs(comparison)]
    for versus in comparison.versus:
        parts += _against(comparison, versus)
    return parts


def closing(comparison: Comparison) -> list[Section]:
    """The same point by point, the speed, and how to read it all."""
    parts: list[Section] = []
    for versus in comparison.versus:
        parts += _by_point(comparison, versus)
    return [*parts, *_own_points(comparison), *speed_section(comparison), *caveats(comparison)]


def _who(comparison: Comparison) -> Section:
    rows, notes = [], []
    for name, side in zip(comparison.names, comparison.sides, strict=True):
        points = f"{len(side.points)} points" if len(side.points) > 1 else "1 point"
        runs = f"{side.runs} runs" if side.runs > 1 else "1 run"
        rows.append([name, side.path, runs, points])
        if side.notes:
            notes.append(f"Left out of {name}: {'; '.join(side.notes)}.")
    return Section("Sides", (), Grid(["", "side", "runs", "points"], rows, 2, "right"), notes)


def _what_differs(comparison: Comparison) -> Iterator[Section]:
    rows = differing(comparison)
    if rows:
        yield Section("What differs", (), Grid(["what differs", *comparison.names], rows, 99))


def differing(comparison: Comparison) -> list[list[str]]:
    """The keys whose values differ, with each side's values in words; ``-`` where it has none."""
    sides = comparison.sides
    swept = dict.fromkeys(key for side in sides for key in side.keys)
    keys = dict.fromkeys([*swept, *(key for side in sides for key in side.config)])
    found = []
    for key in keys:
        # A CSV file tells its swept keys only.
        telling = [side for side in sides if side.config or key in swept]
        if len({repr(side.values(key)) for side in telling}) > 1:
            found.append([key, *(_values(side, key) for side in sides)])
    return found


def _values(side: Side, key: str) -> str:
    values = side.values(key)
    words = ", ".join(values) or "-"
    return words if len(words) <= 24 else f"{len(values)} values" if len(values) > 1 else words


def _against(comparison: Comparison, versus: Versus) -> Iterator[Section]:
    title = f"{versus.name} against A"
    if versus.matching.kind == "none":
        yield Section(title, [how(comparison, versus)])
    else:
        metrics = [row_cells(row, row.metric) for row in versus.overall]
        grid = Grid(["metric", *head("A", versus.name)], metrics)
        before = [how(comparison, versus), *_verdicts(versus)]
        after = [*reliability(comparison, versus), *_left_out(versus)]
        yield Section(title, before, grid, after)
    if versus.matching.kind != "points":
        yield from baseline(comparison, versus)


def _by_point(comparison: Comparison, versus: Versus) -> Iterator[Section]:
    rows = comparison.at_points(versus)
    if len(rows) > 1:
        keys = comparison.first.keys
        labelled = [row_cells(row, point_label(row.points[0][0])) for row in rows]
        grid = Grid([", ".join(keys), *head("A", versus.name)], labelled)
        title = f"{versus.name} against A, by point"
        yield Section(title, [f"{comparison.metric} at each point:"], grid)


def how(comparison: Comparison, versus: Versus) -> str:
    """What was paired with what, in a sentence or two."""
    first, other, name = comparison.first, versus.side, versus.name
    pairs = versus.matching.points
    if versus.matching.kind == "none":
        return (
            f"A and {name} share no points, and without a validation split on both none is best: "
            "they stand side by side, and nothing is claimed."
        )
    found = next((r.found for r in versus.overall if r.metric == comparison.metric), None)
    runs = runs_words(found.estimate, first) if found else "no runs in common"
    if versus.matching.kind == "best":
        words = [_chosen("A", first, pairs[0][0]), _chosen(name, other, pairs[0][1])]
        one = " The two are one setting." if versus.matching.one_setting else ""
        return f"{name} - A, {'; '.join(words)}; {runs}.{one}{_judged(found, first, versus)}"
    if len(pairs) == 1:
        at = f" at {point_words(first.keys, pairs[0][0])}" if first.keys else ""
        return f"{name} - A{at}, {runs}.{_lonely(versus)}"
    once = f" The mean of a {repetition(first)} over the points counts once."
    over = max((row.over for row in versus.overall), default=len(pairs))
    counted = f"{over}" if over == len(pairs) else f"{over} of {len(pairs)}"
    return f"{name} - A over {counted} equal points, {runs}.{once}{_lonely(versus)}"


def _chosen(name: str, side: Side, point: Point) -> str:
    if len(side.points) == 1:
        words = point_words(side.keys, point)
        return f"{name} at {words}" if words else f"{name} at its one point"
    return f"{name} at its best point by {MONITOR}, {point_words(side.keys, point)}"


def _judged(found: Found | None, first: Side, versus: Versus) -> str:
    """At which points the repetitions are judged, where there was a choice."""
    if not versus.matching.chosen or found is None:
        return ""
    if not any(found.picked):
        return " Without each run's value, nothing tells what choosing by it was worth."
    picks = [
        f"{name}'s {point_words(side.keys, point)} for {count} of {len(picked)}"
        for name, side, picked in zip(
            ("A", versus.name), (first, versus.side), found.picked, strict=True
        )
        if len(side.points) > 1
        for point, count in Counter(picked).most_common(2)
    ]
    one = repetition(versus.side)
    return f" Each {one} is judged at the point that the other {one}s choose: {', '.join(picks)}."


def _lonely(versus: Versus) -> str:
    counts = zip(("A", versus.name), versus.matching.lonely, strict=True)
    words = [f"{len(points)} of {name}" for name, points in counts if points]
    return f" Points without a partner, left out: {' and '.join(words)}." if words else ""


def _verdicts(versus: Versus) -> Iterator[str]:
    """Which metrics are told apart; nothing is said of two repetitions or one."""
    tested = [row for row in versus.overall if min(row.found.estimate.counts) > TOO_FEW]
    tested = [row for row in tested if not math.isnan(row.p)]
    for word, sign in (("lower", -1), ("higher", 1)):
        names = [
            row.metric
            for row in tested
            if row.p < ALPHA and row.found.estimate.difference * sign > 0
        ]
        if names:
            yield f"{versus.name} is {word} in {', '.join(names)}."
    equal = [row.metric for row in versus.overall if row.found.same]
    if equal:
        yield f"The same in every pair: {', '.join(equal)}."
    constant = [row.metric for row in versus.overall if _is_constant(row)]
    if constant:
        yield f"Another by the same amount each time, which no test is for: {', '.join(constant)}."
    names = [row.metric for row in tested if row.p >= ALPHA and row.metric not in equal]
    if len(names) == len(versus.overall) > 1:
        yield f"None of the {len(names)} metrics is told apart by these runs."
    elif names:
        yield f"Not told apart by these runs: {', '.join(names)}."


def _is_constant(row: Row) -> bool:
    """Whether nothing varies and there is a difference: the seed changes nothing here."""
    return row.found.estimate.error == 0 and row.found.estimate.difference != 0


def _left_out(versus: Versus) -> Iterator[str]:
    """Runs, points and metrics that have no part in the comparison."""
    unpaired = max(row.found.unpaired for row in versus.overall)
    if unpaired:
        yield f"Runs without a partner, left out: {unpaired}."
    dropped = {place for row in versus.overall for place in row.found.dropped}
    if dropped and len(versus.matching.points) > 1:
        points = (versus.matching.points[place][1] for place in sorted(dropped))
        words = "; ".join(point_words(versus.side.keys, point) for point in points)
        yield f"Too few runs left at {words}: not in the overall means."
    if versus.missing:
        yield f"Left out: {', '.join(versus.missing)}."


def _own_points(comparison: Comparison) -> Iterator[Section]:
    """The points of each side that shares none with A, and A's, with nothing claimed of them."""
    alone = [(one.name, one.side) for one in comparison.versus if one.matching.kind != "points"]
    for name, side in [("A", comparison.first), *alone] if alone else []:
        if len(side.points) < 2:
            continue
        shown = [m for m in dict.fromkeys([MONITOR, comparison.metric]) if m in side.metrics]
        rows = [
            [point_label(point), *(_spread(side.cell(point, m).sample) for m in shown)]
            for point in side.points
        ]
        heads = [f"{name}: {', '.join(side.keys) or 'point'}", *(f"{m}, n" for m in shown)]
        yield Section(f"{name}, its points", [f"Mean ± std over {unit(side)}:"], Grid(heads, rows))


def _spread(sample: Sample) -> str:
    spread = "" if math.isnan(sample.std) else f" ± {sample.std:.2g}"
    return f"{number(sample.mean)}{spread}, {sample.n}"
