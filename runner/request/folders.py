"""Where a request's files will go: checked before anything is written there, then claimed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from runner.datasets.root import missing_folders, remove_empty
from runner.errors import RequestError, first_line
from runner.folder_lock import HIDDEN, NAME, FolderLock

PROBE = ".runner-probe-"


def folder_of(hydra: DictConfig, *, is_sweep: bool) -> tuple[str, Path]:
    """Return the key that names the folder of a request, and the folder.

    Args:
        hydra: Hydra's part of the config.
        is_sweep: Whether the request is a sweep.

    Raises:
        RequestError: A reference in its name leads nowhere.
    """
    mode = "sweep" if is_sweep else "run"
    key = f"hydra.{mode}.dir"
    try:
        return key, Path(str(hydra[mode].dir))
    except OmegaConfBaseException as error:
        raise RequestError(f"{key} has no value: {first_line(error)}.") from error


def check_folder(key: str, folder: Path) -> None:
    """Refuse a folder that isn't empty, or that can't be written; nothing is made.

    Two runs in one folder would make one table of both.

    Raises:
        RequestError: The sentence names the key, the folder, and what was found or the reason.
    """
    with _said_of(key, folder):
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise RequestError(f"{key}={folder} can't be made: {nearest} is a file.")
        _refuse_left_overs(key, folder)
        _try_to_write(key, folder, nearest)


def claim(key: str, folder: Path) -> FolderLock:
    """Make a folder and take it, for one process alone; to be released by the caller.

    Whoever comes first has it: that it is empty is checked again when it is owned.

    Returns:
        The folder's lock, taken; its ``recovered`` is what is to be said of a former owner.

    Raises:
        RequestError: As by `check_folder`, or it belongs to another process. What was made of it is
            gone again.
    """
    check_folder(key, folder)
    lock = FolderLock(folder)
    made = missing_folders(lock.path.parent)
    try:
        with _said_of(key, folder):
            _take(key, lock)
            _refuse_left_overs(key, folder)
    except BaseException:
        lock.discard() if lock.path.parent in made else lock.release()
        remove_empty(made)
        raise
    return lock


def _try_to_write(key: str, folder: Path, nearest: Path) -> None:
    """Make a file and remove it: permissions tell little of root, or of a read-only disk."""
    with (
        _said_of(key, folder, f" (no file can be made in {nearest})"),
        tempfile.NamedTemporaryFile(prefix=PROBE, dir=nearest),
    ):
        pass


def _take(key: str, lock: FolderLock) -> None:
    try:
        lock.acquire()
    except RequestError as error:  # its sentence begins with the folder
        raise RequestError(f"{key}={error}") from error


def _refuse_left_overs(key: str, folder: Path) -> None:
    found = _left_over(folder) if folder.exists() else None
    if found:
        raise RequestError(f"{key}={folder} holds {found} already; name another folder.")


def _left_over(folder: Path) -> str | None:
    """Return the first of what a folder holds, by name, besides a lock and another's probe."""
    hidden = folder / HIDDEN
    found = [path for path in folder.iterdir() if not path.name.startswith(PROBE)]
    if hidden.is_dir():
        found = [path for path in found if path != hidden]
        found += [path for path in hidden.iterdir() if not path.name.startswith(NAME)]
    names = [f"{path.relative_to(folder)}{'/' * path.is_dir()}" for path in found]
    return min(names, default=None)


@contextmanager
def _said_of(key: str, folder: Path, place: str = "") -> Iterator[None]:
    """Say in one sentence that a folder can't be used, whatever the system says of it."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError(f"{key}={folder} can't be written{place}: {reason}.") from error
