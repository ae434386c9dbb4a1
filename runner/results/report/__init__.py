"""The report: one file that shows a sweep or a run, needs no network, and carries its library."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.results.tables import Tables

__all__ = ["write_report"]


def write_report(folder: Path, tables: "Tables | None" = None) -> Path:
    """Write ``report.html`` of a sweep or of a run, whatever state it is in.

    Args:
        folder: The folder of the sweep or run.
        tables: A sweep's tables, where they are at hand; otherwise they are made from its runs.

    Returns:
        The file written.

    Raises:
        RequestError: There are no runs in the folder.
    """
    # Imported late: whoever asks for a run should not wait for Bokeh before it starts.
    from runner.results.read.runs import read_runs, write_whole
    from runner.results.report.page import render
    from runner.results.tables import make_tables

    runs = read_runs(folder)
    page = render(folder, runs, tables or make_tables(runs))
    return write_whole(folder / "report.html", page.encode())
