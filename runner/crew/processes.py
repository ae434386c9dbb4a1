"""Training in worker processes that share the cores; whatever ends one costs its own runs alone.

They are forked by a server that has torch loaded and has done nothing with it: a fork of the
command itself would take its threads for its own, and hang.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

from runner.crew.group_files import Death, GroupFiles
from runner.crew.pace import Pace, hung
from runner.crew.watch import Progress, progress_of
from runner.crew.worker import forget_last_time, train_and_note
from runner.interrupts import MOMENT, held_back, interrupt, stop_training

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
POLL = 0.2  # seconds between two looks at what the workers do
PATIENCE = 20.0  # seconds that a worker has to save its state when the command is gone
LOST = 255  # multiprocessing's exit code of a process whose fork server was killed
CUDA = "CUDA_VISIBLE_DEVICES"


@dataclass
class Worker:
    """One worker process, as the command knows it.

    Attributes:
        process: The process.
        orders: Names of groups go in; each comes back when it is over.
        gpu: The only GPU that it uses; None where there is none to choose.
        group: The group that it trains.
        pace: When it took its last step.
        killed_for: Why the command killed it.
    """

    process: BaseProcess
    orders: Connection
    gpu: str | None = None
    group: str | None = None
    pace: Pace = field(default_factory=Pace)
    killed_for: Death | None = None


class Processes:
    """Trains groups in worker processes.

    Args:
        sweep: The folder of the sweep.
        number: How many workers.
        timeout: Seconds without a step after which a group is taken for hung; None waits for ever.
        gpus: The GPUs to share out, one to a worker; none where training is on CPUs.
        told: Called when the command is asked to end.
    """

    def __init__(
        self,
        sweep: Path,
        number: int,
        timeout: float | None,
        gpus: Sequence[str] = (),
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self.sweep, self.number, self.timeout, self.gpus = sweep, number, timeout, list(gpus)
        self.told, self.block = told, ExitStack()
        self.release: Callable[[], None] = lambda: None
        self.context: Any = multiprocessing.get_context(METHOD)
        if METHOD == "forkserver":
            self.context.set_forkserver_preload(["runner.crew.fork_server"])
        self.workers: list[Worker] = []

    def has_room(self) -> bool:
        """See `runner.crew.conduct.Hands`."""
        return sum(worker.group is not None for worker in self.workers) < self.number

    def is_busy(self) -> bool:
        """See `runner.crew.conduct.Hands`."""
        return any(worker.group is not None for worker in self.workers)

    def take(self, name: str) -> None:
        """Give a group to a worker that has none, or to a new one."""
        worker = next((w for w in self.workers if w.group is None and w.process.is_alive()), None)
        worker = worker or self._start()
        worker.group, worker.pace = name, Pace()
        forget_last_time(GroupFiles(self.sweep, name))
        with suppress(OSError):  # it may have died just now, which `ended` finds out
            worker.orders.send(name)

    def progress(self) -> dict[str, Progress]:
        """See `runner.crew.conduct.Hands`."""
        names = [worker.group for worker in self.workers if worker.group is not None]
        return progress_of(self.sweep, names)

    def waiting(self) -> str:
        """Say nothing: a group trains as soon as it is taken."""
        return ""

    def ended(self) -> list[tuple[str, Death | None]]:
        """See `runner.crew.conduct.Hands`."""
        busy = [worker for worker in self.workers if worker.group is not None]
        wait([worker.orders for worker in busy], POLL)
        self.release()
        over: list[tuple[str, Death | None]] = []
        for worker in busy:
            assert worker.group is not None
            if self._has_said_so(worker):
                over.append((worker.group, None))
                worker.group = None
            elif not worker.process.is_alive():
                told = GroupFiles(self.sweep, worker.group).death()
                ended = self._bury(worker)
                over.append((worker.group, told or ended))
            else:
                self._kill_if_hung(worker)
        return over

    def __enter__(self) -> Self:
        """Return itself; in the block, the first signal waits for `ended`."""
        self.release = self.block.enter_context(held_back(self.told, self._stop_at_once))
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """End the workers: after a save where the block was interrupted."""
        for worker in self.workers:
            if kind is not None:
                worker.process.terminate()
            worker.orders.close()
        for worker in self.workers:
            worker.process.join()
        self.workers = []
        self.block.close()

    def _stop_at_once(self, number: int) -> None:
        """End with the workers; what one has begun to save it may save."""
        for worker in self.workers:
            _hurry(worker.process)
        until = time.monotonic() + 2 * MOMENT
        for worker in self.workers:
            worker.process.join(max(0.0, until - time.monotonic()))
        for worker in self.workers:
            _kill(worker.process)
        stop_training(number)

    def _start(self) -> Worker:
        ours, theirs = self.context.Pipe()
        taken = {worker.gpu for worker in self.workers}
        gpu = next((gpu for gpu in self.gpus if gpu not in taken), None)
        process = self.context.Process(
            target=serve, args=(theirs, str(self.sweep), gpu), name="runner worker"
        )
        process.start()
        theirs.close()
        worker = Worker(process, ours, gpu)
        self.workers.append(worker)
        return worker

    def _has_said_so(self, worker: Worker) -> bool:
        """Whether a worker has told that its group is over."""
        try:
            return worker.orders.poll() and worker.orders.recv() == worker.group
        except (EOFError, OSError):  # it is about to end, if it has not
            worker.process.join(POLL)
            return False

    def _bury(self, worker: Worker) -> Death:
        """Take a dead worker from the list with all that it started, and say what it died of."""
        self.workers.remove(worker)
        worker.process.join()
        _kill(worker.process)
        return worker.killed_for or of_exit(worker.process.exitcode or 0)

    def _kill_if_hung(self, worker: Worker) -> None:
        if self.timeout is None or worker.group is None:
            return
        progress = GroupFiles(self.sweep, worker.group).progress
        if worker.pace.stands_still(progress, self.timeout):
            worker.killed_for = hung(self.timeout)
            _kill(worker.process)


def serve(orders: Connection, sweep: str, gpu: str | None) -> None:
    """Train the groups that are ordered, until the other side is closed: a worker's whole life.

    It ends with a group that ends before its time: what is left of it is not the next one's.

    Args:
        orders: Names of groups come in; each goes back when nothing is left of it to train.
        sweep: The folder of the sweep.
        gpu: The only GPU to use; None leaves them all.
    """
    # A process group of its own: what is typed on the terminal is the command's affair.
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    threading.Thread(target=_watch_parent, daemon=True).start()
    if gpu is not None:
        os.environ[CUDA] = gpu
    while True:
        try:
            name = orders.recv()
            if not train_and_note(Path(sweep), name):
                return
        except (EOFError, OSError, KeyboardInterrupt):
            return
        orders.send(name)


def _hurry(process: BaseProcess) -> None:
    """Send a worker two signals that it tells apart: one alone would wait for the step."""
    with suppress(OSError):  # it has ended
        assert process.pid is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(process.pid, number)


def _kill(process: BaseProcess) -> None:
    """Kill a worker, and what it started in its process group, which outlives it."""
    process.kill()
    with suppress(OSError):  # nothing is left of it
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)


def of_exit(code: int) -> Death:
    """Return what the exit code of a process means, less than 0 where a signal ended it."""
    if code == LOST:
        return Death("killed", "Nobody knows what became of its process.")
    if code >= 0:
        return Death("exit", f"Its process ended by itself, with exit code {code}.")
    if -code == signal.SIGKILL:
        why = "Its process was killed (SIGKILL), perhaps because the memory was full."
        return Death("killed", why)
    return Death("signal", f"Its process died of signal {-code} ({signal.strsignal(-code)}).")


def _watch_parent() -> None:
    """End when the command is gone, after a last save where the step comes to its end."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(128 + signal.SIGTERM)
