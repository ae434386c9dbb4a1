"""What a comparison's figures show, whoever draws them: which curves, which differences."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from runner.columns import measure_of
from runner.results.compare.comparison import Comparison, Contrast
from runner.results.compare.differences import Difference
from runner.results.compare.inputs import PointKey, point_text
from runner.results.labels import short

MOST_TILES = 12
MOST_METRICS = 15
MOST_POINTS = 40
MOST_LINES = 100
MOST_LABELLED = 12
LOSS = "train/loss"
Points = Sequence[Sequence[PointKey]]


class Panel(NamedTuple):
    """A figure of learning curves.

    Attributes:
        title: The point it shows, where there are several panels.
        metric: The metric.
        points: The points of each side that belong there.
        loss: Which loss it is, in words, where the sides have several.
    """

    title: str
    metric: str
    points: Points
    loss: str = ""

    @property
    def label(self) -> str:
        """The metric's name for an axis."""
        return f"{self.metric} ({self.loss})" if self.loss else self.metric


class Curves(NamedTuple):
    """The learning curves of all sides overlaid.

    Attributes:
        panels: The figures.
        title: What they show.
        how: What a line is.
        band: Whether each line has a band around it.
        labelled: Whether each line has its point at its end.
    """

    panels: list[Panel]
    title: str
    how: str
    band: bool
    labelled: bool = False

    @property
    def tiled(self) -> bool:
        """Whether the panels are of one metric at several points, and so share their axes."""
        return len(self.panels) > 1 and bool(self.panels[0].title)


def curves_of(comparison: Comparison) -> Curves | None:
    """What the curves show: at one point training loss and metric, at several the metric of each.

    Sides that share no points show all of theirs, by mean alone.

    Args:
        comparison: The sides compared.

    Returns:
        The curves; None where no side has any, as a summary.csv.
    """
    if not any(len(frame) for side in comparison.sides for frame in side.curves.values()):
        return None
    shown = _shown_points(comparison)
    metric = comparison.metric
    if shown and len(shown) > 1:
        panels = [Panel(_tile_title(comparison, points), metric, points) for points in shown]
    else:
        points = shown[0] if shown else [side.points[:MOST_LINES] for side in comparison.sides]
        panels = [Panel("", name, points) for name in dict.fromkeys([LOSS, metric])]
        panels = [panel for panel in panels if _has(comparison, panel.metric)] or panels[-1:]
        panels = [one for panel in panels for one in _by_loss(comparison, panel)]
    labelled = not shown and 2 <= _most_lines(panels) <= MOST_LABELLED
    words = _curves_words(comparison, shown, labelled)
    return Curves(panels, *words, band=bool(shown), labelled=labelled)


def over_runs(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Mean, lowest and highest of the finite values of a metric over runs, by epoch."""
    values = frame[name].where(np.isfinite(frame[name].astype(float)))
    return values.groupby(frame["epoch"]).agg(["mean", "min", "max"]).dropna()


def overall_rows(comparison: Comparison) -> dict[str, list[Difference]]:
    """The differences over all points by metric, not more metrics than can be drawn."""
    rows = [row for contrast in comparison.contrasts for row in contrast.overall]
    metrics = list(dict.fromkeys(row.metric for row in rows))[:MOST_METRICS]
    return {metric: [row for row in rows if row.metric == metric] for metric in metrics}


def point_rows(comparison: Comparison) -> tuple[list[Difference], list[PointKey], str]:
    """The differences by point: those drawn, their points, and words for points left out."""
    rows = [row for contrast in comparison.contrasts for row in contrast.at_points]
    every = list(dict.fromkeys(row.points[0][0] for row in rows))
    places = every[:MOST_POINTS]
    many = f", the first {len(places)} of {len(every)}" if len(every) > len(places) else ""
    kept = set(places)
    return [row for row in rows if row.points[0][0] in kept], places, many


def interval_words(rows: Sequence[Difference]) -> str:
    """How the intervals of some differences were found."""
    methods = {row.estimate.method for row in rows if math.isfinite(row.estimate.low)}
    if not methods:
        return "no intervals: too few runs"
    words = {"paired": "paired by seed", "Welch": "Welch"}
    return f"bar: 95 % interval, {' or '.join(words[m] for m in sorted(methods))}"


def _shown_points(comparison: Comparison) -> list[Points]:
    """For each tile the points of every side that belong there; none where sides share none."""
    if any(contrast.matching.kind == "none" for contrast in comparison.contrasts):
        return []
    if any(contrast.matching.kind == "best" for contrast in comparison.contrasts):
        best = next(v for v in comparison.contrasts if v.matching.kind == "best")
        point = best.matching.points[0][0]
        return [[[point], *(_partners(contrast, point) for contrast in comparison.contrasts)]]
    sizes: dict[PointKey, float] = {}
    for contrast in comparison.contrasts:
        for row in contrast.at_points:
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


def _by_loss(comparison: Comparison, panel: Panel) -> list[Panel]:
    """A panel for each loss that the sides have: two losses on one axis could not be compared."""
    pairs = zip(comparison.sides, panel.points, strict=True)
    losses = dict.fromkeys(side.loss for side, points in pairs if points and side.curves)
    if measure_of(panel.metric) != measure_of(LOSS) or len(losses) < 2:
        return [panel]
    return [panel._replace(points=_of_loss(comparison, panel, name), loss=_named(comparison, name))
            for name in losses]  # fmt: skip


def _of_loss(comparison: Comparison, panel: Panel, loss: str | None) -> Points:
    pairs = zip(comparison.sides, panel.points, strict=True)
    return [points if side.loss == loss else [] for side, points in pairs]


def _named(comparison: Comparison, loss: str | None) -> str:
    told = (side.measures[LOSS].label for side in comparison.sides if side.loss == loss)
    return next(told, "") or loss or "loss not known"


def _most_lines(panels: Sequence[Panel]) -> int:
    return max(sum(map(len, panel.points)) for panel in panels)


def _has(comparison: Comparison, name: str) -> bool:
    frames = (frame for side in comparison.sides for frame in side.curves.values())
    return any(name in frame for frame in frames)


def _tile_title(comparison: Comparison, points: Points) -> str:
    return short(point_text(comparison.first.keys, points[0][0]), 40)


def _curves_words(
    comparison: Comparison, shown: Sequence[Points], labelled: bool
) -> tuple[str, str]:
    how = "line: mean over runs, band: lowest to highest run"
    if all(side.runs == len(side.points) for side in comparison.sides):
        how = "one run each"
    if not shown:
        many = max(len(side.points) for side in comparison.sides) > MOST_LINES
        most = f", the first {MOST_LINES} of each side" if many else ""
        ends = f"; the value at its end is {_keys(comparison)}" if labelled else ""
        how = f"a line per point: mean over runs{most}{ends}"
        return "Learning curves of sides that share no points", how
    if any(contrast.matching.kind == "best" for contrast in comparison.contrasts):
        return "Learning curves at each side's best point by val/loss", how
    shared = max(len(contrast.at_points) for contrast in comparison.contrasts)
    many_words = f", the {len(shown)} of {shared} points that differ most"
    what = f"{comparison.metric} at equal points" if len(shown) > 1 else "Learning curves"
    return f"{what}{many_words if shared > len(shown) else ''}", how


def _keys(comparison: Comparison) -> str:
    """What the values at the ends of lines are of: ``model.dropout (A), optim.lr (B)``."""
    sides = zip(comparison.names, comparison.sides, strict=True)
    named = [f"{short(', '.join(side.keys), 40)} ({name})" for name, side in sides if side.keys]
    return ", ".join(named)
