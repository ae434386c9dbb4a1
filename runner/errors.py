"""What is said when a request is wrong, and how names are suggested."""

import shlex
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from runner.printable import printable, shortened

MOST_SAID = 4_000  # characters of a sentence; a longer one quotes something that nobody typed
# What anyone's component may raise; sys.exit in one ends its run, never the command.
ANYONES = (Exception, SystemExit)


class RequestError(Exception):
    """The request is wrong and nothing was started; each fault is one sentence (exit code 2)."""

    def __init__(self, *sentences: str) -> None:
        self.sentences = tuple(shortened(sentence, MOST_SAID) for sentence in sentences)
        super().__init__("\n".join(self.sentences))


class EndingError(BaseException):
    """Something ends the command after it began its work (exit code 1).

    No ``Exception``, as of these Hydra makes tracebacks.
    """


class FolderRemovedError(EndingError):
    """The folder of what is trained was removed: nothing can be written any more."""

    def __init__(self, folder: object) -> None:
        super().__init__(f"'{folder}' was removed while it was trained in: nothing is left of it.")


class TablesError(EndingError):
    """The tables of a sweep can't be written; what to type then is said."""

    def __init__(self, folder: Path, error: Exception) -> None:
        told = f"The tables could not be written: {error}"
        if isinstance(error, OSError):
            again = f"python -m runner --resume {shlex.quote(str(folder))}"
            told += f"\nTo train what is left, and write them: {again}"
        super().__init__(told)


def first_line(error: BaseException) -> str:
    """Return an error's message up to the end of its first line, without the full stop.

    What a terminal would obey in it is written out: whoever wrote a model words its errors.
    """
    return printable(str(error).strip().partition("\n")[0].rstrip("."))


def named(error: BaseException) -> str:
    """Return an error's type and the first line of its message, if it has one."""
    return f"{type(error).__name__}: {first_line(error)}".rstrip(": ")


def unknown(kind: str, name: str, allowed: Iterable[str]) -> str:
    """One sentence for a name that does not exist.

    Args:
        kind: What the name should have been, e.g. ``"model"``.
        name: What was typed.
        allowed: The names that exist.

    Returns:
        A sentence with the nearest name, if one is near, and all the allowed names.
    """
    choices = sorted(allowed)
    return f"{nearest(kind, name, choices)} Allowed: {', '.join(choices) or 'nothing'}."


def nearest(kind: str, name: str, choices: Iterable[str]) -> str:
    """The same without the allowed names, for where they are too many to be read."""
    choices = list(choices)
    # A group's name, common to all its keys, would make any of them look near.
    groups = {choice.rpartition(".")[0] for choice in choices}
    prefix = f"{groups.pop()}.".lstrip(".") if len(groups) == 1 else ""
    names = [choice.removeprefix(prefix) for choice in choices]
    near = get_close_matches(name.removeprefix(prefix), names, n=1)
    hint = f"; did you mean '{prefix}{near[0]}'?" if near else "."
    return f"There is no {kind} '{name}'{hint}"
