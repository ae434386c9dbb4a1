"""A request carried out in a process of its own, forked from one that has imported all once."""

import gc
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

SECONDS = 20  # of a processor
PATIENCE = 120  # seconds on the wall: a busy machine gives a process less than a processor
MEMORY = 2 * 10**9  # bytes
TABLE = "a,b,y\n" + "".join(f"{i},{i % 7},{3 * i}\n" for i in range(20))
ALONE = {
    # Nothing is asked of the network; what tries to finds nobody there.
    **{f"{name}_proxy": "http://127.0.0.1:9" for name in ("http", "https", "all")},
    **{"WANDB_MODE": "offline", "OMP_NUM_THREADS": "1", "COLUMNS": "80"},
}
# Between them they import what nearly all requests need.
USUAL = [
    ["--dry-run"],
    ["-m", "seed=1,2", "--dry-run"],
    ["epochs=1", "dataset.train_size=40", "plots=false"],
    ["-m", "hydra/sweeper=search", "optim.lr=interval(0.1,0.2)", "--dry-run"],
    ["--cfg", "job"],
    ["--help", "model"],
]
COMPOSED = [
    ["-m", "seed=range(2)", "optim.lr=0.1,1e-3", "model.hidden=[8],[9,3]", "name='a b'"],
    ["dataset=linear", "model=linreg", "dataset.weights=[1,-2]", "tags=['x y',b]"],
    ["dataset=none", "model=point", "loss=himmelblau"],
]


@dataclass(frozen=True)
class Ending:
    """How a request ended.

    Attributes:
        number: Which request.
        code: Its exit code; less than 0 for the signal that ended it.
        said: What it said.
        seconds: Processor time that it took.
        memory: The most that it had, in bytes.
        left: The files and folders that it left.
    """

    number: int
    code: int
    said: str
    seconds: float
    memory: int
    left: tuple[str, ...]


class Forks:
    """Carries requests out, several at once, each in an empty folder.

    Args:
        folder: An empty folder for theirs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[int, int] = {}
        os.environ |= ALONE
        _import_what_is_needed(folder / "usual")

    def start(self, number: int, words: Sequence[str]) -> None:
        """Begin to carry a request out."""
        here = self.folder / str(number) / "here"
        here.mkdir(parents=True)
        (here.parent / "table.csv").write_text(TABLE)
        said = self.folder / f"{number}.said"
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            _carry_out(words, here, said)
        self.running[pid] = number

    def wait(self) -> Ending:
        """Wait until one of them has ended; nothing of it stays."""
        pid, status, used = os.wait4(-1, 0)
        with suppress(ProcessLookupError):  # its workers, if it left any
            os.killpg(pid, signal.SIGKILL)
        number = self.running.pop(pid)
        place, said = self.folder / str(number), self.folder / f"{number}.said"
        ending = Ending(
            number,
            os.waitstatus_to_exitcode(status),
            said.read_text(encoding="utf-8", errors="replace"),
            used.ru_utime + used.ru_stime,
            used.ru_maxrss * 1024,
            _left(place),
        )
        shutil.rmtree(place)
        said.unlink()
        return ending


def _left(place: Path) -> tuple[str, ...]:
    names = {str(path.relative_to(place)) for path in place.rglob("*")} - {"here", "table.csv"}
    return tuple(sorted(names))


def _carry_out(words: Sequence[str], here: Path, said: Path) -> NoReturn:
    """Be the command, and end as the interpreter would; called in a fork."""
    code = 1
    try:
        _move_out(here, said)
        sys.argv = ["runner", *words]
        from runner.__main__ import main

        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def _move_out(here: Path, said: Path) -> None:
    """Take a folder, streams and limits of one's own."""
    os.setsid()
    os.chdir(here)
    nothing = os.open(os.devnull, os.O_RDONLY)
    words = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream, file in enumerate((nothing, words, words)):
        os.dup2(file, stream)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    most = _address_space() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(PATIENCE)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _import_what_is_needed(folder: Path) -> None:
    """Import what usual requests import, and do nothing with it: threads don't outlive a fork."""
    import runner.__main__  # noqa: F401

    for place, words in enumerate(USUAL):
        for name in _imported_by(words, folder / str(place)):
            if name not in sys.modules:
                with suppress(Exception):
                    import_module(name)
    _compose_once()
    gc.collect()
    gc.freeze()  # pages that a search for garbage writes to would be copied in every fork


def _compose_once() -> None:
    """Read a few requests, so that what is kept for the life of a process is there in every fork.

    A sixth of what a wrong request takes is saved by it.
    """
    from runner import registry
    from runner.request.command_line import read
    from runner.request.validate import check_request
    from runner.sweep.job import checked

    for words in COMPOSED:
        checked(check_request(read(words)).points)
    registry._import_others.cache_clear()  # a request may bring components of its own


def _imported_by(words: Sequence[str], folder: Path) -> list[str]:
    reader, writer = os.pipe()
    folder.mkdir(parents=True)
    pid = os.fork()
    if not pid:
        try:
            here = folder / "here"
            here.mkdir()
            _move_out(here, folder / "said")
            sys.argv = ["runner", *words]
            from runner.__main__ import main

            main()
        finally:
            os.write(writer, " ".join(sys.modules).encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        names = told.read().decode().split()
    os.waitpid(pid, 0)
    shutil.rmtree(folder)
    return names


def clock() -> float:
    """Return seconds, for rates."""
    return time.monotonic()
