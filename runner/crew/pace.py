"""When a group took its last step: one that takes none for long is hung."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from runner.crew.group_files import Death
from runner.crew.watch import read_progress


@dataclass
class Pace:
    """How long a group has stood still.

    Attributes:
        steps, since: How many steps the group had taken, and since when it has taken no other.
    """

    steps: int = 0
    since: float = field(default_factory=time.monotonic)

    def stands_still(self, progress: Path, seconds: float) -> bool:
        """Whether the group took no step for so long; until it begins no time passes.

        Args:
            progress: The file that tells how far it is.
            seconds: How long it may take.
        """
        told = read_progress(progress)
        steps = told.step if told else 0
        if steps != self.steps or not progress.exists():  # a process may take its time to start
            self.steps, self.since = steps, time.monotonic()
        return time.monotonic() - self.since > seconds


def hung(seconds: float) -> Death:
    """Return what became of a group that took no step for so long."""
    minutes = f"hydra.launcher.timeout_min={seconds / 60:g}"
    return Death("timeout", f"No step was completed within {minutes} minutes.")
