"""What became of the points of a round, from the files of their runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from runner.columns import FAILURES, Status
from runner.crew.group_files import GroupFiles, PlannedRun
from runner.engine.monitor import Monitor
from runner.engine.recorder import Recorder

PAUSED = "paused"
"""How a run stands that can go on."""


@dataclass(frozen=True)
class RunSoFar:
    """Where a run stands.

    Attributes:
        status: How it ended; ``paused`` where it can go on.
        epoch: How far it was trained.
        value: The best of the metric so far; nan where there is none.
    """

    status: str
    epoch: int
    value: float


@dataclass(frozen=True)
class Outcome:
    """Where a point stands, by all its runs.

    Attributes:
        status: ``ok``, ``pruned``, ``diverged``, ``failed`` or ``oom``; ``paused`` where it can go
            on.
        epoch: How far it was trained.
        value: The mean over its runs of the best of the metric; None where one has none.
    """

    status: str
    epoch: int
    value: float | None


def run_so_far(files: GroupFiles, run: PlannedRun, monitor: Monitor) -> RunSoFar:
    """Read where a run stands."""
    record = Recorder(files.run_folder(run), {}, run.job, monitor)
    record.recover()
    best = record.best[monitor.column] if record.best else math.nan
    return RunSoFar(files.status(run) or PAUSED, int(record.last.get("epoch", 0)), best)


def outcome(runs: Sequence[RunSoFar]) -> Outcome:
    """Return where a point stands: as well as the worst of its runs, and as good as their mean."""
    statuses = {run.status for run in runs}
    worst = (*FAILURES, Status.DIVERGED, Status.PRUNED, PAUSED, Status.OK)
    status = next(str(one) for one in worst if one in statuses)
    value = fmean(run.value for run in runs)
    is_known = math.isfinite(value) and status not in (*FAILURES, Status.DIVERGED)
    return Outcome(status, max(run.epoch for run in runs), value if is_known else None)


def outcomes(
    groups: Sequence[GroupFiles], jobs: Mapping[int, Sequence[int]], monitor: Monitor
) -> dict[int, Outcome]:
    """Return where points stand.

    Args:
        groups: The groups that their runs are trained in.
        jobs: The runs of each point.
        monitor: The metric, and which way it is better.
    """
    wanted = {job for own in jobs.values() for job in own}
    found = {
        run.job: run_so_far(files, run, monitor)
        for files in groups
        for run in files.plan.runs
        if run.job in wanted
    }
    return {number: outcome([found[job] for job in own]) for number, own in jobs.items()}
