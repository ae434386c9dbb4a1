"""Locks on open files, which end with the life of whoever holds them."""

import errno
from contextlib import suppress
from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

UNSUPPORTED = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS}


def lock(file: IO[bytes]) -> bool:
    """Lock a file; whether that is possible here.

    Raises:
        BlockingIOError: Another process has it locked.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in UNSUPPORTED:
            return False
        raise
    return True


def wait_for(file: IO[bytes]) -> None:
    """Lock a file as soon as nobody else has it locked; without effect where none can be."""
    if fcntl:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)


def unlock(file: IO[bytes]) -> None:
    """Give a file free, though a child between fork and exec may still have it open."""
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_UN)
