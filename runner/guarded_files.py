"""Files of run folders, which may be others': none that leads elsewhere or is huge is read.

Whatever lies in the folder of a run or a sweep is opened here. To open a pipe would wait for ever,
a link may lead to any file of the machine, and a file of terabytes takes no room on a disk.
"""

import errno
import os
import stat
from pathlib import Path

from runner.errors import RequestError
from runner.folder_lock import HIDDEN

MOST_OF_A_RECORD = 4 << 20
"""Bytes: a run's summary and its configuration have thousands."""
MOST_OF_A_LIST = 16 << 20
"""Bytes: what each of 100,000 points was asked for takes ten million."""
MOST_OF_A_TABLE = 256 << 20
"""Bytes: a million epochs in a dozen columns take 200 million."""
LINKING = {"wandb"}
INNER = {".hydra", "checkpoints", "plots", HIDDEN}
"""The folders in that of a run; who links the run's own, where it is no sweep's, meant to."""
_MARK = "\ufeff"
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class GuardedError(OSError):
    """A file that is not to be read; the message says why, to follow its name."""


def check_file(path: Path, most: int) -> None:
    """Refuse a file that is none, leads elsewhere, or is larger than such files are.

    Args:
        path: The file.
        most: The bytes that it may have.

    Raises:
        GuardedError: It may not be read.
        OSError: There is none, or it can't be opened.
    """
    if _leads_elsewhere(path):
        raise GuardedError("is a symbolic link, which is not followed")
    _check_kind(path.stat(), most)


def _leads_elsewhere(path: Path) -> bool:
    run = path.parent
    if run.name in INNER:
        if run.is_symlink():
            return True
        run = run.parent
    # A sweep names its own folders, where a person may link a run's.
    is_job = run.name.isdecimal() and (run.parent / "jobs.yaml").exists()
    return path.is_symlink() or (is_job and run.is_symlink())


def read_bytes(path: Path, most: int = MOST_OF_A_RECORD) -> bytes:
    """Return what a file holds.

    Args:
        path: The file.
        most: The bytes that it may have.

    Raises:
        GuardedError: It is none, leads elsewhere, or is larger.
        OSError: There is none, or it can't be read.
    """
    check_file(path, most)
    handle = os.open(path, os.O_RDONLY | _NO_WAITING)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        _check_kind(status, most)  # it may have been changed meanwhile
        return file.read(status.st_size)


def read_text(path: Path, most: int = MOST_OF_A_RECORD) -> str:
    """Return the text of a file in UTF-8, what is none replaced by U+FFFD; see `read_bytes`.

    Line ends stay as they are: only a newline says that a line is whole.
    """
    return read_bytes(path, most).decode("utf-8", errors="replace").removeprefix(_MARK)


def check_closed(folder: Path) -> None:
    """Refuse a folder in which anything leads elsewhere, or is neither file nor folder.

    Who goes on with a run writes into its files and folders, wherever they lead.

    Args:
        folder: That of a run or a sweep; links of a logger's own (wandb) stay inside.

    Raises:
        RequestError: One sentence, with the first that was found.
    """
    left = [folder]
    while left:
        with os.scandir(left.pop()) as found:
            entries = list(found)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                left += [Path(entry)] * (entry.name not in LINKING)
            elif not entry.is_file(follow_symlinks=False):
                what = "a symbolic link" if entry.is_symlink() else "no file"
                raise RequestError(
                    f"'{entry.path}' is {what}: a folder is gone on with where all that is in it "
                    "lies there."
                )


def why_unread(error: OSError) -> str:
    """Return in words why a file could not be read, to follow its name."""
    if isinstance(error, GuardedError):
        return str(error)
    if error.errno == errno.ENOENT:
        return "is missing"
    return f"can't be read: {error.strerror or error}"


def _check_kind(status: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise GuardedError("is no file")
    if status.st_size > most:
        raise GuardedError(f"is larger than {most >> 20} MiB, and not read")
