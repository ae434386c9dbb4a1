"""The loss on the training set within epochs: against epochs, and against seconds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from runner.results.labels import plain, point_label
from runner.results.measures import Measures
from runner.results.plots.style import COLOURS, beside, epoch_axis, new_figure, panels, say
from runner.results.plots.sweep import FEW, point_styles
from runner.results.read.runs import Run
from runner.results.stats import spans_decades
from runner.results.sweep_view import SweepView

LOSS = "train/loss"
MANY: dict[str, Any] = {"color": COLOURS[0], "lw": 0.6, "alpha": 0.5}


def run_trace(run: Run, title: str) -> Figure:
    """A run's loss on the training set within epochs.

    Args:
        run: The run; it has a trace.
        title: What was run.
    """
    figure, by_epoch, by_second = _figure(f"{title}\nloss on the whole training set", [run])
    rows = _finite(run)
    if not len(rows):
        return _nothing(figure, [by_epoch, by_second])
    style: dict[str, Any] = {
        "color": COLOURS[0],
        "lw": 1.4,
        "marker": "o" if len(rows) < 40 else None,
        "ms": 3,
    }
    by_epoch.plot(rows["epoch"], rows[LOSS], **style)
    by_second.plot(rows["seconds"], rows[LOSS], **style)
    _scale(by_epoch, by_second, rows, Measures.told(run.summary))
    return figure


def sweep_traces(view: SweepView, runs: Sequence[Run]) -> Figure:
    """The same of a sweep, a line for each point where there are few.

    Against epochs it is the mean over a point's runs; seconds differ from run to run, so each run
    is drawn on its own. A run that did not end well is drawn as far as it came.

    Args:
        view: The sweep.
        runs: Its runs.
    """
    figure, by_epoch, by_second = _figure(_title(view), runs)
    traces = {run.job: _finite(run) for run in runs if len(run.trace) and len(_finite(run))}
    if not traces:
        return _nothing(figure, [by_epoch, by_second])
    few = len(view.points) <= FEW
    styles = point_styles(view) if few else dict.fromkeys(view.points.index.tolist(), MANY)
    for point in view.points.index:
        jobs = view.runs.loc[view.runs["point"] == point, "job"]
        mine = [traces[job] for job in jobs if job in traces]
        if mine:
            _draw_point(by_epoch, by_second, mine, {"lw": 1.4, **styles[point]})
    _scale(by_epoch, by_second, pd.concat(traces.values()), view.measures)
    labels = [plain(point_label(values)) for values in view.points.itertuples(index=False)]
    pairs = zip(view.points.index, labels, strict=True) if few else ()
    lines = [Line2D([], [], **styles[point], label=label) for point, label in pairs if label]
    if lines:
        beside(figure, lines, plain(", ".join(view.keys)))
    return figure


def _figure(title: str, runs: Sequence[Run]) -> tuple[Figure, Axes, Axes]:
    figure = new_figure(9.2, 3.3, title)
    by_epoch, by_second = panels(figure, 2, sharex=False)
    epoch_axis(by_epoch)
    grouped = any(int(run.summary.get("width") or 1) > 1 for run in runs)
    by_second.set_xlabel("seconds" + (" of the group it was trained in" if grouped else ""))
    return figure, by_epoch, by_second


def _finite(run: Run) -> pd.DataFrame:
    rows: pd.DataFrame = run.trace[np.isfinite(run.trace[LOSS])]
    return rows


def _nothing(figure: Figure, all_axes: Sequence[Axes]) -> Figure:
    for axes in all_axes:
        say(axes, "no finite loss to show")
    return figure


def _title(view: SweepView) -> str:
    what = f"{view.what}: " if view.what else ""
    by = f" by {view.varies}" if view.keys else ""
    repeated = view.runs.groupby("point").size().max() > 1
    mean = "; against epochs their mean, against seconds each run" if repeated else ""
    head = f"{what}loss on the whole training set{by}"
    return f"{head}\n{view.replicates}{mean}{view.failure_summary}"


def _draw_point(
    by_epoch: Axes, by_second: Axes, traces: Sequence[pd.DataFrame], style: dict[str, Any]
) -> None:
    mean = pd.concat(traces).groupby("epoch")[LOSS].mean()
    marker = "o" if len(mean) < 8 else None
    by_epoch.plot(mean.index, mean, **style, marker=marker, ms=3)
    for rows in traces:
        by_second.plot(rows["seconds"], rows[LOSS], **style, marker=marker, ms=3)


def _scale(by_epoch: Axes, by_second: Axes, rows: pd.DataFrame, measures: Measures) -> None:
    log = spans_decades(rows[LOSS], 2 if measures.task == "numbers" else 3)
    for axes in (by_epoch, by_second):
        axes.set_ylabel(measures.label(LOSS))
        if log:
            axes.set_yscale("log", nonpositive="mask")
    by_epoch.set_xlim(left=0)
    if spans_decades(rows["seconds"], 1):
        by_second.set_xscale("log", nonpositive="mask")
