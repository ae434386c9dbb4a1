"""Where a search or a population takes place."""

from dataclasses import dataclass
from pathlib import Path

from runner.engine.monitor import Monitor
from runner.request.launching import Launching
from runner.request.points import Composer
from runner.sweep.launch import Trainers
from runner.sweep.progress import ProgressDisplay


@dataclass(frozen=True)
class Place:
    """Where a search takes place, and what it goes by.

    Attributes:
        folder: That of the sweep.
        composer: Composes its points.
        launching: How runs are to be trained.
        trainers: Train its groups.
        display: Tells the person.
        goals: What decides, and which way each is better; the first chooses the best epoch.
        epochs: What a point is trained to at most.
    """

    folder: Path
    composer: Composer
    launching: Launching
    trainers: Trainers
    display: ProgressDisplay
    goals: tuple[Monitor, ...]
    epochs: int

    @property
    def monitor(self) -> Monitor:
        """What chooses the best epoch, and the best point where there is one goal."""
        return self.goals[0]
