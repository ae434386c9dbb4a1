"""The sweeper ``points``: every combination of the swept values, times the repeats."""

from dataclasses import asdict, dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf


@dataclass
class PointsSweeperConf:
    """The keys of ``hydra/sweeper=points``."""

    _target_: str = "hydra_plugins.runner_plugin.sweeper.PointsSweeper"
    params: dict[str, Any] | None = field(default_factory=dict)
    skip_missing: bool = False


# A dict takes the keys of other sweepers too: a study that was written for another may be asked for
# with this one. What no sweeper has is refused by `runner.studies`.
ConfigStore.instance().store(group="hydra/sweeper", name="points", node=asdict(PointsSweeperConf()))


class PointsSweeper(Sweeper):
    """Expands a request into jobs, launches them at once, and writes the sweep's tables.

    Args:
        params: Swept values of a study: key to a value or a list of choices.
        skip_missing: Whether a key that the components of some point lack is left out there, and
            the point run once; otherwise such a request is refused.
        **others: Keys of another sweeper, for which a study was written; they have no effect.
    """

    def __init__(self, params: Any, skip_missing: bool, **others: Any) -> None:
        self.skip_missing = skip_missing
        self.params = OmegaConf.to_container(params) if OmegaConf.is_config(params) else params

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Keep what ``sweep`` needs and set up the launcher."""
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        """Run every point of the request and return their results, one batch of jobs."""
        from runner.sweep.job import sweep

        return sweep(self, arguments)
