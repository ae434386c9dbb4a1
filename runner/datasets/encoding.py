"""How the columns of a table become features: numbers as they are, text one-hot.

A text column of L levels becomes L features, each 1 where the cell has that level and 0 elsewhere.
The levels are recorded, so that new rows are encoded as those that were trained on.
"""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from runner.datasets.table_file import Table
from runner.errors import RequestError

# Features and targets are trained on in float32, which holds nothing larger.
LARGEST = float(torch.finfo(torch.float32).max)
FEW = 20  # distinct texts that may be levels or classes however few rows there are
MOST_LEVELS = 500  # features that one column may become
SHOWN = 8
# What stands for a missing number, in any case; in a column of text it is text like any other.
MARKS = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})

Mask = npt.NDArray[np.bool_]


class Column(TypedDict):
    """One column: its name, and its levels in order where it is text, None where it is numbers."""

    name: str
    levels: list[str] | None


class Encoding(TypedDict):
    """What turns the rows of a table into features, in plain values.

    Attributes:
        target: The column that is predicted.
        columns: The columns that are predicted from, in the order of their features.
        fill: (D,) what missing features are taken for; None where none may be missing.
    """

    target: str
    columns: list[Column]
    fill: Tensor | None


def features_of(columns: Sequence[Column]) -> list[str]:
    """Return the name of each feature: ``area``, ``city=Bern``, ``city=Oslo``."""
    names: list[str] = []
    for column in columns:
        name, levels = column["name"], column["levels"]
        names += [name] if levels is None else [f"{name}={level}" for level in levels]
    return names


def one_hot(columns: Sequence[Column]) -> Tensor:
    """Return which of the D features are levels of text, (D,) bool."""
    widths = [(column["levels"] is not None, len(column["levels"] or [0])) for column in columns]
    return torch.tensor([text for text, width in widths for _ in range(width)], dtype=torch.bool)


def is_text(texts: Sequence[str]) -> bool:
    """Whether a column is text: it has values, and none of them is a number."""
    distinct = set(texts)
    if any(_number(text) is not None for text in distinct):
        return False
    return any(text.lower() not in MARKS for text in distinct)


def missing_in(texts: Sequence[str], *, text: bool) -> Mask:
    """Return which cells of a column, of text or of numbers, have no value, (N,)."""
    marks = frozenset({""}) if text else MARKS
    return np.array([cell.lower() in marks for cell in texts], dtype=bool)


def fit(table: Table, names: Sequence[str]) -> list[Column]:
    """Find out what the columns of a table are.

    Raises:
        RequestError: A column has no value at all, numbers and text, or too many distinct texts.
    """
    return [_fitted(table, name) for name in names]


def encode(table: Table, columns: Sequence[Column]) -> Tensor:
    """Turn columns into features.

    Returns:
        (N, D) float64; NaN in all features of a column where its cell has no value.

    Raises:
        RequestError: A cell is of another kind than its column, or of a level that is not known.
    """
    parts = [
        numbers(table, column["name"])[:, None]
        if column["levels"] is None
        else _levels(table, column["name"], column["levels"])
        for column in columns
    ]
    return torch.from_numpy(np.concatenate(parts, axis=1))


def numbers(table: Table, name: str, remedy: str = "") -> npt.NDArray[np.float64]:
    """Return a column of numbers, (N,) float64, NaN where a cell has no value.

    Args:
        table: The table.
        name: The column.
        remedy: What else may be done about text in it, for the sentence of the error.

    Raises:
        RequestError: A cell is text, infinite, or beyond float32.
    """
    texts = table.columns[name]
    found = np.array([_or_nan(text) for text in texts])
    for row in np.flatnonzero(~(abs(found) <= LARGEST)).tolist():
        if texts[row].lower() not in MARKS:
            kind = "number" if _number(texts[row]) is None else "finite number"
            raise table.fault(row, name, f"'{texts[row]}' is not a {kind}{remedy}")
        found[row] = np.nan
    return found


def check_complete(table: Table, missing: Mapping[str, Mask], remedy: str) -> None:
    """Refuse missing values.

    Args:
        table: The table.
        missing: Column to which of its cells have no value, (N,).
        remedy: What can be done about it.

    Raises:
        RequestError: There are any; the sentence counts them by column.
    """
    counts = {name: int(gone.sum()) for name, gone in missing.items() if gone.any()}
    if not counts:
        return
    told = ", ".join(f"{count:,} in '{name}'" for name, count in list(counts.items())[:SHOWN])
    more = f" and more in {len(counts) - SHOWN} other columns" if len(counts) > SHOWN else ""
    first = min(int(gone.argmax()) for gone in missing.values() if gone.any())
    raise RequestError(
        f"{table.source} has missing values: {told}{more}, of {len(table):,} rows, the first in "
        f"{table.unit} {table.places[first]}; {remedy}."
    )


def encode_new(table: Table, encoding: Encoding) -> Tensor:
    """Turn rows that were not trained on into features; other columns are ignored.

    Args:
        table: The rows; columns go by their names.
        encoding: How the rows were encoded that were trained on.

    Returns:
        (N, D) float64, with missing values filled in where the training rows' were.

    Raises:
        RequestError: A column is missing, or what `encode` and `check_complete` refuse.
    """
    names = [column["name"] for column in encoding["columns"]]
    if absent := [name for name in names if name not in table.columns]:
        columns = f"column {absent[0]!r}" if len(absent) == 1 else f"columns {str(absent)[1:-1]}"
        raise RequestError(
            f"{table.source} has no {columns}, which the model takes; it has "
            f"{', '.join(table.columns)}."
        )
    features = encode(table, encoding["columns"])
    if encoding["fill"] is None:
        gone = {
            column["name"]: missing_in(
                table.columns[column["name"]], text=column["levels"] is not None
            )
            for column in encoding["columns"]
        }
        check_complete(table, gone, "the model was trained without any, so fill them in")
        return features
    return filled(features, encoding["fill"])


def filled(features: Tensor, fill: Tensor) -> Tensor:
    """Return features (N, D) with ``fill`` (D,) in place of NaN."""
    return torch.where(features.isnan(), fill, features)


def check_distinct(table: Table, name: str, count: int, what: str, remedy: str) -> None:
    """Refuse a column with nearly as many distinct values as rows.

    Raises:
        RequestError: There are more than half as many as rows, and more than a few.
    """
    if count > max(FEW, len(table) / 2):
        raise RequestError(
            f"{table.source}, column '{name}': it has {count:,} distinct values in {len(table):,} "
            f"rows, too many for {what}; {remedy}."
        )


def _fitted(table: Table, name: str) -> Column:
    texts, leave_out = table.columns[name], f"dataset.drop=[{name}] leaves the column out"
    if not is_text(texts):
        if missing_in(texts, text=False).all():
            raise RequestError(f"{table.source}, column '{name}' has no values; {leave_out}.")
        numbers(table, name, f", as others in it are; {leave_out}")
        return {"name": name, "levels": None}
    levels = sorted(set(texts) - {""})
    check_distinct(table, name, len(levels), "one-hot features", leave_out)
    if len(levels) > MOST_LEVELS:
        raise RequestError(
            f"{table.source}, column '{name}': it has {len(levels):,} distinct texts, and one "
            f"column becomes {MOST_LEVELS} features at most; {leave_out}."
        )
    return {"name": name, "levels": levels}


def _levels(table: Table, name: str, levels: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return a text column one-hot, (N, L)."""
    texts, number = table.columns[name], {level: i for i, level in enumerate(levels)}
    found = np.array([number.get(text, -1) for text in texts])
    empty = np.array([not text for text in texts])
    if (unknown := (found < 0) & ~empty).any():
        row = int(unknown.argmax())
        raise table.fault(row, name, _unknown_level(texts[row], levels))
    hot = np.zeros((len(texts), len(levels)))
    hot[np.arange(len(texts)), found] = 1.0
    hot[empty] = np.nan
    return hot


def _unknown_level(text: str, levels: Sequence[str]) -> str:
    more = f" and {len(levels) - SHOWN} more" if len(levels) > SHOWN else ""
    known = ", ".join(levels[:SHOWN])
    return f"'{text}' is none of the values that the model was trained on: {known}{more}"


def _number(text: str) -> float | None:
    try:
        return None if text.lower() in MARKS else float(text)
    except ValueError:
        return None


def _or_nan(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
