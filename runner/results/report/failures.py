"""The table of the runs that did not complete."""

from collections.abc import Sequence

from runner.columns import SETTLED, Status
from runner.results.read.missing_files import reason
from runner.results.read.runs import Run
from runner.results.report.facts import again
from runner.results.report.tables import PageTable, TableCell

MOST_FAILURES = 100


def failures(runs: Sequence[Run]) -> PageTable:
    """The runs that did not complete, why, and how to train each again."""
    failed = [run for run in runs if run.status not in (*SETTLED, Status.RUNNING)]
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
    note = _note(len(failed), runs)
    return PageTable(columns, rows, f"{note} {more} more are in sweep.csv." if more else note)


def _note(failed: int, runs: Sequence[Run]) -> str:
    of = f"of {len(runs)} runs"
    running = sum(run.status == Status.RUNNING for run in runs)
    pruned = sum(run.status == Status.PRUNED for run in runs)
    whole = "All others completed." if pruned else "All runs completed."
    told = [
        f"{pruned} {of} were let go early by the search (pruned)." if pruned else "",
        f"{failed} {of} did not complete." if failed else "" if running else whole,
        f"{running} {of} had not ended when this page was written." if running else "",
    ]
    return " ".join(filter(None, told))
