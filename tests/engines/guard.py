"""Runs a command, and ends all that came of it when standard input closes.

A daemon's descendants may outlive it and lose their parent. As a subreaper this process becomes the
parent of all such, so that none escapes: neither when a test fails nor when its process is killed.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h


def children() -> dict[int, list[int]]:
    """The children of every process of this machine."""
    found: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found.setdefault(int(parent), []).append(int(stat.parent.name))
    return found


def descendants(root: int) -> list[int]:
    """All processes below one."""
    below, family = [root], children()
    for process in below:
        below += family.get(process, [])
    return below[1:]


def end_all() -> None:
    """Kill whatever is below this process, until nothing is."""
    while left := descendants(os.getpid()):
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.01)


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who ends below is not kept as a zombie
    sys.stdin.buffer.read()
    end_all()


if __name__ == "__main__":
    main()
