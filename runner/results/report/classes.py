"""The table of classes of a report: of one run, or over the runs of a sweep."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from runner.columns import Status
from runner.results.per_class import MEASURES, of_run, over_runs
from runner.results.read.runs import Run
from runner.results.report.tables import PageTable, TableCell, cell
from runner.results.sweep import Sweep
from runner.results.tables import best_first, point_columns, point_numbers

MOST_POINTS = 8
HEAD = ("class", "precision", "recall", "F1", "n")
WORDS = (
    "Precision: of what was predicted as a class, the part that is of it. Recall: of what is of a "
    "class, the part that was predicted so. F1: their harmonic mean. n: examples of the class. "
    "Macro average: the mean over the classes."
)


def classes_table(sweep: Sweep) -> PageTable | None:
    """Precision, recall, F1 and n of each class, and of a run their means over the classes.

    Args:
        sweep: The sweep, or the run as a sweep of one.

    Returns:
        None where no run kept its predictions.
    """
    return _of_run(sweep.runs[0]) if sweep.is_single_run else _of_sweep(sweep)


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
    return PageTable([*HEAD], rows, note)


def _of_sweep(sweep: Sweep) -> PageTable | None:
    """The same for each point: a mean over points would hide what tells them apart."""
    keys = point_columns(sweep.tables.sweep)
    rows, splits = [], []
    for values, runs in _points(sweep, keys):
        found = over_runs(runs)
        if found is not None:
            rows += [[*values, *_class_row(row)] for row in found.to_dict("records")]
            splits.append(str(found["split"][0]))
    if not rows:
        return None
    points = len(sweep.tables.summary)
    part = f" The first {MOST_POINTS} of {points} points." if points > MOST_POINTS else ""
    note = (
        f"The {splits[0]} set: mean ± standard deviation over the runs of a point that kept their "
        f"predictions; per_class.csv in each run's folder has its own.{part} {WORDS}"
    )
    return PageTable([*keys, *HEAD, "runs"], rows, note)


def _points(sweep: Sweep, keys: list[str]) -> Iterator[tuple[list[TableCell], list[Run]]]:
    """Yield the first points, the best first where that may be told, with their completed runs."""
    summary, _ = best_first(sweep.tables.summary, sweep.measures)
    points = point_numbers(sweep.tables.sweep, keys).tolist()
    pairs = [pair for pair in zip(sweep.runs, points, strict=True) if pair[0].status == Status.OK]
    for place, point in summary.head(MOST_POINTS).iterrows():
        yield [cell(point[key]) for key in keys], [run for run, own in pairs if own == place]


def _class_row(row: Mapping[Hashable, Any]) -> list[TableCell]:
    spreads = (_spread(row[f"{name}_mean"], row[f"{name}_std"]) for name in MEASURES)
    return [
        TableCell(str(row["class"]), "", False),
        *spreads,
        cell(float(row["n"])),
        cell(int(row["runs"])),
    ]


def _share(value: float) -> TableCell:
    return TableCell("") if pd.isna(value) else TableCell(f"{value:.3f}", f"{value}")


def _spread(mean: float, std: float) -> TableCell:
    if pd.isna(mean) or pd.isna(std):
        return _share(mean)
    return TableCell(f"{mean:.3f} ± {std:.2g}", f"{mean}")
