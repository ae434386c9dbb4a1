"""The sweeper ``search``: finds good values by rounds of points that train together."""

from dataclasses import asdict, dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore

from hydra_plugins.runner_plugin.choosing import ChoosingSweeper


@dataclass
class SearchSweeperConf:
    """The keys of ``hydra/sweeper=search``."""

    _target_: str = "hydra_plugins.runner_plugin.searcher.SearchSweeper"
    params: dict[str, Any] | None = field(default_factory=dict)
    sampler: Any = "tpe"
    trials: Any = 64
    round: Any = "auto"
    prune: Any = "halving"
    eta: Any = 3
    min_epochs: Any = 1
    metric: Any = None
    goals: Any = field(default_factory=list)
    budget: Any = None
    seed: Any = 0
    start: Any = "defaults"
    confirm: Any = field(default_factory=lambda: {"points": 3, "seeds": 5})


# A dict takes the keys of other sweepers too: a study that was written for another may be asked for
# with this one. What no sweeper has is refused by `runner.studies`.
ConfigStore.instance().store(group="hydra/sweeper", name="search", node=asdict(SearchSweeperConf()))


class SearchSweeper(ChoosingSweeper):
    """Asks for points by rounds, trains each round together, and lets the worst go early.

    Args:
        **keys: What the request was checked with; see `runner.request.searching.Settings`.
    """

    name = "search"

    def sweep(self, arguments: list[str]) -> Any:
        """Search, and return nothing: what was found is in the folder."""
        from runner.search.command import search

        return search(self.job, self.config)
