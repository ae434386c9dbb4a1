"""What became of the points of a round, from the files of their runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from runner.columns import FAILURES, Status
from runner.crew.group_files import GroupFiles
from runner.crew.planned import PlannedRun
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
        values: The goals at its best epoch so far, by the first of them; nan where it has none.
    """

    status: str
    epoch: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Outcome:
    """Where a point stands, by all its runs.

    Attributes:
        status: ``ok``, ``pruned``, ``diverged``, ``failed`` or ``oom``; ``paused`` where it can go
            on.
        epoch: How far it was trained.
        values: The mean over its runs of each goal, at their best epochs; None where one has none.
        member_epochs: How many epochs its runs were trained in all.
    """

    status: str
    epoch: int
    values: tuple[float, ...] | None
    member_epochs: int = 0

    @property
    def value(self) -> float | None:
        """The first goal."""
        return self.values[0] if self.values else None


def run_so_far(files: GroupFiles, run: PlannedRun, goals: Sequence[Monitor]) -> RunSoFar:
    """Read where a run stands."""
    record = Recorder(files.run_folder(run), {}, run.job, goals[0])
    record.recover()
    best = record.best or {}
    values = tuple(best.get(goal.column, math.nan) for goal in goals)
    return RunSoFar(files.status(run) or PAUSED, int(record.last.get("epoch", 0)), values)


def outcome(runs: Sequence[RunSoFar]) -> Outcome:
    """Return where a point stands: as well as the worst of its runs, and as good as their mean."""
    statuses = {run.status for run in runs}
    worst = (*FAILURES, Status.DIVERGED, Status.PRUNED, PAUSED, Status.OK)
    status = next(str(one) for one in worst if one in statuses)
    values = tuple(map(fmean, zip(*(run.values for run in runs), strict=True)))
    is_known = all(map(math.isfinite, values)) and status not in (*FAILURES, Status.DIVERGED)
    epochs = [run.epoch for run in runs]
    return Outcome(status, max(epochs), values if is_known else None, sum(epochs))


def outcomes(
    groups: Sequence[GroupFiles], jobs: Mapping[int, Sequence[int]], goals: Sequence[Monitor]
) -> dict[int, Outcome]:
    """Return where points stand.

    Args:
        groups: The groups that their runs are trained in.
        jobs: The runs of each point.
        goals: What decides, and which way each is better.
    """
    wanted = {job for own in jobs.values() for job in own}
    found = {
        run.job: run_so_far(files, run, goals)
        for files in groups
        for run in files.plan.runs
        if run.job in wanted
    }
    return {number: outcome([found[job] for job in own]) for number, own in jobs.items()}
