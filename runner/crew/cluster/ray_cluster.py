"""A Ray cluster: one that is there, or one that is started on this machine."""

import logging
import os
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runner.crew.cluster.settings import RaySettings
from runner.crew.cluster.shared_folder import answer, is_answered, question
from runner.errors import RequestError, first_line
from runner.interrupts import SIGNALS
from runner.machine import cores

NODE = "hydra.launcher"
STORE = (
    100_000_000  # bytes of the object store of a cluster that is started here: little goes there
)
PATIENCE = 60.0  # seconds that the machines have to answer


def check_ray(settings: RaySettings, folder: Path) -> None:
    """Connect to the cluster, and find out whether it can train a sweep.

    Args:
        settings: What is asked of it.
        folder: That of the sweep, which need not be there yet.

    Raises:
        RequestError: One sentence.
    """
    if find_spec("ray") is None:
        raise RequestError("hydra/launcher=ray needs Ray: pip install 'runner[ray]'.")
    connect(settings)
    for kind, asked, key in (("CPU", settings.cpus, "cpus"), ("GPU", settings.gpus, "gpus")):
        largest = largest_node(kind)
        if asked != "auto" and float(asked) > largest:
            raise RequestError(
                f"{NODE}.{key}={asked} is more than any machine of the cluster has: {largest:g}."
            )
    if settings.shared:
        _check_shared(folder)


def connect(settings: RaySettings) -> None:
    """Connect to the cluster, or start one on this machine; once.

    Raises:
        RequestError: There is none at the address.
    """
    import ray

    if ray.is_initialized():
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(
            **_where(settings),
            runtime_env=settings.runtime_env or None,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise RequestError(_no_cluster(settings, error)) from error
    finally:  # Ray would end the command at a signal that it is to hold back
        for number, handler in before.items():
            signal.signal(number, handler)


def largest_node(kind: str) -> float:
    """Return how many CPUs or GPUs the best machine of the cluster has."""
    return max((float(node["Resources"].get(kind, 0)) for node in _nodes()), default=0.0)


def _nodes() -> list[dict[str, Any]]:
    """Return the machines that can be asked."""
    import ray

    found: Any = ray.nodes  # untyped
    return [node for node in found() if node["Alive"]]


def _where(settings: RaySettings) -> dict[str, Any]:
    if settings.address is not None:
        return {"address": settings.address}
    own = {"num_cpus": cores(), "include_dashboard": False, "object_store_memory": STORE}
    return {"address": "local", **own}


def _no_cluster(settings: RaySettings, error: Exception) -> str:
    if settings.address is None:
        return f"No Ray cluster could be started on this machine: {first_line(error)}."
    return (
        f"There is no Ray cluster at {NODE}.address={settings.address}; leave it out, and one is "
        "started on this machine."
    )


def _check_shared(folder: Path) -> None:
    """Refuse to start where a machine of the cluster does not have the folder."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ask = ray.remote(num_cpus=0, max_retries=0)(answer)
    for node in _nodes():
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        with question(folder) as asked:
            try:
                task = ask.options(scheduling_strategy=there).remote(str(asked))
                answered = ray.get(task, timeout=PATIENCE) and is_answered(asked)
            except ray.exceptions.RayError as error:
                raise RequestError(_unfit(node["NodeManagerHostname"], error)) from error
        if not answered:
            raise RequestError(
                f"{node['NodeManagerHostname']}, a machine of the cluster, does not have the "
                f"folder {folder.absolute()}: name one that is shared by hydra.sweep.dir, or say "
                f"{NODE}.shared=false, and each group's files are brought back."
            )


def _unfit(host: str, error: Exception) -> str:
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, ModuleNotFoundError):
        return f"{host}, a machine of the cluster, can't train: {cause}; install runner there too."
    return f"{host}, a machine of the cluster, can't train: {first_line(cause)}."
