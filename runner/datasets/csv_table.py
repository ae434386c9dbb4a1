"""A table of one's own, from a CSV or Parquet file."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from runner.columns import Task
from runner.datasets.data import Split
from runner.datasets.encoding import (
    check_complete,
    check_distinct,
    encode,
    fit,
    is_text,
    missing_in,
    numbers,
)
from runner.datasets.table import Rows, TabularData
from runner.datasets.table_file import Table, read_table
from runner.errors import RequestError
from runner.registry import register

REMEDIES = (
    "dataset.missing=mean fills them with the mean of the training rows, dataset.missing=drop "
    "leaves such rows out"
)


@register("dataset", "csv")
@dataclass(kw_only=True)
class CsvTable(TabularData):
    """The rows of a table with a header: features of numbers or text, and a target column.

    Text becomes one feature for each of its distinct values, 1 where a cell has it and 0 elsewhere,
    not standardised. The target is a number, or with ``classes`` any text whose distinct values are
    the classes. An empty cell has no value; in a column of numbers neither have NA, N/A, NaN, null,
    None and ?.

    Attributes:
        path: The file, Parquet where it is called so (``.parquet``, ``.pq``), otherwise CSV,
            separated by commas, or by tabs or semicolons where the header has no comma; it must be
            given.
        target: The name of the column to predict; None for the last.
        classes: Whether the target's values are classes.
        columns: The names of the columns to predict from; None for all but the target.
        drop: Columns that are left out of these, such as names and numbers of rows.
        missing: What is done about missing values: ``mean`` takes the mean of the training rows for
            a missing feature (of text, the share of each of its values), ``drop`` leaves rows out
            that lack a feature or the target; None refuses them.
    """

    path: str | None
    target: str | None
    classes: bool
    columns: list[str] | None
    drop: list[str]
    missing: Literal["mean", "drop"] | None

    @classmethod
    def task_of(cls, config: Mapping[str, object]) -> Task:
        """Return what the key ``classes`` says of the targets."""
        return "classes" if config["classes"] else "numbers"

    def read(self) -> Rows:
        """Return the file's rows, and the classes' names in the order of their numbers."""
        if self.path is None:
            raise RequestError("dataset=csv needs the path of a file, e.g. dataset.path=table.csv.")
        table = read_table(Path(self.path).expanduser(), "dataset.path=")
        target = self._target(table)
        names = self._features(table, target)
        table = self._complete(table, names, target)
        columns = fit(table, names)
        targets, classes = self._targets(table, target)
        split = Split(encode(table, columns), targets)
        return Rows(split, classes, target, columns, fills=self.missing == "mean")

    def _target(self, table: Table) -> str:
        if self.target is None:
            return list(table.columns)[-1]
        table.check_has([self.target], "dataset.target")
        return self.target

    def _targets(self, table: Table, target: str) -> tuple[Tensor, tuple[str, ...] | None]:
        if self.classes:
            return _numbered(table, target)
        remedy = "; with dataset.classes=true the target's values are classes"
        return torch.from_numpy(numbers(table, target, remedy)).unsqueeze(1), None

    def _features(self, table: Table, target: str) -> list[str]:
        table.check_has(self.columns or [], "dataset.columns")
        table.check_has(self.drop, "dataset.drop")
        if target in [*(self.columns or []), *self.drop]:
            key = "drop" if target in self.drop else "columns"
            raise RequestError(f"dataset.{key} has the target '{target}' in it.")
        chosen = dict.fromkeys(table.columns if self.columns is None else self.columns)
        names = [name for name in chosen if name not in {target, *self.drop}]
        if not names:
            raise RequestError(
                f"{table.source} leaves no column to predict '{target}' from: it has "
                f"{', '.join(table.columns)}, separated by commas, tabs or semicolons."
            )
        return names

    def _complete(self, table: Table, names: list[str], target: str) -> Table:
        """Return the rows whose missing values are dealt with, or are going to be."""
        cells = {name: table.columns[name] for name in names}
        gone = {name: missing_in(texts, text=is_text(texts)) for name, texts in cells.items()}
        # Any text is a class.
        gone[target] = missing_in(table.columns[target], text=self.classes)
        if self.missing == "drop":
            kept = table.take(np.flatnonzero(~np.logical_or.reduce(list(gone.values()))))
            if not len(kept):
                raise RequestError(f"{table.source} has no row without a missing value.")
            return kept
        if self.missing is None:
            check_complete(table, gone, REMEDIES)
        remedy = "no mean stands for a target, but dataset.missing=drop leaves such rows out"
        check_complete(table, {target: gone[target]}, remedy)
        return table


def _numbered(table: Table, target: str) -> tuple[Tensor, tuple[str, ...]]:
    """Number the distinct values of the target column, sorted, as numbers if all of them are."""
    texts = table.columns[target]
    names = _sorted(set(texts))
    if len(names) < 2:
        raise RequestError(
            f"{table.source}, column '{target}': all rows are of the class "
            f"'{names[0]}'; dataset.classes=true needs two or more."
        )
    check_distinct(table, target, len(names), "classes", "dataset.classes=false predicts a number")
    number = {name: i for i, name in enumerate(names)}
    return torch.tensor([number[text] for text in texts]), tuple(names)


def _sorted(values: set[str]) -> list[str]:
    try:
        as_numbers = {value: float(value) for value in values}
    except ValueError:
        return sorted(values)
    # NaN has no place in an order of numbers.
    finite = all(map(math.isfinite, as_numbers.values()))
    return sorted(values, key=lambda value: (as_numbers[value] if finite else 0.0, value))
