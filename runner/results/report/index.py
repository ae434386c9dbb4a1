"""``index.html``: an overview of all the sweeps in a folder, the newest first."""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pandas as pd

from runner.atomic_write import write_whole
from runner.columns import UNFINISHED, Status
from runner.errors import RequestError
from runner.results.labels import describe, short
from runner.results.measures import Measures
from runner.results.read.runs import Run, is_sweep, parse_csv, read_run, read_runs
from runner.results.read.start_times import age, runs_and_sweeps
from runner.results.report.page import render_index
from runner.results.tables import best_first, point_columns, summary_table, sweep_table


class Entry(NamedTuple):
    """One sweep of the overview.

    Attributes:
        title: What was asked: dataset, model, and the swept keys.
        place: Its report, or its folder where there is none yet, as a relative address.
        plot: Its first plot, as a relative address; empty where there is none.
        name: Its folder.
        started: When it was started.
        runs: How many runs it has.
        running: How many of them have not ended yet.
        failed: How many of them did not complete.
        best: Its best point by the metric that chooses, in words.
    """

    title: str
    place: str
    plot: str
    name: str
    started: str
    runs: int
    running: int
    failed: int
    best: str


def find_sweeps(folder: Path) -> list[Path]:
    """The sweeps in a folder, at any depth, the newest first.

    Args:
        folder: Where to look; sweeps and runs are not looked into.
    """
    return sorted(filter(is_sweep, runs_and_sweeps(folder)), key=age, reverse=True)


def write_index(folder: Path) -> Path:
    """Write an overview of all the sweeps in a folder.

    Args:
        folder: Holds sweeps, at any depth.

    Returns:
        The file written: ``index.html`` in that folder.
    """
    entries = [_entry(sweep, folder) for sweep in find_sweeps(folder)]
    return write_whole(folder / "index.html", render_index(folder.resolve().name, entries).encode())


def _entry(sweep: Path, folder: Path) -> Entry:
    table = _table(sweep)
    keys, running = point_columns(table), table["status"] == Status.RUNNING
    first = read_run(sweep / str(table["run_dir"].iloc[0]) if len(table) else sweep)
    what = describe(first.config, keys)
    varies = f" by {', '.join(keys)}" if keys else ""
    report, plot = sweep / "report.html", sweep / "plots" / "curves.png"
    return Entry(
        f"{what or sweep.name}{varies}",
        _address(report if report.is_file() else sweep, folder),
        _address(plot, folder) if plot.is_file() else "",
        os.path.relpath(sweep, folder),
        f"{age(sweep)[0]:%Y-%m-%d %H:%M}",
        len(table),
        int(running.sum()),
        int((~running & (table["status"] != Status.OK)).sum()),
        _best(table, keys, Measures.told(first.summary)),
    )


def _table(sweep: Path) -> pd.DataFrame:
    """A row per run, as it was written at the end, or else made from what there is now."""
    written = sweep / "sweep.csv"
    text = written.read_bytes().decode(errors="replace") if written.is_file() else ""
    table = parse_csv(text) if text.strip() else pd.DataFrame()
    whole = {"status", "run_dir"} <= {*table.columns} and not table["status"].isin(UNFINISHED).any()
    return table if whole else sweep_table(_runs(sweep))


def _runs(sweep: Path) -> list[Run]:
    """The runs of a sweep, none where it was ended before it knew of any."""
    try:
        return read_runs(sweep)
    except RequestError:
        return []


def _best(table: pd.DataFrame, keys: list[str], measures: Measures) -> str:
    """The best point on the validation split, or why none is best."""
    if measures.monitor not in table:
        return "none: there is no validation split"
    summary, ranked = best_first(summary_table(table), measures)
    if ranked is None:
        return "none: no run completed"
    row = summary.to_dict("records")[0]
    point = ", ".join(f"{key} {short(row[key])}" for key in keys)
    return f"{point}: " * bool(point) + f"{ranked} {row[f'{ranked}_mean']:.4g}"


def _address(path: Path, folder: Path) -> str:
    return quote(Path(os.path.relpath(path, folder)).as_posix())
