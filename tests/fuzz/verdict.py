"""What is wrong with the way a request ended."""

import re
import signal
from collections.abc import Iterator, Sequence

from .carry_out import MEMORY, SECONDS, Ending

LOUD = 1_000_000  # characters
FRAME = re.compile(r'File "([^"]+)", line (\d+)')
ERROR = re.compile(r"^(\w[\w.]*(?:Error|Exception|Interrupt|Exit|Warning)\b.*)$", re.MULTILINE)
WARNING = re.compile(r"^(\S+\.py:\d+: \w*Warning: .*)$", re.MULTILINE)
LARGE = re.compile(r"points are composed|runs are checked before the first begins")


def faults(words: Sequence[str], ending: Ending) -> list[str]:
    """Return a sentence for each promise that a request broke."""
    return [*_ended_wrongly(ending), *_said_wrongly(ending), *_left_wrongly(words, ending)]


def at_work(ending: Ending) -> bool:
    """Whether a request was ended in the middle of training, or of a long list of points."""
    trains = any(name.endswith("metrics.csv") for name in ending.left)
    return ending.code in (-signal.SIGXCPU, -signal.SIGALRM) and (
        trains or LARGE.search(ending.said) is not None
    )


def _ended_wrongly(ending: Ending) -> Iterator[str]:
    if at_work(ending):
        return
    if ending.code in (-signal.SIGXCPU, -signal.SIGALRM):
        yield f"no end after {SECONDS} s"
    elif ending.code < 0:
        yield f"ended by {signal.Signals(-ending.code).name}"
    elif ending.code not in (0, 1, 2):
        yield f"exit code {ending.code}"
    if ending.memory > MEMORY:
        yield f"{ending.memory / 1e9:.1f} GB of memory"


def _said_wrongly(ending: Ending) -> Iterator[str]:
    if "Traceback (most recent call last)" in ending.said:
        frames, errors = FRAME.findall(ending.said), ERROR.findall(ending.said)
        where = ":".join(frames[-1]) if frames else "?"
        yield f"a traceback: {where.rpartition('/')[2]} {errors[-1][:150] if errors else ''}"
    elif "HYDRA_FULL_ERROR" in ending.said:
        yield "Hydra's own error"
    elif warned := WARNING.findall(ending.said):
        yield f"a warning: {warned[0].rpartition('/')[2][:150]}"
    if ending.code in (1, 2) and not ending.said.strip():
        yield f"exit code {ending.code} without a word"
    if len(ending.said) > LOUD:
        yield f"{len(ending.said):,} characters said"


def _left_wrongly(words: Sequence[str], ending: Ending) -> Iterator[str]:
    if ending.left and (ending.code == 2 or "--dry-run" in words):
        yield f"left behind: {', '.join(ending.left[:5])}"
