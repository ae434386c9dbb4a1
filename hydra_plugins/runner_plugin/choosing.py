"""What the sweepers that choose values have in common."""

from typing import Any

from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class ChoosingSweeper(Sweeper):
    """Chooses values, for runner's own command.

    Args:
        **keys: What the request was checked with.

    Attributes:
        name: What chooses it: ``hydra/sweeper=name``.
    """

    name: str

    def __init__(self, **keys: Any) -> None:
        self.keys = keys

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Keep what ``sweep`` needs."""
        self.task_function: Any = task_function
        self.config: Any = config

    @property
    def job(self) -> Any:
        """The command's own task, with the request.

        Raises:
            TypeError: It is another program's.
        """
        from runner.sweep.job import Job

        if not isinstance(self.task_function, Job):
            raise TypeError(f"hydra/sweeper={self.name} is for runner's own command")
        return self.task_function
