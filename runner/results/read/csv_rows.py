"""The rows of a table of epochs that can be used, and what is said of those that cannot."""

import math
from collections.abc import Sequence
from typing import NamedTuple

MOST_COLUMNS = 5_000  # a run has dozens; of tens of thousands a page takes minutes


class Rows(NamedTuple):
    """A table as it was written, without what cannot be used of it.

    Attributes:
        header: Its columns; none where there are no rows.
        rows: Its rows, as written.
        left_out: What was left out, in words, each to follow the name of the file.
    """

    header: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def usable(lines: Sequence[str], *, torn: bool) -> Rows:
    """Take the rows that have a cell for each column and a number for their epoch.

    Args:
        lines: The whole lines, the header first.
        torn: Whether something follows them that is no whole line.
    """
    told = ["a torn last line is left out"] if torn else []
    if not lines:
        return Rows(left_out=tuple(told))
    header = tuple(lines[0].split(","))
    if len(header) > MOST_COLUMNS:
        told_of = f"it has {len(header):,} columns, more than {MOST_COLUMNS:,}"
        return Rows(left_out=(f"{told_of}; all of it is left out",))
    if "epoch" not in header:
        return Rows(left_out=("there is no column epoch; all of it is left out",))
    plain = [line for line in lines[1:] if '"' not in line]  # numbers, which need no quotes
    whole = [line for line in plain if line.count(",") == len(header) - 1]
    place = header.index("epoch")
    rows = [line for line in whole if _is_number(line.split(",", place + 1)[place])]
    if quoted := len(lines) - 1 - len(plain):
        told.append(f"{_rows(quoted)} quotation marks and {_out(quoted)}")
    if cut := len(plain) - len(whole):
        told.append(f"{_rows(cut)} more or fewer cells than columns and {_out(cut)}")
    if nameless := len(whole) - len(rows):
        told.append(f"{_rows(nameless)} no number for an epoch and {_out(nameless)}")
    return Rows(header if rows else (), tuple(rows), tuple(told))


def _is_number(text: str) -> bool:
    if text.isdecimal():
        return True
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _rows(number: int) -> str:
    return "1 row has" if number == 1 else f"{number} rows have"


def _out(number: int) -> str:
    return "is left out" if number == 1 else "are left out"
