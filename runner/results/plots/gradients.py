"""How large the gradient is in each layer, from the first to the last."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from runner.columns import of_gradient
from runner.results.labels import plain, point_label, short
from runner.results.plots.scales import in_order
from runner.results.plots.style import (
    beside,
    epoch_axis,
    new_figure,
    panels,
    say,
    spread_colours,
    tiles,
)
from runner.results.plots.sweep import FEW
from runner.results.sweep_view import SweepView

PREFIX = of_gradient("")
LABEL = "norm of the gradient"
FEW_LAYERS = 12
FEW_PANELS = 4
FAINT = 0.35


def gradient_columns(metrics: pd.DataFrame) -> list[str]:
    """The columns of a table that hold gradients' norms, from the first layer to the last."""
    return [str(name) for name in metrics.columns if str(name).startswith(PREFIX)]


def run_gradients(metrics: pd.DataFrame, title: str) -> Figure:
    """The norms of a run's gradients by epoch, a line for each layer.

    Args:
        metrics: A row per epoch, as in ``metrics.csv``.
        title: What was run.
    """
    columns = gradient_columns(metrics)
    figure = new_figure(5.2, 3.4, f"{title}\ngradients by layer, mean over the steps of an epoch")
    (axes,) = panels(figure, 1)
    values = metrics[columns].where(metrics[columns] > 0)
    if not np.isfinite(values).any(axis=None):
        say(axes, "no finite gradient to show")
        return figure
    marker = "o" if len(metrics) <= 25 else None
    lines = []
    for column, colour in zip(columns, spread_colours(len(columns), ordered=True), strict=True):
        drawn = axes.plot(
            metrics["epoch"], values[column], color=colour, lw=1.4, marker=marker, ms=3
        )
        drawn[0].set_label(plain(short(column.removeprefix(PREFIX), 32)))
        lines += drawn
    epoch_axis(axes)
    axes.set_ylabel(LABEL)
    axes.set_yscale("log")
    beside(figure, _some(lines), "layer, first to last")
    return figure


def sweep_gradients(view: SweepView) -> Figure:
    """The norms of a sweep's gradients by layer: in the first epoch and, faint, in the last.

    Of two swept keys, the one of fewer values has a panel for each of them.

    Args:
        view: The sweep.
    """
    split, coloured = _split(view)
    values: list[Any] = in_order(view.points[split]) if split else [None]
    figure = new_figure(4.3 * len(values) + 0.4, 3.5, _title(view), gap=0.1)
    all_axes = tiles(figure, len(values), len(values), sharey=True)
    norms, labels = _norms(view), _labels(view, coloured)
    colours = _colours(view, coloured, labels)
    for axes, value in zip(all_axes, values, strict=True):
        mine = _points_with(view, split, value)
        drawn = [_draw_point(axes, norms, point, colours[labels[point]]) for point in mine]
        if split:
            axes.set_title(plain(f"{split} = {short(value)}"), fontsize=9)
        axes.set_xlabel("layer, first to last")
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
        if not any(drawn):
            axes.text(0.5, 0.5, "no finite gradient", ha="center", transform=axes.transAxes)
    if (norms > 0).any(axis=None):
        all_axes[0].set_yscale("log", nonpositive="mask")
    all_axes[0].set_ylabel(LABEL)
    if any(colours) and len(colours) <= 2 * FEW:
        beside(figure, [_key(*pair) for pair in colours.items()], plain(", ".join(coloured)))
    return figure


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
    what = f"{view.what}: " if view.what else ""
    by = f", {view.varies}" if view.keys else ""
    mean = "" if view.replicates.startswith("one run") else ", mean"
    one = view.curves["epoch"].nunique() == 1
    when = "first epoch" if one else "full: first epoch, faint: last epoch"
    runs = f"{view.replicates}{mean}{view.failure_summary}"
    return f"{what}norms of gradients by layer{by}\n{when}; {runs}"


def _norms(view: SweepView) -> pd.DataFrame:
    """The norms by point and moment (0: the first epoch, 1: the last), a column per layer."""
    columns = gradient_columns(view.curves)
    by_job = view.curves.sort_values("epoch").groupby("job")
    moments = [rows.assign(moment=i) for i, rows in enumerate((by_job.head(1), by_job.tail(1)))]
    rows = pd.concat(moments)
    finite = rows[columns].where(np.isfinite(rows[columns]))
    return finite.groupby([rows["point"], rows["moment"]]).mean()


def _points_with(view: SweepView, split: str | None, value: Any) -> list[Any]:
    if split is None:
        return list(view.points.index)
    column = view.points[split]
    return list(column.index[column.isna() if value != value else column == value])


def _labels(view: SweepView, keys: list[str]) -> dict[Any, str]:
    """The values that tell each point's colour, in words."""
    rows = view.points[keys].itertuples(index=False)
    return {p: plain(point_label(v)) for p, v in zip(view.points.index, rows, strict=True)}


def _colours(view: SweepView, keys: list[str], labels: dict[Any, str]) -> dict[str, Any]:
    numbers = len(keys) == 1 and pd.api.types.is_numeric_dtype(view.points[keys[0]])
    names = list(dict.fromkeys(labels.values()))
    return dict(zip(names, spread_colours(len(names), ordered=numbers), strict=True))


def _draw_point(axes: Axes, norms: pd.DataFrame, point: Any, colour: Any) -> bool:
    """Draw a point's norms by layer, those of the last epoch faint; say whether there are any."""
    # Another architecture's layers are columns without a value; they are no layers of this one.
    mine = norms.loc[point].dropna(axis="columns", how="all")
    mine = mine.where(mine > 0)
    places = np.arange(1, mine.shape[1] + 1)
    for moment, alpha in ((1, FAINT), (0, 1.0)):
        norm = mine.loc[moment]
        axes.plot(places, norm, color=colour, alpha=alpha, lw=1.4, marker="o", ms=3.5)
    return bool(mine.notna().any(axis=None))


def _key(label: str, colour: Any) -> Line2D:
    return Line2D([], [], color=colour, marker="o", ms=3.5, label=label)


def _some(lines: Sequence[Line2D]) -> list[Line2D]:
    """The first and the last of many, and some between: a legend has only so much room."""
    if len(lines) <= FEW_LAYERS:
        return list(lines)
    places = np.linspace(0, len(lines) - 1, FEW_LAYERS).round().astype(int)
    return [lines[place] for place in places]
