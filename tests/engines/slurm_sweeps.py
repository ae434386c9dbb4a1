"""Sweeps that are small, and slow enough to be disturbed: what the tests with Slurm train."""

import fcntl
import json
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from trouble.commands import TINY, Started, reached, rows

from engines.slurm_cluster import SlurmCluster
from runner.crew.group_files import all_groups

SLURM = ["-m", "hydra/launcher=slurm", "hydra.launcher.cpus_per_task=1"]
SLOW = {"SECONDS_EACH_EPOCH": 0.5}  # Slurm waits 4 s for the end of a job that it asks to end
WIDTHS = ["model.hidden=[8],[9],[10],[11]", "schedule.at=9,7"]  # groups of two runs
GROUPS = 4


def sweep_of(folder: Path, *asked: str, epochs: int = 40) -> list[str]:
    """The arguments of a sweep, without its launcher."""
    tiny = [o for o in TINY if not o.startswith(("epochs=", "model."))]
    rhythm = "checkpoint_seconds=0.05"
    return [*tiny, *asked, f"epochs={epochs}", rhythm, f"hydra.sweep.dir={folder}", "-m"]


def jobs_of(folder: Path) -> dict[str, str]:
    """The jobs that the command knows of, by group."""
    path = folder / ".runner" / "slurm.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def submitted(folder: Path) -> int:
    """How many jobs were submitted in all."""
    return len(list((folder / ".runner" / "slurm").glob("*_submitted.pkl")))


def first_runs(folder: Path) -> list[int]:
    """A run of each group."""
    return [files.plan.runs[0].job for files in all_groups(folder)]


def all_train(folder: Path, groups: int) -> bool:
    """Whether every group has a row and a save."""
    if len(list(folder.glob(".runner/groups/*/state.pt"))) < groups:
        return False
    return all(rows(folder, job) > 0 for job in first_runs(folder))


def await_training(folder: Path, groups: int) -> None:
    assert reached(lambda: all_train(folder, groups)), "no group trains"


def again(folder: Path) -> dict[str, int]:
    """How often each group went on from a save."""
    found = {}
    for files in all_groups(folder):
        log = files.run_folder(files.plan.runs[0]) / "runner.log"
        found[files.name] = log.read_text().count("goes on from epoch") if log.exists() else 0
    return found


def await_again(folder: Path, groups: Iterable[str], since: dict[str, int]) -> None:
    """Wait until some groups have gone on from a save once more."""
    reached(lambda: all(again(folder)[name] > since[name] for name in groups))
    now = again(folder)
    assert all(now[name] > since[name] for name in groups), f"{since}, and now {now}"


def groups_on(slurm: SlurmCluster, folder: Path, node: str) -> list[str]:
    """The groups that a node trains."""
    running = {task.id for task in slurm.queue() if task.node == node and task.state == "RUNNING"}
    return [name for name, job in jobs_of(folder).items() if job in running]


TAKE = "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "


class Terminal:
    """A command on a terminal of 80 columns, of which what is on it is read.

    Args:
        start: Starts it.
        *argv: The command.
        **environment: More of it.
    """

    def __init__(self, start: Callable[..., Started], *argv: object, **environment: object) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        # It becomes the command's own, as it is in a window.
        before = [sys.executable, "-c", f"{TAKE} os.execv(sys.argv[1], sys.argv[1:])"]
        told = {"TERM": "xterm", "CI": "", "COLUMNS": "80", **environment}
        self.command = start(*argv, before=before, streams=theirs, **told)
        os.close(theirs)
        os.set_blocking(self.ours, False)
        self.said = ""

    def read(self) -> str:
        """All that was said until now; a terminal that is full stops its program."""
        with suppress(OSError):  # nothing new, or the other side is closed
            while said := os.read(self.ours, 65536):
                self.said += said.decode(errors="replace")
        return self.said

    def shows(self, words: str) -> bool:
        """Whether it comes to say something."""
        reached(lambda: words in " ".join(self.read().split()) or self.has_ended())
        return words in " ".join(self.said.split())

    def has_ended(self) -> bool:
        """Whether the command has ended; what it says meanwhile is read."""
        self.read()
        return self.command.poll() is not None

    def press(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def end(self) -> int:
        """Wait for the end of the command, and return its exit code."""
        assert reached(self.has_ended)
        self.read()
        os.close(self.ours)
        return self.command.returncode
