"""How a run stands whose files have no word of its end: under way, cut off, or never begun."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.columns import Status
from runner.results.read.folders import is_run
from runner.results.read.owner import can_go_on, home_of


def with_end(summary: Mapping[str, Any], run: Path, *, begun: bool, owned: bool) -> dict[str, Any]:
    """A run's summary with a status and a reason that hold now.

    ``summary.json`` says ``running`` from a run's beginning to its end; it goes on saying so where
    the command was killed in between.

    Args:
        summary: What ``summary.json`` says; empty where it is missing or torn.
        run: The run's folder.
        begun: Whether the run has written anything.
        owned: Whether a living command works on the run or on its sweep.

    Returns:
        The summary as it is where it tells an end.
    """
    if summary.get("status") not in (None, Status.RUNNING):
        return dict(summary)
    begun = begun or bool(summary)
    if owned:
        reason = "It has not ended yet." if begun else "It has not begun yet."
        return {**summary, "status": Status.RUNNING.value, "reason": reason}
    reason = _why_cut_off(run, begun=begun, told=bool(summary))
    return {**summary, "status": Status.INTERRUPTED.value, "reason": reason}


def _why_cut_off(run: Path, *, begun: bool, told: bool) -> str:
    if not told and (run / "summary.json").exists():
        return "summary.json can't be read: no record says how it ended."
    if not is_run(run):
        return "It left no trace: the command ended before it began, or its folder was removed."
    # Older versions wrote nothing at a run's beginning, so that their silence tells nothing.
    if not begun and can_go_on(home_of(run)):
        return "The command ended before it began."
    return "It was cut off: no record says how it ended."
