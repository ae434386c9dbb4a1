"""Runs and sweeps removed: whole, and never under a command that works on them."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runner.errors import RequestError
from runner.folder_lock import FolderLock
from runner.results.find.entries import Entry
from runner.results.read.folders import is_run, is_sweep


def removable(asked: Sequence[Entry], whole: Sequence[Entry]) -> tuple[list[Entry], list[str]]:
    """Tell what can be removed from what stays.

    Args:
        asked: What was found, sweeps with the runs that were asked for.
        whole: The same entries, and perhaps others, with all their runs.

    Returns:
        The entries to remove; and for each other one a sentence that says why it stays.
    """
    runs = {entry.folder: len(entry.runs) for entry in whole}
    kept, told = [], []
    for entry in asked:
        if entry.owned:
            told.append(f"{entry.folder} stays, for a command works on it.")
        elif len(entry.runs) < runs[entry.folder]:
            few = len(entry.runs)
            told.append(
                f"{entry.folder} stays, for only {few} of its {runs[entry.folder]} runs "
                f"{'matches' if few == 1 else 'match'} and a sweep is removed whole."
            )
        else:
            kept.append(entry)
    return kept, told


def remove(folder: Path, top: Path) -> None:
    """Remove the folder of a run or a sweep, and the folders above that are then empty.

    Args:
        folder: What to remove.
        top: Where it was looked for; this stays.

    Raises:
        RequestError: It is neither a run nor a sweep, or a command works on it.
        OSError: It can't be removed.
    """
    if folder.is_symlink() or not (is_run(folder) or is_sweep(folder)):
        raise RequestError(f"{folder} is neither a run nor a sweep, and stays.")
    lock = FolderLock(folder)
    lock.acquire()
    # Under another name first: nobody finds half of it, nor can begin to work on it.
    hidden = folder.with_name(f".removed-{folder.name}")
    try:
        folder.rename(hidden)
    finally:
        lock.release()
    shutil.rmtree(hidden)
    for parent in folder.parents:
        if parent == top or not parent.is_relative_to(top):
            break
        with suppress(OSError):  # others lie in it
            parent.rmdir()
