"""The metric of a sweep along one swept key."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runner.results.labels import plain, point_label
from runner.results.plots.scales import Scale, scale_of, set_scale
from runner.results.plots.style import FAILED, new_figure, panels, say, spread_colours
from runner.results.sweep_view import SweepView, sortable
from runner.results.tables import replicate_columns

FEW_LINES = 6
IN_WORDS = {"seed": "seed", "dataset.fold": "fold", "dataset.seed": "data"}
DENSE = 25


def by_value(view: SweepView, key: str) -> Figure:
    """The metric of the last epoch against one swept key.

    A dot is a run; marks with bars are mean ± std. Where the other keys have few values there is a
    line for each combination of these, otherwise the means are over all else that varies.

    Args:
        view: The sweep.
        key: The swept key.
    """
    others = [name for name in view.keys if name != key]
    few = len(view.runs[others].drop_duplicates()) <= FEW_LINES
    lines = others if few else []
    figure = new_figure(5.4, 3.5, _title(view, key, lines))
    (axes,) = panels(figure, 1)
    if not np.isfinite(view.ended[view.metric]).any():
        say(axes, f"no finite {view.metric} to show")
        return figure
    scale = scale_of(view.runs[key])
    shown = _draw_splits(axes, view, key, scale) if not lines else [view.metric]
    if lines:
        _draw_lines(axes, view, key, lines, scale)
    _fit(axes, view, shown)
    set_scale(axes, "x", scale, key)
    if scale.kind == "words":
        axes.set_xlim(-0.6, len(scale.values) - 0.4)
    _mark_failed(axes, view, key, scale)
    kind = shown[0].partition("/")[2] if len(shown) > 1 else view.metric
    axes.set_ylabel(view.measures.label(kind))
    _legend(axes, lines)
    return figure


def _title(view: SweepView, key: str, lines: list[str]) -> str:
    what = f"{view.what}: " if view.what else ""
    head = f"{what}last {view.words} by {key}"
    words = _marks_in_words(view, key, lines)
    return f"{head}\n{words}{view.failure_summary}"


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
    count = "" if view.replicates.startswith("one run") else f"; {view.replicates}"
    return f"dot: run, {mean} over {', '.join(over)}{count}"


def _density(runs: pd.DataFrame, key: str) -> tuple[bool, bool]:
    """Whether there are too many values for a mark each, and whether most were run repeatedly."""
    sizes = runs.groupby(key, dropna=False).size()
    return len(sizes) > DENSE, bool(sizes.median() > 1)


def _draw_splits(axes: Axes, view: SweepView, key: str, scale: Scale) -> list[str]:
    """The metric and the same on the training set; returns what was drawn."""
    split, _, kind = view.metric.partition("/")
    train = f"train/{kind}"
    shown = [view.metric]
    if split != "train" and train in view.runs and np.isfinite(view.ended[train]).any():
        _draw_means(axes, view.ended, key, train, scale, colour="#0072B2", label="train")
        shown.append(train)
    label = view.words if view.task == "objective" else split
    _draw_means(axes, view.ended, key, view.metric, scale, colour="#D55E00", label=label)
    return shown


def _draw_lines(axes: Axes, view: SweepView, key: str, others: list[str], scale: Scale) -> None:
    values = view.runs[others].drop_duplicates().sort_values(others, key=sortable)
    ordered = len(others) == 1 and pd.api.types.is_numeric_dtype(values[others[0]])
    colours = spread_colours(len(values), ordered)
    for number, (value, colour) in enumerate(
        zip(values.itertuples(index=False, name=None), colours, strict=True)
    ):
        same = view.ended[_has(view.ended, others, value)]
        # Beside each other, so that bars at the same word do not hide each other.
        beside = (number - (len(values) - 1) / 2) * 0.6 / len(values)
        shift = beside if scale.kind == "words" else 0.0
        label = plain(point_label(value))
        _draw_means(axes, same, key, view.metric, scale, colour=colour, label=label, shift=shift)


def _has(runs: pd.DataFrame, keys: list[str], values: tuple[Any, ...]) -> "pd.Series[bool]":
    """Which runs have these values; one that is missing differs even from itself."""
    same = pd.Series(True, index=runs.index)
    for key, value in zip(keys, values, strict=True):
        same &= runs[key].isna() if value != value else runs[key] == value
    return same


def _draw_means(
    axes: Axes,
    runs: pd.DataFrame,
    key: str,
    metric: str,
    scale: Scale,
    *,
    colour: Any,
    label: str,
    shift: float = 0.0,
) -> None:
    finite = runs[np.isfinite(runs[metric])]
    if finite.empty:
        axes.plot([], [], color=colour, label=f"{label} (none ended)")
        return
    places = pd.Series(scale.of(finite[key]) + shift, index=finite.index)
    grouped = finite[metric].groupby(places).agg(["mean", "std", "count"])
    dense, repeated = _density(runs, key)
    if dense or (grouped["count"] > 1).any():
        name = label if dense and not repeated else "_runs"
        axes.plot(places, finite[metric], ".", color=colour, ms=6, alpha=0.5, mew=0, label=name)
    if dense and not repeated:
        return
    bars = None if dense or (grouped["count"] == 1).all() else grouped["std"].fillna(0)
    mark = "o" if scale.kind == "words" else "-" if dense else "o-"
    axes.errorbar(
        grouped.index, grouped["mean"], yerr=bars, fmt=mark, color=colour, label=label,
        ms=5, lw=1.3, elinewidth=1.1, capsize=2.5,
    )  # fmt: skip


def _fit(axes: Axes, view: SweepView, shown: list[str]) -> None:
    """A bar that reaches below zero must not stretch a log axis to nothing."""
    if not view.log:
        return
    axes.set_yscale("log", nonpositive="mask")
    values = view.ended[shown].to_numpy(float)
    values = np.log10(values[np.isfinite(values) & (values > 0)])
    margin = 0.07 * (values.max() - values.min()) or 0.5
    axes.set_ylim(10 ** (values.min() - margin), 10 ** (values.max() + margin))


def _mark_failed(axes: Axes, view: SweepView, key: str, scale: Scale) -> None:
    """A cross above the axes for each value at which runs did not end well, and how many did."""
    place = pd.Series(scale.of(view.runs[key]), index=view.runs.index)
    counts = (view.runs["status"] != "ok").groupby(place).agg(["sum", "size"])
    counts = counts[counts["sum"] > 0]
    if counts.empty:
        return
    axes.plot(
        counts.index, np.full(len(counts), 1.03), "x", color=FAILED, ms=6, mew=1.6, clip_on=False,
        transform=axes.get_xaxis_transform(), label="did not end well",
    )  # fmt: skip
    for where, bad, runs in counts.itertuples() if len(scale.values) <= 10 else []:
        axes.annotate(
            f"{bad} of {runs}", (where, 1.03), xycoords=axes.get_xaxis_transform(),
            xytext=(6, 0), textcoords="offset points", va="center", size=7.5, color=FAILED,
        )  # fmt: skip


def _legend(axes: Axes, lines: list[str]) -> None:
    """Right of the axes, below the crosses: its own would read as one more run."""
    title = plain(", ".join(lines)) if lines else None
    axes.legend(
        frameon=False, fontsize=8.5, title=title, title_fontsize=8.5, alignment="left",
        loc="upper left", bbox_to_anchor=(1.02, 0.92), borderaxespad=0,
    )  # fmt: skip
