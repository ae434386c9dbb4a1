"""The command as it was typed: Hydra is handed another one, which then is in ``sys.argv``."""

import shlex
import sys
from collections.abc import Sequence

_words: list[str] = []


def remember(argv: Sequence[str]) -> None:
    """Keep what was typed after the program's name."""
    _words[:] = argv


def typed() -> str:
    """Return the command in one line, quoted for a shell."""
    return shlex.join(["python", "-m", "runner", *(_words or sys.argv[1:])])
