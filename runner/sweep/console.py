"""Where the command prints for a person: the console, and whether it is a terminal."""

import os
import sys

from rich.console import Console
from rich.table import Table

NARROWEST = 40  # columns; a terminal with fewer breaks the lines itself


def console() -> Console:
    """Return the console, 80 columns wide where nobody knows better; NO_COLOR is respected."""
    # Where it prints is settled now: what a model prints goes elsewhere while it trains.
    width = None if sys.stdout.isatty() else 80
    out = Console(file=sys.stdout, highlight=False, width=width)
    if out.width < NARROWEST:
        out.width = NARROWEST
    return out


def is_live() -> bool:
    """Whether a bar may be drawn: on a terminal with room for it, and not in a CI service's log."""
    out = Console(file=sys.stdout)
    return sys.stdout.isatty() and out.width >= NARROWEST and not os.environ.get("CI")


def width_of(table: Table, out: Console) -> int:
    """Return how wide a table is where nothing limits it."""
    boundless = out.options.update(max_width=10**6)
    return out.measure(table, options=boundless).maximum


def print_whole(table: Table) -> None:
    """Print a table whose numbers are not cut: a narrow terminal breaks its lines itself."""
    out = console()
    out.width = max(out.width, width_of(table, out))
    out.print(table)
