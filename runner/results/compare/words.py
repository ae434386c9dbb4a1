"""A comparison in words: what differs, by how much, and what may be concluded from it."""

import math
from collections.abc import Iterator

from runner.results.compare.caveats import caveats, named
from runner.results.compare.comparison import Comparison, Row, Versus
from runner.results.compare.pairs import CHOOSER
from runner.results.compare.sections import WIDTH, Grid, Section, cut
from runner.results.compare.sides import Point, Side, point_words, value_words
from runner.results.stats import Estimate, Sample

ALPHA = 0.05
TOO_FEW = 2
FEW = 4
SPEEDS = (
    ("seconds", "seconds", "{:.3g}"),
    ("examples_per_second", "examples per second", "{:.0f}"),
)


def sections(comparison: Comparison) -> list[Section]:
    """A comparison as text with tables.

    Args:
        comparison: The sides compared.

    Returns:
        Who is compared, what differs in the configurations, the speed, then each side against the
        first: what was paired with what, over all, and point by point.
    """
    parts = [_who(comparison), *_what_differs(comparison), *_speed(comparison)]
    for versus in comparison.versus:
        parts += _against(comparison, versus)
    return [*parts, *caveats(comparison)]


def _who(comparison: Comparison) -> Section:
    rows, notes = [], []
    for name, side in zip(comparison.names, comparison.sides, strict=True):
        points = f"{len(side.points)} points" if len(side.points) > 1 else "1 point"
        runs = f"{side.runs} runs" if side.runs > 1 else "1 run"
        rows.append([name, cut(side.path, WIDTH - 30, "right"), runs, points])
        if side.notes:
            notes.append(f"Left out of {name}: {'; '.join(side.notes)}.")
    return Section("Sides", (), Grid(["", "side", "runs", "points"], rows, 4), notes)


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


def _speed(comparison: Comparison) -> Iterator[Section]:
    speeds = [side.speed for side in comparison.sides]
    rows = [
        [words, *(form.format(speed[name]) if name in speed else "-" for speed in speeds)]
        for name, words, form in SPEEDS
        if any(name in speed for speed in speeds)
    ]
    for name in ("device", "width", "threads"):
        told = [speed.get(name, "-") for speed in speeds]
        rows += [[name, *told]] if len({*told} - {"-"}) > 1 else []
    if not rows:
        return
    grouped = any(speed.get("width", "1") != "1" for speed in speeds)
    notes = ["Runs of a width above 1 trained side by side, on one clock."] if grouped else []
    yield Section("Speed", (), Grid(["mean of a run", *comparison.names], rows), notes)


def _against(comparison: Comparison, versus: Versus) -> Iterator[Section]:
    head = f"{versus.name} against A"
    if versus.matching.kind == "none":
        yield Section(head, [how(comparison, versus)])
    else:
        metrics = [_cells(row, row.metric) for row in versus.overall]
        grid = Grid(["metric", *_head(versus)], metrics)
        yield Section(head, [how(comparison, versus)], grid, list(_verdicts(versus)))
    rows = comparison.at_points(versus)
    if len(rows) > 1:
        keys = comparison.first.keys
        labelled = [_cells(row, _label(row.points[0][0])) for row in rows]
        grid = Grid([", ".join(keys), *_head(versus)], labelled)
        yield Section(f"{head}, by point", [f"{comparison.metric} at each point:"], grid)
    if versus.matching.kind != "points":
        yield from _side_by_side(comparison, versus)


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
    runs = _runs(found.estimate, first) if found else "no runs in common"
    if versus.matching.kind == "best":
        words = [_chosen("A", first, pairs[0][0]), _chosen(name, other, pairs[0][1])]
        return f"{name} - A, {'; '.join(words)}; {runs}."
    if len(pairs) == 1:
        at = f" at {point_words(first.keys, pairs[0][0])}" if first.keys else ""
        return f"{name} - A{at}, {runs}.{_lonely(versus)}"
    once = " A seed's mean over the points counts once." if runs.startswith("paired") else ""
    return f"{name} - A over {len(pairs)} equal points, {runs}.{once}{_lonely(versus)}"


def _chosen(name: str, side: Side, point: Point) -> str:
    if len(side.points) == 1:
        words = point_words(side.keys, point)
        return f"{name} at {words}" if words else f"{name} at its one point"
    return f"{name} at its best point by {CHOOSER}, {point_words(side.keys, point)}"


def _runs(estimate: Estimate, side: Side) -> str:
    if estimate.method == "paired":
        unit = " and ".join(key.rpartition(".")[2] for key in side.repeats if key != "again")
        count = estimate.counts[0]
        return f"paired by {unit}: {count} pair{'s' if count > 1 else ''}"
    left, right = estimate.counts
    if left == right == 1:
        return "one run each"
    return f"not paired (Welch): {left} run{'s' if left != 1 else ''} against {right}"


def _lonely(versus: Versus) -> str:
    counts = zip(("A", versus.name), versus.matching.lonely, strict=True)
    words = [f"{len(points)} of {name}" for name, points in counts if points]
    return f" Points without a partner, left out: {' and '.join(words)}." if words else ""


def _head(versus: Versus) -> list[str]:
    return ["A", versus.name, f"{versus.name} - A", "95 % interval", "n", "p"]


def _cells(row: Row, label: str) -> list[str]:
    found, estimate = row.found, row.found.estimate
    return [
        label,
        number(found.first),
        number(found.other),
        number(estimate.difference, "+.3g"),
        interval(estimate),
        "+".join(map(str, estimate.counts)),
        p_words(row.p),
    ]


def number(value: float, form: str = ".4g") -> str:
    """A number for a table, ``-`` where there is none."""
    return "-" if math.isnan(value) else "0" if value == 0 else f"{value:{form}}"


def interval(estimate: Estimate) -> str:
    """The interval's ends, ``-`` where there is none."""
    if math.isnan(estimate.low):
        return "-"
    half = (estimate.high - estimate.low) / 2
    places = 2 - math.floor(math.log10(half)) if 0 < half < math.inf else 99
    # Both ends to the same place: three digits of the half width.
    form = f".{places}f" if 0 <= places <= 6 else ".3g"
    return f"{number(estimate.low, form)} to {number(estimate.high, form)}"


def p_words(p: float) -> str:
    """A p-value for a table."""
    return "-" if math.isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}"


def _label(point: Point) -> str:
    return ", ".join(map(value_words, point)) or "-"


def _verdicts(versus: Versus) -> Iterator[str]:
    """Which metrics are told apart; nothing is said of two seeds or one."""
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
    same = [row.metric for row in versus.overall if _same(row.found.estimate)]
    if same:
        yield f"The same in every pair: {', '.join(same)}."
    names = [row.metric for row in tested if row.p >= ALPHA and row.metric not in same]
    if names:
        yield f"Not told apart by these runs: {', '.join(names)}."
    yield from _few(versus, _unit(versus.side))
    yield from _left_out(versus)


def _same(estimate: Estimate) -> bool:
    return estimate.method == "paired" and estimate.low == estimate.high == 0


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
        yield f"Points that too few runs are left of, out of the means over all: {words}."
    if versus.missing:
        yield f"Left out: {', '.join(versus.missing)}."
    if versus.matching.kind == "best" and len(versus.side.points) > 1:
        yield "The validation split chose the points; judge by test/…, which chose nothing."


def _side_by_side(comparison: Comparison, versus: Versus) -> Iterator[Section]:
    """Each side's own points, with nothing claimed of them."""
    for name, side in (("A", comparison.first), (versus.name, versus.side)):
        if len(side.points) < 2:
            continue
        shown = [m for m in dict.fromkeys([CHOOSER, comparison.metric]) if m in side.metrics]
        rows = [
            [_label(point), *(_spread(side.cell(point, m).sample) for m in shown)]
            for point in side.points
        ]
        heads = [f"{name}: {', '.join(side.keys) or 'point'}", *(f"{m}, n" for m in shown)]
        yield Section(f"{name}, its points", ["Mean ± std over seeds:"], Grid(heads, rows))


def _spread(sample: Sample) -> str:
    spread = "" if math.isnan(sample.std) else f" ± {sample.std:.2g}"
    return f"{number(sample.mean)}{spread}, {sample.n}"
