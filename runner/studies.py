"""What a study may say: values and swept values, and nothing that Hydra would run as code."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from runner.errors import RequestError, unknown
from runner.printable import printable

SWEEPERS = ("points", "search", "population")
"""What may expand a request, be it a study's or a person's: these and no plugin of anyone's."""
# Hydra's keys that choose what is run, not which code runs it.
SWEPT = "sweeper.params"
CHOSEN = "override /hydra/sweeper"
# Whatever it reads would stand in the config of every run: a password, for one.
ENVIRONMENT = re.compile(r"\boc\.env\b")
# What is read or written by name; sent to a stranger's folder, a run would carry it away.
OF_RUNS = ("hydra.sweep.dir", "hydra.run.dir", "init_from")
PLACES = (*OF_RUNS, "dataset.root", "dataset.path", "schedule.path")
BELOW = re.compile(r"[\w.][\w./ =+@-]*")
# One of a group's choices, by its name: "..", say, would lead to any YAML file of the machine.
OF_A_GROUP = re.compile(r"(?:(?:override|optional) )*/?[\w-]+(?:/[\w-]+)*(?:@[\w.]+)?")
ALLOWED_OF_HYDRA = ("mode", "sweeper", "launcher.width", "sweep.dir", "run.dir")


def check_study(name: str, study: object, header: Mapping[str, str | None]) -> None:
    """Refuse a study through which a stranger's file could run code.

    Args:
        name: The study, for the message.
        study: Its YAML, as loaded.
        header: Its first line, as Hydra reads it: the package its keys belong to.

    Raises:
        RequestError: It names a ``_target_``, reads the environment, or touches a key of Hydra's
            that it may not.
    """
    if header.get("package") != "_global_":
        raise RequestError(f"{name}: the first line of a study is '# @package _global_'.")
    content = OmegaConf.to_container(study, resolve=False)
    if not isinstance(content, dict):
        raise RequestError(f"{name}: a study is made of keys and values.")
    for path, value in _leaves(content):
        if why := _why_refused(path, value):
            raise RequestError(f"{name}: {why}")
        if path.partition(".")[0] == "defaults":
            _check_chosen(name, path, value)


def _why_refused(path: str, value: object) -> str:
    """Return why a study may not say this, with the key; nothing where it may."""
    if printable(said := f"{path}={value}") != said:
        return f"{printable(said)} is refused; a study holds text that can be shown."
    if "_target_" in path.split("."):
        return f"{path} is refused; a study holds values, not code."
    if isinstance(value, str) and ENVIRONMENT.search(value):
        return f"{path} is refused; a study may not read the environment (oc.env)."
    if path.partition(".")[0] == "hydra" and not _is_allowed(path):
        allowed = ", ".join(ALLOWED_OF_HYDRA)
        return f"{path} is refused; of Hydra's keys a study may set {allowed}."
    key = path.removeprefix(f"hydra.{SWEPT}.")
    if key in PLACES and not all(map(_is_inside, str(value or ".").split(","))):
        return (
            f"{path}={value} is refused; a study names a place below the folder where one stands, "
            "such as outputs/mine, and any other is said on the command line."
        )
    if key.startswith("logger."):
        return f"{path} is refused; where results are sent is said on the command line."
    return ""


def check_sweeper_names(node: Mapping[str, Any]) -> None:
    """Refuse a key that none of this program's sweepers has, misspelt in a study.

    Args:
        node: The part of Hydra's config that belongs to the sweeper.

    Raises:
        RequestError: It names the nearest key for each.
    """
    store = ConfigStore.instance()
    known = {
        name for one in SWEEPERS for name in _names(store.load(f"hydra/sweeper/{one}.yaml").node)
    }
    nodes = {name.rpartition(".")[0] for name in known}  # a wrong value has its own sentence
    faults = [unknown("key", name, known) for name in _names(node) if name not in known | nodes]
    if faults:
        raise RequestError(*faults)


def _names(node: Mapping[str, Any], where: str = "hydra.sweeper") -> Iterator[str]:
    """Yield the dotted names of settings; those of swept values are looked at elsewhere."""
    for name, value in node.items():
        path = f"{where}.{name}"
        if isinstance(value, Mapping) and name != "params":
            yield from _names(value, path)
        elif name != "_target_":
            yield path


def _check_chosen(name: str, path: str, value: object) -> None:
    """Refuse to choose by more than a name, or another part of Hydra than a sweeper of these."""
    chosen = path.removeprefix("defaults").lstrip(".")
    names = [part for part in (chosen, value) if isinstance(part, str) and part]
    if not all(map(OF_A_GROUP.fullmatch, names)):
        raise RequestError(
            f"{name}: {'='.join(names)} is refused; a study chooses by name, such as "
            "'override /model: mlp'."
        )
    if "hydra" in f"{chosen}={value}" and (chosen != CHOSEN or value not in SWEEPERS):
        raise RequestError(
            f"{name}: {chosen or value} is refused; of Hydra's parts a study chooses the sweeper "
            f"alone, {' or '.join(SWEEPERS)}."
        )


def _is_inside(place: str) -> bool:
    """Whether a path, as it stands, leads nowhere but below the current folder."""
    return bool(BELOW.fullmatch(place)) and ".." not in PurePath(place).parts


def _is_allowed(path: str) -> bool:
    """Whether a study may set a key of Hydra's; what it sweeps over are keys of the program's."""
    swept = path.removeprefix(f"hydra.{SWEPT}.")
    if swept != path:
        return not ("@" in swept or swept.startswith(("hydra", "+", "~")))
    return any(f"{path}.".startswith(f"hydra.{key}.") for key in ALLOWED_OF_HYDRA)


def _leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and node:
        for value in node:
            yield from _leaves(value, path)
    else:
        yield path, node
