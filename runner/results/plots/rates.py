"""Learning rates by epoch: what a schedule did."""

import pandas as pd

from runner.results.figures.colours import APART
from runner.results.figures.marks import Lines
from runner.results.figures.points import point_legend
from runner.results.figures.scales import epoch_axis, value_axis
from runner.results.figures.spec import FigureSpec, Panel
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run
from runner.results.stats import spans_decades
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

RATES = Plot("rates", "The learning rate by epoch.")


@RATES.of_run
def _of_run(run: Run, title: str) -> Drawn:
    if rates_change(run.metrics):
        yield run_rates(run.metrics, title)


@RATES.of_sweep
def _of_sweep(sweep: Sweep, view: SweepView) -> Drawn:
    if rates_change(view.curves):
        yield sweep_rates(view)


def rates_change(curves: pd.DataFrame) -> bool:
    """Whether the learning rate of any run changed from epoch to epoch.

    Args:
        curves: A row per epoch, or per run and epoch with a column ``job``.
    """
    if "lr" not in curves:
        return False
    runs = curves["job"] if "job" in curves else pd.Series(0, index=curves.index)
    return bool(curves["lr"].groupby(runs).nunique().gt(1).any())


def run_rates(metrics: pd.DataFrame, title: str) -> FigureSpec:
    """The learning rate of a run, at the first step of each epoch.

    Args:
        metrics: A row per epoch, as in ``metrics.csv``.
        title: What was run.
    """
    line = Lines(metrics["epoch"].to_numpy(float), metrics["lr"].to_numpy(float), APART[0])
    return FigureSpec(title, (_panel(metrics, [line]),))


def sweep_rates(view: SweepView) -> FigureSpec:
    """The learning rate at each epoch, a line for each run in its point's colour.

    Args:
        view: The sweep; beyond ten points its lines have one colour and no legend.
    """
    legend = point_legend(view)
    alpha = 1.0 if legend.named else 0.3
    lines = []
    for number, point in enumerate(view.points.index):
        rows = view.curves[view.curves["point"] == point]
        x, y = (rows[name].to_numpy(float) for name in ("epoch", "lr"))
        lines.append(Lines(x, y, number, rows["job"].to_numpy(int), alpha=alpha))
    title = f"{view.opening}learning rate by {view.varies}"
    return FigureSpec(title, (_panel(view.curves, lines),), legend)


def _panel(rows: pd.DataFrame, lines: list[Lines]) -> Panel:
    rates = rows["lr"]
    log = spans_decades(rates[rates > 0], decades=3) or _runs_are_apart(rows)
    seen = rates if log else [0.0, *rates]
    y = value_axis("learning rate", seen, log)
    return Panel(epoch_axis(rows["epoch"]), y if log else y.from_zero(), tuple(lines))


def _runs_are_apart(rows: pd.DataFrame) -> bool:
    """Whether at some epoch a rate is over a hundred times another: the lower would all seem 0."""
    at_once = rows[rows["lr"] > 0].groupby("epoch")["lr"]
    return bool((at_once.max() > 100 * at_once.min()).any())
