"""How far a group is, in a form that another process, or another machine, can read."""

import json
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from runner.atomic_write import write_whole
from runner.crew.group_files import GroupFiles
from runner.engine.group import Group
from runner.engine.recorder import Row
from runner.engine.train import steps_per_epoch
from runner.engine.watch import Watch

EVERY = 0.5  # seconds between two words of progress


class GroupWatch(Watch, Protocol):
    """Whoever looks on while groups train, one after another."""

    def began(self, files: GroupFiles, group: Group, threads: int, done: int) -> None:
        """A group starts to train.

        Args:
            files: Its files.
            group: Its runs, padding included.
            threads: CPU threads of its operations.
            done: The steps it has taken before, where it goes on from a save.
        """

    def tell(self, sentence: str) -> None:
        """Something went otherwise than asked for, and the training goes on."""


@dataclass(frozen=True)
class Progress:
    """How far a group is.

    Attributes:
        runs: How many of its runs are training.
        epoch, epochs: Epochs done, and asked for.
        step, steps: Steps done, and asked for.
        row: The last row of its first run.
        told: What went otherwise than asked for.
        pid: The process that trains it.
    """

    runs: int
    epochs: int
    steps: int
    epoch: int = 0
    step: int = 0
    row: Row = field(default_factory=dict)
    told: tuple[str, ...] = ()
    pid: int = 0


class FileWatch:
    """Writes a group's progress into a file, a few times a second at most.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state: dict[str, Any] = {"pid": os.getpid(), "told": []}
        self.due = 0.0
        self._write()  # from now on its time counts

    def began(self, files: GroupFiles, group: Group, threads: int, done: int) -> None:
        """See `GroupWatch`."""
        steps = group.epochs * steps_per_epoch(group)
        self.state |= {"runs": len(group), "epochs": group.epochs, "steps": steps, "step": done}
        self._write()

    def step(self) -> None:
        """See `GroupWatch`."""
        self.state["step"] += 1
        if time.monotonic() >= self.due:
            self._write()

    def epoch(self, rows: list[Row]) -> None:
        """See `GroupWatch`."""
        self.state |= {"epoch": int(rows[0]["epoch"]), "runs": len(rows), "row": rows[0]}

    def interrupted(self) -> None:
        """See `GroupWatch`."""

    def tell(self, sentence: str) -> None:
        """See `GroupWatch`."""
        self.state["told"].append(sentence)
        self._write()

    def _write(self) -> None:
        # A full disk, a folder that was removed: what is said of the training must not end it.
        with suppress(OSError):
            write_whole(self.path, json.dumps(self.state).encode(), within=self.path.parent)
        self.due = time.monotonic() + EVERY


def read_progress(path: Path) -> Progress | None:
    """Read what a `FileWatch` wrote; None where there is nothing yet."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Progress(**found | {"told": tuple(found["told"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def progress_of(sweep: Path, names: Iterable[str]) -> dict[str, Progress]:
    """Return how far some groups of a sweep are, by name, those that have begun."""
    found = {name: read_progress(GroupFiles(sweep, name).progress) for name in names}
    return {name: progress for name, progress in found.items() if progress}


def remaining(progress: Sequence[Progress]) -> float:
    """Return how many runs' work some groups have done, in runs: half of two runs is one."""
    return sum(one.runs * one.step / max(1, one.steps) for one in progress)
