"""What the report's learning curves are made of: lines, thinned where there are too many points."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.columns import MONITOR, SPLITS
from runner.results.report.groups import Groups
from runner.results.sweep_view import SweepView

MOST_POINTS = 44_000
MOST_FIGURES = 4
FAR = 100


class Line(NamedTuple):
    """The curves of one entry of the legend, one after another, parted by ``nan``.

    Attributes:
        group: The entry's number.
        epochs: The horizontal places.
        values: The vertical ones.
        jobs: The run of each place.
    """

    group: int
    epochs: npt.NDArray[np.float32]
    values: npt.NDArray[np.float32]
    jobs: npt.NDArray[np.int32]


class Curves(NamedTuple):
    """One figure of learning curves.

    Attributes:
        label: The metric, for the vertical axis.
        names: The columns shown.
        lines: One per entry of the legend.
        log: Whether the vertical axis is logarithmic.
        low: Where the vertical axis begins: at the lowest value of the runs that ended.
        high: Where it ends: at the highest, but for runs that went far beyond most.
        beyond: Whether there are such runs.
    """

    label: str
    names: list[str]
    lines: list[Line]
    log: bool
    low: float
    high: float
    beyond: bool


def split_groups(view: SweepView) -> Groups:
    """The legend of a single run: the splits."""
    kinds = [name.split("/")[0] for name in view.curves.columns if "/" in str(name)]
    return Groups("", [split for split in SPLITS if split in kinds])


def run_curves(view: SweepView, groups: Groups) -> list[Curves]:
    """The curves of a single run: a figure for each metric, a line for each split."""
    kinds = dict.fromkeys(
        name.split("/")[1] for name in view.curves.columns if name.split("/")[0] in SPLITS
    )
    figures = []
    step = thinning(view, len(kinds) * len(groups.labels))
    for kind in list(kinds)[:MOST_FIGURES]:
        names = [f"{split}/{kind}" for split in groups.labels if f"{split}/{kind}" in view.curves]
        lines = [
            _line(groups.labels.index(name.split("/")[0]), [view.curves], name, step)
            for name in names
        ]
        figures.append(_figure(view, names, view.measures.label(kind), lines))
    return [figure for figure in figures if figure]


def sweep_curves(view: SweepView, groups: Groups) -> list[Curves]:
    """The curves of a sweep: a figure for each metric that matters most, a line for each run."""
    names = shown_metrics(view)
    step = thinning(view, len(names))
    numbers = view.curves["job"].map(groups.of_job)
    runs = [
        [rows for _, rows in view.curves[numbers == number].groupby("job", sort=False)]
        for number in range(len(groups.labels))
    ]
    figures = []
    for name in names:
        lines = [_line(number, of, name, step) for number, of in enumerate(runs) if of]
        label = view.measures.label(name)
        figures.append(_figure(view, [name], label, lines))
    return [figure for figure in figures if figure]


def shown_metrics(view: SweepView) -> list[str]:
    """The metrics drawn: the training loss, the view's own, the one that chooses, and others."""
    kind = view.metric.split("/")[1]
    wanted = ("train/loss", view.metric, MONITOR, "test/loss", f"val/{kind}", f"train/{kind}")
    return [name for name in dict.fromkeys(wanted) if name in view.curves][:MOST_FIGURES]


def thinning(view: SweepView, lines: int) -> int:
    """Every how many epochs a point is drawn, so that the page stays small."""
    return max(1, math.ceil(len(view.curves) * lines / MOST_POINTS))


def _line(group: int, runs: Sequence[pd.DataFrame], name: str, step: int) -> Line:
    parts = [_thin(run[["epoch", name, "job"]].to_numpy(np.float64), step) for run in runs]
    table = np.concatenate([row for part in parts for row in (part, _gap(part))])[:-1]
    values = np.where(np.isfinite(table[:, 1]), table[:, 1], np.nan)
    with np.errstate(over="ignore"):
        return Line(group, table[:, 0].astype("f4"), values.astype("f4"), table[:, 2].astype("i4"))


def _thin(table: npt.NDArray[np.float64], step: int) -> npt.NDArray[np.float64]:
    """Every so many rows, and the last."""
    kept = np.arange(0, len(table), step)
    if len(table) and kept[-1] != len(table) - 1:
        kept = np.append(kept, len(table) - 1)
    return table[kept]


def _gap(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    last = table[-1:].copy()
    last[:, 1] = np.nan
    return last


def _figure(view: SweepView, names: list[str], label: str, lines: list[Line]) -> Curves | None:
    rows = view.curves[view.curves["job"].isin(view.ended["job"])]
    values = rows[names].where(np.isfinite(rows[names]))
    log = view.log_curves(names)
    values = values[values > 0] if log else values
    if not values.notna().any(axis=None):
        return None
    highest = values.max(axis=1).groupby(rows["job"]).max()
    near = highest[highest <= FAR * highest.median()] if log else highest
    low, high = float(np.nanmin(values.to_numpy())), float(near.max())
    return Curves(label, names, lines, log, low, high, len(near) < len(highest.dropna()))
