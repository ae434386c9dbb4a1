"""The loggers of a command, kept apart from its runs: whatever fails in one ends no training."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from types import TracebackType
from typing import Any

from runner.columns import Status
from runner.loggers.base import Logger, NewRun, Node, RunLog
from runner.printable import printable, printable_values

Say = Callable[[str], None]
# A logger that failed so many times is not tried again: a server that does not answer would hold up
# every run and epoch as long.
FAILURES = 3
REASON = 160  # characters of it on the screen; the run's log has it whole


class Loggers:
    """Makes the loggers at the first run, opens them for each, and closes them with the command.

    Args:
        make: Makes a logger from its part of the config.
        say: Tells the person: once for each logger that fails.

    Attributes:
        sweep: The folder of the sweep, where the command is one.
    """

    def __init__(self, make: Callable[[Node], Logger], say: Say) -> None:
        self.make, self.say = make, say
        self.sweep: Path | None = None
        self.guards: dict[str, _Guard] = {}
        self.logs: list[GuardedLog] = []
        self.place: Path | None = None

    def open(self, nodes: Mapping[str, Node], run: NewRun, note: Say) -> list[RunLog]:
        """Open the chosen loggers for a run that begins.

        Args:
            nodes: The choice: the name of each and its part of the config.
            run: The run.
            note: Writes a line into the run's own log.
        """
        self.place = run.sweep or run.folder
        # A study may be another's, and not every tool shows text as what it is.
        config, overrides = printable_values(run.config), map(printable, run.overrides)
        run = replace(run, config=config, overrides=tuple(overrides))
        guards = [self._guard(name, node) for name, node in nodes.items()]
        logs = [GuardedLog(guard, run, note) for guard in guards]
        self.logs += logs
        return list(logs)

    def close(self, *, interrupted: bool = False) -> None:
        """End what is still open, close every logger, and say how to look at what it wrote.

        Args:
            interrupted: Whether the command was, be it between two runs.

        Raises:
            KeyboardInterrupt: Where one came meanwhile, once all are closed.
        """
        with _Persistently() as attempt:
            for log in self.logs:
                if log.log is not None:  # an interruption may come before a run's end is told
                    attempt(lambda log=log: log.finish({"status": log.status or "interrupted"}))  # type: ignore[misc]
            statuses = {log.status for log in self.logs}
            interrupted |= Status.INTERRUPTED in statuses
            ended = Status.OK if statuses <= {Status.OK} else Status.FAILED
            status = Status.INTERRUPTED if interrupted else ended
            for guard in self.guards.values():
                attempt(lambda guard=guard: guard.close(status))  # type: ignore[misc]
                guard.point_out(_nearby(self.place))

    def __enter__(self) -> "Loggers":
        """Return itself; the end of the block closes the loggers."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the loggers; see ``close``."""
        self.close(interrupted=isinstance(error, KeyboardInterrupt))

    def _guard(self, name: str, node: Node) -> "_Guard":
        key = json.dumps(node, sort_keys=True)
        if key not in self.guards:
            self.guards[key] = _Guard(name, lambda: self.make(node), self.say)
        return self.guards[key]


class _Persistently:
    """Attempts one thing after another; an interruption of one is raised after the last."""

    def __enter__(self) -> Callable[[Callable[[], None]], None]:
        self.interruption: KeyboardInterrupt | None = None
        return self._attempt

    def _attempt(self, what: Callable[[], None]) -> None:
        try:
            what()
        except KeyboardInterrupt as interruption:
            self.interruption = interruption

    def __exit__(self, *error: object) -> None:
        if self.interruption:
            raise self.interruption


class GuardedLog(RunLog):
    """The log of one run in one logger; nothing, once the logger has failed too often.

    Attributes:
        status: How the run ended; None until it did.
        log: The log itself while it is open.
    """

    def __init__(self, guard: "_Guard", run: NewRun, note: Say) -> None:
        self.guard, self.note = guard, note
        self.status: str | None = None
        self.log: RunLog | None = None
        self._attempt(lambda: self._open(run))

    def row(self, row: Mapping[str, float]) -> None:
        """Pass an epoch's metrics on; see ``RunLog``."""
        if log := self.log:
            self._attempt(lambda: log.row(row))

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Pass the run's summary on; see ``RunLog``."""
        self.status = str(summary["status"])
        if log := self.log:
            self._attempt(lambda: log.finish(summary))
        self.log = None

    def _open(self, run: NewRun) -> None:
        self.log = self.guard.open(run)

    def _attempt(self, what: Callable[[], None]) -> None:
        if self.guard.gave_up:
            self.log = None
            return
        try:
            what()
        except Exception as error:
            self.note(self.guard.failed(error))


class _Guard:
    """One logger, made when it is first needed, and its failures."""

    def __init__(self, name: str, make: Callable[[], Logger], say: Say) -> None:
        self.name, self.make, self.say = name, make, say
        self.logger: Logger | None = None
        self.failures = 0

    def open(self, run: NewRun) -> RunLog:
        """Open the log of a run."""
        self.logger = self.logger or self.make()
        return self.logger.open(run)

    def close(self, status: str) -> None:
        """Close the logger, if it was ever made."""
        try:
            if self.logger is not None:
                self.logger.close(status)
        except Exception as error:
            self.failed(error)

    def point_out(self, folder: Path) -> None:
        """Say how to look at what was written to a folder, unless it was given up."""
        if self.logger is not None and not self.gave_up:
            self.say(f"{self.name}: {self.logger.look(folder)}")

    @property
    def gave_up(self) -> bool:
        """Whether it failed too often to be tried again."""
        return self.failures >= FAILURES

    def failed(self, error: Exception) -> str:
        """Count a failure, tell the person of the first, and return what is to be said of it."""
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        sentence = f"The logger {self.name} failed; it is left out after {FAILURES} failures: "
        if not self.failures:
            self.say(sentence + shorten(reason, REASON, placeholder="…"))
        self.failures += 1
        return sentence + reason


def _nearby(folder: Path | None) -> Path:
    """The folder as it is typed from where one stands."""
    here, place = Path.cwd(), (folder or Path()).resolve()
    return place.relative_to(here) if place.is_relative_to(here) else place
