"""Groups handed out to whoever trains them, until none is left."""

from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from runner.crew.deaths import Tries, after_death, log_output
from runner.crew.group_files import Death, GroupFiles
from runner.crew.watch import Progress
from runner.errors import FolderRemovedError

WORDLESS = Death("exit", "It ended without a word.")


class Hands(Protocol):
    """Whoever trains groups: this process, others, another machine."""

    def has_room(self) -> bool:
        """Whether another group can be taken."""

    def is_busy(self) -> bool:
        """Whether a group is training, or its end has not been told."""

    def take(self, name: str) -> None:
        """Begin to train a group."""

    def ended(self) -> list[tuple[str, Death | None]]:
        """Return the groups that ended since the last call, and what ended them early.

        It waits a moment for one.
        """

    def progress(self) -> Mapping[str, Progress]:
        """Return how far the groups are that are training, where nobody was told meanwhile."""

    def waiting(self) -> str:
        """Say how many groups that were taken wait for a machine, and why; nothing for none."""


class Audience(Protocol):
    """Whoever is told how the groups get on."""

    def training(self, sweep: Path, progress: Mapping[str, Progress], waiting: str) -> None:
        """Groups of a sweep are training, and so far; others wait, as is said in words."""

    def ended(self, files: GroupFiles) -> None:
        """Of a group nothing is left to do."""

    def paused(self, files: GroupFiles) -> None:
        """A group has come as far as it is to go for now."""

    def tell(self, sentence: str) -> None:
        """Something went otherwise than asked for, and the training goes on."""


class Queue:
    """Groups that wait to be handed out, and those that are being trained.

    Args:
        sweep: The folder of the sweep, or of a run on its own.
        audience: Told how they get on.
    """

    def __init__(self, sweep: Path, audience: Audience) -> None:
        self.sweep, self.audience = sweep, audience
        self.waiting: deque[str] = deque()
        self.training: set[str] = set()
        self.tries = Tries()

    @property
    def names(self) -> list[str]:
        """The groups that wait or are being trained."""
        return [*self.waiting, *self.training]

    def add(self, names: Sequence[str], *, first: bool = False) -> None:
        """Let groups wait, after those that wait already or before them; each once."""
        known = set(self.names)
        new = [name for name in names if name not in known]
        self.waiting = deque([*new, *self.waiting] if first else [*self.waiting, *new])

    def train(self, names: Sequence[str], hands: Hands) -> None:
        """Train until nothing is left of some groups; whoever else waits is trained beside them.

        Args:
            names: The groups, which wait or are being trained.
            hands: Who trains them.

        Raises:
            KeyboardInterrupt: It was asked to end; what has not ended can go on.
        """
        wanted = set(names)
        while wanted:
            while self.waiting and hands.has_room():
                name = self.waiting.popleft()
                self.training.add(name)
                hands.take(name)
            for name, death in hands.ended():
                self.training.discard(name)
                more = self._end(name, death or WORDLESS)
                self.waiting.extendleft(reversed(more))
                if name in wanted:
                    wanted.remove(name)
                    wanted.update(more)
            self.audience.training(self.sweep, hands.progress(), hands.waiting())

    def _end(self, name: str, death: Death) -> list[str]:
        """Write down how a group ended, and return the names of those that take its place.

        Raises:
            FolderRemovedError: There is no place for it any more.
        """
        files = GroupFiles(self.sweep, name)
        if not (files.folder / "plan.json").is_file():
            raise FolderRemovedError(self.sweep)
        try:
            return _conclude(files, death, self.tries, self.audience)
        except OSError as error:  # a full disk; the other groups may have more luck
            fault = f"{len(files.plan.runs)} runs are left as they are"
            self.audience.tell(f"What became of a group could not be written, {fault}: {error}.")
            return []


def _conclude(files: GroupFiles, death: Death, tries: Tries, audience: Audience) -> list[str]:
    """Write down how a group ended, and return the names of those that take its place."""
    more = [] if files.rests else after_death(files, death, tries)
    if more:
        audience.tell(_told(files, death, more))
    log_output(files)
    if files.is_done:
        audience.ended(files)
    elif files.rests:
        audience.paused(files)
    return more


def _told(files: GroupFiles, death: Death, more: Sequence[str]) -> str:
    runs = len(files.plan.runs)
    group = "A run" if runs == 1 else f"A group of {runs} runs"
    parts = [name for name in more if GroupFiles(files.sweep, name).unfinished()]
    rest = "it is tried again" if len(parts) == 1 else f"it goes on in {len(parts)} parts"
    return f"{group} ended before its time; {rest}: {death.reason}"
