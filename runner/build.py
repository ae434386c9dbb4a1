"""From checked configs to components, and from components to a group."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from runner.component_keys import argument_of, per_member_keys
from runner.components_folder import blamed
from runner.config import Config
from runner.datasets.base import Dataset
from runner.datasets.checksum import checksum_of_examples
from runner.datasets.data import Data
from runner.device import Device
from runner.engine.alike import check_alike
from runner.engine.freezing import freeze
from runner.engine.group import Group
from runner.engine.members import noise_shapes, stack
from runner.engine.recorder import Recorder
from runner.engine.rng import generator, isolated
from runner.errors import ANYONES, RequestError
from runner.loggers.base import Logger
from runner.machine import check_memory
from runner.metrics.chosen import chosen_metrics
from runner.registry import find
from runner.warm_start import source_of, start_from

Node = dict[str, Any]
FEW = 8  # examples that show whether models are alike


class OtherDataError(RequestError):
    """Data have another content than what was planned, as where a file was edited meanwhile."""

    def __init__(self, dataset: str, planned: str | None, found: str | None) -> None:
        super().__init__(
            f"The data of dataset={dataset} have changed since this was asked for: their checksum "
            f"was {planned} and is {found}."
        )


def load_data(config: Config) -> Data:
    """Return the data of a config, on the CPU; read once however many runs share it.

    Raises:
        OtherDataError: It is no longer what the config was planned with.
        RequestError: It is not at hand, or damaged.
    """
    data = _load(json.dumps(config.dataset, sort_keys=True))
    if config.data_checksum not in (None, data.checksum):
        raise OtherDataError(config.dataset["name"], config.data_checksum, data.checksum)
    preferred = find("model", config.model["name"]).image_size
    return replace(data, size=preferred) if config.dataset.get("resize") == "auto" else data


def with_data(config: Config) -> Config:
    """Return a config with the checksum of its data as it is now; drawn data have none.

    Raises:
        RequestError: The data is not at hand, or damaged.
    """
    if getattr(find("dataset", config.dataset["name"]), "drawn", False):
        return config
    checksum = _load(json.dumps(config.dataset, sort_keys=True)).checksum
    return config.model_copy(update={"data_checksum": checksum})


def build_device(config: Config) -> Device:
    """Return the device component of a config."""
    device: Device = build_component("device", [config.device])
    return device


def build_logger(node: Node) -> Logger:
    """Return the logger component of its part of a config; its package is imported now."""
    logger: Logger = build_component("logger", [node])
    return logger


def build_model(config: Config, data: Data) -> nn.Module:
    """Return the model of a run with its initial weights.

    They depend on its seed alone, and on the weights that it starts from, if any.

    Raises:
        RequestError: The model does not fit the data, or the weights that it is to start from; or
            it has no such parameters to freeze.
    """
    told = f"model={config.model['name']}"
    model = build_network(config, data.shape, data.outputs)
    if source := source_of(config):
        start_from(model.to(dtype=build_device(config).dtype), source, told)
    freeze(model, config.freeze, told)
    return model


def build_network(config: Config, shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Return the model of a run for examples of a shape and a number of outputs.

    Raises:
        RequestError: The model does not fit them.
    """
    name = config.model["name"]
    arguments = {argument_of(key): value for key, value in config.model.items() if key != "name"}
    component = find("model", name)
    try:
        with isolated(config.seed, "weights"):
            model: nn.Module = component(shape, outputs, **arguments)
            _make_lazy_layers(model, shape)
    except RequestError:
        raise
    except ANYONES as error:
        raise RequestError(
            f"model={name} can't be built for examples of shape {tuple(shape)} and {outputs} "
            f"outputs: {blamed(error)}."
        ) from error
    return model


def check_size(config: Config, data: Data) -> None:
    """Refuse a model that training can't have memory for: its weights and their gradients.

    Raises:
        RequestError: The machine has less memory than they take.
    """
    try:
        with torch.device("meta"):
            model = build_network(config, data.shape, data.outputs)
            sizes = [p.numel() for p in model.parameters()]
    except Exception:  # not every constructor can do without memory
        return
    size = torch.finfo(build_device(config).dtype).bits // 8
    what = f"model={config.model['name']} with {sum(sizes):,} parameters"
    check_memory(what, 2 * size * sum(sizes))


def build_group(
    configs: Sequence[Config], recorders: Sequence[Recorder], *, known_alike: bool = False
) -> Group:
    """Build the group of some runs that differ in sweepable values and seeds alone.

    Args:
        configs: The runs' configs, equal in all static values.
        recorders: Where each run's results go.
        known_alike: Whether the models were found to train in one loop before, which takes longer
            to find out than a small group takes for an epoch.

    Raises:
        UnlikeError: Their models can't be trained in one loop.
    """
    first = configs[0]
    device = build_device(first)
    place, dtype = device.resolve(), device.dtype
    data = _placed_data(first, place, dtype)
    optimizer, schedule, loss, regularizer = (
        build_component(group, [getattr(config, group) for config in configs])
        for group in ("optim", "schedule", "loss", "regularizer")
    )
    models = [build_model(config, data) for config in configs]
    members = stack(models, optimizer.init, place, dtype, device.autocast)
    few = data.prepare(data.train.inputs[: min(first.batch_size, FEW)], dtype)
    noise = noise_shapes(members.model, few[:1])
    if len(models) > 1 and not known_alike:
        check_alike(models, members, noise, few)
    return Group(
        data=data,
        members=members,
        metrics=chosen_metrics(first.metric, data.task),
        loss=loss.to(place, dtype),
        regularizer=regularizer.to(place, dtype),
        optimizer=optimizer,
        schedule=schedule,
        seeds=[config.seed for config in configs],
        orders=[generator(config.seed, "order") for config in configs],
        recorders=recorders,
        noise=noise,
        epochs=first.epochs,
        # Where there are no examples, an epoch has as many steps as the data says.
        batch_size=1 if data.task == "objective" else first.batch_size,
        eval_train=first.eval_train or data.task == "objective",
        checkpoint_every=first.checkpoint_every,
        patience=first.patience,
        gradient_norms=first.gradient_norms,
        trace_every=first.trace_every,
        deterministic=device.deterministic,
        tf32=device.tf32,
        compile=device.compile,
    )


def build_component(group: str, nodes: Sequence[Node]) -> Any:
    """Build one instance for all members: sweepable keys as float64 tensors of shape (S,).

    Args:
        group: One of the config groups, models excepted.
        nodes: Each member's node of the config, equal in all static values.

    Raises:
        RequestError: Its values don't go together, or its constructor fails.
    """
    name = nodes[0]["name"]
    stacked = per_member_keys(group, name)
    arguments = {
        argument_of(key): _column(key, nodes) if key in stacked else value
        for key, value in nodes[0].items()
        if key != "name"
    }
    component = find(group, name)
    try:
        return component(**arguments)
    except RequestError:
        raise
    except ANYONES as error:
        raise RequestError(f"{group}={name} can't be built: {blamed(error)}.") from error


# Runs of the same data stand close together; repeats_of=data would fill the memory with the rest.
@lru_cache(maxsize=32)
def _load(dataset: str) -> Data:
    node = json.loads(dataset)
    component = build_component("dataset", [node])
    if isinstance(component, Dataset):
        check_memory(f"dataset={node['name']}", component.smallest_memory())
    try:
        data: Data = component.load()
    except RequestError:
        raise
    except ANYONES as error:
        raise RequestError(f"dataset={node['name']} can't be loaded: {blamed(error)}.") from error
    if data.checksum is None and not getattr(component, "drawn", False):
        data = replace(data, checksum=checksum_of_examples(data.splits, data.classes))
    return data


_on_a_device: dict[tuple[object, ...], Data] = {}


def _placed_data(config: Config, place: torch.device, dtype: torch.dtype) -> Data:
    """Return the data of a config on a device, brought there once for the groups that follow."""
    data = load_data(config)
    key = (json.dumps(config.dataset, sort_keys=True), data.checksum, place, dtype)
    if key not in _on_a_device:
        _on_a_device.clear()  # first, for a device's memory is for what trains
        _on_a_device[key] = data.to(place, dtype)
    return replace(_on_a_device[key], size=data.size)


def _make_lazy_layers(model: nn.Module, shape: tuple[int, ...]) -> None:
    """Let layers that find out their sizes by themselves do so, by one forward pass."""
    tensors = [*model.parameters(), *model.buffers()]
    if any(isinstance(t, UninitializedParameter | UninitializedBuffer) for t in tensors):
        with torch.no_grad():
            model.eval()(torch.zeros(2, *shape))
        model.train()


def _column(key: str, nodes: Sequence[Node]) -> torch.Tensor | None:
    values = [node[key] for node in nodes]
    return None if None in values else torch.tensor(values, dtype=torch.float64)
