"""Where components are found: a group and a name give a class.

A component is one file (its class under ``@register``), one YAML in ``conf/<group>/``, and no
further list to keep; metrics have no YAML. Groups that are packages are imported whole on the first
look-up, and so are installed packages that name themselves under the entry-point group
``runner.components``.
"""

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, TypeVar

from runner.errors import RequestError, first_line, unknown

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
# A run has one component of a group, and of these any number, each by its name. Loggers have a node
# of the config; which metrics are measured follows from the task, without one.
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


@cache
def _import_group(group: str) -> None:
    home = import_module(HOMES[group])
    for module in pkgutil.iter_modules(getattr(home, "__path__", [])):
        import_module(f"{home.__name__}.{module.name}")
    _import_plugins()


@cache
def _import_plugins() -> None:
    for entry_point in entry_points(group=PLUGINS):
        try:
            entry_point.load()
        except Exception as error:  # a package of anyone's
            raise RequestError(
                f"The package '{entry_point.value}', which adds components, can't be imported: "
                f"{type(error).__name__}: {first_line(error)}."
            ) from error
