"""What a logger is, and how the ones that were asked for are opened."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from runner.errors import RequestError

# A logger is a module of this package, named here, with a class of the name beside it; it is
# imported only where it is asked for, and so is the package it feeds.
HOMES = {"tensorboard": ("runner.loggers.tensorboard", "TensorBoard")}
Name = Literal["tensorboard"]


class Logger(ABC):
    """Hears what one run records, beside the run's own files."""

    @abstractmethod
    def row(self, row: Mapping[str, float]) -> None:
        """Take an epoch's metrics: a row of ``metrics.csv``, column to value."""

    @abstractmethod
    def finish(self, summary: Mapping[str, Any]) -> None:
        """Take the run's ``summary.json``, and close."""


def check_loggers(names: Sequence[str]) -> None:
    """Refuse a logger whose package is not installed.

    Raises:
        RequestError: The sentence says what to install.
    """
    for name in names:
        module, _ = HOMES[name]
        try:
            import_module(module)
        except ImportError as error:
            raise RequestError(
                f"loggers=[{name}] needs a package that is not installed ({error.name}): "
                f"pip install 'runner[{name}]'."
            ) from error


def open_loggers(names: Sequence[str], folder: Path, config: Mapping[str, Any]) -> list[Logger]:
    """Open the loggers of one run.

    Args:
        names: Which.
        folder: The run's folder.
        config: The run's config, resolved.
    """
    homes = (HOMES[name] for name in names)
    makers: list[Callable[[Path, Mapping[str, Any]], Logger]] = [
        getattr(import_module(module), maker) for module, maker in homes
    ]
    return [make(folder, config) for make in makers]
