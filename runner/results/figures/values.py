"""The metric of a sweep by one swept key: means at each value, or every run."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from runner.columns import Status
from runner.results.figures.captions import log_words
from runner.results.figures.colours import FAILED, LOST, SPLITS, Entry, Legend, entries_of
from runner.results.figures.marks import Dots, Floats, Lines, Mark, Words
from runner.results.figures.scales import Scale, room_at_top, scale_of, value_axis
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

    A dot is a run; marks with bars are mean ± std. Where the other keys have few values there is a
    line for each combination of these, otherwise the means are over all else that varies.

    Args:
        view: The sweep.
        key: The swept key.
    """
    others = [name for name in view.keys if name != key]
    lines = others if len(view.runs[others].drop_duplicates()) <= FEW_LINES else []
    scale = scale_of(view.runs[key])
    parts = list(_combinations(view, lines, scale) if lines else _splits(view))
    names = list(dict.fromkeys(name for _, _, name, _ in parts))
    kind = view.metric.partition("/")[2] if len(names) > 1 else view.metric
    entries: list[Entry] = []
    marks: list[Mark] = []
    for number, (entry, runs, name, shift) in enumerate(parts):
        found = list(_means(runs, key, name, scale, number, shift))
        label = entry.label if found else f"{entry.label} (none ended)"
        joined = any(isinstance(mark, Lines) for mark in found)
        entries.append(replace(entry, label=label, marker="o", line=joined))
        marks += found or [Dots(np.empty(0), np.empty(0), number)]
    y, marks = _fitted(marks, view.measures.label(kind), view.log)
    panel = Panel(scale.axis(key), y, tuple(marks), key, width=WIDTH, height=HEIGHT)
    if not np.isfinite(view.ended[view.metric]).any():
        panel = replace(panel, nothing=f"no finite {view.metric} to show")
    elif len(view.lost):
        panel = _with_counts(panel, view, key, scale, len(entries))
        entries.append(replace(LOST, line=False))
    legend = Legend(", ".join(lines), tuple(entries))
    return FigureSpec(_title(view, key, lines), (panel,), legend, name=f"by_{key}")


def _title(view: SweepView, key: str, lines: list[str]) -> str:
    words = _marks_in_words(view, key, lines)
    return f"{view.opening}last {view.words} by {key}\n{words}{view.failure_summary}"


def _marks_in_words(view: SweepView, key: str, lines: list[str]) -> str:
    """What dots, bars and lines are, and over what the means are taken."""
    over = [] if lines else [name for name in view.keys if name != key]
    points = view.runs.groupby("point")
    within = [n for n in replicate_columns(view.runs) if points[n].nunique().max() > 1]
    over += [IN_WORDS[name] for name in within]
    if not over:
        return "one run each"
    dense, repeated = _density(view.ended, key)
    if dense and not repeated:
        return f"dot: run; also varying: {', '.join(over)}"
    mean = "line: mean" if dense else "bar: mean ± std"
    count = f"; {view.replicates}" if view.repeated else ""
    return f"dot: run, {mean} over {', '.join(over)}{count}"


def _density(runs: pd.DataFrame, key: str) -> tuple[bool, bool]:
    """Whether there are too many values for a mark each, and whether most were run repeatedly."""
    sizes = runs.groupby(key, dropna=False).size()
    return len(sizes) > DENSE, bool(sizes.median() > 1)


Part = tuple[Entry, pd.DataFrame, str, float]
"""An entry of the legend, its runs, the metric shown of them, and how far they stand aside."""


def _splits(view: SweepView) -> Iterator[Part]:
    """The metric and, below it, the same on the training set."""
    split, _, kind = view.metric.partition("/")
    train = f"train/{kind}"
    if split != "train" and train in view.runs and np.isfinite(view.ended[train]).any():
        yield replace(SPLITS["train"], dashes="-"), view.ended, train, 0.0
    own = split in SPLITS and view.task != "objective"
    look = replace(SPLITS[split if own else "test"], dashes="-")
    label = view.words if view.task == "objective" else split
    yield replace(look, label=label), view.ended, view.metric, 0.0


def _combinations(view: SweepView, others: list[str], scale: Scale) -> Iterator[Part]:
    """The metric at each combination of the values of other keys."""
    values = view.runs[others].drop_duplicates().sort_values(others, key=sortable)
    ordered = len(others) == 1 and pd.api.types.is_numeric_dtype(values[others[0]])
    rows = list(values.itertuples(index=False, name=None))
    entries = entries_of([point_label(row) for row in rows], ordered)
    for number, (row, entry) in enumerate(zip(rows, entries, strict=True)):
        same = pd.Series(True, index=view.ended.index)
        for key, value in zip(others, row, strict=True):
            # A value that is missing differs even from itself.
            same &= view.ended[key].isna() if value != value else view.ended[key] == value
        # Beside each other, so that bars at the same word do not hide each other.
        beside = (number - (len(rows) - 1) / 2) * 0.6 / len(rows)
        yield entry, view.ended[same], view.metric, beside if scale.kind == "words" else 0.0


def _means(
    runs: pd.DataFrame, key: str, name: str, scale: Scale, entry: int, shift: float
) -> Iterator[Mark]:
    """A dot for each run, and the mean at each value with a bar of one standard deviation."""
    runs = runs[np.isfinite(runs[name])]
    if runs.empty:
        return
    places = pd.Series(scale.of(runs[key]) + shift, index=runs.index)
    grouped = runs[name].groupby(places).agg(["mean", "std", "count"])
    x, mean, std = (
        column.to_numpy(float)
        for column in (grouped.index, grouped["mean"], grouped["std"].fillna(0))
    )
    dense, repeated = _density(runs, key)
    several = bool((grouped["count"] > 1).any())
    if dense or several:
        yield Dots(places.to_numpy(), runs[name].to_numpy(float), entry, size=6, alpha=0.5)
    if dense and not repeated:
        return
    if scale.kind != "words":
        yield Lines(x, mean, entry, dashes="-", width=1.3)
    if not dense:
        low, high = (mean + sign * std if several else None for sign in (-1, 1))
        yield Dots(x, mean, entry, low=low, high=high, tips={f"mean {name}": "y"})


def _fitted(marks: list[Mark], label: str, log: bool) -> tuple[AxisSpec, list[Mark]]:
    """The axis of some marks, and these.

    A bar that reaches below zero must not stretch a log axis to nothing; it ends where that begins.
    """
    dots = [mark for mark in marks if isinstance(mark, Dots)]
    ends = [end for dot in dots if not log for end in (dot.low, dot.high) if end is not None]
    axis = value_axis(label, np.concatenate([[], *(dot.y for dot in dots), *ends]), log)
    lowest = axis.span[0] if log and axis.span else -np.inf
    return axis, [
        mark
        if not isinstance(mark, Dots) or mark.low is None
        else replace(mark, low=np.maximum(mark.low, lowest))
        for mark in marks
    ]


def _with_counts(panel: Panel, view: SweepView, key: str, scale: Scale, entry: int) -> Panel:
    """A cross above each value at which runs did not end well, and how many did."""
    span, top = room_at_top(panel.y)
    place = pd.Series(scale.of(view.runs[key]), index=view.runs.index)
    counts = (view.runs["status"] != Status.OK).groupby(place).agg(["sum", "size"])
    counts = counts[counts["sum"] > 0]
    x, y = counts.index.to_numpy(float), np.full(len(counts), top)
    marks: list[Mark] = [Dots(x, y, entry, "x", 9)]
    if len(scale.values) <= FEW_VALUES:
        words = [f"  {bad} of {runs}" for bad, runs in counts.to_numpy()]
        marks.append(Words(x, y, words, FAILED))
    return replace(panel, y=replace(panel.y, span=span), marks=(*panel.marks, *marks))


def runs_by_value(view: SweepView, key: str, entry_of: Mapping[int, int]) -> Panel:
    """The metric of every run by one swept value, and the mean at each value of those shown.

    Args:
        view: The sweep.
        key: The swept key.
        entry_of: The entry of the page's legend that each job belongs to.
    """
    runs, scale = view.drawable, scale_of(view.runs[key])
    places = pd.Series(scale.of(runs[key]), index=runs.index)
    numbers, heights = runs["job"].map(entry_of), runs[view.metric].astype(float)
    tips = {view.words: "y"}
    marks: list[Mark] = [
        Dots(
            places[of.index].to_numpy(), of.to_numpy(), int(number), alpha=0.75,
            jobs=runs.loc[of.index, "job"].to_numpy(int), tips=tips,
        )
        for number, of in heights.groupby(numbers)
    ]  # fmt: skip
    means = heights.groupby(places).mean()
    at, mean = means.index.to_numpy(float), means.to_numpy()
    # Between words there is nothing to join.
    dash = Dots(at, mean, marker="dash", size=26, tag="mean")
    marks.append(dash if scale.kind == "words" else Lines(at, mean, width=2, tag="mean"))
    y = value_axis(view.label, heights, view.log)
    if len(view.lost):
        y, cross = _crosses(view, y, scale.of(view.lost[key]))
        marks.append(cross)
    return Panel(scale.axis(key), y, tuple(marks), key, _caption(view, key, scale), picks=True)


def _crosses(view: SweepView, y: AxisSpec, x: Floats) -> tuple[AxisSpec, Dots]:
    """A cross at the top for each run that did not end well, and the axis with room for it."""
    span, top = room_at_top(y)
    jobs, tips = view.lost["job"].to_numpy(int), {"status": list(view.lost["status"])}
    cross = Dots(x, np.full(len(x), top), FAILED, "x", 10, jobs=jobs, tips=tips, tag="lost")
    return replace(y, span=span), cross


def _caption(view: SweepView, key: str, scale: Scale) -> str:
    lost = f"; cross: {view.failure_summary.removeprefix('; ')}" if view.failure_summary else ""
    shown = "Dot: run; line or dash: mean of the dots shown"
    log = log_words(view.log, scale.kind == "log")
    return f"Last {view.words} by {key}. {shown}{lost}.{log}"
