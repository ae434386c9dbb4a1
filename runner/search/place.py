"""Where a search or a population takes place."""

from dataclasses import dataclass
from pathlib import Path

from runner.engine.monitor import Monitor
from runner.request.launching import Launching
from runner.request.points import Composer
from runner.sweep.progress import ProgressDisplay


@dataclass(frozen=True)
class Place:
    """Where a search takes place, and what it goes by.

    Attributes:
        folder: That of the sweep.
        composer: Composes its points.
        launching: How runs are to be trained.
        display: Tells the person.
        monitor: What decides, and which way it is better.
        epochs: What a point is trained to at most.
    """

    folder: Path
    composer: Composer
    launching: Launching
    display: ProgressDisplay
    monitor: Monitor
    epochs: int
