"""Parallel coordinates: an axis for each swept key and one for the metric, a line for each run."""

from typing import Any

import numpy as np
import pandas as pd

from runner.results.figures.crowding import without_far
from runner.results.figures.marks import Floats, Lines, Words
from runner.results.figures.scales import Scale, scale_of
from runner.results.figures.scatter import opacity
from runner.results.figures.spec import AxisSpec, Panel, Shades
from runner.results.labels import last_parts, short
from runner.results.sweep_view import SweepView

FEW_VALUES = 8
TICKS = 5
BEYOND = 1.12  # the height of what is far above the others


def parallel_coordinates(view: SweepView) -> Panel:
    """A line per run from its swept values to its last metric, coloured by it.

    Args:
        view: The sweep; one of its runs at least has the metric.
    """
    runs, pruned = view.drawable, view.pruned
    if view.ranks_by:  # the best upon the others
        order = (-view.measures.sign(view.metric) * runs[view.metric]).sort_values(kind="stable")
        runs = runs.loc[order.index]
    metric = runs[view.metric].to_numpy(np.float64)
    columns = {key: view.runs[key] for key in view.keys}
    # A number that some runs lack has its scale all the same; their lines have a gap there.
    columns |= {key: columns[key].dropna() for key in view.continuous}
    heights = {key: _heights(scale_of(of), view.runs[key]) for key, of in columns.items()}
    near = metric if view.measures.is_fraction(view.metric) else without_far(metric, view.log)
    ends = _on_axis(metric, near, view.log)
    lines = np.column_stack([*(column[runs.index] for column in heights.values()), ends])
    names = [*last_parts(view.keys), view.words]
    ticks = tuple((float(i), short(name, 18)) for i, name in enumerate(names))
    count = len(names)
    shaded = _lines(lines, runs, values=metric, tips={view.words: "value"})
    # What was let go has no last metric: its lines have no colour, and end before that axis.
    none = np.full(len(pruned), np.nan)
    let_go = _lines(
        np.column_stack([*(column[pruned.index] for column in heights.values()), none]), pruned,
        values=none, width=1.0, alpha=opacity(len(pruned)) / 2,
        tips={"let go after epoch": [f"{epoch}" for epoch in pruned["epoch"]]},
    )  # fmt: skip
    words = [_words(i, of, heights[key][of.index]) for i, (key, of) in enumerate(columns.items())]
    words.append(_ticks(count - 1, near, view.log))
    if len(far := metric[ends > 1]):
        beyond = f"beyond: up to {far.max():.3g}"
        words.append(Words(np.array([count - 1.0]), np.array([BEYOND]), [beyond], before=True))
    pale = "; pale lines, which end before it, were let go early" if len(pruned) else ""
    return Panel(
        AxisSpec(kind="words", span=(-0.6, len(names) - 0.3), ticks=ticks),
        AxisSpec(span=(-0.1, BEYOND + 0.08 if len(far) else 1.1), hidden=True),
        (*([let_go] if len(pruned) else []), shaded, *words),
        "All swept keys at once",
        f"Parallel coordinates: each line is a run, from its swept values to its last "
        f"{view.words} at the right, and coloured by that{pale}{view.endings}. "
        "Drag along an axis to show only the runs that pass there, along several for those that "
        "pass all; click an axis to take that back. From the keyboard, the filter of the "
        "table of runs does the same.",
        Shades.over(view.label, near, view.log, thin=True),
        height=3.2,
        picks=True,
        columns=(*view.keys, view.metric),
    )


def _lines(heights: Floats, runs: pd.DataFrame, **look: Any) -> Lines:
    """A line for each run, (runs, axes)."""
    axes = heights.shape[1]
    across, parts = np.tile(np.arange(axes, dtype=float), len(runs)), runs["job"].to_numpy(int)
    return Lines(across, heights.ravel(), parts=np.repeat(parts, axes), runs=True, **look)


def _heights(scale: Scale, column: "pd.Series[float]") -> "pd.Series[float]":
    """Where the values of a key lie on its axis, from 0 to 1."""
    places = scale.of(column)
    return pd.Series(_unit(np.log10(places) if scale.kind == "log" else places), index=column.index)


def _on_axis(metric: Floats, near: Floats, log: bool) -> Floats:
    """Where a metric lies on its axis, from 0 to 1, and above or below what is far off."""
    at, (low, high) = (np.log10(v) if log else v for v in (metric, near[[0, -1]]))
    unit = (at - low) / (high - low) if high > low else np.full(len(at), 0.5)
    return np.where(unit > 1, BEYOND, np.where(unit < 0, -BEYOND + 1, unit))


def _ticks(axis: int, near: Floats, log: bool) -> Words:
    """A few values of the metric along its axis."""
    low, high = float(near[0]), float(near[-1])
    at = np.linspace(0, 1, TICKS) if high > low else np.array([0.5])
    values = low * (high / low) ** at if log else low + (high - low) * at
    return Words(np.full(len(at), float(axis)), at, [f"{value:.3g}" for value in values])


def _unit(values: Floats) -> Floats:
    """Values moved to 0 to 1; all in the middle where they are the same."""
    low, spread = np.nanmin(values), np.nanmax(values) - np.nanmin(values)
    return (values - low) / spread if spread else np.full(len(values), 0.5)


def _words(axis: int, column: "pd.Series[float]", heights: "pd.Series[float]") -> Words:
    """The swept values along an axis, all of them where they are few."""
    known = dict(zip((short(value, 12) for value in column), heights, strict=True))
    marks = sorted(known.items(), key=lambda mark: mark[1])
    some = marks if len(marks) <= FEW_VALUES else [marks[0], marks[len(marks) // 2], marks[-1]]
    at = np.array([height for _, height in some])
    return Words(np.full(len(some), float(axis)), at, [words for words, _ in some], before=True)
