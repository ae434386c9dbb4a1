"""Reading the sides of a comparison: folders of runs and sweeps, their CSV files, any table."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from runner.columns import WHOLE, is_swept_key, renamed
from runner.config_keys import flatten
from runner.errors import RequestError, unknown
from runner.results.compare.csv_files import identifying, read_table
from runner.results.compare.sides import Cell, Point, Side, cells_of, not_numbers, points_of
from runner.results.compare.speed import speed_of
from runner.results.measures import Measures
from runner.results.read.runs import Run, numeric, read_runs
from runner.results.stats import Sample
from runner.results.tables import (
    curves_table,
    metric_columns,
    point_columns,
    replicate_columns,
    sweep_table,
    swept_keys,
)

NO_METRIC = {*WHOLE, "lr", "again"}


class Wish(NamedTuple):
    """What was asked of the tables.

    Attributes:
        on: The columns that pair rows; empty where the files tell by themselves.
        metrics: The metrics to compare; empty for all.
    """

    on: Sequence[str] = ()
    metrics: Sequence[str] = ()


def read_side(path: str, wish: Wish = Wish()) -> Side:  # noqa: B008
    """Read one argument of a comparison.

    Args:
        path: A run's or a sweep's folder, one of ``sweep.csv, summary.csv, curves.csv,
            metrics.csv``, or with ``wish.on`` any table.
        wish: Its key columns and metrics, where they were named.

    Raises:
        RequestError: It is missing, empty, torn, or lacks what is asked for.
    """
    if not Path(path).exists():
        raise RequestError(f"There is no file or folder '{path}'.")
    try:
        side = _from_folder(path, wish) if Path(path).is_dir() else _from_file(path, wish)
    except RequestError as fault:
        known = path in str(fault)
        raise fault if known else RequestError(f"In '{path}': {fault}") from fault
    if not side.metrics:
        raise RequestError(f"'{path}' holds no metrics.")
    missing = next((name for name in wish.metrics if name not in side.metrics), None)
    if missing:
        raise RequestError(f"In '{path}': {unknown('metric', missing, side.metrics)}")
    return side


def _from_folder(path: str, wish: Wish) -> Side:
    runs = read_runs(Path(path))
    sweep, curves = sweep_table(runs), curves_table(runs)
    side = _from_sweep(path, sweep, wish)
    config = _shared_config(runs)
    known: dict[str, Any] = {"config": config, "speed": speed_of(runs)}
    known |= {"measures": Measures.of(runs), "loss": _loss(runs, config)}
    return replace(side, **known, curves=_sorted_curves(sweep, curves, side.keys))


def _from_file(path: str, wish: Wish) -> Side:
    frame, notes = read_table(path)
    names = {str(name) for name in frame.columns}
    if wish.on:
        return _noted(_from_rows(path, frame, wish), notes)
    frame.columns = pd.Index(renamed(map(str, frame.columns)))
    if {"job", "status"} <= names:
        side = _from_sweep(path, frame, wish)
    elif {"runs", "failed"} <= names:
        side = _from_summary(path, frame)
    elif "epoch" in names:
        side = _from_curves(path, frame, wish)
    else:
        columns = identifying(frame)
        such = f"e.g. --on {columns}; it has" if columns else "with --on, out of"
        raise RequestError(
            f"'{path}' is no table of this program. Say which columns identify a row, {such} "
            f"{', '.join(sorted(names))}."
        )
    return _noted(side, notes)


def _noted(side: Side, notes: Sequence[str]) -> Side:
    return replace(side, notes=[*notes, *side.notes])


def _from_sweep(path: str, sweep: pd.DataFrame, wish: Wish) -> Side:
    """A table with a row per run, its points told by what was swept, or by what was asked for."""
    if wish.on:
        return _from_rows(path, sweep, wish)
    metrics = metric_columns(sweep)
    keys, repeats = point_columns(sweep), replicate_columns(sweep)
    # Only runs that differ in nothing are told apart by their order.
    again = sweep.groupby([*keys, *repeats], dropna=False).cumcount() if repeats else None
    if again is not None and again.any():
        sweep, repeats = sweep.assign(again=again), [*repeats, "again"]
    return _side(path, sweep, keys, repeats, metrics)


def _from_rows(path: str, frame: pd.DataFrame, wish: Wish) -> Side:
    """Any table: keys named seed or fold tell repetitions apart; without one each row is one."""
    columns = [str(name) for name in frame.columns]
    missing = next((name for name in [*wish.on, *wish.metrics] if name not in columns), None)
    if missing:
        raise RequestError(unknown("column", missing, columns))
    repeats = [key for key in wish.on if key.lower().rpartition(".")[2] in ("seed", "fold")]
    repeats = repeats or list(wish.on)
    keys = [key for key in wish.on if key not in repeats]
    empty = next((n for n in wish.metrics if numeric(frame[[n]])[n].isna().all()), None)
    if empty:
        raise RequestError(f"column '{empty}' holds no numbers.")
    metrics = list(wish.metrics) or [name for name in columns if _is_metric(frame, name, wish.on)]
    return _side(path, frame, keys, repeats, metrics)


def _side(
    path: str, frame: pd.DataFrame, keys: list[str], repeats: list[str], metrics: list[str]
) -> Side:
    frame = frame.assign(**{name: numeric(frame[[name]])[name].astype(float) for name in metrics})
    ended = frame["status"].eq("ok") if "status" in frame else pd.Series(True, index=frame.index)
    lost = frame.loc[~ended, "status"].value_counts() if "status" in frame else pd.Series(dtype=int)
    notes = [f"{count} of {len(frame)} runs {status}" for status, count in lost.items()]
    notes += not_numbers(frame[ended], metrics, "runs" if "status" in frame else "rows")
    frame.loc[~ended, metrics] = math.nan
    cells = cells_of(frame, keys, repeats, metrics)
    return Side(path, keys, repeats, metrics, cells, len(frame), int(lost.sum()), notes=notes)


def _from_summary(path: str, frame: pd.DataFrame) -> Side:
    """Means by point: all that ``summary.csv`` tells, which is not enough to pair runs."""
    names = [str(name) for name in frame.columns]
    metrics = [name[:-5] for name in names if name.endswith("_mean")]
    keys = [name for name in names if is_swept_key(name)]
    columns = {name: numeric(frame[[f"{name}_{p}" for p in PARTS]]) for name in metrics}
    cells: dict[Point, dict[str, Cell]] = {}
    for row, point in enumerate(points_of(frame, keys)):
        found = {name: columns[name].iloc[row].tolist() for name in metrics}
        cells[point] = {name: Cell(_sample(*values), {}) for name, values in found.items()}
    counts = numeric(frame[["runs", "failed"]]).sum()
    runs, failed = int(counts["runs"]), int(counts["failed"])
    notes = [f"{failed} of {runs} runs not ended well"] if failed else []
    return Side(path, keys, [], metrics, cells, runs, failed, notes=notes)


PARTS = ("mean", "std", "n")


def _sample(mean: float, std: float, n: float) -> Sample:
    return Sample(mean, std, int(n)) if n > 0 and math.isfinite(mean) else Sample(mean, std, 0)


def _from_curves(path: str, frame: pd.DataFrame, wish: Wish) -> Side:
    """The last epoch of each run; a run whose last metrics are no numbers has diverged."""
    jobs = frame if "job" in frame else frame.assign(job=0)[["job", *frame.columns]]
    metrics = metric_columns(jobs)
    jobs = jobs.assign(**{name: numeric(jobs[[name]])[name] for name in [*metrics, "epoch"]})
    last = jobs.groupby("job", sort=False).tail(1).reset_index(drop=True)
    # curves.csv has the columns of all runs: one that a run never had is empty throughout.
    empty = jobs.groupby("job", sort=False)[metrics].count().eq(0).to_numpy(bool)
    others = ["job" in frame and not name.startswith("train/") for name in metrics]
    finite = np.isfinite(last[metrics].to_numpy(float)) | (empty & np.array(others, bool))
    last.insert(1, "status", np.where(finite.all(axis=1), "ok", "diverged"))
    side = _from_sweep(path, last, wish)
    return replace(side, curves=_sorted_curves(last, jobs, side.keys))


def _is_metric(frame: pd.DataFrame, name: str, on: Sequence[str]) -> bool:
    if name in NO_METRIC or name in on:
        return False
    return not numeric(frame[[name]])[name].isna().all()


def _sorted_curves(
    sweep: pd.DataFrame, curves: pd.DataFrame, keys: Sequence[str]
) -> dict[Point, pd.DataFrame]:
    """The curves of the runs that ended well, by point; none where keys are no swept ones."""
    if "job" not in sweep or not set(keys) <= {str(name) for name in sweep.columns}:
        return {}
    ended = sweep[sweep["status"].eq("ok")]
    points = points_of(ended, keys)
    places = {point: place for place, point in enumerate(dict.fromkeys(points))}
    of_job = dict(zip(ended["job"], (places[point] for point in points), strict=True))
    frames = dict(iter(curves.groupby(curves["job"].map(of_job))))
    return {point: frames[place] for point, place in places.items() if place in frames}


def _loss(runs: Sequence[Run], config: dict[str, Any]) -> str | None:
    """The loss of all runs, if it is one."""
    names = {str(run.summary["loss"]) for run in runs if run.summary.get("loss")}
    names = names or {str(config.get("loss.name", "auto"))}
    return names.pop() if len(names) == 1 and "auto" not in names else None


def _shared_config(runs: Sequence[Run]) -> dict[str, Any]:
    """The config of the first run that has one, without what was swept."""
    config = next((run.config for run in runs if run.config), {})
    swept = swept_keys([run.overrides for run in runs])
    # Where else a run was written to says nothing of it.
    left_out = (*(f"{key}." for key in swept), "logger.", "hydra.")
    flat = dict(flatten(config))
    return {k: v for k, v in flat.items() if k not in swept and not f"{k}.".startswith(left_out)}
