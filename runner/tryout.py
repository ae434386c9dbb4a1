"""Whether a run's components fit each other and its data, found out before anything is made."""

import json
from dataclasses import replace
from typing import get_args

import torch
from torch import Tensor

from runner.build import (
    Node,
    build_component,
    build_device,
    build_group,
    build_model,
    check_size,
)
from runner.columns import LOSS, MONITOR, Direction
from runner.component_keys import sweepable
from runner.components_folder import blamed
from runner.config import Config
from runner.datasets.check import check_data
from runner.datasets.data import Data
from runner.engine.capture import CudaGraph, written_down
from runner.engine.cost import deterministic
from runner.engine.measure import EVALUATION_BATCH
from runner.engine.members import learnt
from runner.engine.rehearsal import DIFFERING, steps_end_alike
from runner.engine.trial import Examples, Trial
from runner.errors import ANYONES, RequestError
from runner.loggers.base import check_loggers
from runner.losses.base import Loss
from runner.losses.objectives import Objective
from runner.metrics.base import Metric
from runner.metrics.chosen import chosen_metrics
from runner.optim.base import Tensors
from runner.registry import find

CAPTURED = ("model", "loss", "regularizer", "optim")
"""What a step of a run consists of."""


class Trials:
    """Finds what does not fit in the runs of a request; a model is tried out once for all of them.

    Attributes:
        known: What came of each model: the parameters to learn, (1, …) without memory, or why not.
        built: The models whose constructors were called, their sweepable values told apart.
        captured: Why steps can't be captured, if they are to be and can't.
    """

    def __init__(self) -> None:
        self.known: dict[str, Tensors | RequestError] = {}
        self.built: set[str] = set()
        self.captured: dict[str, str | None] = {}

    def __call__(self, config: Config, data: Data) -> None:
        """Build every component of a run, and train its model on two examples.

        Raises:
            RequestError: One sentence for what does not fit.
        """
        check_data(f"dataset={config.dataset['name']}", data)
        build_device(config).resolve()
        check_loggers(config.logger)
        loss, _, optimizer, _ = (
            build_component(group, [getattr(config, group)])
            for group in ("loss", "regularizer", "optim", "schedule")
        )
        captures = build_device(config).compile != "none"
        if captures and not optimizer.capturable:
            raise RequestError(
                f"optim={config.optim['name']} has no fixed step that could be captured. With it: "
                "device.compile=none."
            )
        if config.patience is not None and data.val is None:
            raise RequestError("patience needs a validation split, e.g. dataset.val_fraction=0.1.")
        if config.monitor != MONITOR and data.val is None:
            raise RequestError(
                f"{config.monitor} needs a validation split, e.g. dataset.val_fraction=0.1."
            )
        optimizer.init(self._learnt(config, data, loss))
        if captures:
            self._check_captured(config, data)

    def _check_captured(self, config: Config, data: Data) -> None:
        """Refuse a run whose captured steps do something else; found out once for its like."""
        asked = _asked_of_model(config, data)
        key = json.dumps([*(_static(config, group) for group in CAPTURED), config.dataset, asked])
        if key not in self.captured:
            self.captured[key] = _why_not_captured(config, data)
        if why := self.captured[key]:
            raise RequestError(why)

    def _learnt(self, config: Config, data: Data, loss: Loss) -> Tensors:
        asked = _asked_of_model(config, data)
        key, exact = (
            json.dumps([model, asked]) for model in (_static(config, "model"), config.model)
        )
        if key not in self.known:
            try:
                self.known[key] = _try_model(config, data, loss)
            except RequestError as error:
                self.known[key] = error
        elif exact not in self.built:
            _build_without_memory(config, data)
        self.built.add(exact)
        found = self.known[key]
        if isinstance(found, RequestError):
            raise found
        return found


def _static(config: Config, group: str) -> Node:
    """A component's part of a config, without the numbers that may differ within a group."""
    node: Node = getattr(config, group)
    free = sweepable(group, node["name"])
    return {
        key: "*" if key in free and isinstance(value, int | float) else value
        for key, value in node.items()
    }


def _asked_of_model(config: Config, data: Data) -> list[object]:
    """What a model is to be trained on, and what it is to give."""
    few = (min(config.batch_size, 2), min(len(data.train), 2))
    device = {key: value for key, value in config.device.items() if key != "threads"}
    names = [config.loss["name"], config.dataset["name"]]
    given = [config.metric, config.freeze, config.init_from]
    return [*names, device, *few, data.shape, data.outputs, data.task, *given]


def _build_without_memory(config: Config, data: Data) -> None:
    """Hear what a constructor says of its own values, where all others were tried out before."""
    try:
        with torch.device("meta"):
            build_model(config, data)
    except RequestError:  # not every constructor can do without memory
        build_model(config, data)


def _try_model(config: Config, data: Data, loss: Loss) -> Tensors:
    """Try a run's model out, and return its parameters to learn, (1, …) without memory."""
    check_size(config, data)
    component = build_device(config)
    place, dtype = component.resolve(), component.dtype
    models = [build_model(config, data) for _ in range(2)]
    some = _a_little(config, data, 1)  # where the data are: metrics are tried out there
    little = some.to(place, dtype)
    outputs, why = _wanted(config, data, loss)
    for name, metric in chosen_metrics(config.metric, data.task).items():
        _try_metric(name, metric, torch.zeros(2, len(some.train), outputs), some.train.targets)
    inputs = little.prepare(little.train.inputs, dtype)
    smallest = min((len(split) - 1) % EVALUATION_BATCH + 1 for split in data.splits.values())
    examples = Examples(inputs, little.train.targets, smallest, outputs, why)
    with deterministic(component.deterministic):
        given = (loss.to(place, dtype), examples, config.seed, component.autocast)
        Trial(f"model={config.model['name']}", models, *given)()
    return {name: p[None].to("meta") for name, p in learnt(models[0]).items()}


def _a_little(config: Config, data: Data, batches: int) -> Data:
    """Return data with as few examples for training as a model can do with, and no others."""
    few = max(2, find("model", config.model["name"]).smallest_batch)
    count = min(batches * min(few, config.batch_size), len(data.train))
    return replace(data, train=data.train.take(torch.arange(count)), val=None, test=None)


def _why_not_captured(config: Config, data: Data) -> str | None:
    """Train a few steps one by one and captured, and say why they may not be captured, if so."""
    device = build_device(config)
    place, remedy = device.resolve(), "device.compile=none trains it"
    few = len(_a_little(config, data, 1).train)
    little = _a_little(config, data, DIFFERING).to(place, device.dtype)
    one, twin = (replace(build_group([config], []), data=little, batch_size=few) for _ in range(2))
    try:
        with deterministic(device.deterministic):
            capture = CudaGraph() if place.type == "cuda" else written_down
            if steps_end_alike(one, twin, capture):
                return None
    except ANYONES as error:
        return f"device.compile={device.compile} can't capture a step: {blamed(error)}; {remedy}."
    return (
        f"device.compile={device.compile} would train this run otherwise: its model, loss, "
        "regularizer or optimizer asks for a tensor's value, or remembers something in Python; "
        f"{remedy}."
    )


def _try_metric(name: str, metric: Metric, logits: Tensor, targets: Tensor) -> None:
    """Measure a few examples of two members by a metric, which may be anyone's."""
    if name == LOSS:
        raise RequestError(f"No metric can be called '{LOSS}': that column is the loss itself.")
    if getattr(metric, "direction", None) not in (ways := get_args(Direction)):
        raise RequestError(f"The metric '{name}' must have a direction, {' or '.join(ways)}.")
    if not isinstance(getattr(metric, "label", None), str):
        raise RequestError(f"The metric '{name}' must have a label, what it is called on an axis.")
    try:
        sums = metric.sums(logits, targets.expand(2, *targets.shape))
        shapes = {part: tuple(value.shape) for part, value in sums.items()}
        shape = tuple(metric.finish(sums, len(targets)).shape)
    except ANYONES as error:
        raise RequestError(f"The metric '{name}' fails on a batch: {blamed(error)}.") from error
    if wrong := [part for part, found in shapes.items() if found[:1] != (2,)]:
        raise RequestError(
            f"The metric '{name}' sums '{wrong[0]}' to the shape {shapes[wrong[0]]} for 2 members; "
            "the first axis must be theirs."
        )
    if shape != (2,):
        raise RequestError(
            f"The metric '{name}' gives the shape {shape} for 2 members; it must be (2,)."
        )


def _wanted(config: Config, data: Data, loss: Loss) -> tuple[int, str]:
    """How many numbers a model must give for an example, and why."""
    if isinstance(loss, Objective):
        count = loss.dimensions
        return count, f"loss={config.loss['name']} takes {_counted(count, 'coordinate')}"
    kind = "class" if data.task == "classes" else "target number"
    return data.outputs, f"{config.dataset['name']} has {_counted(data.outputs, kind)}"


def _counted(count: int, kind: str) -> str:
    ending = "" if count == 1 else "es" if kind.endswith("s") else "s"
    return f"{count} {kind}{ending}"
