"""Where components are found: a group and a name give a class.

A component is one file (its class under ``@register``), one YAML in ``conf/<group>/``, and no
further list to keep. Groups that are packages are imported whole on the first look-up, and so are
installed packages that name themselves under the entry-point group ``runner.components``, and the
files of the folder ``components``.
"""

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path
from typing import Any, TypeVar

from runner.components_folder import import_components, imported_from, is_own
from runner.errors import ANYONES, RequestError, first_line, unknown
from runner.paths import components_folder

HOMES = {
    "dataset": "runner.datasets",
    "model": "runner.models",
    "loss": "runner.losses",
    "regularizer": "runner.regularizers",
    "optim": "runner.optim",
    "schedule": "runner.schedules",
    "metric": "runner.metrics",
    "device": "runner.device",
    "logger": "runner.loggers",
}
# A run has one component of a group, and of these any number, each by its name.
MULTI_CHOICE_GROUPS = frozenset({"logger", "metric"})
SINGLE_CHOICE_GROUPS = tuple(group for group in HOMES if group not in MULTI_CHOICE_GROUPS)
PLUGINS = "runner.components"

_components: dict[str, dict[str, type[Any]]] = {group: {} for group in HOMES}
C = TypeVar("C", bound=type)


def register(group: str, name: str) -> Callable[[C], C]:
    """Register the decorated class as the choice ``name`` of a config group.

    Args:
        group: One of the config groups, e.g. ``"model"``.
        name: The choice, spelt as its YAML file: ``"lenet-bn"`` for ``lenet-bn.yaml``.

    Returns:
        The decorator; it gives the class back unchanged.

    Raises:
        ValueError: The group does not exist, or another class has the name already.
    """
    if group not in HOMES:
        raise ValueError(unknown("component group", group, HOMES))

    def add(component: C) -> C:
        if name in _components[group]:
            raise ValueError(f"{group} '{name}' is registered twice")
        _components[group][name] = component
        return component

    return add


def find(group: str, name: str) -> type[Any]:
    """Return the class registered as ``name`` in ``group``.

    Raises:
        RequestError: No such component; the sentence gives the nearest name.
    """
    _import_group(group)
    if name not in _components[group]:
        raise RequestError(unknown(group, name, _components[group]))
    return _components[group][name]


def names(group: str) -> list[str]:
    """Return the registered names of a group, sorted."""
    _import_group(group)
    return sorted(_components[group])


def _import_group(group: str) -> None:
    _import_home(group)
    _import_others()


@cache
def _import_home(group: str) -> None:
    home = import_module(HOMES[group])
    for module in pkgutil.iter_modules(getattr(home, "__path__", [])):
        import_module(f"{home.__name__}.{module.name}")


@cache
def _import_others() -> None:
    """Import what is not the program's own, once: all that is, is there before it."""
    plugins, folder = entry_points(group=PLUGINS), components_folder()
    if not plugins and folder is None:
        return
    for group in HOMES:
        _import_home(group)
    _import_plugins(plugins)
    if folder is not None:
        import_components(folder)


@contextmanager
def components_from(folder: Path) -> Iterator[None]:
    """Take one's own components from another folder for a while: those that a run kept.

    Raises:
        RequestError: One of its files can't be imported.
    """
    for group in HOMES:
        _import_home(group)
    before = {group: dict(known) for group, known in _components.items()}
    for group, known in before.items():
        _components[group] = {name: c for name, c in known.items() if not is_own(c)}
    try:
        with imported_from(folder):
            yield
    finally:
        _components.update(before)


def _import_plugins(plugins: EntryPoints) -> None:
    for entry_point in plugins:
        try:
            entry_point.load()
        except ANYONES as error:  # a package of anyone's
            raise RequestError(
                f"The package '{entry_point.value}', which adds components, can't be imported: "
                f"{type(error).__name__}: {first_line(error)}."
            ) from error
