"""A population among sweeps: its members share ancestors, so they are no repetitions and no points.

Whoever trained it leaves ``lineage.csv``, a row for each member at each exchange, and
``schedule.csv``, what the best at the end was trained with.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """Return a population's ``lineage.csv``: a row for each member at each exchange."""
    import pandas as pd

    return pd.read_csv(folder / LINEAGE)


def best_at_end(lineage: "pd.DataFrame", column: str, sign: int) -> "pd.Series[Any]":
    """Return the last row of the member that is the best at the end.

    Args:
        lineage: A row for each member at each exchange.
        column: The metric that decides.
        sign: 1 where a lower one is better, -1 where a higher one is.
    """
    last = lineage[lineage["epoch"] == lineage["epoch"].max()]
    best: pd.Series[Any] = last.loc[(sign * last[column]).idxmin()]
    return best
