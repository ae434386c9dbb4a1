"""The table of the runs that did not complete."""

from collections.abc import Sequence

from runner.columns import Status
from runner.results.read.missing_files import reason
from runner.results.read.runs import Run
from runner.results.report.facts import again
from runner.results.report.tables import PageTable, TableCell

MOST_FAILURES = 100


def failures(runs: Sequence[Run]) -> PageTable:
    """The runs that did not complete, why, and how to train each again."""
    failed = [run for run in runs if run.status not in (Status.OK, Status.RUNNING)]
    rows = [
        [
            TableCell(str(run.job)),
            TableCell(run.status, "", False),
            TableCell(reason(run), "", False),
            TableCell(again(run), "", False),
        ]
        for run in failed[:MOST_FAILURES]
    ]
    more = len(failed) - len(rows)
    columns = ["run", "status", "reason", "command to rerun it"]
    note = _note(len(failed), sum(run.status == Status.RUNNING for run in runs), len(runs))
    return PageTable(columns, rows, f"{note} {more} more are in sweep.csv." if more else note)


def _note(failed: int, running: int, runs: int) -> str:
    ended = f"{failed} of {runs} runs did not complete." if failed else "All runs completed."
    if not running:
        return ended
    left = f"{running} of {runs} runs had not ended when this page was written."
    return f"{ended} {left}" if failed else left
