"""A comparison in words: what differs, by how much, and what may be concluded from it."""

import math
from collections.abc import Iterator

from runner.results.compare.baseline import baseline, same
from runner.results.compare.caveats import caveats, named
from runner.results.compare.comparison import Comparison, Row, Versus
from runner.results.compare.numbers import head, number, point_label, row_cells, runs_words
from runner.results.compare.pairs import CHOOSER
from runner.results.compare.sections import Grid, Section
from runner.results.compare.sides import Point, Side, point_words
from runner.results.compare.speed import speed_section
from runner.results.stats import Sample

ALPHA = 0.05
TOO_FEW = 2
FEW = 4


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
        yield Section(title, before, grid, list(_warnings(versus)))
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
        return f"{name} - A, {'; '.join(words)}; {runs}.{one}"
    if len(pairs) == 1:
        at = f" at {point_words(first.keys, pairs[0][0])}" if first.keys else ""
        return f"{name} - A{at}, {runs}.{_lonely(versus)}"
    once = " A seed's mean over the points counts once." if runs.startswith("paired") else ""
    over = max((row.over for row in versus.overall), default=len(pairs))
    counted = f"{over}" if over == len(pairs) else f"{over} of {len(pairs)}"
    return f"{name} - A over {counted} equal points, {runs}.{once}{_lonely(versus)}"


def _chosen(name: str, side: Side, point: Point) -> str:
    if len(side.points) == 1:
        words = point_words(side.keys, point)
        return f"{name} at {words}" if words else f"{name} at its one point"
    return f"{name} at its best point by {CHOOSER}, {point_words(side.keys, point)}"


def _lonely(versus: Versus) -> str:
    counts = zip(("A", versus.name), versus.matching.lonely, strict=True)
    words = [f"{len(points)} of {name}" for name, points in counts if points]
    return f" Points without a partner, left out: {' and '.join(words)}." if words else ""


def _verdicts(versus: Versus) -> Iterator[str]:
    """Which metrics are told apart; nothing is said of two seeds or one, nor of what chose."""
    told = [row for row in versus.overall if not (versus.matching.chosen and "val/" in row.metric)]
    tested = [row for row in told if min(row.found.estimate.counts) > TOO_FEW]
    tested = [row for row in tested if not math.isnan(row.p)]
    for word, sign in (("lower", -1), ("higher", 1)):
        names = [
            row.metric
            for row in tested
            if row.p < ALPHA and row.found.estimate.difference * sign > 0
        ]
        if names:
            yield f"{versus.name} is {word} in {', '.join(names)}."
    equal = [row.metric for row in versus.overall if _equal(row)]
    if equal:
        yield f"The same in every pair: {', '.join(equal)}."
    names = [row.metric for row in tested if row.p >= ALPHA and row.metric not in equal]
    if len(names) == len(told) > 1:
        yield f"None of the {len(names)} metrics is told apart by these runs."
    elif names:
        yield f"Not told apart by these runs: {', '.join(names)}."


def _equal(row: Row) -> bool:
    return min(row.found.estimate.counts) > 1 and same(row.found.estimate)


def _warnings(versus: Versus) -> Iterator[str]:
    """Too few runs, runs and metrics left out, and what chose the points."""
    yield from _few(versus, _unit(versus.side))
    yield from _left_out(versus)


def _unit(side: Side) -> str:
    names = [name for name in ("seed", "fold") if named(side.repeats, name)]
    if side.repeats and not names:
        return "rows"
    return " and ".join(f"{name}s" for name in names) or "seeds"


def _few(versus: Versus, unit: str) -> Iterator[str]:
    fewest = min(min(row.found.estimate.counts) for row in versus.overall)
    if fewest == 0:
        yield f"Some metric has no value in A or {versus.name}: no run with one ended well."
    elif fewest == 1:
        yield "n = 1: one run tells nothing of the spread, so no conclusion."
    elif fewest <= TOO_FEW:
        yield f"n = {fewest}: too few {unit} to tell; 5 or more would tell more."
    elif fewest <= FEW:
        yield f"n = {fewest}: few {unit}; the intervals are wide and hold only for a normal spread."


def _left_out(versus: Versus) -> Iterator[str]:
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
    if versus.matching.chosen:
        yield "The validation split chose the points; judge by test/…, which chose nothing."


def _own_points(comparison: Comparison) -> Iterator[Section]:
    """The points of each side that shares none with A, and A's, with nothing claimed of them."""
    alone = [(one.name, one.side) for one in comparison.versus if one.matching.kind != "points"]
    for name, side in [("A", comparison.first), *alone] if alone else []:
        if len(side.points) < 2:
            continue
        shown = [m for m in dict.fromkeys([CHOOSER, comparison.metric]) if m in side.metrics]
        rows = [
            [point_label(point), *(_spread(side.cell(point, m).sample) for m in shown)]
            for point in side.points
        ]
        heads = [f"{name}: {', '.join(side.keys) or 'point'}", *(f"{m}, n" for m in shown)]
        yield Section(f"{name}, its points", ["Mean ± std over seeds:"], Grid(heads, rows))


def _spread(sample: Sample) -> str:
    spread = "" if math.isnan(sample.std) else f" ± {sample.std:.2g}"
    return f"{number(sample.mean)}{spread}, {sample.n}"
