"""The commands beside a request for runs: ``runner compare`` is ``python -m runner.compare``."""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec

from runner.errors import RequestError, unknown

COMMANDS = {
    "compare": "compare runs or sweeps",
    "gallery": "run the studies and check what they give",
    "new": "write a component of your own",
    "predict": "predictions of a trained run for new data",
    "report": "redraw the tables, plots and report of a sweep or run",
    "runs": "list, find and remove runs and sweeps",
}
"""Each command with what it does. Its module has its name, and a ``main`` that takes the rest."""

NAME = re.compile(r"[a-z]+", re.IGNORECASE)
Main = Callable[[Sequence[str]], int]


def find_command(name: str) -> Main | None:
    """Return the ``main`` of a command; None for what else a command line may begin with.

    Raises:
        RequestError: It is nearly the name of a command.
    """
    if _is_there(name):
        main: Main = import_module(f"runner.{name}").main
        return main
    if NAME.fullmatch(name) and get_close_matches(name, commands(), n=1):
        raise RequestError(unknown("command", name, commands()))
    return None


def commands() -> list[str]:
    """Return the names of the commands whose modules are there."""
    return list(filter(_is_there, COMMANDS))


def _is_there(name: str) -> bool:
    return name in COMMANDS and find_spec(f"runner.{name}") is not None
