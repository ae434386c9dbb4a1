"""How the runs of a request are to be trained: the keys of the launcher."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, NoReturn

from omegaconf import DictConfig, OmegaConf

from runner.config_files import read_config
from runner.crew.cluster.settings import SETTINGS, ClusterSettings
from runner.errors import RequestError
from runner.paths import conf_folder
from runner.request.settings import settings_of

NODE = "hydra.launcher"
GROUP = "hydra/launcher"
OWN = ("fused", "basic")
LAUNCHING = ("width", "workers", "timeout_min")


@dataclass(frozen=True)
class Launching:
    """How the runs of a request are to be trained.

    Attributes:
        width: The largest group, or ``"auto"``.
        workers: How many processes train groups, or ``"auto"``; 0 for the command's own.
        timeout_min: Minutes without a step after which a group is taken for hung; None for none.
        cluster: The cluster that trains them; None for this machine.
    """

    width: int | str = 1
    workers: int | str = 0
    timeout_min: float | None = None
    cluster: ClusterSettings | None = None

    @property
    def on_gpus(self) -> bool:
        """Whether the cluster that trains them gives each group a GPU."""
        return self.cluster is not None and self.cluster.on_gpus


def launching(hydra: DictConfig) -> Launching:
    """Return how runs are to be trained, by Hydra's part of the config.

    Raises:
        RequestError: It is another program's launcher, or a key of it has a value that it does not
            take.
    """
    engine = hydra.runtime.choices[GROUP]
    node = OmegaConf.to_container(hydra.launcher, resolve=True)
    assert isinstance(node, dict)
    if engine not in (*OWN, *SETTINGS):
        raise RequestError(
            f"{GROUP}={engine} is a launcher for other programs: it trains one run in each "
            f"process. Allowed: {', '.join((*OWN, *SETTINGS))}."
        )
    if engine in SETTINGS:
        return on_cluster(engine, {str(key): value for key, value in node.items()})
    return check_launching({key: node[key] for key in LAUNCHING if key in node})


def on_cluster(engine: str, keys: Mapping[str, Any]) -> Launching:
    """Return how a cluster is to train runs.

    Args:
        engine: ``"ray"`` or ``"slurm"``.
        keys: Those of its launcher, all of them.

    Raises:
        RequestError: One sentence for every value that is not allowed.
    """
    cluster = settings_of(SETTINGS[engine], keys, NODE)
    return Launching(cluster.width, cluster=cluster)


def default_keys(engine: str) -> dict[str, Any]:
    """Return the keys of a cluster's launcher as they are in its YAML."""
    node = OmegaConf.to_container(read_config(conf_folder() / GROUP / f"{engine}.yaml"))
    assert isinstance(node, dict)
    return {str(key): value for key, value in node.items() if key != "_target_"}


def check_launching(keys: Mapping[str, Any]) -> Launching:
    """Return how runs are to be trained, by the keys of the launcher.

    Raises:
        RequestError: One of them has a value that it does not take.
    """
    chosen = Launching(**keys)
    for key, least in (("width", 1), ("workers", 0)):
        value = getattr(chosen, key)
        if value != "auto" and not (type(value) is int and value >= least):
            _refuse_key(key, value, f"auto or a whole number ≥ {least}")
    minutes = chosen.timeout_min
    if minutes is not None and not (type(minutes) in (int, float) and 0 < minutes < inf):
        _refuse_key("timeout_min", minutes, "null or a number > 0")
    return chosen


def _refuse_key(key: str, value: object, allowed: str) -> NoReturn:
    raise RequestError(f"{NODE}.{key}={value} is not allowed; it takes {allowed}.")
