"""The sides of a comparison: a run, a sweep, or one of their CSV files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from runner.errors import RequestError
from runner.results.files import Run, numeric, parse_csv, read_runs, whole_lines
from runner.results.stats import Sample, pool
from runner.results.tables import (
    metric_columns,
    point_columns,
    summary_table,
    sweep_table,
    swept_keys,
)
from runner.results.words import short

Point = tuple[Any, ...]


@dataclass(frozen=True)
class Side:
    """What one argument of a comparison holds.

    Attributes:
        path: As it was typed.
        keys: The swept keys without ``seed`` and ``dataset.fold``.
        summary: A row per point, as in ``summary.csv``.
        config: What all its runs share, by dotted names; empty for a CSV file.
    """

    path: str
    keys: list[str]
    summary: pd.DataFrame
    config: dict[str, Any]

    @property
    def metrics(self) -> list[str]:
        """The metrics it has means of."""
        return [str(name)[:-5] for name in self.summary.columns if str(name).endswith("_mean")]

    @property
    def points(self) -> list[Point]:
        """The swept values of each point."""
        rows = self.summary[self.keys].itertuples(index=False, name=None)
        return [tuple(None if value != value else value for value in row) for row in rows]

    @property
    def runs(self) -> int:
        """How many runs there are in all."""
        return int(self.summary["runs"].sum())

    @property
    def failed(self) -> int:
        """How many of them did not end well."""
        return int(self.summary["failed"].sum())

    def values(self, key: str) -> list[Any]:
        """The values of a key, swept or shared; none where it is not known."""
        if key in self.keys:
            return [short(value) for value in self.summary[key].unique()]
        return [str(self.config[key])] if key in self.config else []

    def at(self, metric: str) -> dict[Point, Sample]:
        """A metric at each point."""
        columns = [self.summary[f"{metric}_{part}"] for part in ("mean", "std", "n")]
        rows = zip(self.points, *columns, strict=True)
        return {point: Sample(float(m), float(s), int(n)) for point, m, s, n in rows}

    def over_all(self, metric: str) -> Sample:
        """A metric over all runs."""
        return pool(self.at(metric).values())


def read_side(path: str) -> Side:
    """Read one argument of a comparison.

    Args:
        path: A run's or a sweep's folder, or one of ``sweep.csv, summary.csv, curves.csv,
            metrics.csv``.

    Raises:
        RequestError: It is missing, empty, or none of these.
    """
    if not Path(path).exists():
        raise RequestError(f"There is no file or folder '{path}'.")
    side = _from_folder(path) if Path(path).is_dir() else _from_file(path)
    if not side.metrics:
        raise RequestError(f"'{path}' holds no metrics.")
    return side


def _from_folder(path: str) -> Side:
    runs = read_runs(Path(path))
    return _from_sweep(path, sweep_table(runs), _shared_config(runs))


def _from_sweep(path: str, sweep: pd.DataFrame, config: dict[str, Any]) -> Side:
    return Side(path, point_columns(sweep), summary_table(sweep), config)


def _from_file(path: str) -> Side:
    frame = _read_table(path)
    names = {str(name) for name in frame.columns}
    if {"job", "status"} <= names:
        return _from_sweep(path, _with_numbers(frame), {})
    if {"runs", "failed"} <= names:
        keys = list(frame.columns[: _first_mean([str(name) for name in frame.columns])])
        return Side(path, keys, frame, {})
    if "epoch" not in names:
        raise RequestError(
            f"'{path}' is none of sweep.csv, summary.csv, curves.csv, metrics.csv by its columns."
        )
    jobs = frame if "job" in names else frame.assign(job=0)[["job", *frame.columns]]
    last = _with_numbers(jobs.groupby("job", sort=False).tail(1))
    finite = np.isfinite(last[metric_columns(last)].to_numpy(float)).all(axis=1)
    last.insert(1, "status", np.where(finite, "ok", "diverged"))
    return _from_sweep(path, last.reset_index(drop=True), {})


def _read_table(path: str) -> pd.DataFrame:
    lines = whole_lines(Path(path).read_bytes().decode("utf-8", errors="replace"))
    if len(lines) < 2:
        raise RequestError(f"'{path}' is empty: it holds no whole row.")
    try:
        return parse_csv("\n".join(lines))
    except ValueError as fault:
        raise RequestError(f"'{path}' is not a table: its rows differ in length.") from fault


def _with_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    metrics = metric_columns(frame)
    return frame.assign(**{name: numeric(frame[[name]])[name] for name in metrics})


def _first_mean(names: list[str]) -> int:
    return next((i for i, name in enumerate(names) if name.endswith("_mean")), len(names) - 2)


def _shared_config(runs: Sequence[Run]) -> dict[str, Any]:
    """The config of the first run that has one, without what was swept."""
    config = next((run.config for run in runs if run.config), {})
    swept = swept_keys([run.overrides for run in runs])
    inside = tuple(f"{key}." for key in swept)
    flat = dict(_flatten(config))
    return {k: v for k, v in flat.items() if k not in swept and not k.startswith(inside)}


def _flatten(config: dict[str, Any], start: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{start}{key}.")
        elif not f"{start}{key}".startswith("hydra."):
            yield f"{start}{key}", value
