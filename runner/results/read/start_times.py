"""The runs and sweeps in a folder, at any depth, and when each was started."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from runner.results.read.folders import runs_and_sweeps
from runner.results.read.runs import Run, is_run, read_run

__all__ = ["age", "runs_and_sweeps", "started"]


def started(folder: Path, runs: Sequence[Run]) -> datetime:
    """When the first run was begun, with its time zone.

    Where no run says so, it is when what was asked for was written down.

    Args:
        folder: The folder of the sweep or run.
        runs: Its runs, or as many as are worth asking.
    """
    told = [run.summary["started"] for run in runs if run.summary.get("started")]
    if told:
        return min(map(datetime.fromisoformat, told))
    asked = (folder / name for name in ("multirun.yaml", ".hydra/overrides.yaml"))
    path = next((path for path in asked if path.is_file()), folder)
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone()


def age(folder: Path) -> tuple[datetime, str]:
    """What runs and sweeps are ordered by: when they were started, as one of their runs tells."""
    places = [folder] if is_run(folder) else sorted(folder.glob("[0-9]*"))
    first = next((run for run in map(read_run, places) if run.summary.get("started")), None)
    return started(folder, [first] if first else []), str(folder)
