"""The composed config, checked whole against the annotations of the components it names."""

import hashlib
import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from runner.allowed_values import value_faults
from runner.columns import LOSS, MONITOR, Task, measure_of
from runner.config_files import written_in
from runner.config_keys import PLACES_OF_DATA, flatten, role_of
from runner.errors import RequestError, unknown
from runner.hyper import PerMember, Sweepable
from runner.metrics.chosen import chosen_metrics, metrics_for
from runner.models.base import Model
from runner.registry import MULTI_CHOICE_GROUPS, SINGLE_CHOICE_GROUPS, find, names
from runner.summaries import LONGEST_NAME

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
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


@cache
def keys(component: type) -> dict[str, object]:
    """Return the config keys of a component with their annotations.

    They are the keyword-only arguments of its constructor, which a dataclass has from its fields.

    Raises:
        RequestError: One of them is not annotated.
    """
    parameters = inspect.signature(component).parameters.values()
    keyword_only = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    hints = _annotations(component)
    for name in keyword_only:
        if name not in hints:
            raise RequestError(
                f"{component.__name__} does not say what its key {name} takes; annotate it in the "
                f"constructor, {name}: int for one."
            )
    return {key_of(name): hints[name] for name in keyword_only}


def _annotations(component: type) -> dict[str, object]:
    """Return the annotations of a constructor's arguments, or of the fields that it comes from.

    A dataclass inherits fields from other modules; an annotation that is text means what it says
    where the field is written, which the generated constructor does not know.
    """
    owner = next(cls for cls in component.__mro__ if "__init__" in vars(cls))
    source: object = owner if "__dataclass_fields__" in vars(owner) else vars(owner)["__init__"]
    return get_type_hints(source, include_extras=True)


def key_of(argument: str) -> str:
    """Return the config key of a constructor argument: ``lambda_`` is a Python spelling."""
    return argument.removesuffix("_")


def argument_of(key: str) -> str:
    """Return the constructor argument of a config key."""
    return f"{key}_" if key == "lambda" else key


def schemas_of(group: str, name: str) -> dict[str, dict[str, Any]]:
    """Return the JSON schema of each key of a component."""
    component: type = find(group, name)
    return {key: adapter.json_schema() for key, adapter in _adapters(component).items()}


def schemas_of_top_level() -> dict[str, dict[str, Any]]:
    """Return the JSON schema of each top-level key; those of groups have keys of their own."""
    return dict(WHOLE.json_schema()["properties"])


def sweepable(group: str, name: str) -> frozenset[str]:
    """Return the keys of a component in which the members of one group may differ."""
    component: type = find(group, name)
    return _marked(component, Sweepable)


def per_member_keys(group: str, name: str) -> frozenset[str]:
    """Return the keys that the component receives as tensors of shape (S,)."""
    component: type = find(group, name)
    return _marked(component, PerMember)


@cache
def _marked(component: type, mark: type) -> frozenset[str]:
    return frozenset(key for key, hint in keys(component).items() if _marks(hint, mark))


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
        allowed = _adapters(component)
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


@cache
def _adapters(component: type) -> dict[str, TypeAdapter[object]]:
    hints = keys(component).items()
    return {key: TypeAdapter(_as_number(hint), config=STRICT) for key, hint in hints}


def _as_number(hint: Any) -> Any:
    """Replace a tensor of one number per member by the number that the config holds."""
    if get_origin(hint) is Annotated:
        mark = next((mark for mark in hint.__metadata__ if isinstance(mark, PerMember)), None)
        return hint if mark is None else _number(mark)
    if any(_marks(option, PerMember) for option in get_args(hint)):
        options = [_as_number(option) for option in get_args(hint)]
        return options[0] | options[1]
    return hint


def _number(mark: PerMember) -> Any:
    number = Annotated[float, Field(gt=mark.gt, ge=mark.ge, lt=mark.lt, le=mark.le)]
    if mark.length is None:
        return number
    return Annotated[list[number], Field(min_length=mark.length, max_length=mark.length)]


def _marks(hint: object, mark: type) -> bool:
    marked = any(isinstance(data, mark) for data in getattr(hint, "__metadata__", ()))
    return marked or any(_marks(option, mark) for option in get_args(hint))


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
