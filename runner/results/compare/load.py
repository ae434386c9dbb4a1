"""Loading the sides of a comparison: folders of runs and sweeps, their CSV files, any table."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from runner.columns import SETTLED, Status, is_counter, is_swept_key, renamed, split_of
from runner.config_keys import flatten
from runner.errors import RequestError, unknown
from runner.results.compare.data import data_seen
from runner.results.compare.inputs import (
    DUPLICATE,
    MetricValues,
    PointKey,
    Side,
    group_by_point,
    keys_of_rows,
)
from runner.results.population import INSTEAD, NOT_A_POINT
from runner.results.read.csv_tables import identifying_columns, read_table
from runner.results.read.runs import Run, numeric
from runner.results.stats import Sample
from runner.results.sweep import read_sweep
from runner.results.tables import metric_columns, point_columns, replicate_columns, swept_keys


class ReadOptions(NamedTuple):
    """What was asked of the tables.

    Attributes:
        on: The columns that pair rows; empty where the files tell by themselves.
        metrics: The metrics to compare; empty for all.
    """

    on: Sequence[str] = ()
    metrics: Sequence[str] = ()


DEFAULT = ReadOptions()


def read_side(path: str, options: ReadOptions = DEFAULT) -> Side:
    """Read one argument of a comparison.

    Args:
        path: A run's or a sweep's folder, one of ``sweep.csv, summary.csv, curves.csv,
            metrics.csv``, or with ``options.on`` any table.
        options: Its key columns and metrics, where they were named.

    Raises:
        RequestError: It is missing, empty, torn, or lacks what is asked for.
    """
    if not Path(path).exists():
        raise RequestError(f"There is no file or folder '{path}'.")
    side = (_from_folder if Path(path).is_dir() else _from_file)(path, options)
    if not side.metrics:
        raise RequestError(f"'{path}' holds no metrics.")
    missing = next((name for name in options.metrics if name not in side.metrics), None)
    if missing:
        raise RequestError(f"In '{path}': {unknown('metric', missing, side.metrics)}")
    return side


def _from_folder(path: str, options: ReadOptions) -> Side:
    sweep = read_sweep(Path(path))
    if sweep.is_population:
        raise RequestError(f"'{path}' is a population. {NOT_A_POINT} {INSTEAD}")
    runs, tables = sweep.runs, sweep.tables
    on = options.on
    side = _from_rows(path, tables.sweep, options) if on else _from_sweep(path, tables.sweep)
    config = _shared_config(runs)
    return replace(
        side,
        config=config,
        curves=_curves_by_point(tables.sweep, tables.curves, side.keys),
        speed=speed_of(runs),
        loss=_shared_loss(runs, config),
        measures=sweep.measures,
        data=data_seen(runs),
    )


def _from_file(path: str, options: ReadOptions) -> Side:
    frame, notes = read_table(path)
    side = _from_rows(path, frame, options) if options.on else _from_table(path, frame)
    return replace(side, notes=[*notes, *side.notes])


def _from_table(path: str, frame: pd.DataFrame) -> Side:
    names, columns = {str(name) for name in frame.columns}, identifying_columns(frame)
    frame.columns = pd.Index(renamed(map(str, frame.columns)))
    if {"job", "status"} <= names:
        return _from_sweep(path, frame)
    if {"runs", "failed"} <= names:
        return _from_summary(path, frame)
    if "epoch" in names:
        return _from_curves(path, frame)
    such = f"e.g. --on {columns}; it has" if columns else "with --on, out of"
    raise RequestError(
        f"'{path}' is no table of this program. Say which columns identify a row, {such} "
        f"{', '.join(sorted(names))}."
    )


def _from_sweep(path: str, sweep: pd.DataFrame) -> Side:
    """A table with a row per run, its points told by what was swept."""
    keys, repeats = point_columns(sweep), replicate_columns(sweep)
    # Only runs that differ in nothing are told apart by their order.
    order = sweep.groupby([*keys, *repeats], dropna=False).cumcount() if repeats else None
    if order is not None and order.any():
        sweep, repeats = sweep.assign(**{DUPLICATE: order}), [*repeats, DUPLICATE]
    return _from_frame(path, sweep, keys, repeats, metric_columns(sweep))


def _from_rows(path: str, frame: pd.DataFrame, options: ReadOptions) -> Side:
    """Any table: keys named seed or fold tell repetitions apart; without one each row is one."""
    columns = [str(name) for name in frame.columns]
    missing = next((n for n in [*options.on, *options.metrics] if n not in columns), None)
    if missing:
        raise RequestError(f"In '{path}': {unknown('column', missing, columns)}")
    repeats = [key for key in options.on if key.lower().rpartition(".")[2] in ("seed", "fold")]
    repeats = repeats or list(options.on)
    keys = [key for key in options.on if key not in repeats]
    others = [name for name in columns if not is_counter(name) and name not in options.on]
    numbers = numeric(frame[list(options.metrics) or others]).dropna(axis="columns", how="all")
    empty = next((name for name in options.metrics if name not in numbers), None)
    if empty:
        raise RequestError(f"In '{path}': column '{empty}' holds no numbers.")
    return _from_frame(path, frame, keys, repeats, list(map(str, numbers.columns)))


def _from_frame(
    path: str, frame: pd.DataFrame, keys: list[str], repeats: list[str], metrics: list[str]
) -> Side:
    unit = "runs" if "status" in frame else "rows"
    status = frame.get("status", pd.Series(Status.OK.value, index=frame.index))
    ended = status.eq(Status.OK)
    lost = status[~ended].value_counts()
    values = numeric(frame[metrics]).astype(float)
    infinite = (~np.isfinite(values[ended])).sum()
    notes = [f"{count} of {len(frame)} runs {ending}" for ending, count in lost.items()]
    notes += [
        f"{name} is no number in {count} of {ended.sum()} {unit}"
        for name, count in infinite.items()
        if count
    ]
    try:
        measured = group_by_point(frame.assign(**values.where(ended)), keys, repeats, metrics)
    except RequestError as fault:
        raise RequestError(f"In '{path}': {fault}") from fault
    failed = int((~status.isin(SETTLED)).sum())
    return Side(path, keys, repeats, metrics, measured, len(frame), failed, notes=notes)


def _from_summary(path: str, frame: pd.DataFrame) -> Side:
    """Means by point: all that ``summary.csv`` tells, which is not enough to pair runs."""
    names = [str(name) for name in frame.columns]
    metrics = [name.removesuffix("_mean") for name in names if name.endswith("_mean")]
    keys = [name for name in names if is_swept_key(name)]
    points = keys_of_rows(frame, keys)
    measured: dict[PointKey, dict[str, MetricValues]] = {point: {} for point in points}
    for name in metrics:
        parts = numeric(frame[[f"{name}_{part}" for part in ("mean", "std", "n")]]).to_numpy(float)
        for point, (mean, std, n) in zip(points, parts.tolist(), strict=True):
            count = int(n) if n > 0 and math.isfinite(mean) else 0
            measured[point][name] = MetricValues(Sample(mean, std, count))
    runs, failed = map(int, numeric(frame[["runs", "failed"]]).sum())
    notes = [f"{failed} of {runs} runs did not complete"] if failed else []
    return Side(path, keys, [], metrics, measured, runs, failed, notes=notes)


def _from_curves(path: str, frame: pd.DataFrame) -> Side:
    """The last epoch of each run; a run whose last metrics are no numbers has diverged."""
    jobs = frame if "job" in frame else frame.assign(job=0)[["job", *frame.columns]]
    metrics = metric_columns(jobs)
    jobs = jobs.assign(**numeric(jobs[[*metrics, "epoch"]]))
    last = jobs.groupby("job", sort=False).tail(1).reset_index(drop=True)
    # curves.csv has the columns of all runs: one that a run never had is empty throughout.
    empty = jobs.groupby("job", sort=False)[metrics].count().eq(0).to_numpy(bool)
    others = ["job" in frame and split_of(name) != "train" for name in metrics]
    finite = np.isfinite(last[metrics].to_numpy(float)) | (empty & np.array(others, bool))
    last.insert(1, "status", np.where(finite.all(axis=1), Status.OK, Status.DIVERGED))
    side = _from_sweep(path, last)
    return replace(side, curves=_curves_by_point(last, jobs, side.keys))


def _curves_by_point(
    sweep: pd.DataFrame, curves: pd.DataFrame, keys: Sequence[str]
) -> dict[PointKey, pd.DataFrame]:
    """The curves of the runs that completed, by point; none where keys are no swept ones."""
    if "job" not in sweep or not set(keys) <= {str(name) for name in sweep.columns}:
        return {}
    ended = sweep[sweep["status"].eq(Status.OK)]
    points = keys_of_rows(ended, keys)
    numbers = {point: number for number, point in enumerate(dict.fromkeys(points))}
    of_job = dict(zip(ended["job"], (numbers[point] for point in points), strict=True))
    frames = dict(iter(curves.groupby(curves["job"].map(of_job))))
    return {point: frames[number] for point, number in numbers.items() if number in frames}


def _shared_loss(runs: Sequence[Run], config: dict[str, Any]) -> str | None:
    """The loss of all runs, if it is one."""
    names = {str(run.summary["loss"]) for run in runs if run.summary.get("loss")}
    names = names or {str(config.get("loss.name", "auto"))}
    return names.pop() if len(names) == 1 and "auto" not in names else None


def _shared_config(runs: Sequence[Run]) -> dict[str, Any]:
    """The config of the first run that has one, without what was swept."""
    flat = dict(flatten(next((run.config for run in runs if run.config), {})))
    swept = swept_keys([run.overrides for run in runs])
    # Where else a run was written to says nothing of it.
    left_out = (*(f"{key}." for key in swept), "logger.", "hydra.")
    return {key: value for key, value in flat.items() if not f"{key}.".startswith(left_out)}


def speed_of(runs: Sequence[Run]) -> dict[str, float | str]:
    """How fast some runs were, and what they ran on.

    Args:
        runs: A side's runs; those whose summary does not tell have no part in a mean.

    Returns:
        ``seconds`` (mean over groups: runs that trained side by side, on one clock),
        ``seconds_per_run`` (each run's share of its group's), ``examples_per_second`` (of all runs
        of a group together), and in words ``device``, ``machine``, ``threads`` and ``width``, which
        is how many trained side by side. What no run tells is missing.
    """
    timed, rate = _timed(runs, "seconds"), "examples_per_second"
    speed: dict[str, float | str] = {}
    if timed:
        shares = [seconds / width for seconds, width in timed]
        groups = sum(1 / width for _, width in timed)
        speed = {"seconds": sum(shares) / groups, "seconds_per_run": fmean(shares)}
    if rated := _timed(runs, rate):
        speed[rate] = fmean(value * width for value, width in rated)
    for name in ("device", "machine", "threads", "width"):
        # A run that never began has them as null.
        told = dict.fromkeys(str(run.summary[name]) for run in runs if run.summary.get(name))
        speed |= {name: ("; " if name == "machine" else ", ").join(told)} if told else {}
    return speed


def _timed(runs: Sequence[Run], name: str) -> list[tuple[float, int]]:
    """A number of each run that tells it, and how many trained side by side with it."""
    told = [(run.summary.get(name), run.summary.get("width")) for run in runs]
    return [
        (value, width if isinstance(width, int) and width > 0 else 1)
        for value, width in told
        if isinstance(value, int | float)
    ]
