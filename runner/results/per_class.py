"""How well each class is told from the others: precision, recall, F1, and how many there are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.atomic_write import write_whole
from runner.guarded_files import GuardedError
from runner.printable import printable
from runner.results.read.runs import Run, read_arrays
from runner.results.sweep import Sweep
from runner.results.tables import swept_keys

MEASURES = ("precision", "recall", "f1")
FILE = "per_class.csv"
Array = npt.NDArray[Any]


def per_class(predictions: Mapping[str, Array]) -> pd.DataFrame:
    """Measure each class by itself.

    Args:
        predictions: ``targets`` and ``predicted`` (N,) class indices, ``classes`` their names, and
            the ``split`` that they are of.

    Returns:
        A row for each class: ``split``, ``class``, ``precision`` (of what was predicted as this
        class, the part that is), ``recall`` (of what is this class, the part that was predicted
        so), ``f1`` (their harmonic mean), ``n`` (how many examples are of this class). NaN where
        there is nothing to take a part of.
    """
    names = [printable(str(name)) for name in predictions["classes"]]
    count = len(names)
    targets, predicted = (predictions[name].astype(int) for name in ("targets", "predicted"))
    right = np.bincount(targets[targets == predicted], minlength=count)
    present, called = (np.bincount(which, minlength=count) for which in (targets, predicted))
    parts = {
        "precision": _part(right, called),
        "recall": _part(right, present),
        "f1": _part(2 * right, called + present),
    }
    split = str(predictions["split"])
    return pd.DataFrame({"split": split, "class": names, **parts, "n": present})


def of_run(run: Run) -> pd.DataFrame | None:
    """Return the same of what a run predicted; None where it kept nothing sound, or no classes."""
    try:
        predictions = read_arrays(run.folder / "predictions.npz")
        return per_class(predictions) if "classes" in predictions else None
    except (GuardedError, LookupError, TypeError, ValueError):
        return None  # the plots of it say so


def write_per_class(run: Run) -> list[Path]:
    """Write ``per_class.csv`` of a run that kept its predictions of classes.

    Returns:
        The file written, or none.
    """
    found = of_run(run)
    if found is None:
        return []
    return [_write(found, run.folder)]


def write_sweep_per_class(sweep: Sweep) -> list[Path]:
    """Write ``per_class.csv`` of a sweep: ``job``, the swept keys, then the columns of its runs'.

    Returns:
        The file written; none where no run kept predictions of classes.
    """
    keys = swept_keys([run.overrides for run in sweep.runs])
    tables = [
        found.assign(job=run.job, **{key: run.overrides.get(key) for key in keys})
        for run in sweep.runs
        if (found := of_run(run)) is not None
    ]
    if not tables:
        return []
    own = [name for name in tables[0] if name not in ("job", *keys)]
    return [_write(pd.concat(tables)[["job", *keys, *own]], sweep.folder)]


def _write(table: pd.DataFrame, folder: Path) -> Path:
    text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return write_whole(folder / FILE, text.encode())


def over_runs(runs: Sequence[Run]) -> pd.DataFrame | None:
    """Average the classes of several runs that ended well and kept their predictions.

    Returns:
        A row for each class: ``split``, ``class``, mean and standard deviation of each measure
        (``f1_mean``, ``f1_std``: NaN of one run) over the runs in which it is known, ``n``, the
        mean number of examples, and ``runs``, how many kept any; None where none did, or where
        they are not of the same classes.
    """
    tables = [table for run in runs if (table := of_run(run)) is not None]
    kinds = {(*table["split"][:1], *table["class"]) for table in tables}
    if len(kinds) != 1:
        return None
    grouped = pd.concat(tables).groupby("class", sort=False)
    spreads = {
        f"{name}_{how}": grouped[name].agg(how) for name in MEASURES for how in ("mean", "std")
    }
    whole = pd.DataFrame({"n": grouped["n"].mean(), **spreads}).reset_index()
    return whole.assign(split=tables[0]["split"][0], runs=len(tables))


def _part(some: Array, of: Array) -> Array:
    parts: Array = np.divide(some, of, out=np.full(len(of), np.nan), where=of > 0)
    return parts
