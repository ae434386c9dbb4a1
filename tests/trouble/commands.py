"""Commands that are started, watched and done harm to, and what they leave."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from runner.crew.group_files import all_groups
from runner.engine import checkpoint
from runner.results.read.runs import read_run

AT = [9, 7, 2, 8]  # the third run of each group is guilty, in its third epoch of four
TINY = ["dataset.train_size=40", "model.hidden=[8]", "epochs=4", "schedule=trouble"]
SWEEP = [*TINY, "-m", f"schedule.at={','.join(map(str, AT))}"]
TWO_GROUPS = [*SWEEP, "model.hidden=[8],[9]", "checkpoint_seconds=0.05"]
TABLES = ["sweep.csv", "summary.csv", "curves.csv"]
LIMIT = 200  # seconds that a command may take on a machine with much else to do


class Started(subprocess.Popen):
    """A command that runs, whose processes can be found."""

    def __init__(
        self, site: Path, *argv: object, before=(), streams: int | None = None, **environment
    ) -> None:
        self.mark = f"RUNNER_TEST={uuid.uuid4()}"
        path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
        told = {name: str(value) for name, value in environment.items()}
        name, value = self.mark.split("=")
        super().__init__(
            [*before, sys.executable, "-m", "runner", *map(str, argv)],
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", name: value, **told},
            cwd=site,
            stdin=streams,
            stdout=subprocess.PIPE if streams is None else streams,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def processes(self) -> dict[int, str]:
        """Its processes that live, with their command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_text()
            except OSError:  # it has ended
                continue
        return found

    def fork_server(self) -> int:
        return min(pid for pid, line in self.processes().items() if "forkserver import" in line)

    def workers(self) -> list[int]:
        """Those that train: each leads a process group of its own."""
        return [pid for pid in self.processes() if pid != self.pid and _leads(pid)]

    def is_gone(self, seconds: float) -> bool:
        """Whether nothing of it is left after some seconds at most."""
        return reached(lambda: not self.processes(), seconds)

    def end(self) -> str:
        """Wait for its end, and return what it said."""
        return self.communicate(timeout=LIMIT)[0]


def _leads(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:  # it has just ended
        return False


def reached(is_so: Callable[[], bool], seconds: float = LIMIT) -> bool:
    """Whether something comes to be so within some seconds."""
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    return is_so()


def rows(folder: Path, job: int) -> int:
    """How many rows a run has."""
    path = folder / str(job) / "metrics.csv"
    return path.read_bytes().count(b"\n") - 1 if path.is_file() else 0


def content(run: Path) -> dict[str, bytes]:
    """What a run gave, by file."""
    names = ["metrics.csv", "checkpoints/last.pt", "checkpoints/best.pt"]
    return {name: (run / name).read_bytes() for name in names}


def assert_same_sweep(folder: Path, undisturbed: Path) -> None:
    for name in TABLES:
        assert (folder / name).read_bytes() == (undisturbed / name).read_bytes(), name
    for run in undisturbed.glob("[0-9]*"):
        assert content(folder / run.name) == content(run), run.name


def assert_sound(folder: Path) -> None:
    """Nothing in a sweep's folder is corrupt, whatever was done to its command."""
    for run in folder.glob("[0-9]*"):
        for path in run.glob("checkpoints/*.pt"):
            checkpoint.load(path)
        if (run / "metrics.csv").exists():
            read_run(run)
    for files in all_groups(folder):
        for path in files.folder.glob("state*.pt"):
            checkpoint.load(path)


# ------------------------------------------------------------- what runs do to themselves
