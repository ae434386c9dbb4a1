"""What a job of Slurm does: it trains one group, and saves it where it is asked to end."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

from runner.process_end import end_process

# Before the time limit submitit has Slurm send SIGUSR2; an administrator may have chosen SIGUSR1.
NEAR_LIMIT = (signal.SIGUSR1, signal.SIGUSR2)
ENDS = (*NEAR_LIMIT, signal.SIGTERM)


def train_as_job(sweep: str, name: str, place: str) -> NoReturn:
    """Become the process that trains a group: what submitit calls.

    Where it calls, numpy is imported, whose threads would take the signals that are for `_Ends`. So
    the program begins anew, with these signals held back in every thread.

    Args:
        sweep: The folder of the sweep.
        name: The group's.
        place: The folder in which the command was given.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    module = "runner.crew.cluster.slurm_job"
    os.execv(sys.executable, [sys.executable, "-u", "-m", module, sweep, name, place])


def train(sweep: Path, name: str, place: Path) -> int:
    """Train a group; near its time limit the job is saved and takes its place in the queue again.

    Args:
        sweep: The folder of the sweep.
        name: The group's.
        place: The folder in which the command was given.

    Returns:
        The exit code of the job.
    """
    # late: submitit imports this before signals are held back
    from runner.crew.cluster.task import train_on_node
    from runner.crew.group_files import Death, GroupFiles
    from runner.interrupts import interrupt

    files = GroupFiles(sweep, name)
    before = _saved(files.folder)
    signal.signal(signal.SIGINT, interrupt)
    ends = _Ends()
    try:
        train_on_node(sweep, name, place)
    except KeyboardInterrupt:
        if ends.heard not in NEAR_LIMIT:
            return 128 + signal.SIGTERM
        # One that gets no further in all its time would begin again for ever.
        if _saved(files.folder) == before or not _take_place_again():
            reason = f"On {socket.gethostname()}: its job came to its time limit."
            files.die(Death("killed", reason))
    return 0


class _Ends:
    """Hears the signals that ask a job to end, and passes on the first as an interruption.

    Slurm may send several; a second one would end the process before its state is saved. They are
    held back in every thread and taken by one, so that nothing that sets a handler meanwhile gets
    them instead.

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


def _saved(group: Path) -> float | None:
    """Return when a group was saved last; None for never."""
    from runner.engine.saves import NAMES

    path = group / NAMES[0]
    return path.stat().st_mtime if path.is_file() else None


def _take_place_again() -> bool:
    """Have Slurm begin this job again; where it may not, the command submits another."""
    told = os.environ
    number = told.get("SLURM_JOB_ID", "")
    if array := told.get("SLURM_ARRAY_JOB_ID"):
        number = f"{array}_{told['SLURM_ARRAY_TASK_ID']}"
    return subprocess.run(["scontrol", "requeue", number], check=False).returncode == 0


if __name__ == "__main__":
    end_process(train(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
