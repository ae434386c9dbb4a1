"""Results: files in, frames and figures out; training is met through its files alone."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load"]


def load(folder: str | Path) -> "pd.DataFrame":
    """One tidy frame of a run or of a sweep.

    Args:
        folder: A run's folder or a sweep's.

    Returns:
        A row per run and epoch: ``job``, the swept keys by their dotted names, then the columns of
        ``metrics.csv``.

    Raises:
        RequestError: The folder is neither a run nor a sweep.
    """
    from runner.results.files import read_runs
    from runner.results.tables import curves_table

    return curves_table(read_runs(Path(folder)))
