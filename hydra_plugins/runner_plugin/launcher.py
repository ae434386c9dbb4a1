"""The launcher ``fused``: trains the jobs of a sweep together where they can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


@dataclass
class FusedLauncherConf:
    """The keys of ``hydra/launcher=fused``."""

    _target_: str = "hydra_plugins.runner_plugin.launcher.FusedLauncher"
    width: Any = "auto"
    workers: Any = "auto"
    timeout_min: Any = None


ConfigStore.instance().store(group="hydra/launcher", name="fused", node=FusedLauncherConf)


class FusedLauncher(Launcher):
    """Hands runner's jobs over whole, and any other task function's to Hydra's own launcher.

    Args:
        width: Members of a group: ``"auto"`` predicts what pays, a number is the largest group.
        workers: Processes that share the cores, or the GPUs: ``"auto"`` starts them where training
            is worth it, 0 leaves all to the command's own process.
        timeout_min: Minutes without a step after which a group is taken for hung; None for none.
    """

    def __init__(self, width: Any, workers: Any, timeout_min: Any) -> None:
        self.width, self.workers, self.timeout_min = width, workers, timeout_min

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Keep what ``launch`` needs."""
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        """Run the jobs and return one result for each, in order."""
        from runner.sweep.entry import is_own_job

        if not is_own_job(self.task_function):
            return self._one_by_one(job_overrides, initial_job_idx)
        from runner.sweep.job import launch

        return launch(self, job_overrides, initial_job_idx)

    def _one_by_one(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        from runner.hydra_compat import basic_launcher

        basic = basic_launcher()
        basic.setup(
            hydra_context=self.hydra_context, task_function=self.task_function, config=self.config
        )
        return basic.launch(job_overrides, initial_job_idx)
