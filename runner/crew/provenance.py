"""Where runs come from besides their configs: what was typed, which code, in which folder."""

from functools import cache
from pathlib import Path
from typing import Any

from runner.crew.origin import own_code
from runner.git_state import GitState, git_state
from runner.paths import PACKAGE
from runner.typed import typed

Provenance = dict[str, Any]


def provenance() -> Provenance:
    """Return what holds for all runs of a command: fields of ``summary.json``.

    Returns:
        ``command`` as it was typed; ``git``, what is checked out where one stands, and
        ``program_git``, the same of the program's own checkout, each None where there is none;
        ``code``, a checksum of the program's files.
    """
    return {
        "command": typed(),
        "git": git_state(Path.cwd()),
        "program_git": _program_git(),
        "code": own_code(),
    }


@cache
def _program_git() -> GitState | None:
    """Return the state of the program's checkout; an installed program has none."""
    checkout = PACKAGE.parent
    return git_state(checkout) if (checkout / ".git").exists() else None
