"""Who may write in a folder: a lock that names its owner and ends with its owner's life."""

import errno
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Self

from runner.errors import RequestError
from runner.file_lock import lock, unlock
from runner.owner import Owner, owner_of

HIDDEN = ".runner"
NAME = "lock"  # in the hidden folder; all files of a lock begin with it
JOBS = "slurm.json"  # in the hidden folder: the jobs that go on without a command
STALE = 300  # seconds of silence after which an owner on another host counts as dead
BEAT = 30  # seconds between two signs of life
PATIENCE = 0.5  # seconds that a new owner may take to write down who it is


class FolderLock:
    """The ownership of a run's or a sweep's folder: one process at a time writes there.

    The file ``.runner/lock`` in the folder is locked with ``flock``, which settles who comes first
    and which the kernel releases when the owner dies. Its content (JSON: host, pid, since) tells
    people who that is. It also tells other hosts, which ``flock`` may not reach: they go by the
    file's age. Two hosts that begin at the same moment on such a file system may both be let in;
    the first to be overwritten finds out at its next `touch`.

    Where there is no ``flock`` (Windows, some network file systems) the content alone decides.

    Args:
        folder: The run's or the sweep's folder.

    Attributes:
        path: The lock's file.
        recovered: The sentence that `acquire` returned.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder.absolute() / HIDDEN / NAME
        self.recovered: str | None = None
        self._file: FileIO | None = None
        self._me: Owner | None = None
        self._ended = threading.Event()

    def acquire(self) -> str | None:
        """Take the folder, which is made if it is missing; once for all until it is released.

        Returns:
            None, or one sentence where a stale lock was recovered: its owner was dead, or on
            another host and silent for longer than `STALE` seconds. A dead owner of this host is
            told of as well: what it left in the folder may be half done.

        Raises:
            RequestError: Another process owns the folder, or no lock can be written there. The
                sentence begins with the folder, and names the owner or the reason.
        """
        if self._file is not None:
            return self.recovered
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = FileIO(self.path, "a+")
            try:
                self.recovered = self._take(file)
            except BaseException:
                file.close()
                raise
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RequestError(f"{self.folder} can't be written: {reason}.") from error
        self._file = file
        _HELD.add(self)
        return self.recovered

    def touch(self) -> None:
        """Say that the owner lives: other hosts go by the file's age.

        Raises:
            RequestError: Another host has taken the folder over, after too long a silence.
        """
        if self._file is None:
            return
        with suppress(OSError):  # a shared folder may be out of reach for a while
            owner = owner_of(self.path.read_bytes())
            if owner not in (None, self._me):
                raise RequestError(f"{self.folder} was taken over by {owner}.")
            os.utime(self.path)

    def release(self) -> None:
        """Give the folder back; without effect where it is not owned.

        The file stays, empty: were it removed, one process could lock the old file and another
        a new one.
        """
        if self._file is None:
            return
        with suppress(OSError):  # what is left behind is a dead owner's, and recovered as that
            if _content(self._file) == self._me:
                self._file.truncate(0)
            unlock(self._file)
        self._let_go()

    def discard(self) -> None:
        """Release a folder that is about to be removed: the lock's file goes, if it is owned.

        It goes while it is locked, so that whoever has opened it finds it gone and is refused.
        """
        if self._file is not None:
            with suppress(OSError):
                self.path.unlink()
        self.release()

    def __enter__(self) -> Self:
        """Take the folder, and show life for as long as the block lasts."""
        self.acquire()
        self._ended.clear()
        threading.Thread(target=self._beat, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.release()

    def _beat(self) -> None:
        """Touch the file now and then; who has lost the folder must not write there any more."""
        while not self._ended.wait(BEAT):
            try:
                self.touch()
            except RequestError:
                os.kill(os.getpid(), signal.SIGTERM)

    def _take(self, file: FileIO) -> str | None:
        try:
            locked = lock(file)
        except BlockingIOError:
            raise self._refusal(self._newcomer(file)) from None
        if not locked:
            with self._turn():
                return self._inscribe(file, locked)
        if not self._is_in_place(file):
            raise RequestError(f"{self.folder} is being removed by another process.")
        return self._inscribe(file, locked)

    def _is_in_place(self, file: FileIO) -> bool:
        """Whether a file that was opened is still the one that others will open."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def _inscribe(self, file: FileIO, locked: bool) -> str | None:
        """Write down who owns the folder from now on, unless the one written there still lives."""
        before = _content(file)
        if before and self._lives(before, locked):
            raise self._refusal(before)
        recovered = self._recovery(before) if before else None
        self._me = Owner.myself()
        try:
            _write(file, self._me)
        except OSError:
            self.path.unlink()
            raise
        return recovered

    def _lives(self, owner: Owner, locked: bool) -> bool:
        """Whether an owner lives; one that can be asked is dead if its lock could be had."""
        if owner.can_be_asked:
            return not locked and owner.lives()
        return self._age() <= STALE

    def _age(self) -> float:
        """Return the seconds since the owner last showed life, by the file system's own clock."""
        with tempfile.NamedTemporaryFile(prefix=f"{NAME}.", dir=self.path.parent) as file:
            now = os.fstat(file.fileno()).st_mtime
        return now - self.path.stat().st_mtime

    def _newcomer(self, file: FileIO) -> Owner | None:
        """Return who has the lock; it may just have got it, and not have written so yet."""
        deadline = time.monotonic() + PATIENCE
        while True:
            owner = _content(file)
            if (owner and self._lives(owner, False)) or time.monotonic() > deadline:
                return owner
            time.sleep(0.01)

    def _recovery(self, owner: Owner) -> str:
        silent = f"has been silent for {self._age():.0f} s"
        sign = "has died" if owner.can_be_asked else silent
        return f"{self.folder} was taken over from {owner}, which {sign}."

    def _refusal(self, owner: Owner | None) -> RequestError:
        told = f"{self.folder} belongs to {owner or 'another process'}"
        if owner is None or owner.can_be_asked:
            return RequestError(f"{told}; wait until it has ended.")
        silent = f"silent for {max(0, self._age()):.0f} s; it can be had after {STALE} s"
        return RequestError(f"{told}, {silent} of silence.")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one process at a time read and write the content, where ``flock`` does not."""
        turn = self.path.with_name(f"{NAME}.turn")
        try:
            turn.touch(exist_ok=False)
        except FileExistsError:
            raise RequestError(
                f"{self.folder} is being taken by another process; if there is none, remove {turn}."
            ) from None
        try:
            yield
        finally:
            turn.unlink()

    def _let_go(self) -> None:
        if self._file:
            self._file.close()
        self._file = None
        _HELD.discard(self)


def _content(file: FileIO) -> Owner | None:
    file.seek(0)
    return owner_of(file.readall())


def _write(file: FileIO, owner: Owner) -> None:
    """Replace a lock's content, and have it on the disk: other hosts see it no sooner."""
    content = owner.as_content()
    file.truncate(0)
    if file.write(content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file.fileno())


_HELD = set[FolderLock]()


def _forget() -> None:
    """Close a parent's locks in a forked child, which would keep them beyond the parent's life."""
    for held in [*_HELD]:
        held._let_go()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
