"""The report: one file that shows a sweep or a run, needs no network, and carries its library."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.results.sweep import Sweep

__all__ = ["write_report"]


def write_report(sweep: "Sweep") -> Path:
    """Write ``report.html`` of a sweep or of a run, whatever state it is in.

    Args:
        sweep: The sweep, or the run as a sweep of one.

    Returns:
        The file written.
    """
    # Imported late: whoever asks for a run should not wait for Bokeh before it starts.
    from runner.atomic_write import write_whole
    from runner.results.report.page import render

    return write_whole(sweep.folder / "report.html", render(sweep).encode())
