"""Runs that were interrupted: what is said of those that could not say it themselves."""

from collections.abc import Sequence
from contextlib import suppress

from runner.columns import Status
from runner.crew.group_files import GroupFiles
from runner.crew.planned import PlannedRun
from runner.crew.work import open_recorder

CUT_OFF = "The command was interrupted, and this run was ended at once."
UNBEGUN = "The command was interrupted before this run began."


def mark_interrupted(
    groups: Sequence[GroupFiles],
    begun: str = CUT_OFF,
    unbegun: str = UNBEGUN,
    *,
    of: Sequence[str | None] = (None, Status.RUNNING),
) -> None:
    """Say of every run that has not ended why: it has not begun, or nobody was left to say so.

    Args:
        groups: Their groups.
        begun: What is said of a run that had begun.
        unbegun: What is said of one that had not.
        of: The statuses of those of which it is said; None for no record.
    """
    for files in groups:
        for run in files.plan.runs:
            status = files.summary(run).get("status")
            if status in of:
                with suppress(OSError):  # a full disk: whoever resumes it finds out as well
                    _interrupt(files, run, begun, None if status else unbegun)


def _interrupt(files: GroupFiles, run: PlannedRun, begun: str, unbegun: str | None) -> None:
    width = len(files.plan.runs)
    recorder = open_recorder(files, run, files.plan.configs[run.job], width)
    recorder.recover()
    # A run with rows has begun, whatever became of its summary.
    reason = unbegun if unbegun and not recorder.last else begun
    recorder.finish(Status.INTERRUPTED, 0.0, 0, reason)
