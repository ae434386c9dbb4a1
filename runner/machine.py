"""The machine that figures of speed were measured on."""

import os
import platform
import re
from functools import cache
from pathlib import Path


@cache
def machine() -> str:
    """Return the processor, the cores that this process may use, and the system, in words."""
    count = cores()
    return f"{_processor()}, {count} core{'s' * (count > 1)}, {platform.system()}"


def cores() -> int:
    """Return how many cores this process may run on: it may be bound to a few of many."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _processor() -> str:
    """The processor's name as Linux or Python knows it."""
    info = Path("/proc/cpuinfo")
    told = info.read_text(errors="replace") if info.is_file() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return named[1].strip() if named else platform.processor() or platform.machine()
