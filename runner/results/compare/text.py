"""Text of a comparison: what differs, by how much, at which points, and how fast the sides were."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from runner.results.compare.comparison import Comparison, Contrast, at_shared, gains
from runner.results.compare.data import data_differences
from runner.results.compare.differences import Difference
from runner.results.compare.inputs import PointKey, Side, config_differences, point_text
from runner.results.compare.matching import why_none_is_best
from runner.results.compare.significance import (
    caveats,
    left_out,
    pairing,
    reliability,
    repetition,
    unit,
    verdicts,
)
from runner.results.labels import interval, number, p_value, point_label
from runner.results.text_tables import Section, TextTable

ALONE = {"seconds": "wall time (s)", "examples_per_second": "examples per second"}
GROUPED = {
    "seconds": "wall time per group (s)",
    "seconds_per_run": "wall time per run (s)",
    "examples_per_second": "examples per second, per group",
}


def sections(comparison: Comparison) -> list[Section]:
    """A comparison as text with tables.

    It says who is compared, what differs in the configurations, then each side against the first
    (what was paired with what, the verdict, all metrics), the same point by point, and the speed.
    """
    return [*opening(comparison), *closing(comparison)]


def opening(comparison: Comparison) -> list[Section]:
    """Who is compared, what differs, and what came of it over all."""
    against = [part for one in comparison.contrasts for part in _against(one)]
    return [_who(comparison), *_what_differs(comparison), *against]


def closing(comparison: Comparison) -> list[Section]:
    """The same point by point, the speed, and how to read it all."""
    by_point = [part for one in comparison.contrasts for part in _by_point(one)]
    return [
        *by_point, *_own_points(comparison), *speed_section(comparison), *caveats(comparison)
    ]  # fmt: skip


def _who(comparison: Comparison) -> Section:
    rows, notes = [], []
    for name, side in comparison.named_sides:
        points = f"{len(side.points)} points" if len(side.points) > 1 else "1 point"
        runs = f"{side.runs} runs" if side.runs > 1 else "1 run"
        rows.append([name, side.path, runs, points])
        if side.notes:
            notes.append(f"Left out of {name}: {'; '.join(side.notes)}.")
    return Section("Sides", (), TextTable(["", "side", "runs", "points"], rows, 2, "right"), notes)


def _what_differs(comparison: Comparison) -> Iterator[Section]:
    rows = config_differences(comparison.sides)
    table = TextTable(["what differs", *comparison.names], rows, 99) if rows else None
    seen = [(name, side.data) for name, side in comparison.named_sides]
    if (told := list(data_differences(seen))) or table:
        yield Section("What differs", (), table, told)


def _against(contrast: Contrast) -> Iterator[Section]:
    title, how = f"{contrast.name} against A", _how(contrast)
    if contrast.matching.kind == "none":
        yield Section(title, [how])
    else:
        after = [*reliability(contrast), *left_out(contrast)]
        table = _by_metric(contrast, contrast.overall)
        yield Section(title, [how, *verdicts(contrast)], table, after)
    if contrast.matching.kind != "points":
        yield from _at_same_setting(contrast)


def _by_metric(contrast: Contrast, rows: Sequence[Difference]) -> TextTable:
    return _table("metric", "A", contrast.name, [(row.metric, row) for row in rows])


def _table(
    label: str, first: str, other: str, rows: Sequence[tuple[str, Difference]]
) -> TextTable:  # fmt: skip
    """Differences as a table: what each is of, both means, the difference, interval, n and p."""
    head = [label, first, other, f"{other} - {first}", "95 % interval", "n", "p"]
    cells = [
        [
            name,
            number(row.first),
            number(row.other),
            number(row.estimate.difference, "+.3g"),
            interval(row.estimate.low, row.estimate.high),
            "+".join(map(str, row.estimate.counts)),
            p_value(row.p),
        ]
        for name, row in rows
    ]
    return TextTable(head, cells)


def _how(contrast: Contrast) -> str:
    """What was paired with what, in a sentence or two."""
    first, name, matching = contrast.first, contrast.name, contrast.matching
    if matching.kind == "none":
        why = why_none_is_best(contrast.named_sides)
        return f"A and {name} share no points, and {why}: their results are listed without a test."
    row = contrast.main
    paired = pairing(row.estimate, first) if row else "no runs in common"
    pairs = matching.points
    if matching.kind == "best":
        named = zip(contrast.named_sides, pairs[0], strict=True)
        places = "; ".join(_best(*one, point) for one, point in named)
        one = " The two are the same configuration." if matching.one_setting else ""
        return f"{name} - A, {places}; {paired}.{one}{_judged(row, contrast)}"
    if len(pairs) == 1:
        at = f" at {point_text(first.keys, pairs[0][0])}" if first.keys else ""
        return f"{name} - A{at}, {paired}.{_unmatched(contrast)}"
    once = f" The mean of a {repetition(first)} over the points counts once."
    over = max((row.over for row in contrast.overall), default=len(pairs))
    counted = f"{over}" if over == len(pairs) else f"{over} of {len(pairs)}"
    return f"{name} - A over {counted} equal points, {paired}.{once}{_unmatched(contrast)}"


def _best(name: str, side: Side, point: PointKey) -> str:
    at = point_text(side.keys, point)
    if len(side.points) == 1:
        return f"{name} at {at or 'its one point'}"
    return f"{name} at its best point by {side.monitor}, {at}"


def _judged(row: Difference | None, contrast: Contrast) -> str:
    """At which points the repetitions are judged, where there was a choice."""
    if not contrast.matching.chosen or row is None:
        return ""
    if not any(row.chosen):
        return " Without each run's value, the effect of choosing cannot be estimated."
    named = zip(contrast.named_sides, row.chosen, strict=True)
    choices = ", ".join(
        f"{name}'s {point_text(side.keys, point)} for {count} of {len(chosen)}"
        for (name, side), chosen in named
        if len(side.points) > 1
        for point, count in Counter(chosen).most_common(2)
    )
    one = repetition(contrast.side)
    return f" Each {one} is judged at the point that the other {one}s choose: {choices}."


def _unmatched(contrast: Contrast) -> str:
    counts = zip(contrast.named_sides, contrast.matching.unmatched, strict=True)
    told = [f"{len(points)} of {name}" for (name, _), points in counts if points]
    return f" Points without a counterpart, left out: {' and '.join(told)}." if told else ""


def _at_same_setting(contrast: Contrast) -> Iterator[Section]:
    """How the sides do at the settings that both have, and what their best points add to it.

    There is nothing where the best points of both are that very setting.
    """
    rows, name = at_shared(contrast), contrast.name
    if not rows or contrast.matching.one_setting:
        return
    title, words = f"{name} and A at the same setting", [_which(contrast, rows)]
    if all(row.same for row in rows):
        words.append(
            "Every metric is identical there in every pair: but for what was swept, "
            f"A and {name} are the same experiment."
        )
    else:
        yield Section(title, words, _by_metric(contrast, rows))
        title, words = f"{title}, what others add", []
    words += _itself(contrast)
    added = gains(contrast)
    for metric in dict.fromkeys(row.metric for row in added):
        title = title if words else f"What the best points of {name} and A add in {metric}"
        words.append(f"What the best points by {contrast.first.monitor} add to it, in {metric}:")
        labelled = [
            (f"{row.side} at {point_label(row.points[0][1])}", row)
            for row in added
            if row.metric == metric
        ]
        yield Section(title, words, _table("best point", "there", "best", labelled))
        words = []
    if words:
        yield Section(title, words)


def _which(contrast: Contrast, rows: Sequence[Difference]) -> str:
    pairs = contrast.matching.shared
    row = next((row for row in rows if row.metric == contrast.metric), rows[0])
    paired = pairing(row.estimate, contrast.first)
    if len(pairs) > 1:
        return f"A and {contrast.name} have {len(pairs)} configurations in common, {paired}."
    named = zip(contrast.named_sides, pairs[0], strict=True)
    places = [f"{n} at {point_text(side.keys, p)}" if side.keys else n for (n, side), p in named]
    return f"{' and '.join(places)} are the same configuration, {paired}."


def _itself(contrast: Contrast) -> Iterator[str]:
    if found := contrast.matching.base_and_best:
        sides = zip(contrast.named_sides, *found, strict=True)
        names = [n for (n, side), base, best in sides if base == best and len(side.points) > 1]
        if names:
            yield f"It is itself the best point of {' and of '.join(names)}."


def _by_point(contrast: Contrast) -> Iterator[Section]:
    rows = contrast.at_points
    if len(rows) > 1:
        labelled = [(point_label(row.points[0][0]) or "-", row) for row in rows]
        table = _table(", ".join(contrast.first.keys), "A", contrast.name, labelled)
        title = f"{contrast.name} against A, by point"
        yield Section(title, [f"{contrast.metric} at each point:"], table)


def _own_points(comparison: Comparison) -> Iterator[Section]:
    """The points of each side that shares none with A, and A's, with nothing claimed of them."""
    alone = [one.named_sides for one in comparison.contrasts if one.matching.kind != "points"]
    for name, side in dict(named for sides in alone for named in sides).items():
        if len(side.points) < 2:
            continue
        shown = [m for m in dict.fromkeys([side.monitor, comparison.metric]) if m in side.metrics]
        rows = [
            [point_label(point) or "-", *(_spread(side, point, metric) for metric in shown)]
            for point in side.points
        ]
        head = [f"{name}: {', '.join(side.keys) or 'point'}", *(f"{m}, n" for m in shown)]
        words = [f"Mean ± std over {unit(side)}:"]
        yield Section(f"{name}, its points", words, TextTable(head, rows))


def _spread(side: Side, point: PointKey, metric: str) -> str:
    sample = side.at(point, metric).sample
    spread = "" if math.isnan(sample.std) else f" ± {sample.std:.2g}"
    return f"{number(sample.mean)}{spread}, {sample.n}"


def speed_section(comparison: Comparison) -> Iterator[Section]:
    """The speed of all sides, nothing where none is known."""
    speeds = [side.speed for side in comparison.sides]
    grouped = [n for n, side in comparison.named_sides if side.speed.get("width", "1") != "1"]
    rows = []
    for name, label in (GROUPED if grouped else ALONE).items():
        form = ".0f" if name == "examples_per_second" else ".3g"
        if any(name in speed for speed in speeds):
            told = [format(speed[name], form) if name in speed else "-" for speed in speeds]
            rows.append([label, *told])
    for name in ("device", "width", "threads"):
        told = [str(speed.get(name, "-")) for speed in speeds]
        rows += [[name, *told]] if len({*told} - {"-"}) > 1 else []
    if rows:
        label = "speed, on average" if grouped else "mean of a run"
        table = TextTable([label, *comparison.names], rows)
        yield Section("Speed", (), table, [_shared_clock(grouped)] if grouped else [])


def _shared_clock(grouped: Sequence[str]) -> str:
    return (
        f"Runs of {' and '.join(grouped)} were trained together in groups: the wall time per run "
        "is that of its group, divided by its runs."
    )
