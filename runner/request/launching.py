"""How the runs of a request are to be trained: the keys of the launcher."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, NoReturn

from omegaconf import DictConfig

from runner.errors import RequestError

LAUNCHING = ("width", "workers", "timeout_min")


@dataclass(frozen=True)
class Launching:
    """How the runs of a request are to be trained.

    Attributes:
        width: The largest group, or ``"auto"``.
        workers: How many processes train groups, or ``"auto"``; 0 for the command's own.
        timeout_min: Minutes without a step after which a group is taken for hung; None for none.
    """

    width: int | str = 1
    workers: int | str = 0
    timeout_min: float | None = None


def launching(hydra: DictConfig) -> Launching:
    """Return how runs are to be trained, by Hydra's part of the config; see `check_launching`."""
    return check_launching({key: hydra.launcher[key] for key in LAUNCHING if key in hydra.launcher})


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
    raise RequestError(f"hydra.launcher.{key}={value} is not allowed; it takes {allowed}.")
