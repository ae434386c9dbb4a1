"""The launchers ``ray`` and ``slurm``: the jobs of a sweep are trained on other machines.

Their keys are in ``conf/hydra/launcher``, which only runner's own command looks in: programs that
use Hydra's launchers of these names still have them.
"""

from collections.abc import Sequence
from typing import Any

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class ClusterLauncher(Launcher):
    """Hands runner's jobs over whole.

    Args:
        **keys: What the request was checked with; see `runner.crew.cluster.settings`.
    """

    def __init__(self, **keys: Any) -> None:
        self.keys = keys

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Keep what ``launch`` needs."""
        self.task_function, self.config = task_function, config

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        """Run the jobs and return one result for each, in order."""
        from runner.sweep.job import launch

        return launch(self, job_overrides, initial_job_idx)


class RayLauncher(ClusterLauncher):
    """Trains the groups of a sweep as tasks of a Ray cluster."""


class SlurmLauncher(ClusterLauncher):
    """Trains the groups of a sweep as jobs of Slurm."""
