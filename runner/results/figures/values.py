"""The metric of a sweep by one swept key, for print."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from runner.columns import SETTLED
from runner.results.figures.colours import FAILED, LOST, SPLITS, Entry, Legend, entries_of
from runner.results.figures.crowding import aside, with_arrows, without_far
from runner.results.figures.marks import Dots, Lines, Mark, Words
from runner.results.figures.scales import Scale, room_at_top, scale_of, value_axis
from runner.results.figures.scatter import dots_by_value
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel
from runner.results.labels import point_label
from runner.results.sweep_view import SweepView, sortable
from runner.results.tables import replicate_columns

FEW_LINES = 6
FEW_VALUES = 10
IN_WORDS = {"seed": "seed", "dataset.fold": "fold", "dataset.seed": "data"}
DENSE = 25
WIDTH, HEIGHT = 4.2, 2.9


def by_value(view: SweepView, key: str) -> FigureSpec:
    """The metric of the last epoch against one swept key.

    A dot is a run. Where the other keys have few values there is a line for each combination of
    these, its marks with bars mean ± std. Otherwise there is a line for each value of one of them,
    if any has few, the mean over the rest, which is no spread of repetitions and has no bars. Of a
    key with a value of its own at each of many points there are dots alone.

    Args:
        view: The sweep.
        key: The swept key.
    """
    lines, rest = told_apart(view, key)
    if view.is_scattered(key):
        return dots_by_value(view, key, lines)
    scale = scale_of(view.runs[key])
    parts = list(_combinations(view, lines) if lines else _splits(view))
    bars = view.repeated and not rest and not _density(view.ended, key)[0]
    beside = len(parts) if bars or (lines and scale.kind == "words") else 1
    names = list(dict.fromkeys(name for _, _, name in parts))
    kind = view.metric.partition("/")[2] if len(names) > 1 else view.metric
    entries: list[Entry] = []
    marks: list[Mark] = []
    for number, (entry, runs, name) in enumerate(parts):
        found = list(_means(runs, key, name, scale, _Look(number, beside, not rest)))
        label = entry.label if found else f"{entry.label} (none completed)"
        joined = any(isinstance(mark, Lines) for mark in found)
        entries.append(replace(entry, label=label, marker="o", line=joined))
        marks += found or [Dots(np.empty(0), np.empty(0), number)]
    x = scale.axis(key)
    y, marks, cut = _fitted(marks, view, view.measures.label(kind))
    marks = [_aside(mark, x, y) if isinstance(mark, Dots) else mark for mark in marks]
    panel = Panel(x, y, tuple(marks), key, width=WIDTH, height=HEIGHT)
    if not np.isfinite(view.ended[view.metric]).any():
        panel = replace(panel, nothing=f"no finite {view.metric} to show")
    elif len(view.lost):
        panel = _with_counts(panel, view, key, scale, len(entries))
        entries.append(replace(LOST, line=False))
    legend = Legend(", ".join(lines), tuple(entries))
    words = f"{_marks_in_words(view, key, rest)}{'; bars cut at 0 and 1' if cut else ''}"
    title = f"{view.opening}last {view.words} by {key}\n{words}{view.failure_summary}"
    return FigureSpec(title, (panel,), legend, name=f"by_{key}")


def told_apart(view: SweepView, key: str, first: str = "") -> tuple[list[str], list[str]]:
    """The other keys that a figure by one key tells apart, and those that its means are over.

    Args:
        view: The sweep.
        key: The key along the axis.
        first: The one to tell apart where not all can be, whatever its values.
    """
    others = [name for name in view.keys if name != key]
    if len(view.runs[others].drop_duplicates()) <= FEW_LINES:
        return others, []
    few = [k for k in others if view.runs[k].nunique(dropna=False) <= FEW_LINES]
    few += [first] if first in others and first not in [*few, *view.continuous] else []
    lines = [first] if first in few else few[:1]
    return lines, [name for name in others if name not in lines]


def _aside(dots: Dots, x: AxisSpec, y: AxisSpec) -> Dots:
    """The dots of runs side by side where they would hide each other; other dots as they are."""
    return replace(dots, x=aside(dots.x, dots.y, x, y)) if dots.alpha < 1 else dots


def _marks_in_words(view: SweepView, key: str, rest: list[str]) -> str:
    """What dots, bars and lines are, and over what the means are taken."""
    points = view.runs.groupby("point")
    within = [n for n in replicate_columns(view.runs) if points[n].nunique().max() > 1]
    over = [*rest, *(IN_WORDS[name] for name in within)]
    if not over:
        return "one run each"
    dense, repeated = _density(view.ended, key)
    if dense and not repeated:
        return f"dot: run; also varying: {', '.join(over)}"
    mean = "line: mean" if dense or rest else "bar: mean ± std"
    count = f"; {view.replicates}" if view.repeated else ""
    return f"dot: run, {mean} over {', '.join(over)}{count}"


def _density(runs: pd.DataFrame, key: str) -> tuple[bool, bool]:
    """Whether there are too many values for a mark each, and whether most were run repeatedly."""
    sizes = runs.groupby(key, dropna=False).size()
    return len(sizes) > DENSE, bool(sizes.median() > 1)


Part = tuple[Entry, pd.DataFrame, str]
"""An entry of the legend, its runs, and the metric shown of them."""


class _Look(NamedTuple):
    """An entry's number, how many stand side by side, and whether its means have bars."""

    entry: int
    beside: int
    bars: bool


def _splits(view: SweepView) -> Iterator[Part]:
    """The metric and, below it, the same on the training set."""
    split, _, kind = view.metric.partition("/")
    train = f"train/{kind}"
    if split != "train" and train in view.runs and np.isfinite(view.ended[train]).any():
        running = f" ({view.measures.running})" if view.measures.running else ""
        look = replace(SPLITS["train"], label=f"train{running}", dashes="-")
        yield look, view.ended, train
    own = split in SPLITS and view.task != "objective"
    look = replace(SPLITS[split if own else "test"], dashes="-")
    label = view.words if view.task == "objective" else split
    yield replace(look, label=label), view.ended, view.metric


def _combinations(view: SweepView, others: list[str]) -> Iterator[Part]:
    """The metric at each combination of the values of other keys."""
    values = view.runs[others].drop_duplicates().sort_values(others, key=sortable)
    ordered = len(others) == 1 and pd.api.types.is_numeric_dtype(values[others[0]])
    rows = list(values.itertuples(index=False, name=None))
    entries = entries_of([point_label(row) for row in rows], ordered)
    for row, entry in zip(rows, entries, strict=True):
        same = pd.Series(True, index=view.ended.index)
        for key, value in zip(others, row, strict=True):
            # A value that is missing differs even from itself.
            same &= view.ended[key].isna() if value != value else view.ended[key] == value
        yield entry, view.ended[same], view.metric


def _means(runs: pd.DataFrame, key: str, name: str, scale: Scale, look: _Look) -> Iterator[Mark]:
    """A dot for each run, and the mean at each value, with a bar of one standard deviation."""
    runs = runs[np.isfinite(runs[name])]
    if runs.empty:
        return
    at = scale.of(runs[key])
    at = scale.beside(at, look.entry, look.beside) if look.beside > 1 else at
    places = pd.Series(at, index=runs.index)
    grouped = runs[name].groupby(places).agg(["mean", "std", "count"])
    x, mean, std = (
        column.to_numpy(float)
        for column in (grouped.index, grouped["mean"], grouped["std"].fillna(0))
    )
    dense, repeated = _density(runs, key)
    several = bool((grouped["count"] > 1).any())
    if dense or several:
        yield Dots(places.to_numpy(), runs[name].to_numpy(float), look.entry, size=6, alpha=0.5)
    if dense and not repeated:
        return
    if scale.kind != "words":
        yield Lines(x, mean, look.entry, dashes="-", width=1.3)
    if not dense:
        bars = several and look.bars
        low, high = (mean + sign * std if bars else None for sign in (-1, 1))
        yield Dots(x, mean, look.entry, low=low, high=high, tips={f"mean {name}": "y"})


def _fitted(marks: list[Mark], view: SweepView, label: str) -> tuple[AxisSpec, list[Mark], bool]:
    """The axis of some marks, these, and whether a bar was cut.

    Bars end where an axis or a fraction does: one that reaches below zero must not stretch a log
    axis to nothing, and no accuracy is above 1. What is far off is an arrow with its number.
    """
    dots = [mark for mark in marks if isinstance(mark, Dots)]
    heights = np.concatenate([[], *(dot.y for dot in dots)])
    share = view.measures.is_fraction(view.metric)
    near = heights if share else without_far(heights, view.log)
    bars = [(dot.low, dot.high, np.isin(dot.y, near)) for dot in dots]
    ends = [e[of] for low, high, of in bars if not view.log for e in (low, high) if e is not None]
    limits = (0.0, 1.0) if share else (-np.inf, np.inf)
    axis = value_axis(label, np.clip(np.concatenate([near, *ends]), *limits), view.log)
    if view.log and axis.span:
        limits = (axis.span[0], np.inf)
    shorter = [_cut(mark, *limits) for mark in marks]
    cut = share and any(old is not new for old, new in zip(marks, shorter, strict=True))
    marks, axis = with_arrows(shorter, axis)
    return axis, marks, cut


def _cut(mark: Mark, lowest: float, highest: float) -> Mark:
    """A mark whose bars end at some limits; the same mark where none reaches beyond."""
    if not isinstance(mark, Dots) or mark.low is None or mark.high is None:
        return mark
    if (mark.low >= lowest).all() and (mark.high <= highest).all():
        return mark
    return replace(mark, low=np.maximum(mark.low, lowest), high=np.minimum(mark.high, highest))


def _with_counts(panel: Panel, view: SweepView, key: str, scale: Scale, entry: int) -> Panel:
    """A cross above each value at which runs did not complete, and how many did."""
    span, top = room_at_top(panel.y)
    place = pd.Series(scale.of(view.runs[key]), index=view.runs.index)
    counts = (~view.runs["status"].isin(SETTLED)).groupby(place).agg(["sum", "size"])
    counts = counts[counts["sum"] > 0]
    x, y = counts.index.to_numpy(float), np.full(len(counts), top)
    marks: list[Mark] = [Dots(x, y, entry, "x", 9)]
    if len(scale.values) <= FEW_VALUES:
        words = [f"  {bad} of {runs}" for bad, runs in counts.to_numpy()]
        marks.append(Words(x, y, words, FAILED))
    return replace(panel, y=replace(panel.y, span=span), marks=(*panel.marks, *marks))
