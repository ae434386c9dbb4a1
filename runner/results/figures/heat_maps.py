"""The metric of a sweep over two swept keys, or over the two numbers of a swept list."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.results.figures.colours import FAILED, PRUNED
from runner.results.figures.crowding import without_far
from runner.results.figures.marks import Dots, Floats, Tiles
from runner.results.figures.scales import Scale, word_scale
from runner.results.figures.scatter import dots_over_pair, pair_words
from runner.results.figures.spec import FigureSpec, Panel, Shades
from runner.results.labels import short
from runner.results.read.runs import parse_value
from runner.results.sweep_view import SweepView

FEW_CELLS = 100
MOST_COLUMNS = 12
SPARSE = 0.25


@dataclass(frozen=True)
class CellMeans:
    """The means of a metric over the runs that have two values, (rows, columns).

    Attributes:
        mean: The mean over the runs that completed, ``nan`` where there is none.
        runs: How many runs there were.
        pruned: How many of them a search let go.
    """

    mean: Floats
    runs: npt.NDArray[np.int64]
    pruned: npt.NDArray[np.int64]

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """The cells that were run and of which nothing came, though it was to."""
        return np.asarray(np.isnan(self.mean) & (self.runs > self.pruned))

    @property
    def let_go(self) -> npt.NDArray[np.bool_]:
        """The cells all of whose runs were let go."""
        return np.asarray((self.runs > 0) & (self.runs == self.pruned))

    @property
    def few(self) -> bool:
        """Whether there is room for a number in each."""
        return self.runs.size <= FEW_CELLS and self.runs.shape[1] <= MOST_COLUMNS

    @property
    def sparse(self) -> bool:
        """Whether next to no pair of values was run, as in a search at random."""
        return self.runs.size > FEW_CELLS and float((self.runs > 0).mean()) < SPARSE


def heat_map(view: SweepView, down: str, across: str) -> FigureSpec:
    """The mean of the metric over two swept keys, in order, each value as wide as any other.

    Values that are drawn from an interval fill next to none of the cells; runs are then drawn as
    dots where their values lie.

    Args:
        view: The sweep.
        down: The key of the rows.
        across: The key of the columns.
    """
    if {down, across} & {*view.continuous}:
        return _scatter(view, down, across)
    rows, columns = word_scale(view.runs[down]), word_scale(view.runs[across])
    cells = _cell_means(view, rows.of(view.runs[down]), columns.of(view.runs[across]))
    if cells.sparse:
        return _scatter(view, down, across)
    x, y = columns.axis(across), rows.axis(down)
    x = replace(x, span=(-0.5, len(columns.values) - 0.5))
    y = replace(y, span=(len(rows.values) - 0.5, -0.5))
    shown = cells.mean[cells.mean > 0] if view.log else cells.mean
    lost, let_go = (np.argwhere(some).astype(float) for some in (cells.lost, cells.let_go))
    size = 12 if cells.few else 6
    marks = (
        _tiles(view, cells, rows, columns),
        Dots(lost[:, 1], lost[:, 0], FAILED, "x", size),
        Dots(let_go[:, 1], let_go[:, 0], PRUNED.white, "o", size, hollow=True),
    )
    count = cells.runs.shape
    wide = min(9.0, max(3.0, (0.55 if cells.few else 0.14) * count[1]))
    high = min(6.2, max(2.1, (0.36 if cells.few else 0.13) * count[0]))
    share = view.measures.is_fraction(view.metric)
    shades = Shades.over(view.label, shown if share else without_far(shown, view.log), view.log)
    panel = Panel(
        x, y, marks, f"{down} and {across}", _caption(view, down, across),
        shades, width=wide, height=high,
    )  # fmt: skip
    return FigureSpec(_title(view, cells), (panel,), name=f"heatmap_{down}_{across}")


def _scatter(view: SweepView, down: str, across: str) -> FigureSpec:
    panel = dots_over_pair(view, down, across)
    title = f"{view.opening}last {view.words}\n{pair_words(view, [down, across])}"
    return FigureSpec(title, (panel,), name=f"heatmap_{down}_{across}")


def _cell_means(view: SweepView, rows: Floats, columns: Floats) -> CellMeans:
    """Put the runs of a sweep into cells, by the row and the column of each."""
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    cell = pd.Series(rows * shape[1] + columns, index=view.runs.index).astype(int)
    ended = view.runs["job"].isin(view.ended["job"])
    values = view.runs[view.metric].where(ended & np.isfinite(view.runs[view.metric]))
    grid = range(shape[0] * shape[1])
    mean = values.groupby(cell).mean().reindex(grid).to_numpy(np.float64)
    runs, pruned = (
        np.asarray(some.groupby(some).size().reindex(grid, fill_value=0), np.int64).reshape(shape)
        for some in (cell, cell[view.pruned.index])
    )
    return CellMeans(mean.reshape(shape), runs, pruned)


def _tiles(view: SweepView, cells: CellMeans, rows: Scale, columns: Scale) -> Tiles:
    shown = np.argwhere(np.isfinite(cells.mean) & ((cells.mean > 0) | (not view.log)))
    values = cells.mean[tuple(shown.T)]
    form = "{:.3f}" if view.measures.is_fraction(view.metric) else "{:.3g}"
    words = [form.format(value) for value in values]
    tips = {
        "down": [short(rows.values[row]) for row, _ in shown],
        "across": [short(columns.values[column]) for _, column in shown],
        f"mean {view.words}": words,
        "runs": [str(count) for count in cells.runs[tuple(shown.T)]],
    }
    x, y = shown[:, 1].astype(float), shown[:, 0].astype(float)
    return Tiles(x, y, values, words if cells.few else (), tips)


def _title(view: SweepView, cells: CellMeans) -> str:
    least, most = int(cells.runs[cells.runs > 0].min()), int(cells.runs.max())
    count = f"{most}" if least == most else f"{least} to {most}"
    each = f"mean of {count} runs a cell" if most > 1 else "one run a cell"
    each += view.endings
    crosses = "; cross: none completed" if cells.lost.any() else ""
    circles = "; circle: all let go early" if cells.let_go.any() else ""
    blanks = "; grey: not run" if (cells.runs == 0).any() else ""
    return f"{view.opening}last {view.words}\n{each}{crosses}{circles}{blanks}"


def _caption(view: SweepView, down: str, across: str) -> str:
    return (
        f"Mean of the last {view.words} over {down} and {across}: "
        "over all runs that completed, whether they are shown or not"
        f"{'; cross: none did' if view.failure_summary else ''}"
        f"{'; circle: all were let go early' if len(view.pruned) else ''}."
    )


def swept_lists(view: SweepView) -> list[str]:
    """The swept keys whose every value is a list of two numbers, both of which vary."""
    parts = {key: _parts(view.runs[key]) for key in view.keys}
    return [key for key, part in parts.items() if part is not None and (part.nunique() > 1).all()]


def list_heat_map(view: SweepView, key: str) -> FigureSpec:
    """The mean of the metric over the two numbers of a swept list.

    Args:
        view: The sweep.
        key: One of its `swept_lists`.
    """
    parts = _parts(view.runs[key])
    if parts is None:
        raise ValueError(f"not every value of {key} is a list of two numbers")
    down, across = (f"{key}, {which}" for which in ("first", "second"))
    runs = view.runs.assign(**{down: parts[0], across: parts[1]})
    return replace(heat_map(replace(view, runs=runs), down, across), name=f"heatmap_{key}")


def _parts(column: "pd.Series[str]") -> pd.DataFrame | None:
    """The two numbers of each list; None where some value is no such list."""
    rows = [_numbers(str(value)) for value in column]
    if any(len(row) != 2 for row in rows):
        return None
    return pd.DataFrame(rows, index=column.index, dtype=float)


def _numbers(text: str) -> list[float]:
    """The numbers of a list as it is written in a table; none where there is anything else."""
    parts = [parse_value(part.strip()) for part in text[1:-1].split(",")]
    numbers = [float(part) for part in parts if isinstance(part, (int, float))]
    is_list = text.startswith("[") and text.endswith("]")
    return numbers if is_list and len(numbers) == len(parts) else []
