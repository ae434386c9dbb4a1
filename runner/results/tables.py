"""The three tables of a sweep: a row per run, a row per point, a row per run and epoch."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from runner.columns import (
    BEST,
    DATA_SEED,
    REPLICATES,
    SETTLED,
    SPLITS,
    WHOLE,
    Status,
    is_swept_key,
    metrics,
    split_of,
)
from runner.results.measures import Measures
from runner.results.read.runs import Run, Value, finite, parse_csv

UNRANKED = "without a validation split none is called best"

__all__ = [
    "UNRANKED",
    "Tables",
    "best_first",
    "curves_table",
    "make_tables",
    "metric_columns",
    "point_columns",
    "replicate_columns",
    "summary_table",
    "sweep_table",
    "swept_keys",
]


class Tables(NamedTuple):
    """The tables of a sweep.

    Attributes:
        sweep: A row per run.
        summary: A row per point.
        curves: A row per run and epoch.
        curves_csv: The same as text, the digits of a metric as they were written.
    """

    sweep: pd.DataFrame
    summary: pd.DataFrame
    curves: pd.DataFrame
    curves_csv: str


def swept_keys(overrides: Sequence[dict[str, Value]]) -> list[str]:
    """The keys whose values differ between jobs.

    Args:
        overrides: The overrides of each job.

    Returns:
        Their dotted names in order of first appearance, ``seed`` and ``dataset.fold`` last. A key
        that only some jobs have differs; Hydra's own keys are no swept keys.
    """
    names = _in_order(
        key for job in overrides for key in job if not key.startswith(("hydra.", "hydra/"))
    )
    swept = [key for key in names if len({job.get(key) for job in overrides}) > 1]
    return [key for key in swept if key not in REPLICATES] + [k for k in REPLICATES if k in swept]


def sweep_table(runs: Sequence[Run]) -> pd.DataFrame:
    """A row per run, whatever became of it.

    Args:
        runs: The runs of a sweep.

    Returns:
        The columns ``job, status, seed``, the swept keys, the metrics of the last epoch,
        ``best_epoch`` and ``best/<split>/<metric>`` where there is a validation split,
        ``signature`` and ``run_dir`` (relative to the sweep).
    """
    keys = [key for key in swept_keys([run.overrides for run in runs]) if key != "seed"]
    last = _in_order(name for run in runs for name in run.last)
    best = _in_order(name for run in runs for name in _best(run))
    columns = ["job", "status", "seed", *keys, *last, *best, "signature", "run_dir"]
    frame = pd.DataFrame([_sweep_row(run, keys) for run in runs], columns=pd.Index(columns))
    frame[[*last, *best]] = finite(frame[[*last, *best]])
    return frame.astype({name: "Int64" for name in WHOLE if name in columns})


def summary_table(sweep: pd.DataFrame) -> pd.DataFrame:
    """A row per point of a sweep: its runs put together over seeds, folds and data sets.

    Args:
        sweep: A row per run, as `sweep_table` gives it or as read from ``sweep.csv``.

    Returns:
        The swept keys without those of `replicate_columns`; ``<metric>_mean, _std, _n`` over the
        runs that completed with a finite value (std empty where n is 1); then ``runs``, how many
        there were, ``failed``, how many of them did not complete, and where a search let runs go
        ``pruned``, how many; neither have a part in the means.
    """
    keys, names = point_columns(sweep), metric_columns(sweep)
    point, ended = point_numbers(sweep, keys), sweep["status"].eq(Status.OK)
    values = sweep[names].astype(float)
    values = values.where(np.isfinite(values)).where(ended)
    grouped = values.groupby(point)
    parts = {"mean": grouped.mean(), "std": grouped.std(), "n": grouped.count()}
    columns = {f"{name}_{part}": parts[part][name] for name in names for part in parts}
    lost, pruned = ~sweep["status"].isin(SETTLED), sweep["status"].eq(Status.PRUNED)
    counts = {"runs": ended.groupby(point).size(), "failed": lost.groupby(point).sum()}
    if pruned.any():
        counts["pruned"] = pruned.groupby(point).sum()
    first = sweep.loc[~point.duplicated(), keys].reset_index(drop=True)
    return pd.concat([first, pd.DataFrame(columns | counts)], axis=1)


def completed(summary: Any) -> Any:
    """How many runs of a point completed, by a row of `summary_table`; of each, by the table."""
    rest = summary["runs"] - summary["failed"]
    return rest - summary["pruned"] if "pruned" in summary else rest


def best_first(summary: pd.DataFrame, measures: Measures) -> tuple[pd.DataFrame, str | None]:
    """The points of a summary ranked by the metric that chooses, on the validation split alone.

    Args:
        summary: A row per point, as `summary_table` gives it.
        measures: What is on record of the metrics.

    Returns:
        The points, the best first, and that metric; where it was not measured the points in their
        own order, and None: the test set ranks nothing.
    """
    mean = f"{measures.monitor}_mean"
    if mean not in summary or summary[mean].isna().all():
        return summary, None
    order = (measures.sign(measures.monitor) * summary[mean]).sort_values(kind="stable").index
    return summary.loc[order], measures.monitor


def curves_table(runs: Sequence[Run]) -> pd.DataFrame:
    """A row per run and epoch: ``job``, the swept keys, then the columns of ``metrics.csv``."""
    return _parse_curves(_curves_text(runs))


def make_tables(runs: Sequence[Run]) -> Tables:
    """The three tables of some runs, written nowhere."""
    sweep, text = sweep_table(runs), _curves_text(runs)
    return Tables(sweep, summary_table(sweep), _parse_curves(text), text)


def point_columns(sweep: pd.DataFrame) -> list[str]:
    """The swept keys of ``sweep.csv`` or ``curves.csv``, without what tells repetitions apart.

    ``point`` is the number that a `SweepView` gives to each point.
    """
    others = {*replicate_columns(sweep), "point"}
    return [key for key in map(str, sweep.columns) if is_swept_key(key) and key not in others]


def replicate_columns(frame: pd.DataFrame) -> list[str]:
    """The columns that tell the repetitions of a point apart.

    They are ``seed``, ``dataset.fold``, and ``dataset.seed`` where the two seeds go together: each
    value of one stands beside one value of the other, as ``repeats_of=data`` makes them. Seeds of
    the data that were swept over by hand do not, and make points. The values alone tell this, so
    that a CSV file without its runs is read as their folder is.

    Args:
        frame: A row per run, or per run and epoch.
    """
    names = [name for name in REPLICATES if name in frame]
    return [*names, DATA_SEED] if _go_together(frame, "seed", DATA_SEED) else names


def _go_together(frame: pd.DataFrame, one: str, other: str) -> bool:
    if one not in frame or other not in frame:
        return False
    pairs = frame[[one, other]].drop_duplicates()
    return len(pairs) > 1 and bool(pairs[one].is_unique and pairs[other].is_unique)


def metric_columns(sweep: pd.DataFrame) -> list[str]:
    """The metrics of a table with a row per run."""
    return metrics(map(str, sweep.columns))


def point_numbers(sweep: pd.DataFrame, keys: list[str]) -> "pd.Series[Any]":
    """The number of each run's point, counted in order of first appearance."""
    if not keys:
        return pd.Series(0, index=sweep.index)
    return sweep.groupby(keys, dropna=False, sort=False).ngroup()


def _sweep_row(run: Run, keys: list[str]) -> dict[str, Any]:
    head = {"job": run.job, "status": run.status, "seed": run.seed}
    tail = {"signature": run.summary.get("signature"), "run_dir": run.folder.name}
    return head | {key: run.overrides.get(key) for key in keys} | run.last | _best(run) | tail


def _best(run: Run) -> dict[str, float]:
    best = run.best
    measured = {f"{BEST}{name}": value for name, value in best.items() if split_of(name) in SPLITS}
    return {"best_epoch": best.get("epoch", math.nan)} | measured if best else {}


def _curves_text(runs: Sequence[Run]) -> str:
    """The rows of all runs as they were written: the digits of a metric are never changed."""
    keys = swept_keys([run.overrides for run in runs])
    header = _in_order(name for run in runs for name in run.header)
    lines = [_line(["job", *keys, *header])]
    for run in runs:
        start = _line([str(run.job), *(_cell(run.overrides.get(key)) for key in keys)])
        lines += [f"{start},{row}" for row in rows_under(header, run)]
    return "\n".join(lines) + "\n"


def rows_under(header: list[str], run: Run) -> Iterable[str]:
    """A run's rows as written, moved under the columns of a header; cells it lacks are empty."""
    if list(run.header) == header:
        return run.rows
    cells = (dict(zip(run.header, row.split(","), strict=True)) for row in run.rows)
    return (",".join(row.get(name, "") for name in header) for row in cells)


def _parse_curves(text: str) -> pd.DataFrame:
    frame = parse_csv(text)
    if "epoch" in frame:  # where the columns of metrics.csv begin
        written = frame.columns[frame.columns.get_loc("epoch") :]
        frame[written] = finite(frame[written])
    return frame


def _line(cells: Iterable[str]) -> str:
    return ",".join(map(_quoted, cells))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n') else cell


def _cell(value: Value | None) -> str:
    return "" if value is None else str(value)


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
