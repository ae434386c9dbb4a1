"""The loss on the training set within epochs: against epochs, and against seconds."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from runner.results.figures.colours import APART
from runner.results.figures.marks import Colour, Lines
from runner.results.figures.points import point_legend
from runner.results.figures.scales import epoch_axis, value_axis
from runner.results.figures.spec import FigureSpec, Panel
from runner.results.measures import Measures
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run
from runner.results.stats import spans_decades
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

LOSS = "train/loss"
TRACE = Plot("trace", "The training loss within the epochs.")


@TRACE.of_run
def _of_run(run: Run, title: str) -> Drawn:
    if run.traced.rows:
        yield run_trace(run, title)


@TRACE.of_sweep
def _of_sweep(sweep: Sweep, view: SweepView) -> Drawn:
    if any(run.traced.rows for run in sweep.runs):
        yield sweep_traces(view, sweep.runs)


def run_trace(run: Run, title: str) -> FigureSpec:
    """A run's loss on the training set within epochs.

    Args:
        run: The run; it has a trace.
        title: What was run.
    """
    rows = _finite(run)
    lines = [[_line(rows, name, APART[0])] for name in ("epoch", "seconds")]
    panels = _panels([run], rows, lines, Measures.told(run.summary))
    return FigureSpec(f"{title}\nloss on the whole training set", panels)


def sweep_traces(view: SweepView, runs: Sequence[Run]) -> FigureSpec:
    """The same of a sweep, a line for each point where there are few.

    Against epochs it is the mean over a point's runs; seconds differ from run to run, so each run
    is drawn on its own. A run that did not complete is drawn as far as it came.

    Args:
        view: The sweep.
        runs: Its runs.
    """
    legend = point_legend(view)
    width, alpha = (1.4, 1.0) if legend.named else (0.6, 0.5)
    traces = {run.job: _finite(run).assign(job=run.job) for run in runs if run.traced.rows}
    by_epoch, by_second = [], []
    for number, point in enumerate(view.points.index):
        jobs = view.runs.loc[view.runs["point"] == point, "job"]
        rows = pd.concat([pd.DataFrame(), *(traces[job] for job in jobs if job in traces)])
        if len(rows):
            mean = rows.groupby("epoch")[LOSS].mean().reset_index()
            lines = _line(mean, "epoch", number), _line(rows, "seconds", number)
            first, second = (replace(line, width=width, alpha=alpha) for line in lines)
            by_epoch.append(first)
            by_second.append(second)
    rows = pd.concat(traces.values())
    panels = _panels(runs, rows, [by_epoch, by_second], view.measures)
    return FigureSpec(_title(view), panels, legend)


def _finite(run: Run) -> pd.DataFrame:
    rows: pd.DataFrame = run.trace[np.isfinite(run.trace[LOSS])]
    return rows


def _line(rows: pd.DataFrame, name: str, colour: Colour) -> Lines:
    x, y = rows[name].to_numpy(float), rows[LOSS].to_numpy(float)
    return Lines(x, y, colour, rows["job"].to_numpy(int) if "job" in rows else None, width=1.4)


def _panels(
    runs: Sequence[Run],
    rows: pd.DataFrame,
    lines: Sequence[Sequence[Lines]],
    measures: Measures,
) -> tuple[Panel, ...]:
    """The loss against epochs, and against seconds."""
    nothing = "" if len(rows) else "no finite loss to show"
    log = spans_decades(rows[LOSS], 2 if measures.task == "numbers" else 3)
    loss = value_axis(measures.label(LOSS), rows[LOSS], log)
    grouped = any(int(run.summary.get("width") or 1) > 1 for run in runs)
    of_group = " of the group it was trained in" if grouped else ""
    second = value_axis(f"seconds{of_group}", rows["seconds"], spans_decades(rows["seconds"], 1))
    axes = epoch_axis([0.0, *rows["epoch"]]).from_zero(), second
    pairs = zip(axes, lines, strict=True)
    return tuple(Panel(x, loss, tuple(some), nothing=nothing) for x, some in pairs)


def _title(view: SweepView) -> str:
    by = f" by {view.varies}" if view.keys else ""
    mean = "; against epochs their mean, against seconds each run" if view.repeated else ""
    head = f"{view.opening}loss on the whole training set{by}"
    return f"{head}\n{view.replicates}{mean}{view.endings}"
