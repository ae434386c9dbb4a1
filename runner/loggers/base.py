"""What a logger is: where else than into its own files a run may be written while it trains."""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from runner.errors import RequestError
from runner.registry import find

Node = dict[str, Any]
TITLE = 100  # characters; lists of runs have no room for more


@dataclass(frozen=True)
class NewRun:
    """A run that begins, as loggers are told of it.

    Attributes:
        folder: Where its own files go.
        sweep: The folder of its sweep; None for a run on its own.
        overrides: What was asked for, as it is typed.
        config: Its config, resolved, without the loggers' own keys.
        signature: The hash of all that decides its result.
    """

    folder: Path
    sweep: Path | None
    overrides: tuple[str, ...]
    config: Node
    signature: str

    @property
    def title(self) -> str:
        """Its number in the sweep and what was asked for; alone, its label or its folder's name."""
        if self.sweep is None:
            return str(self.config.get("name") or self.folder.name)
        asked = [o for o in self.overrides if not o.startswith(("logger=", "logger.", "repeats="))]
        title = " ".join([os.path.relpath(self.folder, self.sweep), *asked])
        return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"


class RunLog(ABC):
    """Hears what one run records."""

    @abstractmethod
    def row(self, row: Mapping[str, float]) -> None:
        """Take an epoch's metrics: a row of ``metrics.csv``, column to value."""

    @abstractmethod
    def finish(self, summary: Mapping[str, Any]) -> None:
        """Take the run's ``summary.json``, and close."""


class Logger(ABC):
    """One way of logging, for all runs of a command; its package is imported when it is made.

    Attributes:
        package: The package it feeds, which is the extra of the same name.
    """

    package: ClassVar[str]

    @abstractmethod
    def open(self, run: NewRun) -> RunLog:
        """Return the log of a run that begins; many are open at the same time."""

    @abstractmethod
    def look(self, folder: Path) -> str:
        """Return the command that shows what was logged.

        Args:
            folder: The folder of the sweep, or of the run on its own.
        """

    def close(self, status: str) -> None:  # noqa: B027 - most have nothing left to do
        """The command is over.

        Args:
            status: ``interrupted``, else ``ok`` where every run was, else ``failed``.
        """


def check_loggers(names: Mapping[str, Node]) -> None:
    """Refuse loggers whose packages are not installed, without importing any.

    Raises:
        RequestError: A sentence for each says what to install.
    """
    packages = {name: find("logger", name).package for name in names}
    faults = [
        f"logger={name} needs the package {package}, which is not installed: "
        f"pip install 'runner[{name}]'."
        for name, package in packages.items()
        if find_spec(package) is None
    ]
    if faults:
        raise RequestError(*faults)


def sweep_title(sweep: Path) -> str:
    """Return what a sweep is called: its day and time, by its folder."""
    return f"{sweep.parent.name} {sweep.name}".strip()
