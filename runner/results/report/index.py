"""``index.html``: an overview of all the runs and sweeps in a folder, the newest first."""

import os
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd

from runner.atomic_write import write_whole
from runner.columns import SETTLED, UNFINISHED, Status
from runner.errors import RequestError
from runner.guarded_files import MOST_OF_A_TABLE, read_text
from runner.printable import printable
from runner.results.labels import describe, labelled, readable, short
from runner.results.measures import Measures
from runner.results.read.runs import Run, is_sweep, parse_csv, read_run, read_runs
from runner.results.read.start_times import age, runs_and_sweeps
from runner.results.report.page import render_index
from runner.results.tables import best_first, point_columns, summary_table, sweep_table

NO_VAL = "none: there is no validation split"


class Entry(NamedTuple):
    """One run or sweep of the overview.

    Attributes:
        title: Its name and tags, and what was asked: dataset, model, and the swept keys.
        place: Its report, or its folder where there is none yet, as a relative address.
        plot: Its first plot, as a relative address; empty where there is none.
        name: Its folder.
        started: When it was started.
        runs: How many runs it has; None for a run on its own.
        running: How many of them have not ended yet.
        failed: How many of them did not complete.
        best: Its best point, or its best epoch, by the metric that chooses, in words.
    """

    title: str
    place: str
    plot: str
    name: str
    started: str
    runs: int | None
    running: int
    failed: int
    best: str


def find_all(folder: Path) -> list[Path]:
    """The sweeps, and runs on their own, in a folder, at any depth, the newest first.

    Args:
        folder: Where to look; sweeps and runs are not looked into.
    """
    return sorted(runs_and_sweeps(folder), key=age, reverse=True)


def write_index(folder: Path) -> Path:
    """Write an overview of all the runs and sweeps in a folder.

    Args:
        folder: Holds them, at any depth.

    Returns:
        The file written: ``index.html`` in that folder.
    """
    entries = [
        _of_sweep(place, folder) if is_sweep(place) else _of_run(place, folder)
        for place in find_all(folder)
    ]
    return write_whole(folder / "index.html", render_index(folder.resolve().name, entries).encode())


def _of_sweep(sweep: Path, folder: Path) -> Entry:
    table = _table(sweep)
    keys, running = point_columns(table), table["status"] == Status.RUNNING
    known = table.sort_values("status", key=lambda status: status != Status.OK, kind="stable")
    first = read_run(sweep / str(known["run_dir"].iloc[0]) if len(table) else sweep)
    varies = f" by {', '.join(keys)}" if keys else ""
    return _entry(
        sweep,
        folder,
        labelled(first.summary, f"{describe(first.config, keys) or sweep.name}{varies}"),
        runs=len(table),
        running=int(running.sum()),
        failed=int((~running & ~table["status"].isin(SETTLED)).sum()),
        best=_best(table, keys, Measures.told(first.summary)),
    )


def _of_run(place: Path, folder: Path) -> Entry:
    run = read_run(place)
    running = run.status == Status.RUNNING
    monitor = Measures.told(run.summary).monitor
    best = f"{monitor} {readable(run.best[monitor])}" if monitor in run.best else NO_VAL
    return _entry(
        place,
        folder,
        labelled(run.summary, describe(run.config) or place.name),
        runs=None,
        running=int(running),
        failed=int(not running and run.status not in SETTLED),
        best=best,
    )


def _entry(place: Path, folder: Path, title: str, **told: Any) -> Entry:
    report, plot = place / "report.html", place / "plots" / "curves.png"
    return Entry(
        title,
        _address(report if report.is_file() else place, folder),
        _address(plot, folder) if plot.is_file() else "",
        os.path.relpath(place, folder),
        f"{age(place)[0]:%Y-%m-%d %H:%M}",
        **told,
    )


def _table(sweep: Path) -> pd.DataFrame:
    """A row per run, as it was written at the end, or else made from what there is now."""
    written = sweep / "sweep.csv"
    try:
        table = parse_csv(printable(read_text(written, MOST_OF_A_TABLE)))
    except (OSError, ValueError):  # there is none, or none that pandas can read
        table = pd.DataFrame()
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
        return NO_VAL
    summary, ranked = best_first(summary_table(table), measures)
    if ranked is None:
        return "none: no run completed"
    row = summary.to_dict("records")[0]
    point = ", ".join(f"{key} {short(row[key])}" for key in keys)
    return f"{point}: " * bool(point) + f"{ranked} {readable(row[f'{ranked}_mean'])}"


def _address(path: Path, folder: Path) -> str:
    return quote(os.fsencode(Path(os.path.relpath(path, folder)).as_posix()))
