"""Who went on from whom in a population, epoch by epoch."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from runner.columns import is_metric
from runner.results.figures.marks import INK, Lines
from runner.results.figures.scales import epoch_axis
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel, Shades
from runner.results.plots.registry import Drawn, Plot
from runner.results.population import best_at_end, read_lineage
from runner.results.stats import spans_decades
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

LINEAGE_PLOT = Plot(
    "lineage",
    "The members of a population, one below the other, by epoch: a line that comes from another "
    "member goes on from its weights. The broad line leads to the best at the end.",
)
SLANT = 0.35  # of an interval, over which a line goes from a parent to its child
TALL, LOW = 0.16, 1.6  # inches of a member; of a panel at least


@LINEAGE_PLOT.of_sweep
def _of_sweep(sweep: Sweep, view: SweepView) -> Drawn:
    rows = read_lineage(sweep.folder) if sweep.is_population else pd.DataFrame()
    measured = [name for name in map(str, rows) if is_metric(name)]
    if not measured or rows["epoch"].nunique() < 3:  # the beginning, and at least one exchange
        return
    column = measured[0]
    sign = view.measures.sign(column)
    members = int(rows["member"].max()) + 1
    members_down = AxisSpec("member", span=(members - 0.5, -0.5), whole=True)
    metric = rows[column]
    log = bool((metric.dropna() > 0).all()) and spans_decades(metric.dropna(), 1)
    shades = Shades.over(view.measures.axis_label(column), metric, log, thin=True)
    marks = (_descent(rows, column, sign), _lives(rows, column))
    across, high = epoch_axis(rows["epoch"]), max(LOW, TALL * members)
    panel = Panel(across, members_down, marks, shades=shades, width=6.5, height=high)
    yield FigureSpec(f"{view.opening}who went on from whom", (panel,))


def _lives(rows: pd.DataFrame, column: str) -> Lines:
    """A line for each member from one exchange to the next, coloured by the metric at its end."""
    parents = _parents(rows)
    x, y, parts, values = [], [], [], []
    epochs = sorted(rows["epoch"].unique())
    before = dict(zip(epochs[1:], epochs, strict=False))
    for part, row in enumerate(rows[rows["epoch"] > 0].to_dict("records")):
        line = _life(row, before[row["epoch"]], parents)
        x += [at for at, _ in line]
        y += [at for _, at in line]
        parts += [part] * len(line)
        values.append(row[column])
    return Lines(_floats(x), _floats(y), parts=np.array(parts), values=_floats(values), width=2)


def _life(
    row: dict[Any, Any], begun: float, parents: dict[tuple[float, int], int]
) -> list[tuple[float, float]]:
    member, end = row["member"], row["epoch"]
    parent = parents.get((begun, member), member)
    slant = [(begun + SLANT * (end - begun), member)] if parent != member else []
    return [(begun, parent), *slant, (end, member)]


def _descent(rows: pd.DataFrame, column: str, sign: int) -> Lines:
    """The way of the weights to whoever is the best at the end."""
    parents = _parents(rows)
    epochs = sorted(rows["epoch"].unique(), reverse=True)
    best = best_at_end(rows, column, sign)
    if best is None:
        return Lines(_floats([]), _floats([]), INK)
    member, way = int(best["member"]), list[tuple[float, float]]()
    for end, begun in pairwise(epochs):
        way += reversed(_life({"member": member, "epoch": end}, begun, parents))
        member = parents.get((begun, member), member)
    x, y = zip(*way, strict=True)
    return Lines(_floats(x), _floats(y), INK, width=6, alpha=0.15)


def _parents(rows: pd.DataFrame) -> dict[tuple[float, int], int]:
    known = rows.dropna(subset=["parent"])
    keys = zip(known["epoch"], known["member"], strict=True)
    return dict(zip(keys, known["parent"].astype(int), strict=True))


def _floats(values: Any) -> Any:
    return np.asarray(values, dtype=np.float64)
