"""The composed config, checked whole against the annotations of the components it names."""

import hashlib
import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from runner.allowed_values import value_faults
from runner.columns import LOSS, MONITOR, Task, measure_of
from runner.component_keys import STRICT, adapters
from runner.config_files import written_in
from runner.config_keys import PLACES_OF_DATA, flatten, role_of
from runner.errors import RequestError, unknown
from runner.metrics.chosen import chosen_metrics, metrics_for
from runner.models.base import Model
from runner.registry import MULTI_CHOICE_GROUPS, SINGLE_CHOICE_GROUPS, find, names
from runner.summaries import LONGEST_NAME

TARGETS = {
    "classes": "whose targets are classes",
    "numbers": "whose targets are numbers",
    "objective": "which has no examples",
}

FILLED_IN = {"init_checksum", "data_checksum", "population"}
"""No keys of a request: what the program itself fills in."""

Node = dict[str, Any]
Label = Annotated[str, Field(max_length=LONGEST_NAME)]


class Config(BaseModel):
    """The config of one run: the top-level keys, and one node of arguments per component group."""

    model_config = STRICT

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    repeats: Annotated[int, Field(ge=1)]
    repeats_of: Literal["seed", "data"]
    eval_train: bool
    checkpoint_every: Annotated[int, Field(ge=1)] | None
    checkpoint_seconds: Annotated[float, Field(gt=0)]
    monitor: str
    patience: Annotated[int, Field(ge=1)] | None
    gradient_norms: bool
    trace_every: Annotated[int, Field(ge=1)] | None
    freeze: list[str]
    init_from: str | None
    init_checksum: str | None = None  # of the weights that init_from names
    data_checksum: str | None = None  # of examples that were read; None of those that were drawn
    population: str | None = None  # what the run was a member of, as a hash
    plots: Literal["auto"] | bool
    predictions: Literal["auto"] | bool
    expect: Literal["ok", "diverged"]
    name: Label | None
    tags: list[Label]
    notes: str | None
    dataset: Node
    model: Node
    loss: Node
    regularizer: Node
    optim: Node
    schedule: Node
    device: Node
    metric: dict[str, Node]
    logger: dict[str, Node]

    @property
    def signature(self) -> str:
        """A hash of all that decides the result: the same signature, the same run."""
        unknown = {key for key in FILLED_IN if getattr(self, key) is None}
        values = dict(flatten(self.model_dump(exclude=unknown)))
        values["init_from"] = self.init_checksum or self.init_from  # the weights, not their place
        places = PLACES_OF_DATA if self.data_checksum else ()
        keys = [key for key in values if role_of(key).in_signature and key not in places]
        deciding = {key: values[key] for key in keys}
        return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:12]


WHOLE: TypeAdapter[object] = TypeAdapter(Config)


def check(node: Mapping[str, object]) -> Config:
    """Check a resolved config, values, types, ranges and names.

    Args:
        node: The config as plain dictionaries and lists.

    Returns:
        The config, known to fit its components.

    Raises:
        RequestError: One sentence for every fault found.
    """
    faults = value_faults(WHOLE, node, "")
    for group in SINGLE_CHOICE_GROUPS:
        one = node.get(group)
        if isinstance(one, Mapping):
            faults += _component_faults(group, one, group)
    for group in MULTI_CHOICE_GROUPS:
        for name, one in _nodes(node.get(group)):
            faults += _component_faults(group, one, f"{group}.{name}")
    if faults:
        raise RequestError(*faults)
    config = Config.model_validate(node)
    if faults := _misfits(config):
        raise RequestError(*faults)
    return config


def keys_of_another_version(config: Config) -> list[str]:
    """Name the keys of components that a config lacks, or has besides those of this version.

    Those of a component that is not at hand are not looked at.
    """
    found = []
    for group in SINGLE_CHOICE_GROUPS:
        node = getattr(config, group)
        if (name := str(node.get("name"))) in names(group):
            component: type = find(group, name)
            other = node.keys() ^ {"name", *adapters(component)}
            found += [f"{group}.{key}" for key in sorted(other)]
    return found


def schemas_of_top_level() -> dict[str, dict[str, Any]]:
    """Return the JSON schema of each top-level key; those of groups have keys of their own."""
    return dict(WHOLE.json_schema()["properties"])


def _nodes(node: object) -> list[tuple[str, Mapping[str, object]]]:
    """Return the nodes of a group of which there may be any number."""
    named = node.items() if isinstance(node, Mapping) else ()
    return [(name, one) for name, one in named if isinstance(one, Mapping)]


def _component_faults(group: str, node: Mapping[str, object], where: str) -> list[str]:
    name = str(node.get("name"))
    try:
        if name not in (known := names(group)):
            return [f"{written_in(group, name)}{unknown(group, name, known)}"]
        component: type = find(group, name)
        allowed = adapters(component)
    except RequestError as error:
        return list(error.sentences)
    wrong = [key for key in node if key not in allowed and key != "name"]
    meant = [near for key in wrong for near in get_close_matches(key, allowed, n=1)]
    missing = [key for key in allowed if key not in (*node, *meant)]
    faults = [f"{written_in(group, name)}{where}.{key} is missing." for key in missing]
    for key, value in node.items():
        if key in wrong:
            faults.append(written_in(group, name, key) + _no_key(component, key, where, allowed))
        elif key != "name":
            faults += value_faults(allowed[key], value, f"{where}.{key}")
    return faults


def _no_key(component: type, key: str, where: str, allowed: Iterable[str]) -> str:
    parameters = inspect.signature(component).parameters
    if key in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        name = component.__name__
        remedy = (
            f"{name} needs @dataclass(kw_only=True)"
            if is_dataclass(component)
            else f"write it after * in the constructor of {name}, with its type"
        )
        return f"{where}.{key} is no key: {remedy}."
    return unknown("key", f"{where}.{key}", [f"{where}.{own}" for own in allowed])


def _misfits(config: Config) -> list[str]:
    """Find components that are each right and don't fit together."""
    dataset, model, loss = (
        find(group, getattr(config, group)["name"]) for group in ("dataset", "model", "loss")
    )
    if not issubclass(model, Model):
        return [f"model={config.model['name']} must derive from runner.models.base.Model."]
    faults = []
    task, what = dataset.task_of(config.dataset), f"dataset={config.dataset['name']}"
    for group, component in (("model", model), ("loss", loss)):
        if task not in component.tasks:
            allowed = [name for name in names(group) if task in find(group, name).tasks]
            faults.append(
                f"{group}={getattr(config, group)['name']} does not go with {what}, "
                f"{TARGETS[task]}. Allowed there: {', '.join(allowed)}."
            )
    faults += _metric_faults(config, task)
    if model.needs_images and not dataset.images:
        faults.append(f"model={config.model['name']} needs images, and {what} has none.")
    if config.batch_size < model.smallest_batch:
        faults.append(
            f"batch_size={config.batch_size} is too small for "
            f"model={config.model['name']}, whose batch normalisation needs "
            f"{model.smallest_batch} examples or more."
        )
    return faults


def _metric_faults(config: Config, task: Task) -> list[str]:
    """Find metrics that don't suit the targets, and a monitored one that is not measured."""
    try:
        measured = chosen_metrics(config.metric, task)
    except RequestError as error:
        return list(error.sentences)
    name, columns = measure_of(config.monitor), [f"val/{one}" for one in (LOSS, *measured)]
    if config.monitor.partition("/")[0] != "val":
        near = f"val/{name}" if f"val/{name}" in columns else MONITOR
        return [
            f"monitor={config.monitor} is not allowed: it chooses, so it must be a metric of the "
            f"validation split, such as {near}."
        ]
    if config.monitor in columns or task == "objective":
        return []
    if name in metrics_for(task):
        return [
            f"{config.monitor} is not measured; add "
            f"metric=[{','.join([*config.metric, name])}] to measure it."
        ]
    return [unknown("measured metric", config.monitor, columns)]
