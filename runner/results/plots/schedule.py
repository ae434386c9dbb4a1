"""With which values a population trained, epoch by epoch, and whoever is the best at the end."""

from itertools import pairwise

import numpy as np
import pandas as pd

from runner.columns import is_metric
from runner.results.figures.marks import Floats, Lines
from runner.results.figures.scales import epoch_axis, value_axis
from runner.results.figures.spec import FigureSpec, Panel
from runner.results.plots.registry import Drawn, Plot
from runner.results.population import SCHEDULE, read_lineage, read_schedule
from runner.results.stats import spans_decades
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

SCHEDULE_PLOT = Plot(
    "schedule",
    "The values with which the members of a population trained, by epoch; black are those with "
    "which the weights of the best at the end were trained.",
)
NOT_KEYS = ("epoch", "member", "parent")
FAINT = 0.25


@SCHEDULE_PLOT.of_sweep
def _of_sweep(sweep: Sweep, view: SweepView) -> Drawn:
    if not sweep.is_population or not (sweep.folder / SCHEDULE).is_file():
        return
    lineage, best = read_lineage(sweep.folder), read_schedule(sweep.folder)
    keys = [name for name in map(str, lineage) if name not in NOT_KEYS and not is_metric(name)]
    keys = [key for key in keys if _is_numeric(lineage, key) and _is_numeric(best, key)]
    if keys:
        panels = tuple(_panel(lineage, best, key) for key in keys)
        title = f"{view.opening}values by epoch, black those of the best at the end"
        yield FigureSpec(title, panels)


def _is_numeric(rows: pd.DataFrame, key: str) -> bool:
    return key in rows and pd.api.types.is_numeric_dtype(rows[key])


def _panel(lineage: pd.DataFrame, best: pd.DataFrame, key: str) -> Panel:
    values = lineage[key]
    log = bool((values > 0).all()) and spans_decades(values, 1.5)
    marks = (_members(lineage, key), _of_best(best, key))
    return Panel(epoch_axis(lineage["epoch"]), value_axis(key, values, log), marks)


def _members(lineage: pd.DataFrame, key: str) -> Lines:
    """A level line for each member from one exchange to the next."""
    epochs = sorted(lineage["epoch"].unique())
    until = dict(pairwise(epochs))
    rows = lineage[lineage["epoch"] < epochs[-1]]
    ends = zip(rows["epoch"], rows["epoch"].map(until), strict=True)
    x, y = (np.array(pairs, np.float64).ravel() for pairs in (list(ends), rows[key].repeat(2)))
    return Lines(x, y, parts=np.arange(len(rows)).repeat(2), alpha=FAINT)


def _of_best(best: pd.DataFrame, key: str) -> Lines:
    """A line with a step wherever another value begins."""
    epochs: Floats = best["epoch"].to_numpy(float)
    x = np.stack([epochs - 1, epochs], 1).ravel()
    return Lines(x, best[key].to_numpy(float).repeat(2), width=2.5)
