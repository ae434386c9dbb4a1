"""Work in turn: what else the machine does meets all that is compared alike."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from benchmarks.rows import Spread

ROOT = Path(__file__).parents[1]
T = TypeVar("T")


def in_turn(work: Mapping[str, Callable[[int], T]], rounds: int) -> dict[str, list[T]]:
    """Do each work in every round, one after another; the first round, a warm-up, is dropped.

    Args:
        work: Name to what is done in a round, given the round's number; 0 is the warm-up.
        rounds: How many rounds are kept.

    Returns:
        Name to what the rounds gave.
    """
    given: dict[str, list[T]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, do in work.items():
            given[name].append(do(number))
    return {name: values[1:] for name, values in given.items()}


def spread(values: Sequence[float]) -> Spread:
    """Return the median, the least and the greatest."""
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratios(theirs: Sequence[float], ours: Sequence[float]) -> Spread:
    """Return the spread of the ratios, pair by pair."""
    return spread([t / o for t, o in zip(theirs, ours, strict=True)])


def seconds(do: Callable[[], object]) -> float:
    """Return how long a function takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def command(words: Sequence[object], folder: Path, **environment: str) -> tuple[float, str]:
    """Run Python with these words in a folder.

    Returns:
        The seconds from start to exit, and what it said on stdout.

    Raises:
        RuntimeError: It failed; with the end of what it said.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=_environment() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip()[-1000:]}")
    return taken, done.stdout


def _environment() -> dict[str, str]:
    paths = filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


@dataclass(frozen=True)
class Watched:
    """What was seen of a command from outside.

    Attributes:
        seconds: From its start to its exit.
        first_words: Until it said the first of anything; the whole where it said nothing.
        ended: The moment of its exit, as files have theirs.
        megabytes: The most memory that its process, or one that it waited for, had.
    """

    seconds: float
    first_words: float
    ended: float
    megabytes: float


def watched(words: Sequence[object], folder: Path) -> Watched:
    """Run Python with these words in a folder, and watch it.

    Raises:
        RuntimeError: It failed; with the end of what it said.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        said = os.read(process.stdout.fileno(), 1 << 16)
        first = time.perf_counter() - start
        said += process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds_, ended = time.perf_counter() - start, time.time()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {said.decode()[-1000:].strip()}")
    return Watched(seconds_, first, ended, used.ru_maxrss / 1024)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)
