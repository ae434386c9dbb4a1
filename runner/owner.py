"""The process that owns a folder, as its lock names it."""

import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True)
class Owner:
    """A process on a host.

    Attributes:
        host: The host's name.
        pid: The process's number there.
        since: When it took the folder.
    """

    host: str
    pid: int
    since: str

    @classmethod
    def myself(cls) -> Self:
        """Return this process, from now on."""
        now = datetime.now().astimezone().isoformat(" ", "seconds")
        return cls(socket.gethostname(), os.getpid(), now)

    @property
    def can_be_asked(self) -> bool:
        """Whether its life can be asked for: not on other hosts, nor on Windows without harm."""
        return self.host == socket.gethostname() and os.name != "nt" and self.pid > 0

    def lives(self) -> bool:
        """Whether there is such a process; to be asked only where it can be."""
        try:
            os.kill(self.pid, 0)
        except OSError as error:
            return not isinstance(error, ProcessLookupError)  # it may be another user's
        except OverflowError:
            return False
        return True

    def as_content(self) -> bytes:
        """Return what is written into the lock."""
        return json.dumps(asdict(self)).encode()

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


def owner_of(content: bytes) -> Owner | None:
    """Read a lock's content; nobody owns what is empty, or was torn by a crash."""
    try:
        said = json.loads(content)
        return Owner(str(said["host"]), int(said["pid"]), str(said.get("since", "")))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
