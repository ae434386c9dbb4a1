"""Tables as text: a CSV or Parquet file, or a pandas frame, read cell by cell."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from runner.errors import RequestError, nearest

if TYPE_CHECKING:
    import pandas as pd

PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Table:
    """The text of every cell, without the spaces around it; an empty one has no value.

    Attributes:
        source: What it was read from, for sentences.
        columns: Name to the texts of N rows, in the order of the file.
        places: Where each row stands, from 1: its line in a text file, its number elsewhere.
        unit: What a place is, ``"line"`` or ``"row"``.
    """

    source: str
    columns: Mapping[str, Sequence[str]]
    places: Sequence[int]
    unit: str = "line"

    def __len__(self) -> int:
        return len(self.places)

    def fault(self, row: int, name: str, what: str) -> RequestError:
        """Return an error about one cell."""
        return RequestError(f"{self.place(row)}, column '{name}': {what}.")

    def place(self, row: int) -> str:
        """Return where a row stands, in words."""
        return f"{self.source}, {self.unit} {self.places[row]}"

    def take(self, rows: npt.NDArray[np.int64]) -> "Table":
        """Return some of its rows."""
        chosen = rows.tolist()
        columns = {name: [texts[row] for row in chosen] for name, texts in self.columns.items()}
        return Table(self.source, columns, [self.places[row] for row in chosen], self.unit)

    def check_has(self, names: Sequence[str], key: str) -> None:
        """Refuse a name that is no column's.

        Args:
            names: The columns asked for.
            key: The key that asks for them.

        Raises:
            RequestError: There is no such column.
        """
        for name in names:
            if name not in self.columns:
                what = nearest("column", name, self.columns).removeprefix("There is")
                known = ", ".join(self.columns)
                raise RequestError(f"{key}: there is{what} {self.source} has {known}.")


def read_table(path: Path, key: str = "") -> Table:
    """Read a table, a Parquet file by its suffix and otherwise CSV.

    Args:
        path: A Parquet file; or text in UTF-8, its first line the names of the columns, separated
            by commas, or by tabs or semicolons where there is no comma. Empty lines are skipped.
        key: What names the file, for the sentence where it is not there: ``"dataset.path="``.

    Raises:
        RequestError: There is no such file, it is of another format, its columns have no distinct
            names, it has no rows, or a row has another number of cells.
    """
    content = _content(path, key)
    table = _parquet(path) if path.suffix.lower() in PARQUET else _csv(path, content)
    if not len(table):
        raise RequestError(f"{path} has no rows; it needs a line of column names, then the rows.")
    return table


def of_frame(frame: "pd.DataFrame", source: str = "the frame") -> Table:
    """Return a pandas frame as a table of text.

    Raises:
        RequestError: Its columns have no distinct names.
    """
    names = [str(name) for name in frame.columns]
    _check_names(names, source)
    columns = {name: _texts(frame.iloc[:, i]) for i, name in enumerate(names)}
    return Table(source, columns, range(1, len(frame) + 1), "row")


def _content(path: Path, key: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RequestError(f"{key}{path}: there is no such file.") from error
    except OSError as error:
        raise RequestError(f"{key}{path} can't be read: {error.strerror}.") from error


def _parquet(path: Path) -> Table:
    import pandas as pd  # a third of a second, needed here alone

    try:
        return of_frame(pd.read_parquet(path), str(path))
    except ImportError as error:
        raise RequestError(
            f"{path}: Parquet needs the package pyarrow (pip install 'runner[parquet]'); or save "
            "the table as CSV."
        ) from error
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise RequestError(f"{path} can't be read as Parquet: {reason}.") from error


def _texts(column: "pd.Series[Any]") -> list[str]:
    texts = (str(value).strip() for value in column.tolist())
    return ["" if gone else text for text, gone in zip(texts, column.isna(), strict=True)]


def _csv(path: Path, content: bytes) -> Table:
    text = _decoded(path, content)
    first_line = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=_separator(first_line))
    rows, lines = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row) or len(row) > 1:
                rows.append([cell.strip() for cell in row])
                lines.append(reader.line_num)
    except csv.Error as error:
        raise RequestError(f"{path}, line {reader.line_num}: this is not CSV ({error}).") from error
    if not rows:
        return Table(str(path), {}, [])
    header, *body = rows
    _check_names(header, f"{path}, line {lines[0]}")
    _check_lengths(path, header, body, lines[1:])
    columns = dict(zip(header, zip(*body, strict=True), strict=True)) if body else {}
    return Table(str(path), columns, lines[1:])


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RequestError(
            f"{path}, line {line}: the text is not UTF-8; save it as UTF-8."
        ) from error


def _separator(header: str) -> str:
    return next((mark for mark in ",\t;" if mark in header), ",")


def _check_names(header: Sequence[str], place: str) -> None:
    if "" in header:
        position = header.index("") + 1
        raise RequestError(f"{place}: column {position} has no name; every column needs one.")
    for name, times in Counter(header).most_common(1):
        if times > 1:
            raise RequestError(f"{place}: {times} columns are called '{name}'; names must differ.")


def _check_lengths(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], lines: Sequence[int]
) -> None:
    width = len(header)
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width:
            raise RequestError(
                f"{path}, line {line}: the row has {len(row)} cell{'s' * (len(row) != 1)}, and "
                f"the header {width}."
            )
