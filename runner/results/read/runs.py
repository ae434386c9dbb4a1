"""What lies in the folder of a run or of a sweep, read as it is: torn, missing or whole."""

import math
import zipfile
import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from runner.columns import renamed
from runner.errors import RequestError, named
from runner.guarded_files import (
    MOST_OF_A_LIST,
    MOST_OF_A_TABLE,
    GuardedError,
    check_file,
    read_text,
    why_unread,
)
from runner.results.read.csv_rows import Rows, usable
from runner.results.read.endings import with_end
from runner.results.read.folders import is_job, is_run, is_sweep, job_folders, why_none
from runner.results.read.owner import home_of, is_owned
from runner.results.read.records import read_yaml
from runner.summaries import read_summary

__all__ = [
    "Record",
    "Run",
    "Value",
    "finite",
    "is_run",
    "is_sweep",
    "numeric",
    "parse_csv",
    "parse_value",
    "read_arrays",
    "read_run",
    "read_runs",
    "whole_lines",
]

Value = int | float | str
Record = dict[str, Any]
"""What a run wrote down of itself as JSON or YAML: keys to numbers, text, lists and records."""
# Later versions of pandas round-trip by themselves and warn where it is asked for.
_OLD_PANDAS = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
_ROUND_TRIP: dict[str, Any] = {"float_precision": "round_trip"} if _OLD_PANDAS else {}


@dataclass(frozen=True)
class Run:
    """One run as its files tell it.

    Attributes:
        folder: Where it lies.
        overrides: What was set in place of the defaults, numbers as numbers.
        summary: ``summary.json``, with the status and reason that hold now, see `with_end`.
        header: The columns of ``metrics.csv``.
        rows: Its whole lines that have an epoch, as written; a torn last line is left out.
        left_out: What of ``metrics.csv`` is not among the rows, in words.
        untold: What ``summary.json`` does not tell, in words.
    """

    folder: Path
    overrides: dict[str, Value]
    summary: Record
    header: tuple[str, ...]
    rows: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    untold: str = ""

    @property
    def job(self) -> int:
        """The run's number in its sweep; 0 for a run on its own."""
        return int(self.folder.name) if is_job(self.folder) else 0

    @property
    def status(self) -> str:
        """How it stands: as it ended, `running`, or `interrupted` without a word of its end."""
        return str(self.summary["status"])

    @property
    def seed(self) -> Any:
        """The seed by the nearest record; the config is read only where there is no other."""
        told = (record.get("seed") for record in (self.summary, self.overrides))
        seed = next((seed for seed in told if seed is not None), None)
        return self.config.get("seed") if seed is None else seed

    @cached_property
    def config(self) -> Record:
        """The composed config, empty where the file is missing; read when first asked for."""
        found = read_yaml(self.folder / ".hydra" / "config.yaml")
        return found if isinstance(found, dict) else {}

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """A row per epoch, every column numeric."""
        if not self.header:
            return pd.DataFrame()
        return finite(parse_csv("\n".join([",".join(self.header), *self.rows])))

    @cached_property
    def trace(self) -> pd.DataFrame:
        """A row per look at the training set within an epoch, from ``trace.csv``; mostly none."""
        header, rows, _ = self.traced
        return finite(parse_csv("\n".join([",".join(header), *rows]))) if rows else pd.DataFrame()

    @cached_property
    def traced(self) -> Rows:
        """The rows of ``trace.csv`` as written, and what is not among them."""
        return _read_rows(self.folder / "trace.csv")

    @property
    def last(self) -> dict[str, float]:
        """The metrics of the last epoch, ``nan`` where one is not a number."""
        if self.summary.get("last"):
            return _numbers(self.summary["last"])
        values = self.rows[-1].split(",") if self.rows else []
        return {name: _number(text) for name, text in zip(self.header, values, strict=False)}

    @property
    def best(self) -> dict[str, float]:
        """The metrics of the best epoch, empty without a validation split."""
        return _numbers(self.summary.get("best") or {})


def read_run(folder: Path) -> Run:
    """Read the small files of a run; its config is read when asked for.

    Args:
        folder: The run's folder; any of its files may be missing or torn.

    Returns:
        The run.
    """
    return _read_run(folder, is_owned(home_of(folder)))


def _read_run(folder: Path, owned: bool) -> Run:
    # Its owner was looked for before, and its rows are read last: a run may end meanwhile.
    told, untold = read_summary(folder)
    header, rows, left_out = _read_rows(folder / "metrics.csv")
    summary = with_end(told, folder, begun=bool(rows), owned=owned)
    overrides, columns = _read_overrides(folder), tuple(renamed(header))
    return Run(folder, overrides, summary, columns, rows, left_out, untold)


def read_runs(folder: Path) -> list[Run]:
    """Read the runs of a sweep, or a run as a sweep of one.

    Args:
        folder: A run's folder or a sweep's.

    Returns:
        The runs, by job; those that the sweep was asked for and that never began are among them,
        without files.

    Raises:
        RequestError: There is no such folder, or no run in it.
    """
    if not folder.is_dir():
        raise RequestError(why_none(folder))
    if not is_sweep(folder):
        if is_run(folder):
            return [read_run(folder)]
        raise RequestError(why_none(folder))
    owned, planned = is_owned(folder), dict(enumerate(_planned(folder)))
    there = {int(job.name): _read_run(job, owned) for job in job_folders(folder)}
    never = {
        job: Run(place, {}, with_end({}, place, begun=False, owned=owned), (), ())
        for job, place in ((job, folder / str(job)) for job in planned.keys() - there.keys())
    }
    runs = [_as_planned(run, planned.get(job, {})) for job, run in sorted((there | never).items())]
    if not runs:
        raise RequestError(f"The sweep '{folder}' holds no runs.")
    return runs


def _as_planned(run: Run, planned: dict[str, Value]) -> Run:
    """A run that never began, or whose own list is torn, was asked for what the sweep's says."""
    return replace(run, overrides=planned) if len(planned) > len(run.overrides) else run


def parse_value(text: str) -> Value:
    """A finite number where the text reads as one, otherwise the text as typed."""
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else text
    return text


def read_arrays(path: Path) -> dict[str, Any]:
    """The arrays of an ``.npz`` file by name, none where there is no such file.

    Raises:
        GuardedError: It may not be read, or it holds no arrays, or more than such files do.
    """
    if not path.exists():
        return {}
    check_file(path, MOST_OF_A_TABLE)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_OF_A_TABLE:
                raise GuardedError("holds more than such a file does")
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (
        ValueError,
        LookupError,
        EOFError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise GuardedError(f"can't be read: {named(error)}") from error


def whole_lines(text: str) -> list[str]:
    """The lines that end in a newline: a last line without one was torn while being written."""
    return [line.rstrip("\r") for line in text.split("\n")[:-1] if line.strip()]


def parse_csv(text: str) -> pd.DataFrame:
    """Parse a table so that floats round-trip and the words of swept values stay words."""
    frame = pd.read_csv(
        StringIO(text),
        keep_default_na=False,
        na_values=["", "nan"],
        low_memory=False,
        **_ROUND_TRIP,
    )
    for name in frame.select_dtypes("bool").columns:
        frame[name] = frame[name].map({True: "true", False: "false"})
    return pd.DataFrame(frame)


def numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with every column numeric; what is no number becomes ``nan``."""
    found: pd.DataFrame = frame.apply(pd.to_numeric, errors="coerce")
    return found


def finite(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with every column numeric; what is no finite number becomes ``nan``."""
    return numeric(frame).replace([np.inf, -np.inf], np.nan)


def _planned(folder: Path) -> list[dict[str, Value]]:
    """What each job of a sweep was asked for, written before the first began."""
    found = read_yaml(folder / "jobs.yaml", MOST_OF_A_LIST)
    return list(map(_overrides, found)) if isinstance(found, list) else []


def _read_overrides(folder: Path) -> dict[str, Value]:
    return _overrides(read_yaml(folder / ".hydra" / "overrides.yaml"))


def _overrides(found: object) -> dict[str, Value]:
    pairs = [str(item).partition("=") for item in found] if isinstance(found, list) else []
    return {key.lstrip("+"): parse_value(value) for key, equals, value in pairs if equals}


def _read_rows(path: Path) -> Rows:
    try:
        text = read_text(path, MOST_OF_A_TABLE)
    except FileNotFoundError:
        return Rows()
    except OSError as error:
        return Rows(left_out=(f"it {why_unread(error)}",))
    return usable(whole_lines(text), torn=not text.endswith("\n") and bool(text))


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _numbers(row: dict[str, object]) -> dict[str, float]:
    return dict(zip(renamed(row), map(_number, row.values()), strict=True))
