"""What a study may say: values and swept values, and nothing that Hydra would run as code."""

from collections.abc import Iterator
from typing import Any

from omegaconf import OmegaConf

from runner.errors import RequestError

# Hydra's keys that choose what is run, not which code runs it.
ALLOWED_OF_HYDRA = ("mode", "sweeper.params", "launcher.width", "sweep.dir", "run.dir")


def check_study(name: str, study: Any) -> None:
    """Refuse a study through which a stranger's file could run code.

    Args:
        name: The study, for the message.
        study: Its YAML, as loaded.

    Raises:
        RequestError: It names a ``_target_``, or touches a key of Hydra's that it may not.
    """
    content = OmegaConf.to_container(study, resolve=False)
    for path, value in _leaves(content):
        if "_target_" in path.split("."):
            raise RequestError(f"{name}: {path} is refused; a study holds values, not code.")
        if path.startswith("hydra.") and not path.startswith(
            tuple(f"hydra.{key}" for key in ALLOWED_OF_HYDRA)
        ):
            raise RequestError(
                f"{name}: {path} is refused; of Hydra's keys a study may set "
                f"{', '.join(ALLOWED_OF_HYDRA)}."
            )
        if path.startswith("defaults") and "hydra" in f"{path}={value}":
            raise RequestError(f"{name}: {value} is refused; a study chooses no part of Hydra.")


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and path == "defaults":
        for value in node:
            yield from _leaves(value, path)
    else:
        yield path, node
