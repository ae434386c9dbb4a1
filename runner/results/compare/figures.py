"""The figures of a comparison: differences with their intervals, and learning curves."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from runner.results.compare.comparison import Comparison
from runner.results.compare.curves import comparison_curves, side_legend
from runner.results.compare.differences import Difference
from runner.results.compare.inputs import PointKey, point_text
from runner.results.figures.marks import Dots, Mark, Rule, Words
from runner.results.figures.scales import span_of
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel
from runner.results.labels import interval, number, p_value, short
from runner.results.stats import Estimate

MOST_METRICS = 15
MOST_POINTS = 40
SPREAD = 0.5  # of a point's row, over its sides


def comparison_figures(comparison: Comparison) -> Iterator[FigureSpec]:
    """The figures that a comparison has data for.

    Args:
        comparison: The sides compared.
    """
    if any(contrast.overall for contrast in comparison.contrasts):
        yield _differences(comparison)
    if max(len(contrast.at_points) for contrast in comparison.contrasts) > 1:
        yield _differences_by_point(comparison)
    if any(len(frame) for side in comparison.sides for frame in side.curves.values()):
        yield comparison_curves(comparison)


def _differences(comparison: Comparison) -> FigureSpec:
    """The difference of each metric from the first side, a panel each, a row for each side."""
    every = [row for contrast in comparison.contrasts for row in contrast.overall]
    metrics = list(dict.fromkeys(row.metric for row in every))
    shown = metrics[:MOST_METRICS]
    rows = [row for row in every if row.metric in shown]
    names = [contrast.name for contrast in comparison.contrasts if contrast.overall]
    ticks = tuple((float(place), f"{name} - A") for place, name in enumerate(names))
    y = AxisSpec("", "words", (len(names) - 0.5, -0.5), ticks)
    panels = []
    for metric in shown:
        mine = [row for row in rows if row.metric == metric]
        where = [float(names.index(row.side)) for row in mine]
        caption = _difference_caption(metric, mine)
        panel = _difference_panel(comparison, mine, where, y, "")
        height = 0.25 + 0.18 * len(names)
        panels.append(replace(panel, title=metric, caption=caption, width=2.6, height=height))
    points = max(row.over for row in rows)
    over = f" over {points} points" if points > 1 else ""
    most = f". The first {len(shown)} of {len(metrics)} metrics" if metrics != shown else ""
    how = f"Dot: the side's mean less A's{over}; {_interval_words(rows)}{most}"
    return FigureSpec(
        f"Differences from A\n{how}", tuple(panels), side_legend(comparison), columns=3,
        shared=True, titled=True, name="differences", heading="Differences from A", how=how,
    )  # fmt: skip


def _differences_by_point(comparison: Comparison) -> FigureSpec:
    """The difference of the metric at each point, its sides close together."""
    rows = [row for contrast in comparison.contrasts for row in contrast.at_points]
    every = list(dict.fromkeys(row.points[0][0] for row in rows))
    points = every[:MOST_POINTS]
    places = {point: place for place, point in enumerate(points)}
    rows = [row for row in rows if row.points[0][0] in places]
    names = list(dict.fromkeys(row.side for row in rows))
    offsets = np.linspace(-SPREAD / 2, SPREAD / 2, len(names)) if len(names) > 1 else [0.0]
    where = [places[row.points[0][0]] + float(offsets[names.index(row.side)]) for row in rows]
    ticks = tuple((float(i), label) for i, label in enumerate(_row_labels(points)))
    y = AxisSpec(
        short(", ".join(comparison.first.keys), 40), "words", (len(points) - 0.4, -0.6), ticks
    )
    label = f"difference in {comparison.metric}"
    panel = _difference_panel(comparison, rows, where, y, label)
    known = [row.estimate.difference for row in rows]
    known = [value for value in known if value == value]
    ends = f", from {min(known):+.3g} to {max(known):+.3g}" if known else ""
    caption = f"Difference in {comparison.metric} at each of {len(points)} points{ends}."
    height = max(1.4, (0.14 + 0.1 * len(names)) * len(points) + 0.4)
    many = f", the first {len(points)} of {len(every)}" if len(every) > len(points) else ""
    heading = f"Differences in {comparison.metric} by point"
    how = f"Dot: the side's mean less A's at that point{many}; {_interval_words(rows)}"
    return FigureSpec(
        f"{heading}\n{how}", (replace(panel, caption=caption, width=4.2, height=height),),
        side_legend(comparison), name="differences_by_point", heading=heading, how=how,
    )  # fmt: skip


def _difference_panel(
    comparison: Comparison,
    rows: Sequence[Difference],
    where: Sequence[float],
    y: AxisSpec,
    label: str,
) -> Panel:
    """Differences as dots, their intervals as bars; hollow dots where there is no interval."""
    marks: list[Mark] = [Rule(0.0)]
    for side in dict.fromkeys(row.side for row in rows):
        mine = [pair for pair in zip(rows, where, strict=True) if pair[0].side == side]
        lost = [at for row, at in mine if math.isnan(row.estimate.difference)]
        if lost:
            entry, words = comparison.names.index(side), ["no value"] * len(lost)
            marks.append(Words(np.zeros(len(lost)), np.array(lost), words, entry))
        for known in (True, False):
            some = [p for p in mine if math.isfinite(p[0].estimate.low) == known]
            if some:
                marks.append(_difference_dots(comparison, some, known))
    estimates = [row.estimate for row in rows]
    ends = [end for e in estimates for end in (e.difference, e.low, e.high)]
    known_ends = [0.0, *(end for end in ends if math.isfinite(end))]
    return Panel(AxisSpec(label, span=span_of(known_ends, False)), y, tuple(marks))


def _difference_dots(
    comparison: Comparison, some: Sequence[tuple[Difference, float]], known: bool
) -> Dots:
    rows = [row for row, _ in some]
    estimates = [row.estimate for row in rows]
    keys, name = comparison.first.keys, rows[0].side
    tips = {
        "side": [name] * len(rows),
        "point": [_over(row, keys) for row in rows],
        rows[0].metric: [f"{number(r.first)}, A; {number(r.other)}, {name}" for r in rows],
        "difference": [number(e.difference, "+.3g") for e in estimates],
        "95 % interval": [interval(e.low, e.high) for e in estimates],
        "p": [p_value(row.p) for row in rows],
        "n": ["+".join(map(str, e.counts)) for e in estimates],
    }
    low, high = (np.array([getattr(e, end) for e in estimates]) for end in ("low", "high"))
    return Dots(
        np.array([e.difference for e in estimates]), np.array([at for _, at in some]),
        comparison.names.index(name), hollow=not known, low=low if known else None,
        high=high if known else None, upright=False, tips=tips,
    )  # fmt: skip


def _over(row: Difference, keys: Sequence[str]) -> str:
    if len(row.points) > 1:
        return f"mean over {row.over}"
    return short(point_text(keys, row.points[0][0]), 60) or "-"


def _row_labels(points: Sequence[PointKey]) -> list[str]:
    """The values of each point, cut so far as they still tell it from the others."""
    whole = [", ".join(map(short, point)) for point in points]
    cut = ([short(words, width) for words in whole] for width in (18, 30, 60))
    distinct = len(set(whole))
    return next((labels for labels in cut if len(set(labels)) == distinct), whole)


def _interval_words(rows: Sequence[Difference]) -> str:
    """How the intervals of some differences were found."""
    methods = {row.estimate.method for row in rows if math.isfinite(row.estimate.low)}
    if not methods:
        return "no intervals: too few runs"
    words = {"paired": "paired by seed", "Welch": "Welch"}
    return f"bar: 95 % interval, {' or '.join(words[m] for m in sorted(methods))}"


def _difference_caption(metric: str, rows: Sequence[Difference]) -> str:
    each = (f"{row.side} - A {_told(row.estimate)}" for row in rows)
    return f"Difference in {metric}: {'; '.join(each)}."


def _told(estimate: Estimate) -> str:
    known = estimate.low == estimate.low
    ends = f"95 % interval {interval(estimate.low, estimate.high)}" if known else "no interval"
    return f"{number(estimate.difference, '+.3g')}, {ends}"
