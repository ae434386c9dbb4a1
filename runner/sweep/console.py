"""Where the command prints for a person: the console, and whether it is a terminal."""

import os
import sys

from rich.console import Console


class _Console(Console):
    """A console that falls silent where nobody reads on: ``| head`` must not end a run."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> Console:
    """Return the console, 80 columns wide where nobody knows better; NO_COLOR is respected."""
    # Where it prints is settled now: what a model prints goes elsewhere while it trains.
    width = None if sys.stdout.isatty() else 80
    return _Console(file=sys.stdout, highlight=False, width=width)


def is_live() -> bool:
    """Whether a bar may be drawn: on a terminal, and not in a CI service's log."""
    return sys.stdout.isatty() and not os.environ.get("CI")
