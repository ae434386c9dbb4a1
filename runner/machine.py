"""The machine: its name, for figures of speed that were measured on it, and what it has."""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from runner.errors import RequestError


@cache
def machine() -> str:
    """Return the processor, the cores that this process may use, and the system, in words."""
    count = cores()
    return f"{_processor()}, {count} core{'s' * (count > 1)}, {platform.system()}"


def cores() -> int:
    """Return how many cores this process may run on: it may be bound to a few of many."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def memory() -> int | None:
    """Return the bytes of memory that this process may take at most; None where nobody knows."""
    found = [*_limits(), *_physical()]
    return min(found) if found else None


def check_memory(what: str, needed: float) -> None:
    """Refuse what can't fit, before any of it is taken.

    Args:
        what: What needs the memory, to begin the sentence with.
        needed: How many bytes it takes at least.

    Raises:
        RequestError: The machine has less.
    """
    if (has := memory()) is not None and needed > has:
        raise RequestError(
            f"{what} takes at least {_gigabytes(needed)} of memory, and this machine has "
            f"{_gigabytes(has)}."
        )


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.3g} GB" if size < 1e12 else f"{size / 1e9:,.0f} GB"


def _physical() -> Iterator[int]:
    with suppress(AttributeError, ValueError, OSError):  # not every system knows
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _limits() -> Iterator[int]:
    """Yield what a shell, or a container, lets this process have."""
    with suppress(ImportError):
        import resource  # no such thing on Windows

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            yield limit
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # "max" is none
            yield int((Path("/sys/fs/cgroup") / name).read_text())


def _processor() -> str:
    """The processor's name as Linux or Python knows it."""
    info = Path("/proc/cpuinfo")
    told = info.read_text(errors="replace") if info.is_file() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return named[1].strip() if named else platform.processor() or platform.machine()
