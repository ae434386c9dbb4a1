"""Whether a command is at work on a folder; its lock is looked at, never taken."""

import json
import os
import socket
import time
from pathlib import Path

from runner.folder_lock import HIDDEN, NAME, STALE


def home_of(run: Path) -> Path:
    """The folder that a run is owned by: that of its sweep, or its own."""
    is_part = run.name.isdigit() and (run.parent / HIDDEN).is_dir()
    return run.parent if is_part and not (run / HIDDEN).is_dir() else run


def can_go_on(home: Path) -> bool:
    """Whether a folder has what a command needs to go on with it; older ones have not."""
    return (home / HIDDEN / "sweep.json").is_file()


def is_owned(home: Path) -> bool:
    """Whether a living command works on a folder, as far as its lock tells.

    Args:
        home: The folder of a sweep, or of a run on its own.

    Returns:
        True where its lock names a process of this host that lives, or one that can't be asked, of
        another host for one, that renewed the lock within the last five minutes.
    """
    path = home / HIDDEN / NAME
    try:
        owner = json.loads(path.read_bytes())
        host, pid = str(owner["host"]), int(owner["pid"])
        age = time.time() - path.stat().st_mtime
    except (OSError, ValueError, TypeError, KeyError):
        return False  # nobody holds it: it is missing, empty, or half written
    can_be_asked = host == socket.gethostname() and os.name != "nt" and pid > 0
    return _lives(pid) if can_be_asked else age <= STALE


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)  # it may be another user's
    except OverflowError:
        return False
    return True
