"""How large the gradient is in each layer, from the first to the last."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from runner.columns import of_gradient
from runner.results.figures.colours import Legend, entries_of
from runner.results.figures.marks import Lines, finite
from runner.results.figures.points import FEW
from runner.results.figures.scales import epoch_axis, in_order, value_axis
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel
from runner.results.labels import point_label, short
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

PREFIX = of_gradient("")
LABEL = "norm of the gradient"
NOTHING = "no finite gradient to show"
FEW_LAYERS = 12
FEW_PANELS = 4
FEW_EPOCHS = 25
FAINT = 0.35
GRADIENTS = Plot("gradients", "The norms of the gradients, by layer.")


@GRADIENTS.of_run
def _of_run(run: Run, title: str) -> Drawn:
    if gradient_columns(run.metrics):
        yield run_gradients(run.metrics, title)


@GRADIENTS.of_sweep
def _of_sweep(sweep: Sweep, view: SweepView) -> Drawn:
    if gradient_columns(view.curves):
        yield sweep_gradients(view)


def gradient_columns(metrics: pd.DataFrame) -> list[str]:
    """The columns of a table that hold gradients' norms, from the first layer to the last."""
    return [str(name) for name in metrics.columns if str(name).startswith(PREFIX)]


def run_gradients(metrics: pd.DataFrame, title: str) -> FigureSpec:
    """The norms of a run's gradients by epoch, a line for each layer.

    Args:
        metrics: A row per epoch, as in ``metrics.csv``.
        title: What was run.
    """
    columns = gradient_columns(metrics)
    values = finite(metrics[columns]).where(metrics[columns] > 0)
    labels = [short(column.removeprefix(PREFIX), 32) for column in columns]
    # A legend has only so much room: the first and the last of many, and some between.
    listed = np.linspace(0, len(labels) - 1, min(len(labels), FEW_LAYERS)).round().astype(int)
    labels = [label if number in listed else "" for number, label in enumerate(labels)]
    few = len(metrics) <= FEW_EPOCHS
    entries = [replace(e, marker="o" if few else None) for e in entries_of(labels, ordered=True)]
    epochs = metrics["epoch"].to_numpy(float)
    lines = [
        Lines(epochs, values[column].to_numpy(float), number, marked=True, width=1.4)
        for number, column in enumerate(columns)
    ]
    nothing = "" if values.notna().any(axis=None) else NOTHING
    axes = epoch_axis(epochs), value_axis(LABEL, values, log=True)
    panel = Panel(*axes, tuple(lines), nothing=nothing, width=4.2)
    title = f"{title}\ngradients by layer, mean over the steps of an epoch"
    return FigureSpec(title, (panel,), Legend("layer, first to last", tuple(entries)))


def sweep_gradients(view: SweepView) -> FigureSpec:
    """The norms of a sweep's gradients by layer: in the first epoch and, faint, in the last.

    Of two swept keys, the one of fewer values has a panel for each of them.

    Args:
        view: The sweep.
    """
    split, coloured = _split(view)
    labels = {point: point_label(tuple(row)) for point, row in view.points[coloured].T.items()}
    names = list(dict.fromkeys(labels.values()))
    shown = names if any(names) and len(names) <= 2 * FEW else [""] * len(names)
    ordered = len(coloured) == 1 and pd.api.types.is_numeric_dtype(view.points[coloured[0]])
    entries = tuple(replace(e, marker="o") for e in entries_of(shown, ordered))
    norms = _norms(view)
    layers = value_axis("layer, first to last", np.arange(1, norms.notna().sum(axis=1).max() + 1))
    axes = replace(layers, whole=True), value_axis(LABEL, norms, bool((norms > 0).any(axis=None)))
    entry_of = {point: names.index(label) for point, label in labels.items()}
    panels = tuple(_panels(view, split, axes, norms, entry_of))
    legend = Legend(", ".join(coloured), entries)
    return FigureSpec(
        _title(view), panels, legend, columns=FEW_PANELS, shared=bool(split), titled=bool(split)
    )


def _split(view: SweepView) -> tuple[str | None, list[str]]:
    """The key whose values have a panel each, if any, and the keys that have the colours."""
    if len(view.keys) != 2:
        return None, view.keys
    counts = {key: view.points[key].nunique(dropna=False) for key in view.keys}
    split = min(reversed(view.keys), key=lambda key: counts[key])
    if counts[split] > FEW_PANELS:
        return None, view.keys
    return split, [key for key in view.keys if key != split]


def _title(view: SweepView) -> str:
    by = f", {view.varies}" if view.keys else ""
    mean = ", mean" if view.repeated else ""
    one = view.curves["epoch"].nunique() == 1
    when = "first epoch" if one else "full: first epoch, faint: last epoch"
    runs = f"{view.replicates}{mean}{view.endings}"
    return f"{view.opening}norms of gradients by layer{by}\n{when}; {runs}"


def _norms(view: SweepView) -> pd.DataFrame:
    """The norms by point and moment (0: the first epoch, 1: the last), a column per layer."""
    by_job = view.curves.sort_values("epoch").groupby("job")
    moments = [rows.assign(moment=i) for i, rows in enumerate((by_job.head(1), by_job.tail(1)))]
    rows = pd.concat(moments)
    norms = finite(rows[gradient_columns(view.curves)])
    return norms.groupby([rows["point"], rows["moment"]]).mean()


def _panels(
    view: SweepView,
    split: str | None,
    axes: tuple[AxisSpec, AxisSpec],
    norms: pd.DataFrame,
    entry_of: Mapping[Any, int],
) -> Iterator[Panel]:
    for value in in_order(view.points[split]) if split else [None]:
        points = view.points
        if split:
            at = points[split].isna() if value != value else points[split] == value
            points = points[at]
        lines = [line for point in points.index for line in _lines(norms, point, entry_of[point])]
        known = any(np.isfinite(line.y).any() for line in lines)
        title = f"{split} = {short(value)}" if split else ""
        yield Panel(*axes, tuple(lines), title, nothing="" if known else NOTHING)


def _lines(norms: pd.DataFrame, point: Any, entry: int) -> Iterator[Lines]:
    """A point's norms by layer, those of the last epoch faint."""
    # Another architecture's layers are columns without a value; they are no layers of this one.
    mine = norms.loc[point].dropna(axis="columns", how="all")
    mine = mine.where(mine > 0)
    layers = np.arange(1.0, mine.shape[1] + 1)
    for moment, alpha in ((1, FAINT), (0, 1.0)):
        yield Lines(layers, mine.loc[moment].to_numpy(float), entry, alpha=alpha, marked=True)
