"""A group's files on a machine that does not have the sweep's folder: brought there, and back.

What is sent back is whole at each moment. The group's own files are read before those of its runs,
and written after them: no save is ever ahead of the rows that it was made with. What is gone is
looked for before both, and removed last: the saves of a group that is done are there until what
says so is.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runner.atomic_write import PART, write_whole
from runner.crew.exchanges import FOLDER as EXCHANGES
from runner.crew.group_files import GroupFiles
from runner.folder_lock import HIDDEN, NAME

EVERY = 1.0  # seconds between two looks at what has changed

Content = dict[str, bytes | None]
"""Files by their paths from the sweep's folder; None for one that is no longer there."""
Stamp = tuple[int, int]


def packed(files: GroupFiles) -> Content:
    """Return all that a machine needs of a sweep's folder to train a group."""
    sweep = files.sweep
    top = [path for path in (sweep / HIDDEN).iterdir() if not path.name.startswith(NAME)]
    shared = [path for path in top if path.is_file()]
    shared += [path for path in (sweep / HIDDEN / "components").rglob("*") if path.is_file()]
    shared += [path for path in (sweep / EXCHANGES).glob("*") if _is_whole(path)]
    before = [path for folder in files.save_folders() for path in folder.glob("state*.pt")]
    return _read(sweep, [*shared, *before, *_of_group(files), *_of_runs(files)])


def unpack(content: Content, sweep: Path) -> None:
    """Write files where they belong in a sweep's folder, and remove those that are gone."""
    for name, data in content.items():
        path = sweep / name
        if data is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)


@contextmanager
def sent_back(files: GroupFiles, send: Callable[[Content], None]) -> Iterator[None]:
    """Send what changes of a group's files inside the block, and at its end what is left.

    Args:
        files: The group's, on this machine.
        send: Brings them to where the sweep is, in the order in which they are given.
    """
    changes, ended = _Changes(files), threading.Event()
    changes.read()  # what was brought is where the sweep is already

    def watch() -> None:
        while not ended.wait(EVERY):
            if content := changes.read():
                send(content)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        send(changes.read())


class _Changes:
    """What has changed of a group's files since the last look."""

    def __init__(self, files: GroupFiles) -> None:
        self.files = files
        self.stamps: dict[Path, Stamp] = {}

    def read(self) -> Content:
        """Return what has changed: the runs' files first, then the group's own."""
        missing = [path for path in self.stamps if not path.exists()]
        own = self._changed(_of_group(self.files))
        found = self._changed(_of_runs(self.files)) | own
        # One that takes another's place may have been missing for a moment.
        gone = {path: _name(self.files.sweep, path) for path in missing}
        gone = {path: name for path, name in gone.items() if name not in found}
        for path in gone:
            del self.stamps[path]
        return found | dict.fromkeys(gone.values())

    def _changed(self, paths: Iterator[Path]) -> Content:
        found = {path: stamp for path in paths if (stamp := _stamp(path)) is not None}
        new = [path for path, stamp in found.items() if self.stamps.get(path) != stamp]
        self.stamps |= found
        return _read(self.files.sweep, new)


def _of_group(files: GroupFiles) -> Iterator[Path]:
    yield from (path for path in files.folder.glob("*") if path.is_file() and _is_whole(path))


def _of_runs(files: GroupFiles) -> Iterator[Path]:
    for run in files.plan.runs:
        folder = files.run_folder(run)
        yield from (path for path in folder.rglob("*") if path.is_file() and _is_whole(path))


def _is_whole(path: Path) -> bool:
    return not path.name.endswith(PART) and path.name != "owner"


def _read(sweep: Path, paths: list[Path]) -> Content:
    content: Content = {}
    for path in paths:
        with suppress(FileNotFoundError):  # replaced or removed just now
            content[_name(sweep, path)] = path.read_bytes()
    return content


def _name(sweep: Path, path: Path) -> str:
    return path.relative_to(sweep).as_posix()


def _stamp(path: Path) -> Stamp | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_size
