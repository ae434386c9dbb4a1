"""Runs as dots alone, without means: by one key, and over two; those let go early are pale."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from runner.results.figures.captions import log_words
from runner.results.figures.colours import (
    ENDED,
    FAILED,
    LOST,
    PRUNED,
    Entry,
    Legend,
    Marker,
    entries_of,
)
from runner.results.figures.crowding import aside, without_far
from runner.results.figures.marks import Colour, Dots, Floats
from runner.results.figures.scales import room_at_top, scale_of, value_axis
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel, Shades
from runner.results.labels import counted, point_label
from runner.results.sweep_view import SweepView, sortable

WIDTH, HEIGHT = 4.4, 3.2
OPAQUE, PALEST, FULL = 0.85, 0.12, 80  # up to so many dots are opaque; more show their density
LET_GO = PRUNED.white


def dots_by_value(view: SweepView, key: str, lines: Sequence[str]) -> FigureSpec:
    """The metric of every run against one swept key, for print.

    Args:
        view: The sweep.
        key: The swept key.
        lines: Other keys, by whose values runs are coloured.
    """
    entries, entry_of = _entries(view, lines)
    panel = dots_panel(view, key, entry_of)
    # Print lists the entries that have a mark.
    more = [one for one, runs in ((PRUNED, view.pruned), (LOST, view.lost)) if len(runs)]
    numbers: dict[Colour, int] = {one.white: len(entries) + i for i, one in enumerate(more)}
    marks = tuple(
        replace(mark, colour=numbers.get(mark.colour, mark.colour))
        for mark in panel.marks
        if isinstance(mark, Dots)
    )
    legend = Legend(", ".join(lines), (*entries, *(replace(one, line=False) for one in more)))
    title = f"{view.opening}last {view.words} by {key}\n{_told(view, panel, [key])}"
    panel = replace(panel, marks=marks, width=WIDTH, height=HEIGHT)
    return FigureSpec(title, (panel,), legend, name=f"by_{key}")


def dots_panel(view: SweepView, key: str, entry_of: Mapping[int, int]) -> Panel:
    """The metric of every run against one swept key; what lies beyond the axis is at its edge.

    Args:
        view: The sweep.
        key: The swept key; runs that lack it are left out.
        entry_of: The entry of the legend that each job belongs to.
    """
    ended, left, lost = (_with(some, [key]) for some in (view.drawable, _let_go(view), view.lost))
    x = scale_of(view.runs[key].dropna()).axis(key)
    y = fitted_axis(view, view.metric, view.log, ended[view.metric], left[view.metric])
    if ended.empty and left.empty:
        return Panel(x, y, title=key, nothing=f"no finite {view.metric} to show")
    marks = list(_at_heights(view, left, key, (x, y), LET_GO))
    for number, some in ended.groupby(ended["job"].map(entry_of)):
        dots = _at_heights(view, some, key, (x, y), int(number))
        marks += [replace(dot, alpha=opacity(len(ended))) for dot in dots]
    if len(lost) or any(dot.marker == "^" for dot in marks):
        span, top = room_at_top(y)
        y = replace(y, span=span)
        marks = [replace(d, y=np.full(len(d.y), top)) if d.marker == "^" else d for d in marks]
        marks += _crosses(lost, _places(view, lost, key), np.full(len(lost), top))
    panel = Panel(x, y, tuple(marks), key, picks=True)
    log = log_words(view.log, x.kind == "log")
    told = f"Last {view.words} by {key}. {_told(view, panel, [key])}.{log}"
    return replace(panel, caption=told)


def dots_over_pair(view: SweepView, down: str, across: str) -> Panel:
    """The metric of every run as the colour of a dot where its two values lie.

    Args:
        view: The sweep.
        down: The key of the vertical axis.
        across: That of the horizontal one.
    """
    keys = [down, across]
    ended, left = (_with(some, keys) for some in (view.drawable, view.pruned))
    rest = view.runs[~view.runs["job"].isin([*view.drawable["job"], *view.pruned["job"]])]
    lost, values = _with(rest, keys), ended[view.metric].to_numpy(np.float64)
    size = 9 if len(ended) <= FULL else 7
    pale = Dots(
        _places(view, left, across), _places(view, left, down), LET_GO, size=6,
        alpha=opacity(len(left)), jobs=left["job"].to_numpy(int), tips=_when(left),
    )  # fmt: skip
    dots = Dots(
        _places(view, ended, across), _places(view, ended, down), size=size, values=values,
        jobs=ended["job"].to_numpy(int), tips={view.words: "value"},
    )  # fmt: skip
    crosses = _crosses(lost, _places(view, lost, across), _places(view, lost, down))
    x, y = (scale_of(view.runs[key].dropna()).axis(key) for key in (across, down))
    near = values if view.measures.is_fraction(view.metric) else without_far(values, view.log)
    panel = Panel(
        x, y, (pale, dots, *crosses), f"{down} and {across}",
        shades=Shades.over(view.label, near, view.log, thin=True),
        width=WIDTH, height=3.5, picks=True,
    )  # fmt: skip
    told = f"Last {view.words} by {down} and {across}. {pair_words(view, keys)}."
    return replace(panel, caption=told)


def pair_words(view: SweepView, keys: Sequence[str]) -> str:
    """What the marks of `dots_over_pair` are."""
    pale = "; pale: let go early" if len(view.pruned) else ""
    cross = "; cross: did not complete" if len(view.lost) else ""
    return f"Dot: run, coloured by it{pale}{cross}{view.endings}{_without(view, keys)}"


def _told(view: SweepView, panel: Panel, keys: Sequence[str]) -> str:
    """What the marks of `dots_panel` are."""
    pale = "; pale: let go early, at its last epoch" if len(view.pruned) else ""
    cross = "; cross: did not complete" if len(view.lost) else ""
    far = any(isinstance(mark, Dots) and mark.marker in "^v" for mark in panel.marks)
    edge = "; triangle: beyond the axis" if far else ""
    return f"Dot: run{pale}{cross}{edge}{view.endings}{_without(view, keys)}"


def _without(view: SweepView, keys: Sequence[str]) -> str:
    """How many runs are left out, since they lack a key, in words."""
    found = ((key, int(view.runs[key].isna().sum())) for key in keys)
    return "".join(f"; {counted(count, 'run')} without {key}" for key, count in found if count)


def _with(runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The runs that have some keys; values that are words are always there, ``null`` too."""
    return runs.dropna(subset=list(keys))


def _let_go(view: SweepView) -> pd.DataFrame:
    """The runs that were let go with a metric that has a place on its scale."""
    values = view.pruned[view.metric].astype(float)
    return view.pruned[np.isfinite(values) & ((values > 0) | (not view.log))]


def fitted_axis(
    view: SweepView, name: str, log: bool, ended: "pd.Series[float]", left: "pd.Series[float]"
) -> AxisSpec:
    """The axis of a metric: for all that completed, and for the better half of all runs.

    What was let go after an epoch would leave those that completed a narrow stripe.

    Args:
        view: The sweep.
        name: The metric.
        log: Whether the axis is logarithmic.
        ended: Its values of runs that completed.
        left: Those of runs that were let go.
    """
    whole, sign = ended.to_numpy(np.float64), view.measures.sign(name)
    near = whole if view.measures.is_fraction(name) else without_far(whole, log)
    every = np.sort(sign * np.concatenate([whole, left.to_numpy(np.float64)]))
    half = sign * every[: -(-len(every) // 2)] if len(left) else near
    return value_axis(view.measures.label(name), np.concatenate([near, half]), log)


def _at_heights(
    view: SweepView, runs: pd.DataFrame, key: str, axes: tuple[AxisSpec, AxisSpec], colour: Colour
) -> Iterator[Dots]:
    """Runs at their metric, and as triangles at the edge where they lie beyond the axis."""
    x, heights = _places(view, runs, key), runs[view.metric].to_numpy(np.float64)
    low, high = axes[1].span or (-np.inf, np.inf)
    at = np.clip(heights, low, high)
    if axes[0].kind == "words":
        x = aside(x, at, *axes)
    parts: tuple[tuple[Any, Marker], ...]
    parts = (heights > high, "^"), (heights < low, "v"), (at == heights, "o")
    for which, marker in parts:
        if not which.any():
            continue
        some = runs[which]
        tips: dict[str, Any] = {view.words: [f"{value:.4g}" for value in heights[which]]}
        if colour == LET_GO:
            tips |= _when(some)
        yield Dots(
            x[which], at[which], colour, marker, 6 if colour == LET_GO else 8,
            alpha=opacity(len(runs)), jobs=some["job"].to_numpy(int), tips=tips,
        )  # fmt: skip


def _places(view: SweepView, runs: pd.DataFrame, key: str) -> Floats:
    return scale_of(view.runs[key].dropna()).of(runs[key])


def _when(runs: pd.DataFrame) -> dict[str, list[str]]:
    """After which epoch each run was let go, where that is known."""
    return {"let go after epoch": [f"{e}" for e in runs["epoch"]]} if "epoch" in runs else {}


def _crosses(lost: pd.DataFrame, x: Floats, y: Floats) -> Iterator[Dots]:
    if len(lost):
        jobs, tips = lost["job"].to_numpy(int), {"status": list(lost["status"])}
        alpha = opacity(len(lost))
        yield Dots(x, y, FAILED, "x", alpha=alpha, jobs=jobs, tips=tips, tag="lost")


def opacity(count: int) -> float:
    """How opaque so many dots are: many lie over each other, and show how dense they are."""
    return max(PALEST, OPAQUE * min(1.0, math.sqrt(FULL / max(count, 1))))


def _entries(view: SweepView, lines: Sequence[str]) -> tuple[tuple[Entry, ...], dict[int, int]]:
    """An entry for each combination of some keys' values, and that of each job."""
    if not lines:
        return (ENDED,), dict.fromkeys(map(int, view.runs["job"]), 0)
    values = view.runs[[*lines]].drop_duplicates().sort_values([*lines], key=sortable)
    labels = [point_label(row) for row in values.itertuples(index=False)]
    ordered = len(lines) == 1 and pd.api.types.is_numeric_dtype(values.iloc[:, 0])
    entries = entries_of(labels, ordered)
    mine = (point_label(row) for row in view.runs[[*lines]].itertuples(index=False))
    numbers = {job: labels.index(label) for job, label in zip(view.runs["job"], mine, strict=True)}
    return tuple(replace(one, marker="o", line=False) for one in entries), numbers
