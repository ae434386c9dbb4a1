"""What whoever trains groups on other machines has in common."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, Self

from runner.crew.watch import Progress, progress_of

SHOWN = 1.0  # seconds between two looks at how far groups are: their files are on a network


class Person(Protocol):
    """Whoever gave the command."""

    def tell(self, sentence: str) -> None:
        """Something is to be known, and the training goes on."""

    def interrupted(self) -> None:
        """The command is asked to end, which takes a moment."""

    def ask(self, question: str) -> str:
        """Return the answer to a question; nothing where nobody is there."""


class Elsewhere(ABC):
    """Groups that train on other machines.

    Args:
        sweep: The folder of the sweep.
        person: Told, and asked, what is to become of them.

    Attributes:
        block: What ends with this.
        release: Lets an interruption come, where the command may end.
    """

    def __init__(self, sweep: Path, person: Person) -> None:
        self.sweep, self.person = sweep.absolute(), person
        self.block = ExitStack()
        self.release: Callable[[], None] = lambda: None
        self._shown: tuple[float, dict[str, Progress]] = (0.0, {})

    @abstractmethod
    def names(self) -> Iterable[str]:
        """Return the groups that are there."""

    def begun(self) -> Iterable[str]:
        """Return the groups that may be training: those that are known to wait are not."""
        return self.names()

    def has_room(self) -> bool:
        """See `runner.crew.conduct.Hands`: the cluster lets groups wait."""
        return True

    def is_busy(self) -> bool:
        """See `runner.crew.conduct.Hands`."""
        return any(True for _ in self.names())

    def progress(self) -> dict[str, Progress]:
        """See `runner.crew.conduct.Hands`."""
        before, found = self._shown
        names = list(self.begun())
        if time.monotonic() - before > SHOWN:
            found = progress_of(self.sweep, names)
            self._shown = (time.monotonic(), found)
        return {name: found[name] for name in names if name in found}

    def waiting(self) -> str:
        """See `runner.crew.conduct.Hands`."""
        waiting = len([*self.names()]) - len(self.progress())
        if not waiting:
            return ""
        groups = "1 group waits" if waiting == 1 else f"{waiting} groups wait"
        return groups + (f" ({why})" if (why := self.why_waiting()) else "")

    def why_waiting(self) -> str:
        """Return the cluster's reason why groups wait, if it gives one."""
        return ""

    def __enter__(self) -> Self:
        """Return itself."""
        return self
