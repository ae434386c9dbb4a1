"""The table of classes of a report: of one run, or over the runs of a sweep."""

from collections.abc import Sequence

import pandas as pd

from runner.columns import Status
from runner.results.per_class import MEASURES, of_run, over_runs
from runner.results.read.runs import Run
from runner.results.report.tables import PageTable, TableCell, cell

WORDS = (
    "Precision: of what was predicted as a class, the part that is of it. Recall: of what is of a "
    "class, the part that was predicted so. F1: their harmonic mean. n: examples of the class. "
    "Macro average: the mean over the classes."
)


def classes_table(runs: Sequence[Run], *, alone: bool) -> PageTable | None:
    """Precision, recall, F1 and n of each class, and their means over the classes.

    Args:
        runs: The run, or all runs of a sweep.
        alone: Whether it is a run by itself.

    Returns:
        None where no run kept its predictions.
    """
    return _of_run(runs[0]) if alone else _of_sweep(runs)


def _of_run(run: Run) -> PageTable | None:
    found = of_run(run)
    if found is None:
        return None
    rows = [
        [TableCell(str(name), "", False), *map(_share, shares), cell(int(n))]
        for name, *shares, n in found[["class", *MEASURES, "n"]].itertuples(index=False)
    ]
    means = [_share(found[name].mean()) for name in MEASURES]
    rows.append([TableCell("macro average", "", False), *means, cell(int(found["n"].sum()))])
    note = f"The {found['split'][0]} set, by the weights that the run ended with. {WORDS}"
    return PageTable(["class", "precision", "recall", "F1", "n"], rows, note)


def _of_sweep(runs: Sequence[Run]) -> PageTable | None:
    found = over_runs([run for run in runs if run.status == Status.OK])
    if found is None:
        return None
    rows = [
        [
            TableCell(str(row["class"]), "", False),
            *(_spread(row[f"{name}_mean"], row[f"{name}_std"]) for name in MEASURES),
            cell(float(row["n"])),
        ]
        for row in found.to_dict("records")
    ]
    runs_told = f"{found['runs'][0]} run{'' if found['runs'][0] == 1 else 's'}"
    note = (
        f"The {found['split'][0]} set: mean ± standard deviation over {runs_told} of all points "
        f"that kept their predictions; per_class.csv in each run's folder has its own. {WORDS}"
    )
    return PageTable(["class", "precision", "recall", "F1", "n"], rows, note)


def _share(value: float) -> TableCell:
    return TableCell("") if pd.isna(value) else TableCell(f"{value:.3f}", f"{value}")


def _spread(mean: float, std: float) -> TableCell:
    if pd.isna(mean) or pd.isna(std):
        return _share(mean)
    return TableCell(f"{mean:.3f} ± {std:.2g}", f"{mean}")
