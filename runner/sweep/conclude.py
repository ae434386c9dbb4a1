"""The end of a command: tables, plots and a report, and what a person is told."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.markup import escape

from runner.columns import Status
from runner.crew.illustrate import illustrate_sweep
from runner.errors import RequestError, TablesError
from runner.folder_lock import HIDDEN
from runner.results.per_class import FILE as PER_CLASS
from runner.results.per_class import write_sweep_per_class
from runner.results.plots.draw import draw_sweep
from runner.results.read.runs import read_run
from runner.results.report import write_report
from runner.results.sweep import Sweep, read_sweep, write_tables
from runner.sweep.console import console
from runner.sweep.summary_output import end_run, end_sweep

WRITTEN = ("sweep.csv", "summary.csv", "curves.csv", "plots", "report.html")


def conclude_run(folder: Path) -> None:
    """Tell how a run on its own ended."""
    if not (folder / HIDDEN).is_dir():  # it was removed, which is told elsewhere
        return
    written = [*folder.glob(PER_CLASS), *sorted((folder / "plots").glob("*.png"))]
    end_run(read_run(folder), written)


def conclude_sweep(folder: Path) -> None:
    """Write and draw what a sweep gave, however it ended, and tell of it."""
    if not (folder / HIDDEN).is_dir():
        return
    try:
        done = write_results(folder)
    except KeyboardInterrupt:
        _say_unwritten(folder)
        raise
    end_sweep(*done)


def _say_unwritten(folder: Path) -> None:
    """Say what an interruption left unwritten, and how to get it."""
    missing = [name for name in WRITTEN if not (folder / name).exists()]
    told = f"; not there yet: {', '.join(missing)}" if missing else ""
    words = f"Interrupted while tables and plots were written{told}. The runs are saved."
    console().print(words)
    command = f"python -m runner.report {shlex.quote(str(folder))}"
    console().print(escape(f"To write them: {command}"), soft_wrap=True)


def write_results(folder: Path) -> tuple[Sweep, list[Path]]:
    """Write and draw what a sweep gave, however it ended.

    Returns:
        The sweep, and the files.

    Raises:
        TablesError: Its tables can't be written.
    """
    try:
        done = read_sweep(folder)
        written = write_tables(done)
    except (OSError, RequestError) as error:
        raise TablesError(folder, error) from error
    written += _attempt("classes could not be written", lambda: write_sweep_per_class(done))
    written += _attempt("plots could not be drawn", lambda: _draw(done))
    written += _attempt("report could not be written", lambda: [write_report(done)])
    return done, written


def exit_code(statuses: Sequence[str], meant: Sequence[str]) -> int:
    """Return 0 if every run ended as it was meant to, else 1.

    Of a sweep that is meant to diverge some runs may complete, as at its smaller learning rates; if
    all of them do, that is said.
    """
    pairs = zip(statuses, meant, strict=True)
    if any(status not in (Status.OK, end) for status, end in pairs):
        return 1
    if Status.DIVERGED in meant and Status.DIVERGED not in statuses:
        none = "The run did not diverge" if len(statuses) == 1 else "No run diverged"
        console().print(f"{none}, as expect=diverged says that it should: exit code 1.")
        return 1
    return 0


def _draw(done: Sweep) -> list[Path]:
    illustrate_sweep(done)
    return draw_sweep(done)


def _attempt(fault: str, write: Callable[[], list[Path]]) -> list[Path]:
    """Write files; what fails is said so, and leaves the results as they were."""
    try:
        return write()
    except Exception as error:
        console().print(f"The {fault}: {type(error).__name__}: {error}")
        return []
