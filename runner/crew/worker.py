"""A worker's part in one group: what is printed, and what ends it early, goes into its files."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path

from runner.crew.group_files import GroupFiles
from runner.crew.watch import FileWatch
from runner.errors import ANYONES


def train_and_note(sweep: Path, name: str, where: str = "") -> bool:
    """Train a group from its files, and leave word there of what ends it before its time.

    Args:
        sweep: The folder of the sweep.
        name: The group's.
        where: The machine, to be named beside the reason; empty for the command's own.

    Returns:
        Whether this process may train another: what is left of one that ended early is not the
        next one's.

    Raises:
        KeyboardInterrupt: It was asked to end; the group's state is saved.
    """
    from runner.crew.work import death_of, train_group  # late: a worker may have to wait for torch

    files = GroupFiles(sweep, name)
    try:
        with _printed_into(files.folder / "output.log"):
            train_group(sweep, name, FileWatch(files.progress))
    except ANYONES as error:
        with suppress(OSError):  # a full disk: that nothing came of it is told all the same
            death = death_of(error)
            files.die(replace(death, reason=f"On {where}: {death.reason}") if where else death)
        return False
    return True


def forget_last_time(files: GroupFiles) -> None:
    """Remove what was noted of a group another time, where the command ended before it was read."""
    files.death()
    files.progress.unlink(missing_ok=True)


@contextmanager
def _printed_into(path: Path) -> Iterator[None]:
    """Send what is printed inside the block, by C code too, into a file."""
    kept = [os.dup(number) for number in (1, 2)]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for number in (1, 2):
        os.dup2(handle, number)
    os.close(handle)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # as in the command's own process
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        yield
    finally:
        sys.stdout.flush()
        for number, before in zip((1, 2), kept, strict=True):
            os.dup2(before, number)
            os.close(before)
