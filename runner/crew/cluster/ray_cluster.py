"""A Ray cluster: one that is there, or one that is started on this machine."""

import logging
import os
import re
import signal
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runner.crew.cluster.settings import RaySettings
from runner.crew.cluster.shared_folder import answer, is_answered, question
from runner.errors import RequestError, first_line
from runner.interrupts import SIGNALS
from runner.machine import cores

NODE = "hydra.launcher"
ADDRESS = "RAY_ADDRESS"  # Ray's variable of the environment
STORE = 100_000_000  # bytes of the object store of a cluster that is started here: little goes in
HEARD = 5.0  # seconds that the cluster's head has to answer at its address
PATIENCE = 60.0  # seconds that the machines have to answer
# Read when Ray is imported. What it would print of lost workers is told in words of our own.
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": ".*"}


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
                f"{NODE}.{key}={asked:g} is more than any machine of the cluster has: {largest:g}."
            )
    if settings.shared:
        _check_shared(settings, folder)


def connect(settings: RaySettings) -> None:
    """Connect to the cluster, or start one on this machine; once.

    Raises:
        RequestError: There is none at the address.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        return
    where = _where(settings)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        ray.init(
            **where,
            runtime_env=settings.runtime_env or None,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except ConnectionError as error:
        raise RequestError(_no_cluster(settings)) from error
    except (TypeError, ValueError) as error:  # the address was looked at before
        fault = f"{NODE}.runtime_env is not what Ray takes: {first_line(error)}."
        raise RequestError(fault) from error
    except (RuntimeError, OSError) as error:
        raise RequestError(f"Ray can't be used: {first_line(error)}.") from error
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
    """Return what says to Ray which cluster it is.

    Raises:
        RequestError: It can't be one, or nobody is there; Ray itself looks for minutes.
    """
    if settings.address is None:
        own = {"num_cpus": cores(), "include_dashboard": False, "object_store_memory": STORE}
        return {"address": "local", **own}
    address = os.environ.get(ADDRESS) or "auto" if settings.address == "auto" else settings.address
    if address == "auto":
        return {"address": address}
    if not re.fullmatch(r"[^/]+:\d+", address):
        raise RequestError(
            f"{_asked(settings)} is not allowed; it takes the host:port of a cluster's head, or "
            "auto."
        )
    if not answers(address):
        raise RequestError(_no_cluster(settings))
    return {"address": address}


def answers(address: str) -> bool:
    """Return whether anybody is at an address, ``host:port``."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), HEARD).close()
    except (OSError, OverflowError):
        return False
    return True


def _asked(settings: RaySettings) -> str:
    """Return what was asked for, or what the environment says that ``auto`` means."""
    told = os.environ.get(ADDRESS) if settings.address == "auto" else None
    return f"{ADDRESS}={told}" if told else f"{NODE}.address={settings.address}"


def _no_cluster(settings: RaySettings) -> str:
    if settings.address is None:
        return "No Ray cluster could be started on this machine."
    return (
        f"There is no Ray cluster at {_asked(settings)}; leave {NODE}.address out, and one is "
        "started on this machine."
    )


def _check_shared(settings: RaySettings, folder: Path) -> None:
    """Refuse to start where a machine of the cluster that may train does not have the folder."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ask = ray.remote(num_cpus=0, max_retries=0)(answer)
    with ExitStack() as questions:
        asked = []
        for node in filter(partial(_may_train, settings), _nodes()):
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            path = questions.enter_context(question(folder))
            task = ask.options(scheduling_strategy=there).remote(str(path))
            asked.append((node["NodeManagerHostname"], path, task))
        for host, path, task in asked:
            try:
                has_it = ray.get(task, timeout=PATIENCE) and is_answered(path)
            except ray.exceptions.RayError as error:
                raise RequestError(_unfit(host, error)) from error
            if not has_it:
                raise RequestError(
                    f"{host}, a machine of the cluster, does not have the folder "
                    f"{folder.absolute()}: name one that is shared by hydra.sweep.dir, or say "
                    f"{NODE}.shared=false, and each group's files are brought back."
                )


def _may_train(settings: RaySettings, node: Mapping[str, Any]) -> bool:
    """Whether a machine has what the smallest group asks for."""
    cpus = 1 if settings.cpus == "auto" else settings.cpus
    has = node["Resources"]
    return bool(has.get("CPU", 0) >= cpus and has.get("GPU", 0) >= settings.gpus)


def _unfit(host: str, error: Exception) -> str:
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, ModuleNotFoundError):
        return f"{host}, a machine of the cluster, can't train: {cause}; install runner there too."
    return f"{host}, a machine of the cluster, can't train: {first_line(cause)}."
