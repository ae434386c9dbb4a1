"""Whether a command is at work on a folder; its lock is looked at, never taken."""

import time
from pathlib import Path

from runner.folder_lock import HIDDEN, JOBS, NAME, STALE
from runner.guarded_files import read_bytes
from runner.owner import owner_of
from runner.results.read.folders import is_job


def home_of(run: Path) -> Path:
    """The folder that a run is owned by: that of its sweep, or its own."""
    is_part = is_job(run) and (run.parent / HIDDEN).is_dir()
    return run.parent if is_part and not (run / HIDDEN).is_dir() else run


def can_go_on(home: Path) -> bool:
    """Whether a folder has what a command needs to go on with it; older ones have not."""
    return (home / HIDDEN / "sweep.json").is_file()


def is_owned(home: Path) -> bool:
    """Whether a living command works on a folder, as far as its lock tells.

    Args:
        home: The folder of a sweep, or of a run on its own.

    Returns:
        True where jobs of its groups were left to Slurm; or where its lock names a process of this
        host that lives, or one that can't be asked, of another host for one, that renewed the lock
        within the last five minutes.
    """
    if (home / HIDDEN / JOBS).is_file():
        return True
    path = home / HIDDEN / NAME
    try:
        owner = owner_of(read_bytes(path))
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    if owner is None:  # nobody holds it: it is empty, or half written
        return False
    return owner.lives() if owner.can_be_asked else age <= STALE
