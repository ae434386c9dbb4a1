"""The table of the runs that did not end well."""

from collections.abc import Sequence

from runner.results.read.missing_files import reason
from runner.results.read.runs import Run
from runner.results.report.facts import again
from runner.results.report.tables import Cell, Table

MOST_FAILURES = 100


def failures(runs: Sequence[Run]) -> Table:
    """The runs that did not end well, why, and how to train each again."""
    failed = [run for run in runs if run.status != "ok"]
    rows = [
        [
            Cell(str(run.job)),
            Cell(run.status, "", False),
            Cell(reason(run), "", False),
            Cell(again(run), "", False),
        ]
        for run in failed[:MOST_FAILURES]
    ]
    more = len(failed) - len(rows)
    note = f"{len(failed)} of {len(runs)} runs did not end well." if failed else "All ended well."
    columns = ["run", "status", "reason", "to run it again"]
    return Table(columns, rows, f"{note} {more} more are in sweep.csv." if more else note)
