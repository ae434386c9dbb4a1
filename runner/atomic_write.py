"""Files that are there whole or not at all: whoever writes a record writes it here."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PART = ".part"  # how the name of a file ends that is not complete


@contextmanager
def whole_file(
    path: Path,
    *,
    durable: bool = False,
    previous: Path | None = None,
    within: Path | None = None,
) -> Iterator[BinaryIO]:
    """Open a file that takes its place when it is complete: a reader sees the old one or the new.

    Args:
        path: Where the file is to be; its folder is made.
        durable: Whether it must be on the disk before it takes its place, and its name after, so
            that a crash of the machine leaves the old one or the new one too.
        previous: What the file that was there is renamed to; None replaces it.
        within: A folder that was made before, which holds the file, or the folder of the file; it
            is not made again, since a part of what it held would mislead.

    Yields:
        The file, to be written in binary; what fails on the way leaves the old one as it was.

    Raises:
        FileNotFoundError: The folder that was made before was removed.
    """
    if path.parent != within:  # one level alone can be made in a single step, or not at all
        path.parent.mkdir(parents=within is None, exist_ok=True)
    handle, name = tempfile.mkstemp(PART, f".{path.name}.", path.parent)
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
        if previous is not None and path.exists():
            path.replace(previous)
        Path(name).replace(path)
        if durable:
            _sync_folder(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_whole(
    path: Path, content: bytes, *, durable: bool = False, within: Path | None = None
) -> Path:
    """Write a file whole or not at all, see `whole_file`, and return its path."""
    with whole_file(path, durable=durable, within=within) as file:
        file.write(content)
    return path


def remove_parts(folder: Path) -> None:
    """Remove what writers that were killed left in a folder, where nobody else writes now."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Write a folder's names to the disk; where folders can't be opened, the system sees to it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
