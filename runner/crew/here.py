"""Training in the command's own process: one group after another."""

from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from runner.crew.group_files import Death, GroupFiles
from runner.crew.watch import GroupWatch, Progress
from runner.crew.work import death_of, train_group
from runner.errors import ANYONES


class Here:
    """Trains each group as soon as it is taken.

    Args:
        sweep: The folder of the sweep.
        watch: Told how far a group is.
    """

    def __init__(self, sweep: Path, watch: GroupWatch) -> None:
        self.sweep, self.watch = sweep, watch
        self.over: list[tuple[str, Death | None]] = []

    def has_room(self) -> bool:
        """Whether another group can be taken."""
        return not self.over

    def is_busy(self) -> bool:
        """Whether a group is training, or its end has not been told."""
        return bool(self.over)

    def take(self, name: str) -> None:
        """Train a group; what is printed meanwhile goes into its log, and not over the bar."""
        output = GroupFiles(self.sweep, name).folder / "output.log"
        death = None
        try:
            with (
                output.open("a", encoding="utf-8", errors="replace") as log,
                redirect_stdout(log),
                redirect_stderr(log),
            ):
                train_group(self.sweep, name, self.watch)
        except ANYONES as error:
            death = death_of(error)
        self.over.append((name, death))

    def ended(self) -> list[tuple[str, Death | None]]:
        """Return the groups that ended since the last call, and what ended them early."""
        over, self.over = self.over, []
        return over

    def progress(self) -> dict[str, Progress]:
        """Return nothing: the watch was told."""
        return {}

    def waiting(self) -> str:
        """Say nothing: a group trains as soon as it is taken."""
        return ""
