"""Learning curves of a sweep: by point, and of every run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from runner.columns import measure_of
from runner.results.figures.captions import curve_caption
from runner.results.figures.colours import LOST, PRUNED, Entry, Legend, entries_of
from runner.results.figures.crowding import with_arrows, without_far
from runner.results.figures.marks import CURVE_TIPS, INK, Colour, Dots, Lines, Mark, finite
from runner.results.figures.points import FEW, over_runs, point_legend
from runner.results.figures.scales import epoch_axis, scale_of, value_axis
from runner.results.figures.scatter import opacity
from runner.results.figures.spec import FigureSpec, Panel, Shades
from runner.results.labels import short
from runner.results.sweep_view import SweepView
from runner.results.tables import metric_columns

MOST_PANELS = 4
BESIDE = 0.6  # of an epoch, over which points stand side by side where there is no other
TRAIN_LOSS = "train/loss"
FULL: dict[str, Any] = {"width": 1.6}
PALE: dict[str, Any] = {"width": 1.0, "alpha": 0.3}


def sweep_curves(view: SweepView) -> FigureSpec:
    """The learning curves of a sweep: training loss and the view's metric, a line for each point.

    Up to ten points have a colour each, their mean drawn as a line and the range of their runs as
    a band. More are coloured by the value swept, or drawn grey but for the best and the worst by
    the metric that ranks them; where none may, all are grey.

    Args:
        view: The sweep.
    """
    names = [name for name in dict.fromkeys([TRAIN_LOSS, view.metric]) if name in view.curves]
    ended = view.curves[view.curves["job"].isin(view.ended["job"])]
    by = [ended["point"], ended["epoch"]]
    means = {name: over_runs(ended[name], by) for name in names}
    shaded = len(view.keys) == 1 and pd.api.types.is_numeric_dtype(view.points.iloc[:, 0])
    style = _few_points if len(view.points) <= FEW else _by_value if shaded else _extremes
    drawn = [style(view, means[name]) for name in names]
    legend = drawn[-1][0]
    lost = view.lost[~view.lost["job"].isin(view.ended["job"])]
    others = [one for one, runs in ((PRUNED, view.pruned), (LOST, lost)) if len(runs)]
    pruned, left = (view.curves[view.curves["job"].isin(of["job"])] for of in (view.pruned, lost))
    legend = replace(legend, entries=(*legend.entries, *others))
    last = len(legend.entries) - 1
    panels = []
    for name, (_, marks) in zip(names, drawn, strict=True):
        panel = _means_panel(view, name, means[name], marks)
        panel = _with_pruned(panel, pruned, name, last if lost.empty else last - 1)
        panels.append(_with_lost(panel, left, name, last))
    return FigureSpec(_title(view), tuple(panels), legend, name="curves")


def _title(view: SweepView) -> str:
    dots = view.curves["epoch"].nunique() == 1 and len(view.points) <= FEW
    line, band = ("dot", "bar") if dots else ("line", "band")
    over = f", {line}: mean" if view.repeated else ""
    band = f", {band}: lowest to highest run" if over and len(view.points) <= FEW else ""
    by = f" by {view.varies}" if view.keys else ""
    runs = f"{view.replicates}{over}{band}{view.endings}{view.curveless}"
    return f"{view.opening}learning curves{by}\n{runs}"


def _means_panel(view: SweepView, name: str, means: pd.DataFrame, marks: Sequence[Mark]) -> Panel:
    """Fit the axes to the runs that ended, but for the few that would flatten the others."""
    label = view.measures.label(name)
    if means.empty:
        nothing = f"no finite {name} to show"
        return Panel(epoch_axis([]), value_axis(label, []), title=label, nothing=nothing)
    log = view.log_curves([name]) and bool((means > 0).any(axis=None))
    peaks = means["mean"].groupby(level=0).max()
    near = peaks.index if view.measures.is_fraction(name) else _within(peaks, log).index
    seen = means.loc[means.index.get_level_values(0).isin(near)]
    seen = seen if len(view.points) <= FEW else seen[["mean"]]
    y = value_axis(view.measures.axis_label(name), seen, log)
    ends = means["mean"].drop(near, level=0).groupby(level=0).tail(1)
    far = Dots(ends.index.get_level_values(1).to_numpy(float), ends.to_numpy(float), alpha=0)
    (_, *arrows), y = with_arrows([far], y)
    shaded = any(isinstance(mark, Lines) and mark.values is not None for mark in marks)
    shades = _shades(view) if shaded else None
    return Panel(epoch_axis(view.curves["epoch"]), y, (*marks, *arrows), label, shades=shades)


def _within(peaks: "pd.Series[float]", log: bool) -> "pd.Series[float]":
    """The highest values of some lines, without the few so high as to flatten the others."""
    near = without_far(peaks, log)
    return peaks[peaks <= near[-1]] if len(near) else peaks


def _few_points(view: SweepView, means: pd.DataFrame) -> tuple[Legend, list[Mark]]:
    legend = point_legend(view)
    marks: list[Mark] = []
    entries = list(legend.entries)
    for number, point in enumerate(view.points.index):
        if point not in means.index:
            label = f"{entries[number].label or 'mean'} (none completed)"
            entries[number] = replace(entries[number], label=label)
            marks.append(Lines(np.empty(0), np.empty(0), number))
            continue
        rows = means.loc[point]
        columns = (rows[name].to_numpy(float) for name in ("mean", "min", "max"))
        x, (y, low, high) = rows.index.to_numpy(float), columns
        band = {"low": low, "high": high} if view.repeated else {}
        if view.curves["epoch"].nunique() == 1:  # nothing to join: side by side, bars for bands
            x = x + BESIDE * ((number + 0.5) / len(view.points) - 0.5)
            marks.append(Dots(x, y, number, tips={"value": "y"}, **band))
        else:
            marks.append(Lines(x, y, number, tips=CURVE_TIPS, **band))
    if len(entries) == 1 and view.repeated and not entries[0].label:
        entries = [replace(entries[0], label="mean")]
    if any(isinstance(mark, Dots) for mark in marks):
        entries = [replace(entry, marker="o", line=False) for entry in entries]
    return replace(legend, entries=tuple(entries)), marks


def _by_value(view: SweepView, means: pd.DataFrame) -> tuple[Legend, list[Mark]]:
    """Lines coloured by the value swept; zero has no place on a log scale: its line is in ink."""
    swept = view.points.iloc[:, 0].astype(float)
    at_zero = (swept == 0) & _shades(view).log
    lines = means["mean"].reset_index()
    zero = lines["point"].map(at_zero).astype(bool)
    others = _lines(lines[~zero], "mean", INK, "point", width=0.9)
    marks: list[Mark] = [replace(others, values=swept.loc[others.names].to_numpy(float))]
    if at_zero.any():
        marks.append(_lines(lines[zero], "mean", 0, "point"))
    entry = Entry(f"{view.keys[0]} = 0", "#000000", "#ffffff")
    return Legend("", (entry,) if at_zero.any() else ()), marks


def _shades(view: SweepView) -> Shades:
    swept = view.points.iloc[:, 0].astype(float)
    return Shades.over(view.keys[0], swept, scale_of(swept).kind == "log", thin=True)


def _extremes(view: SweepView, means: pd.DataFrame) -> tuple[Legend, list[Mark]]:
    """All lines grey but those of the best and the worst point, where these may be told."""
    lines, extremes = means["mean"].reset_index(), _best_and_worst(view)
    extremes = {word: at for word, at in extremes.items() if (lines["point"] == at).any()}
    entries, marks = [], []
    for number, (word, point) in enumerate(extremes.items()):
        asked = view.points.to_dict("index")[point]
        values = "\n".join(f"{key} = {short(value)}" for key, value in asked.items())
        entries.append(replace(entries_of(("", ""))[1 - number], label=f"{word}:\n{values}"))
        marks.append(_lines(lines[lines["point"] == point], "mean", number, "point", width=1.8))
    count = lines["point"].nunique() - len(extremes)
    them = f"{count} {'members' if view.of_members else 'points'}"
    label = f"the other {them}" if extremes else them
    grey = _lines(lines, "mean", len(entries), "point", width=0.6, alpha=0.45)
    return Legend("", (*entries, Entry(label, "#9A9A9A", "#9A9A9A"))), [grey, *marks]


def _best_and_worst(view: SweepView) -> dict[str, Any]:
    """The best and the worst point by the metric that ranks them; none where there is none."""
    name = view.ranks_by
    if name is None:
        return {}
    last = view.measures.sign(name) * view.ended.groupby("point")[name].mean().dropna()
    words = view.measures.words(name)
    return {f"best last {words}": last.idxmin(), f"worst last {words}": last.idxmax()}


def _with_pruned(panel: Panel, rows: pd.DataFrame, name: str, entry: int) -> Panel:
    """The runs that were let go below the others, up to the epoch where they were."""
    rows = rows[np.isfinite(rows[name])]
    if rows.empty or panel.nothing or panel.y.span is None:
        return panel
    low, high = panel.y.span
    ends = rows.drop_duplicates("job", keep="last")[["epoch", name]].to_numpy(float)
    ends = ends[(ends[:, 1] >= low) & (ends[:, 1] <= high)]
    alpha = opacity(len(ends))
    lines = _lines(rows, name, entry, "job", width=0.6, alpha=alpha / 2)
    dots = Dots(ends[:, 0], ends[:, 1], entry, size=5, alpha=alpha)
    return replace(panel, marks=(lines, dots, *panel.marks))


def _with_lost(panel: Panel, rows: pd.DataFrame, name: str, entry: int) -> Panel:
    """The runs that did not complete as well, dashed up to where they stopped."""
    rows = rows[np.isfinite(rows[name])]
    if rows.empty or panel.nothing or panel.y.span is None:
        return panel
    ends = rows.drop_duplicates("job", keep="last")[["epoch", name]].to_numpy(float)
    # A run that left the picture ends at its edge.
    cross = Dots(ends[:, 0], np.clip(ends[:, 1], *panel.y.span), entry, "x")
    lines = _lines(rows, name, entry, "job", width=0.8, alpha=0.7)
    return replace(panel, marks=(*panel.marks, lines, cross))


def curve_names(view: SweepView) -> tuple[list[str], list[str]]:
    """The metrics whose curves are shown, and the others that there are."""
    kind = measure_of(view.metric)
    losses = (view.measures.monitor, "test/loss")
    wanted = (TRAIN_LOSS, view.metric, *losses, f"test/{kind}", f"train/{kind}")
    names = [name for name in dict.fromkeys(wanted) if name in view.curves][:MOST_PANELS]
    others = [name for name in metric_columns(view.curves) if name not in names]
    return names, [name for name in others if finite(view.curves[name]).notna().any()]


def runs_curves(
    view: SweepView, entry_of: Mapping[int, int], names: Sequence[str] | None = None
) -> Iterator[Panel]:
    """The curves of every run of a sweep, a panel for each metric.

    Args:
        view: The sweep.
        entry_of: The entry of the page's legend that each job belongs to.
        names: The metrics; None for those that matter most.
    """
    names = curve_names(view)[0] if names is None else names
    numbers = view.curves["job"].map(entry_of)
    let_go = view.curves["job"].isin(view.pruned["job"])
    for name in names:
        log, label = view.log_curves([name]), view.measures.label(name)
        span, beyond = _near(view, name, log)
        if span is None:
            continue
        lines = [
            _lines(rows, name, int(number), "job", runs=True, **look)
            for curves, look in ((view.curves[let_go], PALE), (view.curves[~let_go], FULL))
            for number, rows in curves.groupby(numbers)
        ]
        left = f"{view.endings}{view.curveless}"
        caption = curve_caption(label, "a line for each run", left, view.ended[[name]], log, beyond)
        y = value_axis(view.measures.axis_label(name), span, log)
        x = epoch_axis(view.curves["epoch"])
        yield Panel(x, y, tuple(lines), label, caption, picks=True)


def _near(view: SweepView, name: str, log: bool) -> tuple[tuple[float, float] | None, list[float]]:
    """The lowest and the highest value of the runs that ended, but for those far beyond most.

    Returns:
        The two, None where there are none; and the highest value of each run beyond them.
    """
    rows = view.curves[view.curves["job"].isin(view.ended["job"])]
    values = finite(rows[name])
    values = values[values > 0] if log else values
    if not values.notna().any():
        return None, []
    highest = values.groupby(rows["job"]).max().dropna()
    near = highest if view.measures.is_fraction(name) else _within(highest, log)
    return (float(values.min()), float(near.max())), highest.drop(near.index).tolist()


def _lines(rows: pd.DataFrame, name: str, colour: Colour, part: str, **look: Any) -> Lines:
    """The rows of some points or runs as lines, each one's rows together."""
    rows = rows.sort_values(part, kind="stable")
    x, y = (finite(rows[column]).to_numpy(np.float64) for column in ("epoch", name))
    steps = rows["step"].to_numpy(np.float64) if "step" in rows else None
    return Lines(x, y, colour, rows[part].to_numpy(int), tips=CURVE_TIPS, steps=steps, **look)
