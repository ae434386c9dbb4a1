"""Which metrics are measured: those that were chosen, by the columns that they fill."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from runner.columns import Task
from runner.components_folder import blamed
from runner.errors import ANYONES, RequestError
from runner.metrics.auto import AUTO
from runner.metrics.base import Metric
from runner.registry import HOMES, find, names

Nodes = Mapping[str, Mapping[str, Any]]


def chosen_metrics(nodes: Nodes, task: Task) -> dict[str, Metric]:
    """Return what is measured of a task besides the loss, by column, without the split.

    Args:
        nodes: The chosen metrics' keys, by name; ``auto`` stands for those that suit the task.
        task: What the targets are.

    Raises:
        RequestError: A metric does not suit the task, is none, or can't be built.
    """
    wanted = chosen_names(nodes, task)
    metrics = [(name, _built(name, nodes.get(name, {}), task)) for name in wanted]
    return {metric.column(name): metric for name, metric in metrics}


def chosen_names(nodes: Nodes, task: Task) -> list[str]:
    """Return the names of the metrics that are measured; none of a function, without examples."""
    if task == "objective":
        return []
    several = (_defaults(task) if name == AUTO else [name] for name in nodes)
    return list(dict.fromkeys(chain.from_iterable(several)))


def metrics_for(task: Task) -> list[str]:
    """Return the names of the metrics that suit a task."""
    return [name for name in names("metric") if name != AUTO and task in _metric(name).tasks]


def _defaults(task: Task) -> list[str]:
    """The metrics that are measured without being asked for.

    The program's own come first, whatever a package adds: points are told apart by the first.
    """
    components = {name: _metric(name) for name in metrics_for(task)}
    defaults = [name for name, component in components.items() if task in component.default_for]

    def place(name: str) -> tuple[bool, bool, str]:
        component = components[name]
        is_own = component.__module__.startswith(HOMES["metric"] + ".")
        return not is_own, component.direction == "higher", name  # RMSE before R²

    return sorted(defaults, key=place)


def _built(name: str, node: Mapping[str, Any], task: Task) -> Metric:
    component = _metric(name)
    if task not in component.tasks:
        raise RequestError(
            f"metric={name} does not measure {task}. "
            f"Allowed for {task}: {', '.join(metrics_for(task))}."
        )
    try:
        return component(**{key: value for key, value in node.items() if key != "name"})
    except RequestError:
        raise
    except ANYONES as error:  # keys without a value, or an abstract method that is missing
        raise RequestError(f"metric={name} can't be built: {blamed(error)}.") from error


def _metric(name: str) -> type[Metric]:
    component = find("metric", name)
    if not issubclass(component, Metric):
        raise RequestError(f"metric={name} must derive from runner.metrics.base.Metric.")
    return component
