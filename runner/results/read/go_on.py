"""What to type where a sweep or a run has not come to its end, or where runs of it failed."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from runner.columns import FAILURES, Status
from runner.folder_lock import HIDDEN
from runner.results.read.owner import can_go_on, home_of
from runner.results.read.runs import Run


class NextStep(NamedTuple):
    """A command that goes on with what lies in a folder.

    Attributes:
        words: What it is there for.
        command: What to type in the folder where one stands.
    """

    words: str
    command: str

    def __str__(self) -> str:
        return f"{self.words}\n  {self.command}"


def how_to_go_on(folder: Path, runs: Sequence[Run]) -> list[NextStep]:
    """The commands that finish what was cut off, and that try again what failed.

    Args:
        folder: The folder of the sweep or run, as it was given.
        runs: Its runs.

    Returns:
        None where all is done, where a command is still at work, or where the folder was written by
        a version that left nothing to go on with.
    """
    home = home_of(folder)
    if not can_go_on(home) or any(run.status == Status.RUNNING for run in runs):
        return []
    cut_off = sum(run.status == Status.INTERRUPTED for run in runs)
    failed = sum(run.status in FAILURES for run in runs)
    of = f" of {len(runs)} runs" if len(runs) > 1 else ""
    command = f"python -m runner --resume {shlex.quote(_as_typed(home))}"
    steps = []
    if cut_off:
        who = f"{cut_off}{of} did" if of else "The run did"
        steps.append(NextStep(f"{who} not finish. To resume:", command))
    if failed and not _is_chosen(home):
        who = f"{failed}{of}" if of else "The run"
        again = "To retry these and resume the rest:" if cut_off else "To retry:"
        steps.append(NextStep(f"{who} failed. {again}", f"{command} --retry"))
    return steps


def _is_chosen(home: Path) -> bool:
    """Whether a search or a population chose the values: what failed was told so, and stays."""
    chose = (home / HIDDEN / kind / "request.json" for kind in ("search", "population"))
    return any(path.is_file() for path in chose)


def _as_typed(folder: Path) -> str:
    """A folder as one types it: from where one stands if it lies below, else whole."""
    place, here = folder.resolve(), Path.cwd()
    return str(place.relative_to(here) if place.is_relative_to(here) else place)
