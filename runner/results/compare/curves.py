"""The learning curves of a comparison, all sides overlaid."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from runner.columns import measure_of
from runner.results.compare.comparison import Comparison, Contrast
from runner.results.compare.inputs import PointKey, name_sides, point_text
from runner.results.figures.captions import log_words
from runner.results.figures.colours import Legend, entries_of
from runner.results.figures.end_labels import end_labels, with_room
from runner.results.figures.marks import Lines
from runner.results.figures.points import over_runs
from runner.results.figures.scales import epoch_axis, value_axis
from runner.results.figures.spec import FigureSpec, Panel
from runner.results.labels import number, point_label, short
from runner.results.stats import spans_decades

MOST_TILES = 12
MOST_LINES = 100
MOST_LABELLED = 12
TRAIN_LOSS = "train/loss"
Shown = Sequence[Sequence[PointKey]]
"""The points of each side that belong into a panel."""


def side_legend(comparison: Comparison) -> Legend:
    """The sides by letter and name, a colour each."""
    pairs = zip(comparison.names, name_sides(comparison.sides, comparison.names).each, strict=True)
    labels = [letter if name == letter else f"{letter}: {name}" for letter, name in pairs]
    return Legend("Sides", entries_of(labels))


def comparison_curves(comparison: Comparison) -> FigureSpec:
    """The learning curves of all sides overlaid: means over runs, bands their range.

    At one point training loss and metric; at several the metric of each, a panel for a point. Where
    they are many it is those of the largest differences in the metric that chooses, or the first
    where that was not measured. Sides that share no points show all of theirs,
    by mean alone.

    Args:
        comparison: The sides compared; one of them at least has curves.
    """
    shown = _shown_points(comparison)
    several, metric = len(shown) > 1, comparison.metric
    if several:
        drawn = [(_point_title(comparison, some), metric, some, "") for some in shown]
    else:
        points = shown[0] if shown else [side.points[:MOST_LINES] for side in comparison.sides]
        names = [
            name for name in dict.fromkeys([TRAIN_LOSS, metric]) if _has(comparison, name)
        ] or [metric]
        drawn = [("", *one) for name in names for one in _by_loss(comparison, name, points)]
    most = max(sum(map(len, points)) for _, _, points, _ in drawn)
    labelled = not shown and 2 <= most <= MOST_LABELLED
    lines = [list(_lines(comparison, name, points, bool(shown))) for _, name, points, _ in drawn]
    together = [line for some in lines for line in some]
    panels = []
    for (title, name, points, loss), mine in zip(drawn, lines, strict=True):
        label = f"{name} ({loss})" if loss else name
        error = comparison.measures.is_error(name)
        panel = _curve_panel(label, mine, together if several else mine, error)
        caption = _curve_caption(comparison, label, title, mine, bool(shown))
        if labelled:
            marks = (*panel.marks, *end_labels(mine, _ends(comparison, name, points), panel.y))
            panel = replace(panel, x=with_room(panel.x), marks=marks)
        log = log_words(panel.y.kind == "log")
        size = (2.5, 2.0) if several else (panel.width, panel.height)
        panel = replace(panel, width=size[0], height=size[1])
        panels.append(replace(panel, title=title, caption=caption + log))
    title, how = _curves_words(comparison, shown, labelled)
    return FigureSpec(
        f"{title}\n{how}", tuple(panels), side_legend(comparison), columns=4 if several else 2,
        shared=several, titled=several, name="curves", heading="Learning curves",
        how=f"{title}; {how}",
    )  # fmt: skip


def _shown_points(comparison: Comparison) -> list[Shown]:
    """For each panel the points of every side that belong there; none where sides share none."""
    if any(contrast.matching.kind == "none" for contrast in comparison.contrasts):
        return []
    if any(contrast.matching.kind == "best" for contrast in comparison.contrasts):
        best = next(v for v in comparison.contrasts if v.matching.kind == "best")
        point = best.matching.points[0][0]
        return [[[point], *(_partners(contrast, point) for contrast in comparison.contrasts)]]
    sizes: dict[PointKey, float] = {}
    for contrast in comparison.contrasts:
        chosen = [row for row in contrast.by_point if row.metric == contrast.first.monitor]
        for row in contrast.at_points:
            sizes.setdefault(row.points[0][0], -1.0)
        for row in chosen:
            size = abs(row.estimate.difference)
            point = row.points[0][0]
            sizes[point] = max(sizes.get(point, -1.0), size if math.isfinite(size) else -1.0)
    largest = set(sorted(sizes, key=lambda point: -sizes[point])[:MOST_TILES])
    return [
        [[point], *(_partners(contrast, point) for contrast in comparison.contrasts)]
        for point in sizes
        if point in largest
    ]


def _partners(contrast: Contrast, point: PointKey) -> list[PointKey]:
    """The point of a side that stands against one of the first, if there is one."""
    return [theirs for mine, theirs in contrast.matching.points if mine == point]


def _by_loss(comparison: Comparison, metric: str, points: Shown) -> list[tuple[str, Shown, str]]:
    """A panel for each loss that the sides have: two losses on one axis could not be compared."""
    sides = list(zip(comparison.sides, points, strict=True))
    losses = dict.fromkeys(side.loss for side, some in sides if some and side.curves)
    if measure_of(metric) != measure_of(TRAIN_LOSS) or len(losses) < 2:
        return [(metric, points, "")]
    own = {loss: [some if side.loss == loss else [] for side, some in sides] for loss in losses}
    return [(metric, shown, _named(comparison, loss)) for loss, shown in own.items()]


def _named(comparison: Comparison, loss: str | None) -> str:
    told = (side.measures[TRAIN_LOSS].label for side in comparison.sides if side.loss == loss)
    return next(told, "") or loss or "loss not known"


def _has(comparison: Comparison, name: str) -> bool:
    frames = (frame for side in comparison.sides for frame in side.curves.values())
    return any(name in frame for frame in frames)


def _lines(comparison: Comparison, name: str, points: Shown, band: bool) -> Iterator[Lines]:
    """Each side's mean, lowest and highest run by epoch at each of its points."""
    for place, (side, some) in enumerate(zip(comparison.sides, points, strict=True)):
        for point in some:
            frame = side.curves.get(point)
            if frame is None or name not in frame:
                continue
            means = over_runs(frame[name], [frame["epoch"]])
            mean, low, high = (means[of].to_numpy(float) for of in ("mean", "min", "max"))
            words = short(point_text(side.keys, point), 60) or "-"
            tips = {
                "side": [comparison.names[place]] * len(means), "point": [words] * len(means),
                "epoch": "x", "mean": "y", "runs": "low to high",
            }  # fmt: skip
            yield Lines(
                means.index.to_numpy(float), mean, place, low=low, high=high, band=band,
                width=1.8 if band else 1, tips=tips,
            )  # fmt: skip


def _curve_panel(
    label: str, lines: Sequence[Lines], together: Sequence[Lines], error: bool
) -> Panel:
    """Lines on the axes that all panels of their metric have, so that points can be told apart."""
    ends = (end for line in together for end in (line.low, line.high) if end is not None)
    values = np.concatenate([np.empty(0), *ends])
    log = error and spans_decades(values, 1.5)
    epochs = np.concatenate([np.empty(0), *(line.x for line in together)])
    return Panel(epoch_axis(epochs), value_axis(label, values, log), tuple(lines))


def _ends(comparison: Comparison, name: str, points: Shown) -> list[str]:
    """What stands at the ends of lines: each one's side and point."""
    return [
        f"{letter} {short(point_label(point), 14)}".rstrip()
        for letter, side, some in zip(comparison.names, comparison.sides, points, strict=True)
        for point in some
        if name in side.curves.get(point, pd.DataFrame())
    ]


def _point_title(comparison: Comparison, points: Shown) -> str:
    return short(point_text(comparison.first.keys, points[0][0]), 40)


def _curve_caption(
    comparison: Comparison, label: str, title: str, lines: Sequence[Lines], shared: bool
) -> str:
    told = []
    for number_of, name in enumerate(comparison.names):
        last = [float(m.y[-1]) for m in lines if m.colour == number_of and len(m.y)]
        if last:
            more = f" to {number(max(last))}" if len(last) > 1 else ""
            told.append(f"{name} {number(min(last))}{more}")
    at = f" at {title}" if title else ""
    each = "a line for each side" if shared else "a line for each point"
    over = ", over all runs," if _has_unpaired(comparison) else ""
    return f"{label} by epoch{at}, {each}. At the end{over} {', '.join(told) or '-'}."


def _has_unpaired(comparison: Comparison) -> bool:
    """Whether tables leave out runs that the curves have."""
    return any(any(row.unpaired) for row in comparison.overall)


def _curves_words(
    comparison: Comparison, shown: Sequence[Shown], labelled: bool
) -> tuple[str, str]:
    over = "all runs, paired or not" if _has_unpaired(comparison) else "runs"
    how = f"line: mean over {over}; band: lowest to highest run"
    if all(side.runs == len(side.points) for side in comparison.sides):
        how = "one run each"
    if not shown:
        many = max(len(side.points) for side in comparison.sides) > MOST_LINES
        most = f", the first {MOST_LINES} of each side" if many else ""
        ends = f"; the value at its end is {_keys(comparison)}" if labelled else ""
        how = f"a line per point: mean over its runs{most}{ends}"
        return "Learning curves of sides that share no points", how
    if any(contrast.matching.kind == "best" for contrast in comparison.contrasts):
        return f"Learning curves at each side's best point by {comparison.first.monitor}", how
    shared = max(len(contrast.at_points) for contrast in comparison.contrasts)
    monitor = comparison.first.monitor
    chosen = any(row.metric == monitor for one in comparison.contrasts for row in one.by_point)
    which = f"points that differ most in {monitor}" if chosen else "points, in order"
    many_words = f", the {len(shown)} of {shared} {which}"
    what = f"{comparison.metric} at equal points" if len(shown) > 1 else "Learning curves"
    return f"{what}{many_words if shared > len(shown) else ''}", how


def _keys(comparison: Comparison) -> str:
    """What the values at the ends of lines are of: ``model.dropout (A), optim.lr (B)``."""
    sides = zip(comparison.names, comparison.sides, strict=True)
    named = [f"{short(', '.join(side.keys), 40)} ({name})" for name, side in sides if side.keys]
    return ", ".join(named)
