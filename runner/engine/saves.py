"""The saves of a group: all that training it on needs, one file at intervals of time."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from runner.engine import checkpoint
from runner.errors import RequestError

State = dict[str, Any]
NAMES = ("state.pt", "state.previous.pt")
SHARE = 0.01  # of the training time, at most, that may go into saving


class Saves:
    """Two generations of a group's state: a crash in the middle of a save costs one interval.

    Args:
        folder: Where the files go; None saves nothing.
        seconds: The time between two saves; longer where a save takes longer than its share.
        tell: Told in a sentence that states can't be saved, once until one can.

    Attributes:
        faults: What was wrong with a save that was read, in a sentence each.
        spent: Seconds that saving took.
    """

    def __init__(
        self,
        folder: Path | None = None,
        seconds: float = 0.0,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.folder, self.seconds, self.tell = folder, seconds, tell
        self.faults: list[str] = []
        self.fails = False
        self.spent = 0.0
        self.due = time.perf_counter() + seconds

    def is_due(self) -> bool:
        """Whether it is time to save."""
        return self.folder is not None and time.perf_counter() >= self.due

    def save(self, state: State) -> None:
        """Write a state; where that fails, the one before stays, and the fault is told.

        Raises:
            FileNotFoundError: The folder was removed, and with it what the state is of.
        """
        if self.folder is None:
            return
        began = time.perf_counter()
        newest, previous = (self.folder / name for name in NAMES)
        try:
            checkpoint.save(newest, state, previous, within=self.folder)
            self.fails = False
        except FileNotFoundError:
            raise
        except OSError as error:
            if not self.fails:
                self.tell(f"The state could not be saved, and training goes on: {error}.")
            self.fails = True
        ended = time.perf_counter()
        self.spent += ended - began
        self.due = ended + max(self.seconds, (ended - began) / SHARE)

    def load(self) -> Iterator[State]:
        """Yield the states that are whole, newest first; damaged ones are named in ``faults``."""
        for name in NAMES:
            path = self.folder / name if self.folder else None
            if path is None or not path.is_file():
                continue
            try:
                yield checkpoint.load(path)
            except RequestError as error:
                self.faults += error.sentences

    def remove(self) -> None:
        """Delete the files: the runs have their own by now."""
        for name in NAMES:
            if self.folder is not None:
                (self.folder / name).unlink(missing_ok=True)
