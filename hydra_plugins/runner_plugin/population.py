"""The sweeper ``population``: runs that train together and take over from the best of them."""

from dataclasses import asdict, dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore

from hydra_plugins.runner_plugin.choosing import ChoosingSweeper


@dataclass
class PopulationSweeperConf:
    """The keys of ``hydra/sweeper=population``."""

    _target_: str = "hydra_plugins.runner_plugin.population.PopulationSweeper"
    params: dict[str, Any] | None = field(default_factory=dict)
    members: Any = 20
    interval: Any = "auto"
    quantile: Any = 0.25
    factor: Any = 1.2
    resample: Any = 0.25
    metric: Any = None
    seed: Any = 0


# A dict takes the keys of other sweepers too: a study that was written for another may be asked for
# with this one. What no sweeper has is refused by `runner.studies`.
ConfigStore.instance().store(
    group="hydra/sweeper", name="population", node=asdict(PopulationSweeperConf())
)


class PopulationSweeper(ChoosingSweeper):
    """Trains a population: at intervals the worst go on from the best, with values changed.

    Args:
        **keys: What the request was checked with; see `runner.request.populating.Settings`.
    """

    name = "population"

    def sweep(self, arguments: list[str]) -> Any:
        """Train the population, and return nothing: what it came to is in the folder."""
        from runner.search.population.command import populate

        return populate(self.job, self.config)
