"""Files that are there whole or not at all: whoever writes a record writes it here."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """Open a file that takes its place when it is complete: a reader sees the old one or the new.

    Args:
        path: Where the file is to be; its folder is made.
        durable: Whether it must be on the disk before it takes its place, so that a crash of the
            machine leaves the old one or the new one too.

    Yields:
        The file, to be written in binary; what fails on the way leaves the old one as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        # mkstemp makes private files; these are results to share, like any other file here.
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all, see `whole_file`, and return its path."""
    with whole_file(path) as file:
        file.write(content)
    return path
