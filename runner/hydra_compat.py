"""What the program uses of Hydra and OmegaConf that they do not promise to keep.

Each function says what it stands for, and since which version it is so; all were read in Hydra
1.3.8 and OmegaConf 2.3. A new version of either is tried out here.
"""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.config_store import ConfigStore
from hydra.core.default_element import GroupDefault
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from omegaconf import DictConfig

FULL_ERROR = "HYDRA_FULL_ERROR"


def args_parser() -> ArgumentParser:
    """Return the parser of Hydra's own flags (in Hydra since 1.0).

    ``hydra.main`` parses with it and can't be asked to: a request must be refused in one sentence
    before ``hydra.main`` runs, and ``--dry-run`` is no flag of Hydra's.
    """
    from hydra._internal.utils import get_args_parser

    return get_args_parser()


def say_version(parser: ArgumentParser, version: str) -> None:
    """Let ``--version`` print another version than Hydra's own (an action since Hydra 1.0)."""
    for action in parser._actions:
        if action.dest == "version":
            action.version = version  # type: ignore[attr-defined]


def basic_launcher() -> Launcher:
    """Return Hydra's launcher that runs one job after another (in Hydra since 1.0).

    A program that is not this one gets it in place of ``fused``; Hydra has no public name for it.
    """
    from hydra._internal.core_plugins.basic_launcher import BasicLauncher

    return BasicLauncher()


def take_names(group: str, names: Iterable[str]) -> None:
    """Take other plugins' nodes of some names out of a config group of Hydra's.

    A YAML file is merged into a node of the same name that a plugin registered, and most fail
    (since Hydra 1.1, which calls it deprecated). Hydra's own Ray launcher has such a node; the
    store's ``repo`` is its only record of them. Other programs have it as before.
    """
    Plugins.instance()  # whoever registers a node has done so by now
    nodes: Any = ConfigStore.instance().repo
    for part in group.split("/"):
        nodes = nodes.get(part, {})
    for name in names:
        nodes.pop(f"{name}.yaml", None)


def default_choices(loader: ConfigLoader, config_name: str) -> dict[str, Any]:
    """Return the component of each group that a config's defaults list takes.

    ``ConfigLoader`` composes but does not tell its defaults; its only implementation keeps the
    files' ``repository`` (since Hydra 1.1).
    """
    primary = loader.repository.load_config(config_name)  # type: ignore[attr-defined]
    listed = (default for default in primary.defaults_list or [])
    return {str(d.group): d.value for d in listed if isinstance(d, GroupDefault)}


def choice_alone(loader: ConfigLoader, group: str, option: str) -> DictConfig | None:
    """Return what the file of a choice says, without composing anything, which takes 80 ms.

    Returns:
        None where the file is composed of others, or writes elsewhere than into its group.
    """
    found = loader.repository.load_config(f"{group}/{option}")  # type: ignore[attr-defined]
    others = [default for default in found.defaults_list or [] if not default.is_self()]
    if others or found.header.get("package") or not isinstance(found.config, DictConfig):
        return None
    return found.config


def string_representer() -> Callable[..., Any]:
    """Return how OmegaConf writes text as YAML (since OmegaConf 2.1), for a faster emitter.

    ``OmegaConf.to_yaml`` takes PyYAML's emitter written in Python, six times as slow as that in C.
    """
    from omegaconf._utils import get_omega_conf_dumper

    representer: Callable[..., Any] = get_omega_conf_dumper().str_representer
    return representer


@contextmanager
def errors_let_through() -> Iterator[None]:
    """Let errors reach the caller inside the block; Hydra would print them and end the process."""
    before = os.environ.get(FULL_ERROR)
    os.environ[FULL_ERROR] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[FULL_ERROR]
        else:
            os.environ[FULL_ERROR] = before
