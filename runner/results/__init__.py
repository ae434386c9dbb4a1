"""Results: files in, frames and figures out; training is met through its files alone."""

from pathlib import Path
from typing import TYPE_CHECKING

from runner.results import plots

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load", "plots"]


def load(folder: str | Path) -> "pd.DataFrame":
    """One tidy frame of a run, of a sweep, or of a folder of them, such as ``outputs``.

    A value that is not a number is text as it is typed, ``"true"`` and ``"null"`` too. The frame's
    ``attrs`` hold what all its runs have in common, for the titles and scales of
    `runner.results.plots`: ``task``, ``loss``, ``dataset`` and ``model``, each None where runs
    differ. Figures of a frame that lost them say less and are otherwise the same.

    Args:
        folder: A run's folder or a sweep's; or any folder that holds runs and sweeps at any depth.

    Returns:
        A row per run and epoch, runs in order of their start. A run without any epoch, such as one
        that failed at once, has one row with the metrics missing. The columns are, in order:

        - ``sweep``, in a folder of them only: the path of the run's sweep in that folder; of a run
          on its own its own path, so that ``sweep`` and ``job`` always name one run;
        - ``job``, its number in the sweep, 0 for a run on its own;
        - ``run_dir``, its folder, as `runner.load_model` takes it; relative where ``folder`` is;
        - ``status`` and ``seed``;
        - ``name`` and ``tags`` (``"exam, mnist"``), where any run has one;
        - the swept keys by their dotted names. In a folder of them these are all keys in which any
          two runs differ, whether overridden or taken from a study or a default; ``loss`` is
          what ``auto`` stood for. What has no part in the results, such as ``name`` and
          ``logger``, is one only where a sweep itself varied it. A key that a run does not have is
          missing: ``model.dropout`` of a model without dropout;
        - the columns of ``metrics.csv``, ``epoch`` first; missing where a run has no such column.

    Raises:
        RequestError: There is no such folder, or it holds neither runs nor sweeps.
    """
    # Imported late, as figures are in plots: importing this must not wait for pandas.
    from runner.results.frame import load_frame

    return load_frame(Path(folder))
