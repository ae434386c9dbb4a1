"""The metric of a sweep over two swept keys."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runner.results.labels import plain, short
from runner.results.plots.scales import Scale, label_words, scale_of, set_scale, word_scale
from runner.results.plots.style import FAILED, colour_map, new_figure, norm_of
from runner.results.sweep_view import SweepView

FEW_CELLS = 100
MOST_COLUMNS = 12
SPARSE = 0.25


@dataclass(frozen=True)
class Cells:
    """The cells of a heat map, (rows, columns).

    Attributes:
        mean: The mean of the metric over the runs that ended well, ``nan`` where there is none.
        runs: How many runs there were.
    """

    mean: npt.NDArray[np.float64]
    runs: npt.NDArray[np.int64]

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """The cells that were run and of which nothing came."""
        return np.isnan(self.mean) & (self.runs > 0)


def heat_map(view: SweepView, down: str, across: str) -> Figure:
    """The mean of the metric over two swept keys, in order, each value as wide as any other.

    A search at random fills next to none of the cells; its runs are then drawn as dots where
    their values lie.

    Args:
        view: The sweep.
        down: The key of the rows.
        across: The key of the columns.
    """
    rows, columns = word_scale(view.runs[down]), word_scale(view.runs[across])
    cells = make_cells(view, rows.of(view.runs[down]), columns.of(view.runs[across]))
    if cells.runs.size > FEW_CELLS and (cells.runs > 0).mean() < SPARSE:
        return _draw_dots(view, down, across)
    few = cells.runs.size <= FEW_CELLS and cells.runs.shape[1] <= MOST_COLUMNS
    wide = min(9.0, max(3.6, (0.62 if few else 0.16) * cells.runs.shape[1]))
    high = min(8.0, max(2.4, (0.42 if few else 0.16) * cells.runs.shape[0]))
    figure = new_figure(wide + 1.6, high + 0.6, _title(view, cells))
    axes = figure.add_subplot()
    axes.set_facecolor("#F2F2F2")
    norm = norm_of(cells.mean[np.isfinite(cells.mean)].tolist(), view.log)
    image = axes.imshow(cells.mean, cmap=colour_map(), norm=norm, aspect="auto")
    figure.colorbar(image, ax=axes, label=view.label, pad=0.03)
    _name(axes, (down, rows), (across, columns))
    _mark(axes, cells, norm, "{:.3f}" if view.measures.is_fraction(view.metric) else "{:.3g}", few)
    return figure


def make_cells(
    view: SweepView, rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64]
) -> Cells:
    """Put the runs of a sweep into cells.

    Args:
        view: The sweep.
        rows: The row of each run.
        columns: The column of each run.
    """
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    cell = pd.Series(rows * shape[1] + columns, index=view.runs.index).astype(int)
    ended = view.runs["job"].isin(view.ended["job"])
    values = view.runs[view.metric].where(ended & np.isfinite(view.runs[view.metric]))
    grid = range(shape[0] * shape[1])
    mean = values.groupby(cell).mean().reindex(grid).to_numpy(np.float64)
    runs = cell.groupby(cell).size().reindex(grid, fill_value=0).to_numpy(np.int64)
    return Cells(mean.reshape(shape), np.asarray(runs.reshape(shape), dtype=np.int64))


def _title(view: SweepView, cells: Cells) -> str:
    what = f"{view.what}: " if view.what else ""
    least, most = int(cells.runs[cells.runs > 0].min()), int(cells.runs.max())
    count = f"{most}" if least == most else f"{least} to {most}"
    each = f"mean of {count} runs a cell" if most > 1 else "one run a cell"
    each += view.failure_summary
    crosses = "; cross: none ended well" if cells.lost.any() else ""
    blanks = "; grey: not run" if (cells.runs == 0).any() else ""
    return f"{what}last {view.words}\n{each}{crosses}{blanks}"


def _name(axes: Axes, down: tuple[str, Scale], across: tuple[str, Scale]) -> None:
    label_words(axes, "x", [short(value, 16) for value in across[1].values])
    label_words(axes, "y", [short(value, 16) for value in down[1].values])
    axes.set(xlabel=plain(across[0]), ylabel=plain(down[0]))


def _mark(axes: Axes, cells: Cells, norm: Any, form: str, few: bool) -> None:
    lost = np.argwhere(cells.lost)
    axes.plot(lost[:, 1], lost[:, 0], "x", color=FAILED, ms=8 if few else 4, mew=2 if few else 1)
    if not few:
        return
    for row, column in np.argwhere(np.isfinite(cells.mean)):
        value = cells.mean[row, column]
        colour = "white" if norm(value) > 0.5 else "#222222"
        axes.text(
            column, row, form.format(value), ha="center", va="center", color=colour, size=8
        )  # fmt: skip


def _draw_dots(view: SweepView, down: str, across: str) -> Figure:
    what = f"{view.what}: " if view.what else ""
    title = f"{what}last {view.words}\ndot: run, where its values lie"
    figure = new_figure(5.8, 4.2, f"{title}{view.failure_summary}")
    axes = figure.add_subplot()
    x, y = scale_of(view.runs[across]), scale_of(view.runs[down])
    good = view.ended[np.isfinite(view.ended[view.metric])]
    good = good[good[view.metric] > 0] if view.log else good
    bad = view.runs[~view.runs["job"].isin(good["job"])]
    values = good[view.metric].to_numpy(np.float64)
    dots = axes.scatter(
        x.of(good[across]), y.of(good[down]), c=values, cmap=colour_map(),
        norm=norm_of(values.tolist(), view.log), s=16, lw=0,
    )  # fmt: skip
    axes.plot(x.of(bad[across]), y.of(bad[down]), "x", color=FAILED, ms=5)
    set_scale(axes, "x", x, across)
    set_scale(axes, "y", y, down)
    figure.colorbar(dots, ax=axes, label=view.label, pad=0.03)
    return figure
