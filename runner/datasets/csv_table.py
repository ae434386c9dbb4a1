"""A table of one's own, from a CSV file."""

import csv
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import torch
from torch import Tensor

from runner.columns import Task
from runner.datasets.data import Split
from runner.datasets.table import TabularData
from runner.errors import RequestError, unknown
from runner.registry import register

# Features and targets are trained on in float32, which holds nothing larger.
FEW = 20  # distinct values that may be classes however few rows there are
LARGEST = float(torch.finfo(torch.float32).max)


@dataclass(frozen=True)
class CsvCells:
    """The text of a CSV file, cell by cell.

    Attributes:
        path: The file.
        header: The names of the columns.
        rows: The cells of each row, as many as there are columns.
        lines: The line of the file in which each row ends, from 1.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def column(self, position: int) -> list[str]:
        """Return the text of one column; every cell has some.

        Raises:
            RequestError: A cell is empty.
        """
        texts = [row[position] for row in self.rows]
        if "" in texts:
            raise self.fault(
                texts.index(""), position, "the cell is empty; every cell needs a value"
            )
        return texts

    def numbers(self, position: int, remedy: str = "") -> list[float]:
        """Return one column as numbers.

        Args:
            position: The column, from 0.
            remedy: What else may be done about text in it, for the sentence of the error.

        Raises:
            RequestError: A cell is empty, text, infinite, not a number, or beyond float32.
        """
        texts = self.column(position)
        return [self._number(row, position, text, remedy) for row, text in enumerate(texts)]

    def fault(self, row: int, position: int, what: str) -> RequestError:
        """Return an error about one cell."""
        name = self.header[position]
        return RequestError(f"{self.path}, line {self.lines[row]}, column '{name}': {what}.")

    def _number(self, row: int, position: int, text: str, remedy: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= LARGEST:
            raise self.fault(row, position, f"'{text}' is not a finite number{remedy}")
        return number


@register("dataset", "csv")
@dataclass(kw_only=True)
class CsvTable(TabularData):
    """The rows of a CSV file with a header: numeric features, and a target column.

    The target is a number, or with ``classes`` any text whose distinct values are the classes.
    Columns are separated by commas, or by tabs or semicolons where the header has no comma.

    Attributes:
        path: The file; it must be given.
        target: The name of the column to predict; None for the last.
        classes: Whether the target's values are classes.
    """

    path: str | None
    target: str | None
    classes: bool

    @classmethod
    def task_of(cls, config: Mapping[str, object]) -> Task:
        """Return what the key ``classes`` says of the targets."""
        return "classes" if config["classes"] else "numbers"

    def read(self) -> tuple[Split, tuple[str, ...] | None]:
        """Return the file's rows, and the classes' names in the order of their numbers."""
        if self.path is None:
            raise RequestError("dataset=csv needs the path of a file, e.g. dataset.path=table.csv.")
        cells = read_cells(Path(self.path).expanduser())
        target = self._target(cells)
        features = [cells.numbers(i) for i in range(len(cells.header)) if i != target]
        inputs = torch.tensor(features, dtype=torch.float64).T.contiguous()
        if not self.classes:
            remedy = "; with dataset.classes=true the target's values are classes"
            numbers = torch.tensor(cells.numbers(target, remedy), dtype=torch.float64)
            return Split(inputs, numbers.unsqueeze(1)), None
        numbered, names = _numbered(cells, target)
        return Split(inputs, numbered), names

    def _target(self, cells: CsvCells) -> int:
        if self.target is None:
            return len(cells.header) - 1
        if self.target not in cells.header:
            what = unknown("column", self.target, cells.header)
            raise RequestError(f"dataset.target does not fit {cells.path}, line 1: {what}")
        return cells.header.index(self.target)


def read_cells(path: Path) -> CsvCells:
    """Read a CSV file into cells of text, without the spaces around them.

    Args:
        path: A file in UTF-8, its first line the names of the columns. Empty lines are skipped.

    Raises:
        RequestError: There is no such file, it is not UTF-8, its columns have no distinct names, it
            has no rows, or a row has another number of cells.
    """
    text = _text(path)
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
    if len(rows) < 2:
        raise RequestError(f"{path} has no rows; it needs a line of column names, then the rows.")
    cells = CsvCells(path, rows[0], rows[1:], lines[1:])
    _check_header(cells, lines[0])
    _check_lengths(cells)
    return cells


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise RequestError(f"dataset.path={path}: there is no such file.") from error
    except OSError as error:
        raise RequestError(f"dataset.path={path} can't be read: {error.strerror}.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RequestError(
            f"{path}, line {line}: the text is not UTF-8; save it as UTF-8."
        ) from error


def _separator(header: str) -> str:
    return next((mark for mark in ",\t;" if mark in header), ",")


def _check_header(cells: CsvCells, line: int) -> None:
    place = f"{cells.path}, line {line}"
    if len(cells.header) < 2:
        raise RequestError(
            f"{place}: there is one column, '{cells.header[0]}'; a table needs a target and a "
            "feature or more, separated by commas, tabs or semicolons."
        )
    if "" in cells.header:
        position = cells.header.index("") + 1
        raise RequestError(f"{place}: column {position} has no name; every column needs one.")
    name, times = Counter(cells.header).most_common(1)[0]
    if times > 1:
        raise RequestError(f"{place}: {times} columns are called '{name}'; names must differ.")


def _check_lengths(cells: CsvCells) -> None:
    width = len(cells.header)
    for row, line in zip(cells.rows, cells.lines, strict=True):
        if len(row) != width:
            raise RequestError(
                f"{cells.path}, line {line}: the row has {len(row)} cells, and the header {width}."
            )


def _numbered(cells: CsvCells, target: int) -> tuple[Tensor, tuple[str, ...]]:
    """Number the distinct values of the target column, sorted, as numbers if all of them are."""
    texts = cells.column(target)
    names = _sorted(set(texts))
    if len(names) < 2:
        raise RequestError(
            f"{cells.path}, column '{cells.header[target]}': all rows are of the class "
            f"'{names[0]}'; dataset.classes=true needs two or more."
        )
    if len(names) > max(FEW, len(texts) / 2):
        raise RequestError(
            f"{cells.path}, column '{cells.header[target]}': it has {len(names):,} distinct values "
            f"in {len(texts):,} rows, too many for classes; dataset.classes=false predicts a number"
            "."
        )
    number = {name: i for i, name in enumerate(names)}
    return torch.tensor([number[text] for text in texts]), tuple(names)


def _sorted(values: set[str]) -> list[str]:
    try:
        numbers = {value: float(value) for value in values}
    except ValueError:
        return sorted(values)
    # NaN has no place in an order of numbers.
    finite = all(map(math.isfinite, numbers.values()))
    return sorted(values, key=lambda value: (numbers[value] if finite else 0.0, value))
