"""What a job of Slurm does: it trains one group, and saves it where it is asked to end."""

import os
import signal
import subprocess
import threading
from pathlib import Path

from runner.crew.cluster.task import train_on_node
from runner.crew.group_files import GroupFiles
from runner.engine.saves import NAMES
from runner.interrupts import interrupt

# Before the time limit submitit has Slurm send SIGUSR2; an administrator may have chosen SIGUSR1.
NEAR_LIMIT = (signal.SIGUSR1, signal.SIGUSR2)
ENDS = (*NEAR_LIMIT, signal.SIGTERM)


def train_as_job(sweep: str, name: str, place: str) -> None:
    """Train a group; near its time limit the job is saved and takes its place in the queue again.

    Args:
        sweep: The folder of the sweep.
        name: The group's.
        place: The folder in which the command was given.
    """
    files = GroupFiles(Path(sweep), name)
    before = _saved(files)
    signal.signal(signal.SIGINT, interrupt)
    ends = _Ends()
    try:
        train_on_node(Path(sweep), name, Path(place))
    except KeyboardInterrupt:
        # One that gets no further in all its time would begin again for ever.
        if ends.heard in NEAR_LIMIT and _saved(files) != before:
            _take_place_again()


class _Ends:
    """Hears the signals that ask a job to end, and passes on the first as an interruption.

    Slurm may send several; a second one would end the process before its state is saved. They are
    taken by a thread, so that nothing that sets a handler meanwhile gets them instead.

    Attributes:
        heard: The first; None for none.
    """

    def __init__(self) -> None:
        self.heard: int | None = None
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            number = signal.sigwait(ENDS)
            if self.heard is None:
                self.heard = number
                os.kill(os.getpid(), signal.SIGINT)


def _saved(files: GroupFiles) -> float | None:
    """Return when the group was saved last; None for never."""
    path = files.folder / NAMES[0]
    return path.stat().st_mtime if path.is_file() else None


def _take_place_again() -> None:
    """Have Slurm begin this job again; where it may not, the command submits another."""
    told = os.environ
    number = told.get("SLURM_JOB_ID", "")
    if array := told.get("SLURM_ARRAY_JOB_ID"):
        number = f"{array}_{told['SLURM_ARRAY_TASK_ID']}"
    subprocess.run(["scontrol", "requeue", number], check=False)
