"""A population among sweeps: its members share ancestors, so they are no repetitions and no points.

Whoever trained it leaves ``lineage.csv``, a row for each member at each exchange, and
``schedule.csv``, what the best at the end was trained with.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.columns import is_metric
from runner.errors import named
from runner.guarded_files import MOST_OF_A_TABLE, GuardedError, read_text

if TYPE_CHECKING:
    import pandas as pd

LINEAGE, SCHEDULE = "lineage.csv", "schedule.csv"
NOT_A_POINT = (
    "This is a trajectory, not a point: values changed on the way, and no value held from the "
    "beginning gave this result. Members share ancestors, so there is no interval over them."
)

INSTEAD = (
    "Compare runs that replay its learning rate (schedule=replay), each with a seed of its own."
)


def is_population(folder: Path) -> bool:
    """Whether a folder is that of a population."""
    return (folder / LINEAGE).is_file()


def read_lineage(folder: Path) -> "pd.DataFrame":
    """Return a population's ``lineage.csv``: a row for each member at each exchange.

    Raises:
        GuardedError: It may not be read, or it is no such table.
    """
    rows = _read(folder / LINEAGE, ("epoch", "member", "parent"))
    if not any(map(is_metric, map(str, rows))):
        raise GuardedError("has no column of a metric")
    if rows["member"].max() >= len(rows):
        raise GuardedError("has not a row for each member")
    return rows


def read_schedule(folder: Path) -> "pd.DataFrame":
    """Return ``schedule.csv``: a row for each epoch, with what the best was trained with.

    Raises:
        GuardedError: It may not be read, or it is no such table.
    """
    return _read(folder / SCHEDULE, ("epoch", "member", "lr"))


def metric_of(lineage: "pd.DataFrame") -> str:
    """Return the metric by which the members were chosen."""
    return next(name for name in map(str, lineage) if is_metric(name))


def _read(path: Path, names: tuple[str, ...]) -> "pd.DataFrame":
    from runner.results.read.runs import finite, parse_csv

    try:
        rows = parse_csv(read_text(path, MOST_OF_A_TABLE))
    except ValueError as error:
        raise GuardedError(f"can't be read: {named(error)}") from error
    if missing := [name for name in names if name not in rows]:
        raise GuardedError(f"lacks the column {missing[0]}")
    measured = [*names, *filter(is_metric, map(str, rows))]
    rows[measured] = finite(rows[measured])
    if rows.empty or not rows[["epoch", "member"]].ge(0).all(axis=None):
        raise GuardedError("has rows without an epoch or a member")
    return rows


def best_at_end(lineage: "pd.DataFrame", column: str, sign: int) -> "pd.Series[Any] | None":
    """Return the last row of the member that is the best at the end; None where all diverged.

    Args:
        lineage: A row for each member at each exchange.
        column: The metric that decides.
        sign: 1 where a lower one is better, -1 where a higher one is.
    """
    last = lineage[lineage["epoch"] == lineage["epoch"].max()].dropna(subset=[column])
    best: pd.Series[Any] | None = None if last.empty else last.loc[(sign * last[column]).idxmin()]
    return best
