"""Training as tasks of a Ray cluster: one for each group."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn, Self

from runner.crew.cluster.elsewhere import SHOWN, Elsewhere, Person
from runner.crew.cluster.mirror import Content, packed, sent_back, unpack
from runner.crew.cluster.ray_cluster import answers, connect, largest_node
from runner.crew.cluster.settings import RaySettings
from runner.crew.cluster.task import train_on_node
from runner.crew.group_files import Death, GroupFiles
from runner.crew.pace import Pace, hung
from runner.crew.worker import forget_last_time
from runner.errors import first_line
from runner.interrupts import held_back, stop_training

POLL = 0.2  # seconds between two looks at what has ended
PATIENCE = 60.0  # seconds that tasks have to save their state when the command is interrupted
LOST = 30.0  # seconds without an answer after which a cluster is lost; at 60 Ray ends the command


class RayTasks(Elsewhere):
    """Trains groups as tasks of a Ray cluster, which decides when and where.

    Args:
        sweep: The folder of the sweep.
        settings: What each task asks for.
        person: Told how it goes.
    """

    def __init__(self, sweep: Path, settings: RaySettings, person: Person) -> None:
        super().__init__(sweep, person)
        self.settings = settings
        self.tasks: dict[Any, str] = {}
        self.paces: dict[str, Pace] = {}
        self.heard = time.monotonic()

    def names(self) -> Iterable[str]:
        """See `Elsewhere`."""
        return self.tasks.values()

    def take(self, name: str) -> None:
        """Hand a group to the cluster."""
        files = GroupFiles(self.sweep, name)
        forget_last_time(files)
        threads = min(files.plan.threads, self.most)
        cpus = threads if self.settings.cpus == "auto" else self.settings.cpus
        task = self.function.options(num_cpus=cpus, num_gpus=self.settings.gpus)
        if self.courier is None:
            reference = task.remote(str(self.sweep), name, str(Path.cwd()))
        else:
            reference = task.remote(packed(files), name, str(Path.cwd()), self.courier)
        self.tasks[reference] = name
        self.paces[name] = Pace()

    def ended(self) -> list[tuple[str, Death | None]]:
        """See `runner.crew.conduct.Hands`."""
        import ray

        ray.wait(list(self.tasks), num_returns=1, timeout=POLL)
        ready, training = ray.wait(list(self.tasks), num_returns=len(self.tasks), timeout=0)
        self.release()
        self._end_if_lost()
        self._end_hung(training)
        return [(self.tasks[task], self._death(task, self.tasks.pop(task))) for task in ready]

    def __enter__(self) -> Self:
        """Connect, and return itself; in the block, the first signal waits for `ended`."""
        import ray

        connect(self.settings)
        self.head = ray.get_runtime_context().gcs_address
        self.most = max(1, int(largest_node("CPU")))
        shared = self.settings.shared
        self.function: Any = ray.remote(max_retries=0)(train_as_task if shared else train_apart)
        self.courier: Any = None if shared else self._courier()
        self.release = self.block.enter_context(
            held_back(self.person.interrupted, self._stop_at_once)
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """Let tasks save their state where the block was interrupted, and end them."""
        import ray

        for task in self.tasks:
            ray.cancel(task)
        if self.tasks:
            ray.wait(list(self.tasks), num_returns=len(self.tasks), timeout=PATIENCE)
        self.tasks = {}
        self.block.close()

    def _courier(self) -> Any:
        """Return an actor on this machine, which writes what others send."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = ray.get_runtime_context().get_node_id()
        there = NodeAffinitySchedulingStrategy(here, soft=False)
        # To bring the same files twice does no harm.
        actor: Any = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Courier)
        return actor.options(scheduling_strategy=there).remote(str(self.sweep))

    def _stop_at_once(self, number: int) -> None:
        import ray

        ray.shutdown()  # what was started on this machine would outlive the command
        stop_training(number)

    def _end_if_lost(self) -> None:
        """Go no further where the cluster does not answer for long."""
        if time.monotonic() - self.heard > SHOWN and answers(self.head):
            self.heard = time.monotonic()
        if time.monotonic() - self.heard > LOST:
            self._lose()

    def _lose(self) -> NoReturn:
        """End the command without the cluster: what has not ended is as it was saved."""
        self.tasks = {}
        self.person.tell(
            f"The Ray cluster at {self.head} is lost: --resume goes on when it is there again, or "
            "on this machine with hydra/launcher=fused."
        )
        raise KeyboardInterrupt

    def _end_hung(self, tasks: list[Any]) -> None:
        import ray

        if self.settings.timeout_min is None:
            return
        seconds = self.settings.timeout_min * 60
        for task in tasks:
            files = GroupFiles(self.sweep, self.tasks[task])
            if self.paces[files.name].stands_still(files.progress, seconds):
                files.die(hung(seconds))
                ray.cancel(task, force=True)

    def _death(self, task: Any, name: str) -> Death | None:
        """Return what ended a group early: by its own word, else by Ray's."""
        import ray

        lost = None
        try:
            ray.get(task)
        except ray.exceptions.LocalRayletDiedError:
            self._lose()  # Ray's part on this machine: nothing can be asked of it any more
        except ray.exceptions.RayError as error:
            lost = _of_loss(error)
        return GroupFiles(self.sweep, name).death() or lost


def train_as_task(sweep: str, name: str, place: str) -> None:
    """Train a group in a process of Ray's, which takes no other after one that ended early."""
    if not train_on_node(Path(sweep), name, Path(place)):
        os._exit(1)


class Courier:
    """Writes into the sweep's folder what machines send that do not have it.

    Args:
        sweep: The folder.
    """

    def __init__(self, sweep: str) -> None:
        self.sweep = Path(sweep)

    def bring(self, content: Content) -> None:
        """Write files; see `runner.crew.cluster.mirror`."""
        unpack(content, self.sweep)


def train_apart(content: Content, name: str, place: str, courier: Any) -> None:
    """Train a group on a machine that does not have the sweep's folder."""
    import ray

    with TemporaryDirectory(prefix="runner-", ignore_cleanup_errors=True) as folder:
        sweep = Path(folder)
        unpack(content, sweep)
        files = GroupFiles(sweep, name)
        with sent_back(files, lambda changed: ray.get(courier.bring.remote(changed))):
            is_well = train_on_node(sweep, name, Path(place))
    if not is_well:
        os._exit(1)


def _of_loss(error: Exception) -> Death:
    """Return what Ray says of a task that did not come to its end."""
    import ray

    if isinstance(error, ray.exceptions.OutOfMemoryError):
        return Death("memory", "Ray ended it, as the memory of its machine was full.")
    if isinstance(error, ray.exceptions.NodeDiedError):
        return Death("killed", "The machine that trained it was lost.")
    if isinstance(error, ray.exceptions.WorkerCrashedError):
        return Death("killed", "Its process was killed, perhaps because the memory was full.")
    cause = getattr(error, "cause", None) or error
    return Death("machine", f"Ray could not train it: {first_line(cause)}.")
