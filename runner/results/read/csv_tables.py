"""Reading a CSV file of any origin: whole rows alone, and a fault in one sentence."""

import csv
import re
from io import StringIO
from pathlib import Path

import pandas as pd

from runner.errors import RequestError
from runner.results.read.runs import parse_csv, whole_lines

# Text has none of these; pictures, archives and tables in UTF-16 do.
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_table(path: str) -> tuple[pd.DataFrame, list[str]]:
    """Read a table.

    Args:
        path: A CSV file, in UTF-8.

    Returns:
        Its rows, and what was left out of them in words: a last line without an end may be torn.

    Raises:
        RequestError: It is empty, no text, has no header or no rows, or rows of several lengths.
    """
    content = Path(path).read_bytes()
    if NO_TEXT.search(content):
        raise RequestError(f"'{path}' is not text in UTF-8, as a CSV file is.")
    text = content.decode("utf-8-sig", errors="replace")
    lines = whole_lines(text)
    torn = bool(text.rpartition("\n")[2].strip())
    _refuse_empty(path, text, lines, torn)
    frame = _parsed(path, lines)
    return frame, ["its last line, which has no end and may be torn"] if torn else []


def identifying_columns(frame: pd.DataFrame) -> str:
    """The first columns that tell all rows apart, for ``--on``: ``method,seed``.

    Args:
        frame: The table.

    Returns:
        Their names; measured values, which have decimals, tell rows apart by chance and are none.
        Empty where the others do not suffice.
    """
    names = [name for name in frame.columns if not pd.api.types.is_float_dtype(frame[name])]
    for count in range(1, len(names) + 1):
        if not frame.duplicated(names[:count]).any():
            return ",".join(map(str, names[:count]))
    return ""


def _refuse_empty(path: str, text: str, lines: list[str], torn: bool) -> None:
    if not text.strip():
        raise RequestError(f"'{path}' is empty.")
    header = lines[0] if lines else text
    if "," not in header:
        raise RequestError(f"'{path}' has no header row: its first line names no columns.")
    if len(lines) < 2:
        whole = "whole rows: its last line has no end" if torn and lines else "rows"
        raise RequestError(f"'{path}' has a header but no {whole}.")


def _parsed(path: str, lines: list[str]) -> pd.DataFrame:
    try:
        rows = list(csv.reader(StringIO("\n".join(lines)), strict=True))
        uneven = next((row for row in rows if len(row) != len(rows[0])), None)
        frame = parse_csv("\n".join(lines)) if uneven is None else pd.DataFrame()
    except (ValueError, csv.Error) as fault:
        raise RequestError(f"'{path}' is not a table: {fault}.") from fault
    if uneven is not None:
        place = f"row {rows.index(uneven)} has {len(uneven)} cells, the header {len(rows[0])}"
        raise RequestError(f"'{path}' is not a table: {place}.")
    return frame
